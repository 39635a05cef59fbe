//! The journal: what clients asked and what they were told, to be compared with what is there afterwards.

mod compare;
mod effect;
mod entry;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

pub use effect::{Census, Effect, Leaves};
pub use entry::{Entry, Outcome};

use entry::Heard;

use crate::{
    answer::Answer,
    client::{Client, NoAnswer},
};

/// How long [`Journal::settle`] goes on asking.
const SETTLE_MAX: Duration = Duration::from_secs(60);
const SETTLE_EVERY: Duration = Duration::from_millis(20);

/// A request to be made and noted.
#[derive(Debug, Clone)]
pub struct Ask {
    client: Client,
    method: &'static str,
    path: String,
    body: Value,
    is_keyed: bool,
    leaves: Leaves,
}

impl Ask {
    /// `POST` under an idempotency key: it may be asked again.
    pub fn once(client: &Client, path: impl Into<String>, body: Value, leaves: Leaves) -> Self {
        Self { is_keyed: true, ..Self::plain(client, ("POST", path.into()), body, leaves) }
    }

    /// A request that takes no key; it is asked once.
    pub fn plain(client: &Client, place: (&'static str, String), body: Value, leaves: Leaves) -> Self {
        Self { client: client.clone(), method: place.0, path: place.1, body, is_keyed: false, leaves }
    }
}

/// What clients asked and what they were told. Clones write into the same journal.
#[derive(Debug, Clone)]
pub struct Journal {
    /// Begins every key and request id, so that two journals on one database never meet.
    name: u64,
    pages: Arc<Mutex<Pages>>,
}

#[derive(Debug, Default)]
struct Pages {
    entries: Vec<Entry>,
    asks: Vec<Ask>,
    faults: Vec<String>,
    tries: u64,
    slowest: Duration,
}

/// How much a journal holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Requests.
    pub asked: usize,
    /// Of them, those that are done.
    pub done: usize,
    /// Those that a rule refused.
    pub refused: usize,
    /// Those that surely did not take effect.
    pub not_done: usize,
    /// Those that may have.
    pub unknown: usize,
    /// Tries, first ones and repeats.
    pub tries: u64,
    /// The longest wait for an answer.
    pub slowest: Duration,
}

impl Journal {
    /// An empty one. Its name is in every key and request id.
    pub fn new(name: u64) -> Self {
        Self { name, pages: Arc::default() }
    }

    /// Asks, and notes what came of it. The number is that of the entry. To be awaited to its end: a try that is
    /// dropped on its way is not known to have been made.
    pub async fn ask(&self, ask: Ask) -> (usize, Result<Answer, NoAnswer>) {
        let number = self.open(ask);
        (number, self.ask_again(number).await)
    }

    /// Asks twice at the same time under one key, as an impatient client does.
    pub async fn ask_twice(&self, ask: Ask) -> (usize, Result<Answer, NoAnswer>) {
        assert!(ask.is_keyed, "without a key both would count");
        let number = self.open(ask);
        let (one, other) = tokio::join!(self.send(number), self.send(number));
        // A refusal may be older than its twin's success, whichever is heard first.
        let (first, last) =
            if one.as_ref().is_ok_and(|answer| answer.status < 300) { (other, one) } else { (one, other) };
        self.hear(number, &first);
        self.hear(number, &last);
        (number, last)
    }

    /// Asks the same once more, under the same key.
    pub async fn ask_again(&self, number: usize) -> Result<Answer, NoAnswer> {
        let answer = self.send(number).await;
        self.hear(number, &answer);
        answer
    }

    /// Asks again for everything under a key of which nobody knows, until everything is known.
    pub async fn settle(&self) {
        let deadline = Instant::now() + SETTLE_MAX;
        let mut heard = Vec::new();
        loop {
            let open: Vec<usize> = self.numbers(|entry| entry.outcome == Outcome::Unknown && entry.key.is_some());
            if open.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{} requests stay unknown: {self}\n{}", open.len(), heard.join("\n"));
            heard.clear();
            for number in open {
                heard.push(match self.ask_again(number).await {
                    Ok(answer) => format!("{}: {} {}", answer.asked, answer.status, answer.text()),
                    Err(error) => format!("request {number}: {error:?}"),
                });
            }
            tokio::time::sleep(SETTLE_EVERY).await;
        }
    }

