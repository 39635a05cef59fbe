//! Real databases for tests: a file of its own, or a PostgreSQL database of its own, migrated and dropped afterwards.
//!
//! PostgreSQL is found through `HUIKE_TEST_POSTGRES_URL`, the URL of a superuser; without it the tests that need it say
//! so and pass. `scripts/test` always sets it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot have its database should stop right here")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use huike_kernel::{Clock, SystemClock};

use crate::{
    DatabaseUrl, Store, StoreOptions, migrations,
    store::{Purpose, connect},
};

/// The environment variable that names a PostgreSQL superuser's URL.
pub const POSTGRES_VARIABLE: &str = "HUIKE_TEST_POSTGRES_URL";

/// How long [`hold_sqlite`] tries.
const HOLD_PATIENCE: Duration = Duration::from_secs(60);

/// A migrated database of its own; dropping it removes it.
pub struct TestDatabase {
    url: DatabaseUrl,
    keeper: Keeper,
}

#[expect(dead_code, reason = "the folder is held so that it is removed in the end")]
enum Keeper {
    Folder(tempfile::TempDir),
    Server { server: DatabaseUrl, name: String },
}

/// Holds the write lock of a SQLite file for so long, as another process would. Returns when it has let go.
///
/// SQLite has no queue for those who wait, and a busy server is seldom without the lock: it is tried for again and again,
/// without a pause.
pub fn hold_sqlite(file: &std::path::Path, time: Duration) {
    let mut connection = SqliteConnection::establish(&file.display().to_string()).unwrap();
    connection.batch_execute("PRAGMA busy_timeout = 0").unwrap();
    let deadline = Instant::now() + HOLD_PATIENCE;
    while connection.batch_execute("BEGIN IMMEDIATE").is_err() {
        assert!(Instant::now() < deadline, "somebody else holds the file all the time");
    }
    std::thread::sleep(time);
    connection.batch_execute("ROLLBACK").unwrap();
}

impl TestDatabase {
    /// A new SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("huike.db"));
        let mut db = connect(&url, Purpose::Write, &StoreOptions::default()).unwrap();
        migrations::run(&mut db).unwrap();
        Self { url, keeper: Keeper::Folder(folder) }
    }

    /// A new database on the test server, or `None` (said aloud) where there is no server.
    pub fn postgres() -> Option<Self> {
        let database = Self::empty_postgres()?;
        let mut db = connect(&database.url, Purpose::Write, &StoreOptions::default()).unwrap();
        migrations::run(&mut db).unwrap();
        Some(database)
    }

    /// The same without a single table.
    pub fn empty_postgres() -> Option<Self> {
        let Ok(server) = std::env::var(POSTGRES_VARIABLE) else {
            eprintln!("SKIPPED on PostgreSQL: {POSTGRES_VARIABLE} is not set");
            return None;
        };
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("huike_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let url: DatabaseUrl = in_database(&server, &name).parse().unwrap();
        let server: DatabaseUrl = server.parse().unwrap();
        let mut admin = connect(&server, Purpose::Write, &StoreOptions::default()).unwrap();
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).unwrap();
        Some(Self { url, keeper: Keeper::Server { server, name } })
    }

    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// A store over it with the machine's clock.
    pub fn store(&self) -> Store {
        self.store_with(&StoreOptions::default(), Arc::new(SystemClock))
    }

    /// A store over it with other bounds or another clock.
    pub fn store_with(&self, options: &StoreOptions, clock: Arc<dyn Clock>) -> Store {
        Store::open(&self.url, options, clock).unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Keeper::Server { server, name } = &self.keeper
            && let Ok(mut admin) = connect(server, Purpose::Write, &StoreOptions::default())
        {
            drop(admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        }
    }
}

fn in_database(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').map_or((server, None), |(base, query)| (base, Some(query)));
    let Some((host, _database)) = base.rsplit_once('/') else {
        panic!("{POSTGRES_VARIABLE} names no database");
    };
    query.map_or_else(|| format!("{host}/{name}"), |query| format!("{host}/{name}?{query}"))
}

/// Writes one test for each database: `db_test! { fn a_law(database) { … } }` makes `a_law::sqlite` and
/// `a_law::postgres`.
#[macro_export]
macro_rules! db_test {
    ($($(#[$doc:meta])* fn $name:ident($database:ident) $body:block)+) => {
        $(
            $(#[$doc])*
            mod $name {
                #[allow(
                    clippy::wildcard_imports,
                    unused_imports,
                    reason = "the test's own module, and a short test may need nothing of it"
                )]
                use super::*;

                fn law($database: &$crate::testing::TestDatabase) $body

                #[test]
                fn sqlite() {
                    law(&$crate::testing::TestDatabase::sqlite());
                }

                #[test]
                fn postgres() {
                    if let Some(database) = $crate::testing::TestDatabase::postgres() {
                        law(&database);
                    }
                }
            }
        )+
    };
}
