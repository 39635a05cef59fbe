//! One attempt: from a delivery that was taken to what is to be recorded of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use huike_kernel::{Clock, RandomSource, WebhookEndpointId};
use huike_persistence::webhook_deliveries::{AttemptRecord, DueDelivery, Verdict as Recorded};
use huike_webhooks::{Answer, Fault, Message, Secret, Verdict, decide_verdict, message::Subject, sign};

use super::sender::{Letter, Sender};
use crate::{keys::KeyRing, sources::random_bytes};

/// Who takes longer to answer is a burden, like one who fails.
const SLOW: Duration = Duration::from_secs(3);

/// What attempts are made with.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) sender: Sender,
    pub(super) keys: KeyRing,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn RandomSource>,
}

/// An attempt that is over.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) due: Arc<DueDelivery>,
    pub(super) answer: Answer,
    pub(super) started_at: DateTime<Utc>,
    pub(super) took: Duration,
    /// Decides how far the next attempt is from its time on the schedule. Drawn here, because recording may run twice.
    pub(super) seed: u64,
}

impl Desk {
    /// Sends the message and waits for what comes back.
    pub(super) async fn attempt(self, due: DueDelivery) -> Attempt {
        let (started_at, began) = (self.clock.now(), Instant::now());
        let seed = u64::from_le_bytes(random_bytes(self.random.as_ref()));
        let answer = match self.letter(&due, started_at) {
            Some(letter) => self.sender.send(&due.url, letter, started_at).await,
            None => Answer::Failed(Fault::SecretSealed),
        };
        Attempt { due: Arc::new(due), answer, started_at, took: began.elapsed(), seed }
    }

    /// The message, signed with every secret in use; `None` when there is none that opens.
    fn letter(&self, due: &DueDelivery, now: DateTime<Utc>) -> Option<Letter> {
        let secrets = self.secrets(due.endpoint, &due.secrets)?;
        let told = &due.message;
        let message = Message {
            id: told.id,
            kind: &told.kind,
            timestamp: told.at,
            site_id: told.site.as_uuid(),
            aggregate: Subject { kind: &told.aggregate_kind, id: told.aggregate, seq: told.seq },
            data: &told.data,
        };
        let (id, timestamp, body) = (told.id.to_string(), now.timestamp(), message.to_body());
        let signature = sign(&secrets, &id, timestamp, &body);
        Some(Letter { id, timestamp, signature, body })
    }

    fn secrets(&self, of: WebhookEndpointId, sealed: &[Vec<u8>]) -> Option<Vec<Secret>> {
        let open = |sealed: &Vec<u8>| self.keys.open_webhook_secret(sealed, of)?.parse().ok();
        let secrets: Vec<Secret> = sealed.iter().filter_map(open).collect();
        (!secrets.is_empty()).then_some(secrets)
    }
}

impl Attempt {
    /// What becomes of the delivery.
    pub(super) fn verdict(&self, now: DateTime<Utc>) -> Verdict {
        let before = u32::try_from(self.due.attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        decide_verdict(&self.answer, before, self.seed, now)
    }

    /// What is kept of the attempt.
    pub(super) fn record(&self, verdict: Verdict) -> AttemptRecord {
        AttemptRecord {
            delivery: self.due.delivery,
            number: self.due.attempts,
            started_at: self.started_at,
            took_ms: i64::try_from(self.took.as_millis()).unwrap_or(i64::MAX),
            status: self.answer.status().map(i64::from),
            error: self.answer.fault().map(|fault| fault.as_str().to_owned()),
            verdict: match verdict {
                Verdict::Delivered => Recorded::Delivered,
                Verdict::RetryAt(at) => Recorded::RetryAt(at),
                Verdict::Parked | Verdict::Gone => Recorded::Parked,
            },
        }
    }

    /// Whether the receiver did what a good one does: it took the message, and soon.
    pub(super) fn went_well(&self) -> bool {
        matches!(self.answer, Answer::Status { code: 200..=299, .. }) && self.took < SLOW
    }
}
