//! The real binary as a process: how it starts, what it refuses, how it stops.
#![cfg(test)]
#![expect(unreachable_pub, reason = "test support is shared by the modules below")]

#[path = "../support/mod.rs"]
mod support;

mod home;
mod server;

mod books;
mod commands;
mod serving;
mod stopping;
mod watching;

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

                async fn law($home: &$crate::home::Home) $body

                #[actix_web::test]
                async fn sqlite() {
                    law(&$crate::home::Home::on_sqlite()).await;
                }

                #[actix_web::test]
                async fn postgres() {
                    if let Some(home) = $crate::home::Home::on_postgres() {
                        law(&home).await;
                    }
                }
            }
        )+
    };
}
