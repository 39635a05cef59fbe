//! Homes for the real binary: one test for each database.

use huike_harness::Home;
use huike_persistence::{DatabaseUrl, testing::TestDatabase};

/// The real binary.
pub const BINARY: &str = env!("CARGO_BIN_EXE_huike");

/// On a SQLite file that is not there yet.
pub fn on_sqlite() -> Home {
    Home::on_sqlite(BINARY)
}

/// On a PostgreSQL database of its own, or `None` (said aloud) where there is no server.
pub fn on_postgres() -> Option<Home> {
    let database = TestDatabase::postgres()?;
    let DatabaseUrl::Postgres(url) = database.url().clone() else { unreachable!("it was asked for PostgreSQL") };
    Some(Home::on(BINARY, url).keeping(database))
}

/// Writes one test for each database: `each_home! { async fn a_law(home) { … } }` makes `a_law::sqlite` and
/// `a_law::postgres`.
#[macro_export]
macro_rules! each_home {
    ($($(#[$doc:meta])* async fn $name:ident($home:ident) $body:block)+) => {
        $(
            $(#[$doc])*
            mod $name {
                #[allow(unused_imports, reason = "a short test may need nothing of its module")]
                use super::*;

                async fn law($home: &huike_harness::Home) $body

                #[actix_web::test]
                async fn sqlite() {
                    law(&$crate::homes::on_sqlite()).await;
                }

                #[actix_web::test]
                async fn postgres() {
                    if let Some(home) = $crate::homes::on_postgres() {
                        law(&home).await;
                    }
                }
            }
        )+
    };
}
