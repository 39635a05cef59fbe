//! A plain connection to a test's own database.

use diesel::{Connection, connection::SimpleConnection, pg::PgConnection, sqlite::SqliteConnection};
use huike_persistence::{DatabaseUrl, Db, testing::TestDatabase};

/// Opens one connection, with foreign keys enforced as the store does.
pub(crate) fn open(database: &TestDatabase) -> Db {
    open_url(database.url())
}

/// The same by its URL.
pub(crate) fn open_url(url: &DatabaseUrl) -> Db {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
            connection.batch_execute("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000").unwrap();
            Db::Sqlite(connection)
        }
        DatabaseUrl::Postgres(url) => Db::Postgres(PgConnection::establish(url).unwrap()),
    }
}
