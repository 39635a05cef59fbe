//! Telling integrations what happened: one thread that takes due deliveries from the database, signs and sends them, and records
//! what came back. Several instances may run; a delivery is one's at a time, and a killed one's is somebody else's when its
//! lease runs out. What is decided here is decided in `huike_webhooks`; what is stored is stored by `huike_persistence`.

mod attempt;
mod books;
mod dial;
mod dispatcher;
mod gauges;
mod resolver;
mod sender;
mod slots;
mod trust;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use huike_kernel::{Clock, IdSource, RandomSource};
use huike_persistence::Store;
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
};

use self::{
    attempt::Desk,
    dispatcher::{Dispatcher, Note},
};
pub use self::{
    books::LEASE,
    resolver::{Resolve, Resolved, SystemResolver},
    sender::{ANSWER_BYTES_MAX, CALL_MAX, Letter, Sender},
    slots::{SLOTS, SLOTS_OF_ONE, SLOTS_OF_TROUBLED},
    trust::{TrustError, trust},
};
use crate::keys::KeyRing;

/// Threads that may wait for the machine's resolver at once: it cannot be told to stop, and a call that gave up leaves its
/// thread waiting.
const RESOLVING_THREADS: usize = 32;
/// How long the thread waits before it begins anew after a panic.
const PAUSE: Duration = Duration::from_secs(1);

/// What webhooks are sent with.
#[derive(Clone)]
pub struct Post {
    /// The database.
    pub store: Store,
    /// Opens secrets.
    pub keys: KeyRing,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids of deliveries.
    pub ids: Arc<dyn IdSource>,
    /// Spreads attempts.
    pub random: Arc<dyn RandomSource>,
    /// Makes calls.
    pub sender: Sender,
}

/// The running thread; dropping it lets calls under way end, for a few seconds, and stops.
pub struct WebhookRunner {
    tell: UnboundedSender<Note>,
    thread: Option<JoinHandle<()>>,
}

impl WebhookRunner {
    /// Starts the thread.
    pub fn start(post: Post) -> io::Result<Self> {
        gauges::describe();
        let (tell, notes) = mpsc::unbounded_channel();
        let runtime =
            Builder::new_current_thread().enable_io().enable_time().max_blocking_threads(RESOLVING_THREADS).build()?;
        let heard = tell.clone();
        let thread = std::thread::Builder::new()
            .name("huike-webhooks".to_owned())
            .spawn(move || keep_running(&post, runtime, &heard, notes))?;
        Ok(Self { tell, thread: Some(thread) })
    }
}

impl Drop for WebhookRunner {
    fn drop(&mut self) {
        drop(self.tell.send(Note::Stop));
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the webhook thread panicked");
        }
    }
}

/// Begins anew after a panic: what was under way is sent again when its lease runs out.
fn keep_running(post: &Post, runtime: Runtime, tell: &UnboundedSender<Note>, mut notes: UnboundedReceiver<Note>) {
    loop {
        let Post { store, keys, clock, ids, random, sender } = post.clone();
        let desk = Desk { sender, keys, clock, random };
        let dispatcher = Dispatcher::new(store, ids, desk, tell.clone());
        let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(dispatcher.keep_sending(&mut notes))));
        if ended.is_ok() {
            break;
        }
        tracing::error!("sending webhooks panicked, and begins anew");
        std::thread::sleep(PAUSE);
    }
    // Not to wait for a resolver that never answers.
    runtime.shutdown_background();
}