    /// Asks again for every so-many-th of what is done; each must be answered as it was the first time.
    pub async fn repeat(&self, one_in: usize) {
        let done = self.numbers(|entry| matches!(entry.outcome, Outcome::Done(..)) && entry.key.is_some());
        for number in done.into_iter().step_by(one_in) {
            drop(self.ask_again(number).await);
        }
    }

    /// How much it holds.
    pub fn figures(&self) -> Figures {
        let pages = self.pages.lock().unwrap();
        let count = |is: fn(&Outcome) -> bool| pages.entries.iter().filter(|entry| is(&entry.outcome)).count();
        Figures {
            asked: pages.entries.len(),
            done: count(|it| matches!(it, Outcome::Done(..))),
            refused: count(|it| matches!(it, Outcome::Refused(_))),
            not_done: count(|it| *it == Outcome::NotDone),
            unknown: count(|it| *it == Outcome::Unknown),
            tries: pages.tries,
            slowest: pages.slowest,
        }
    }

    /// A copy of the entries.
    pub fn entries(&self) -> Vec<Entry> {
        self.pages.lock().unwrap().entries.clone()
    }

    /// Everything in which it disagrees with what is there, and with itself.
    pub fn differences(&self, census: &Census) -> Vec<String> {
        let pages = self.pages.lock().unwrap();
        let mut found = pages.faults.clone();
        found.extend(compare::differences(&pages.entries, census));
        found
    }

    /// Demands that it agrees with what is there: every acknowledged effect is there exactly once, and every effect has
    /// a request.
    #[track_caller]
    pub fn demand(&self, census: &Census) {
        let found = self.differences(census);
        let shown = found.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
        assert!(found.is_empty(), "{} differences; {self}\n{shown}", found.len());
    }

    fn numbers(&self, is: impl Fn(&Entry) -> bool) -> Vec<usize> {
        self.pages.lock().unwrap().entries.iter().filter(|entry| is(entry)).map(|entry| entry.number).collect()
    }

    fn open(&self, ask: Ask) -> usize {
        let mut pages = self.pages.lock().unwrap();
        let number = pages.entries.len();
        pages.entries.push(Entry {
            number,
            asked: format!("{} {}", ask.method, ask.path),
            key: ask.is_keyed.then(|| format!("journal-{:x}-{number}", self.name)),
            leaves: ask.leaves.clone(),
            outcome: Outcome::NotDone,
            request_ids: Vec::new(),
        });
        pages.asks.push(ask);
        number
    }

    async fn send(&self, number: usize) -> Result<Answer, NoAnswer> {
        let (ask, key, request_id) = {
            let mut pages = self.pages.lock().unwrap();
            pages.tries += 1;
            let request_id = uuid::Uuid::from_u64_pair(self.name, pages.tries).to_string();
            let entry = &mut pages.entries[number];
            entry.request_ids.push(request_id.clone());
            let key = entry.key.clone();
            (pages.asks[number].clone(), key, request_id)
        };
        let client = ask.client.with("x-request-id", &request_id);
        let client = key.map_or_else(|| client.clone(), |key| client.once(&key));
        let started = Instant::now();
        let answer = client.try_send(ask.method, &ask.path, &ask.body).await;
        let mut pages = self.pages.lock().unwrap();
        pages.slowest = pages.slowest.max(started.elapsed());
        answer
    }

    fn hear(&self, number: usize, answer: &Result<Answer, NoAnswer>) {
        let mut pages = self.pages.lock().unwrap();
        let fault = pages.entries[number].hear(Heard::of(answer));
        pages.faults.extend(fault);
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { asked, done, refused, not_done, unknown, tries, slowest } = self.figures();
        write!(f, "journal {:x}: {asked} requests in {tries} tries, {done} done, {refused} refused, ", self.name)?;
        write!(f, "{not_done} not done, {unknown} unknown, the slowest answer after {slowest:.1?}")
    }
}
