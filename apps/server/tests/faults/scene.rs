//! A server with people at work and witnesses among them, to see what a fault does to them.

use std::time::{Duration, Instant};

use huike_harness::{Home, Plan, Running, Server, Workload};
use tokio::time::sleep;

use crate::witness::Witness;

/// Asks are answered within two seconds; the rest is for a machine that does other things as well.
const ANSWER_MAX: Duration = Duration::from_secs(4);
/// From the moment the database is there again.
const RECOVERY_MAX: Duration = Duration::from_secs(10);

/// Does something to a thing that holds up the thread it is done on, while everybody else goes on.
pub(crate) async fn aside<T: Send + 'static>(mut thing: T, act: impl FnOnce(&mut T) + Send + 'static) -> T {
    actix_web::rt::task::spawn_blocking(move || {
        act(&mut thing);
        thing
    })
    .await
    .unwrap()
}

/// Lines of the log that tell of the fault itself.
const EXCUSED: [&str; 4] = ["request put off", "not ready", "a commit was refused", "did not take the answer"];
/// There is always something under way when a fault comes, and something to compare in the end.
const DONE_MIN: usize = 50;

pub(crate) struct Scene {
    pub server: Server,
    home: Home,
    workload: Workload,
    running: Running,
    witness: Witness,
}

impl Scene {
    /// Everybody at work in that home.
    pub(crate) async fn begin(home: Home) -> Self {
        let url = home.database_url().to_owned();
        Self::begin_as(home, &url).await
    }

    /// The same, where the server reaches the database by a URL of its own.
    pub(crate) async fn begin_as(home: Home, its_own: &str) -> Self {
        let mut command = Server::command(&home, &[]);
        command.env("HUIKE_DATABASE_URL", its_own);
        let server = Server::spawn(command).await;
        let workload = Workload::prepare(&server, Plan::default()).await;
        let witness = Witness::start(&server).await;
        let running = workload.start();
        let scene = Self { server, home, workload, running, witness };
        scene.worked(DONE_MIN).await;
        scene
    }

    /// Waits until so many more requests are done.
    pub(crate) async fn worked(&self, more: usize) {
        let goal = self.workload.journal().figures().done + more;
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.workload.journal().figures().done < goal {
            assert!(Instant::now() < deadline, "nobody gets anything done:\n{}", self.server.log());
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until `/readyz` says that nobody is to be sent here.
    pub(crate) async fn unready(&self) {
        let started = Instant::now();
        while self.server.is_ready().await {
            assert!(started.elapsed() < ANSWER_MAX, "it still says that it is ready");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until it serves again, without a hand; how long that took.
    pub(crate) async fn recovered(&self) -> Duration {
        let started = Instant::now();
        while !self.server.is_ready().await {
            assert!(started.elapsed() < RECOVERY_MAX, "it does not recover:\n{}", self.server.log());
            sleep(Duration::from_millis(10)).await;
        }
        started.elapsed()
    }

    /// Everybody goes home. Everybody was answered in time and with nothing but what may be answered; what is there is
    /// what was promised; the books add up.
    pub(crate) async fn end(self, what: &str) {
        self.worked(DONE_MIN).await;
        self.running.stop().await;
        let seen = self.witness.stop().await;
        self.workload.settle(&self.home, &self.server).await;
        let slowest = self.workload.journal().figures().slowest.max(seen.slowest());
        eprintln!("{what}: the slowest answer after {slowest:.2?}; {seen}");
        assert_eq!(seen.faults, [""; 0], "answers that must not be given");
        assert!(slowest <= ANSWER_MAX, "somebody waited {slowest:.1?}");
        let ended = self.server.stop();
        ended.ok();
        assert_eq!(ended.faults(&EXCUSED), [""; 0]);
    }
}
