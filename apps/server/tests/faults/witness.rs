//! Witnesses: they ask for one thing after the other, look at every answer and at the clock.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use huike_harness::{Answer, Client, NoAnswer, Server};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

/// So many of each kind, and so long between two asks of one.
const EACH: usize = 3;
const PAUSE: Duration = Duration::from_millis(20);
/// What 503 may say.
const LATER: [&str; 3] = ["store_unavailable", "outcome_unknown", "busy"];

pub(crate) struct Witness {
    tasks: JoinSet<()>,
    stopping: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
}

/// What they saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// By what was asked and answered: how often, and the longest wait.
    answers: BTreeMap<(&'static str, String), (u32, Duration)>,
    /// Answers that must not be given.
    pub faults: Vec<String>,
}

#[derive(Clone)]
struct Question {
    name: &'static str,
    client: Client,
    place: (&'static str, &'static str),
    body: Value,
}

impl Witness {
    /// Signs them in and lets them begin.
    pub(crate) async fn start(server: &Server) -> Self {
        let sign_in = json!({ "provider": "dev", "phone": "13912345678" });
        let session = server.stranger().post("/app/v1/sessions", &sign_in).await.created();
        let shopper = server.stranger().with_token(session["token"].as_str().unwrap());
        let ask = |name, client: &Client, place, body: &Value| Question {
            name,
            client: client.clone(),
            place,
            body: body.clone(),
        };
        let questions = [
            ask("a wallet", &shopper, ("GET", "/app/v1/coupons"), &Value::Null),
            ask("a list of staff's", &server.owner().await, ("GET", "/admin/v1/coupon-templates"), &Value::Null),
            ask("a write without a key", &server.stranger(), ("POST", "/app/v1/sessions"), &sign_in),
            ask("a sign of life", &server.stranger(), ("GET", "/healthz"), &Value::Null),
        ];
        let (stopping, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Seen::default())));
        let mut tasks = JoinSet::new();
        for question in questions.iter().flat_map(|question| std::iter::repeat_n(question, EACH)) {
            tasks.spawn(keep_asking(question.clone(), Arc::clone(&stopping), Arc::clone(&seen)));
        }
        Self { tasks, stopping, seen }
    }

    /// Lets them end; what they saw.
    pub(crate) async fn stop(mut self) -> Seen {
        self.stopping.store(true, Ordering::SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        self.seen.lock().unwrap().clone()
    }
}

async fn keep_asking(question: Question, stopping: Arc<AtomicBool>, seen: Arc<Mutex<Seen>>) {
    while !stopping.load(Ordering::SeqCst) {
        let started = Instant::now();
        let (method, path) = question.place;
        let answer = question.client.try_send(method, path, &question.body).await;
        seen.lock().unwrap().note(question.name, &answer, started.elapsed());
        sleep(PAUSE).await;
    }
}

impl Seen {
    fn note(&mut self, name: &'static str, answer: &Result<Answer, NoAnswer>, waited: Duration) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return self.faults.push(format!("{name}: no answer at all ({error:?})")),
        };
        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
        let as_it_should_be = match answer.status {
            200 | 201 => true,
            503 => name != "a sign of life" && LATER.contains(&&*code) && answer.header("retry-after") == "1",
            _ => false,
        };
        if !as_it_should_be {
            let after = answer.header("retry-after");
            self.faults.push(format!("{name}: {} {} (retry after {after:?})", answer.status, answer.text()));
        }
        let (count, longest) = self.answers.entry((name, format!("{} {code}", answer.status))).or_default();
        *count += 1;
        *longest = waited.max(*longest);
    }

    /// The longest anybody waited.
    pub(crate) fn slowest(&self) -> Duration {
        self.answers.values().map(|(_, longest)| *longest).max().unwrap_or_default()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((name, answer), (count, longest)) in &self.answers {
            write!(f, "\n  {name}: {count} × {answer}, at most {longest:.2?}")?;
        }
        Ok(())
    }
}
