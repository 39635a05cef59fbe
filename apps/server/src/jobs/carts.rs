//! Quoted carts on their way to the database, each second. On a thread of its own: a long job must not let the log run full.

use std::{sync::Arc, time::Duration};

use huike_persistence::Store;

use super::ticker::{Outage, Ticker};
use crate::{cart_log::CartLog, sources::SystemIds};

/// How often carts are written down.
const EVERY: Duration = Duration::from_secs(1);

/// Writes them down from now on; dropping what it gives writes the last ones down.
pub(super) fn keep_carts(carts: Arc<CartLog>, store: Store) -> std::io::Result<Ticker> {
    let outage = Outage::default();
    Ticker::start("huike-carts", EVERY, move || match carts.flush(&store, &SystemIds) {
        Ok(_) if outage.ends() => tracing::info!("quoted carts are written down again"),
        Err(error) if outage.begins() => {
            tracing::warn!(%error, "quoted carts could not be written down, and are let go: {error}");
        }
        Ok(_) | Err(_) => {}
    })
}
