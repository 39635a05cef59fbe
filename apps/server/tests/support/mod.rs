//! The real server in this process: its own database, a free port, and clients who talk to it as the world does.
#![allow(dead_code, unused_imports, reason = "each test takes what it needs of the support")]

pub mod brand;
pub mod ledger;

use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use chrono::{DateTime, TimeDelta, Utc};
use huike_harness::Ground;
use huike_kernel::NodeId;
use huike_persistence::{Store, testing::TestDatabase};
use huike_server::{
    auth::PasswordCost,
    server::{House, serve},
    settings::{Layer, Profile, Settings},
};

pub use huike_harness::{Answer, Client, MASTER_KEY, OWNER, OWNER_PASSWORD};

/// A running server.
pub struct TestApp {
    /// Where it is, without a slash at the end.
    pub base: String,
    /// Its store, to look behind the scenes.
    pub store: Store,
    /// The head of the brand.
    pub head: NodeId,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    _database: TestDatabase,
}

impl TestApp {
    /// On a new SQLite file.
    pub fn on_sqlite() -> Self {
        Self::start(TestDatabase::sqlite(), |_settings| {})
    }

    /// On a new PostgreSQL database, or `None` (said aloud) where there is no server.
    pub fn on_postgres() -> Option<Self> {
        TestDatabase::postgres().map(|database| Self::start(database, |_settings| {}))
    }

    /// On this database, with the settings changed before the start.
    pub fn start(database: TestDatabase, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::from_layer(Layer {
            profile: Some(Profile::Dev),
            listen: Some("127.0.0.1:0".to_owned()),
            master_key: Some(MASTER_KEY.into()),
            owner: Some(OWNER.to_owned()),
            owner_password: Some(OWNER_PASSWORD.into()),
            workers: Some(2),
            manual_clock: Some(true),
            ..Layer::default()
        })
        .unwrap();
        settings.database_url = database.url().clone();
        settings.password_cost = PasswordCost { memory_kib: 8, passes: 1 };
        change(&mut settings);
        let (tell, told) = std::sync::mpsc::channel();
        // On a thread of its own: opening the house blocks, which the thread of an async test must not.
        let thread = std::thread::spawn(move || {
            let house = House::open(settings).unwrap();
            let behind = (house.store.clone(), house.head);
            actix_web::rt::System::new().block_on(async move {
                let running = serve(&house).unwrap();
                tell.send((running.address, running.handle, behind)).unwrap();
                running.server.await.unwrap();
            });
        });
        let (address, handle, (store, head)) = told.recv().unwrap();
        Self { base: format!("http://{address}"), store, head, handle, thread: Some(thread), _database: database }
    }

    /// Somebody who has not signed in.
    pub fn stranger(&self) -> Client {
        Client::new(&self.base)
    }

    /// The owner, signed in.
    pub async fn owner(&self) -> Client {
        self.staff(OWNER, OWNER_PASSWORD).await
    }

    /// A member of staff, signed in.
    pub async fn staff(&self, login: &str, password: &str) -> Client {
        let ask = serde_json::json!({ "login": login, "password": password });
        let session = self.stranger().post("/admin/v1/session", &ask).await.created();
        self.stranger().with_token(session["token"].as_str().unwrap())
    }

    /// A customer, signed in with the development provider.
    pub async fn customer(&self, phone: &str) -> Client {
        let ask = serde_json::json!({ "provider": "dev", "phone": phone });
        let session = self.stranger().post("/app/v1/sessions", &ask).await.created();
        self.stranger().with_token(session["token"].as_str().unwrap())
    }

    /// Moves the server's clock forward.
    pub async fn set_clock(&self, now: &str) {
        self.stranger().put("/test/clock", &serde_json::json!({ "now": now })).await.ok();
    }

    /// Moves the server's clock forward by so many seconds. Sessions of staff last twelve hours.
    pub async fn pass(&self, seconds: i64) {
        self.set_clock(&(self.now().await + TimeDelta::seconds(seconds)).to_rfc3339()).await;
    }

    /// What the server's clock shows.
    pub async fn now(&self) -> DateTime<Utc> {
        let clock = self.stranger().get("/test/clock").await.ok();
        clock["now"].as_str().unwrap().parse().unwrap()
    }
}

impl Ground for TestApp {
    fn stranger(&self) -> Client {
        Self::stranger(self)
    }

    async fn owner(&self) -> Client {
        Self::owner(self).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Writes one test for each database: `both! { async fn a_law(app) { … } }` makes `a_law::sqlite` and
/// `a_law::postgres`.
#[macro_export]
macro_rules! both {
    ($($(#[$doc:meta])* async fn $name:ident($app:ident) $body:block)+) => {
        $(
            $(#[$doc])*
            mod $name {
                #[allow(unused_imports, reason = "a short test may need nothing of its module")]
                use super::*;

                async fn law($app: &$crate::support::TestApp) $body

                #[actix_web::test]
                async fn sqlite() {
                    law(&$crate::support::TestApp::on_sqlite()).await;
                }

                #[actix_web::test]
                async fn postgres() {
                    if let Some(app) = $crate::support::TestApp::on_postgres() {
                        law(&app).await;
                    }
                }
            }
        )+
    };
}
