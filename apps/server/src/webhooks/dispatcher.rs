//! The loop: hand events out to endpoints, take what is due, send, record, and round again. Everything that touches the
//! database goes one after the other, so that the house's writes have at most one of ours to wait for.

use std::{collections::HashMap, sync::Arc, time::Duration};

use huike_kernel::{IdSource, WebhookDeliveryId, WebhookEndpointId};
use huike_persistence::{Store, webhook_deliveries::DueDelivery};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender},
    task::AbortHandle,
    time::{Instant, sleep, timeout_at},
};

use super::{
    attempt::{Attempt, Desk},
    books, gauges,
    slots::Slots,
};

/// How long the loop sleeps when there is nothing to do.
const IDLE: Duration = Duration::from_millis(250);
/// How long the loop waits for more calls to be over when one is, so that they are written down together.
const GATHER: Duration = Duration::from_millis(20);
/// How long calls under way may take once the server is to stop.
const STOP_MAX: Duration = Duration::from_secs(3);

/// What the loop is told.
pub(super) enum Note {
    /// A call is over.
    Over(Box<Over>),
    /// The server is to stop.
    Stop,
}

/// A call that is over; without an attempt where it fell over itself.
pub(super) struct Over {
    pub(super) delivery: WebhookDeliveryId,
    pub(super) attempt: Option<Attempt>,
}

/// A call under way.
struct Call {
    number: i64,
    endpoint: WebhookEndpointId,
    abort: AbortHandle,
}

/// The loop's own side.
pub(super) struct Dispatcher {
    store: Store,
    ids: Arc<dyn IdSource>,
    desk: Desk,
    tell: UnboundedSender<Note>,
    slots: Slots,
    calls: HashMap<WebhookDeliveryId, Call>,
    /// Attempts that are over and not recorded yet. They keep their slots, so there are never many.
    over: Vec<Attempt>,
    gauges_at: Instant,
}

impl Dispatcher {
    pub(super) fn new(store: Store, ids: Arc<dyn IdSource>, desk: Desk, tell: UnboundedSender<Note>) -> Self {
        Self {
            store,
            ids,
            desk,
            tell,
            slots: Slots::default(),
            calls: HashMap::new(),
            over: Vec::new(),
            gauges_at: Instant::now(),
        }
    }

    /// Goes round until it is told to stop.
    pub(super) async fn keep_sending(mut self, notes: &mut UnboundedReceiver<Note>) {
        loop {
            let has_more = self.go_round().await;
            self.show_gauges().await;
            let pause = if has_more { Duration::ZERO } else { IDLE };
            if self.listen(notes, Instant::now() + pause).await {
                break;
            }
        }
        self.finish(notes).await;
    }

    /// Waits for a call to be over, but no longer than until then, and hears everything that was said meanwhile. `true` when the
    /// server is to stop.
    async fn listen(&mut self, notes: &mut UnboundedReceiver<Note>, until: Instant) -> bool {
        let Ok(mut next) = timeout_at(until, notes.recv()).await else {
            return false;
        };
        if matches!(next, Some(Note::Over(_))) {
            sleep(GATHER).await;
        }
        while let Some(note) = next {
            match note {
                Note::Stop => return true,
                Note::Over(over) => self.hear(*over),
            }
            next = notes.try_recv().ok();
        }
        false
    }

    fn hear(&mut self, over: Over) {
        match over.attempt {
            Some(attempt) => self.over.push(attempt),
            None => {
                tracing::error!(webhook.delivery.id = %over.delivery, "a webhook could not be sent: the attempt panicked");
                self.forget(over.delivery, false);
            }
        }
    }

    /// Writes down what is over, hands events out, and begins with what is due. `true` when there is more to hand out at once.
    async fn go_round(&mut self) -> bool {
        let over = std::mem::take(&mut self.over);
        match books::go_round(&self.store, Arc::clone(&self.ids), &over, self.slots.clone()).await {
            Ok(round) => {
                for (attempt, verdict) in over.iter().zip(round.verdicts) {
                    books::note(attempt, verdict);
                    self.forget(attempt.due.delivery, attempt.went_well());
                }
                for due in round.due {
                    self.begin(due);
                }
                round.has_more_events
            }
            Err(error) => {
                tracing::warn!(%error, "no webhooks could be taken: {error}");
                self.over = over;
                if !books::may_pass(&error) {
                    self.record().await;
                }
                false
            }
        }
    }

    /// Writes down what is over. What cannot be written now is written next time; until then nobody else has its slot.
    async fn record(&mut self) {
        let over = std::mem::take(&mut self.over);
        for (attempt, booked) in books::record_each(&self.store, over).await {
            match booked {
                books::Booked::Later => self.over.push(attempt),
                books::Booked::Done => self.forget(attempt.due.delivery, attempt.went_well()),
            }
        }
    }

    fn begin(&mut self, due: DueDelivery) {
        let (delivery, endpoint, number) = (due.delivery, due.endpoint, due.attempts);
        let (desk, tell) = (self.desk.clone(), self.tell.clone());
        let call = tokio::spawn(desk.attempt(due));
        let abort = call.abort_handle();
        // A second task, so that a call that panics is heard of, too.
        tokio::spawn(async move {
            let attempt = call.await.ok();
            drop(tell.send(Note::Over(Box::new(Over { delivery, attempt }))));
        });
        self.slots.begin(endpoint);
        self.calls.insert(delivery, Call { number, endpoint, abort });
    }

    /// The call's slot is free again. A call of before a panic has none.
    fn forget(&mut self, delivery: WebhookDeliveryId, went_well: bool) {
        if let Some(call) = self.calls.remove(&delivery) {
            self.slots.end(call.endpoint, went_well, self.desk.clock.now());
        }
    }

    async fn show_gauges(&mut self) {
        if self.gauges_at <= Instant::now() {
            self.gauges_at = Instant::now() + gauges::EVERY;
            gauges::show(&self.store, self.desk.clock.now()).await;
        }
    }

    /// Waits a little for calls under way, records them, and gives the rest back, to be sent again after the next start.
    async fn finish(mut self, notes: &mut UnboundedReceiver<Note>) {
        let until = Instant::now() + STOP_MAX;
        while !self.slots.is_idle() && Instant::now() < until {
            self.listen(notes, until.min(Instant::now() + IDLE)).await;
            self.record().await;
        }
        let left: Vec<_> = self.calls.drain().collect();
        if left.is_empty() {
            return;
        }
        for (_, call) in &left {
            call.abort.abort();
        }
        let left: Vec<_> = left.into_iter().map(|(delivery, call)| (delivery, call.number)).collect();
        books::give_back(&self.store, left).await;
    }
}
