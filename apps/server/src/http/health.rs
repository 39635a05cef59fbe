//! Whether the server lives, and whether it can serve.

use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{HttpRequest, HttpResponse, web::Data};
use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Clock, ManualClock};
use huike_persistence::{Store, StoreError, nodes, server_time};
use serde_json::json;

/// Set once the server is told to stop, so that a balancer sends nobody any more.
#[derive(Debug, Default)]
pub struct Stopping(pub AtomicBool);

/// `GET /healthz`: the process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// The most that this instance's clock may differ from PostgreSQL's.
const SKEW_MAX: TimeDelta = TimeDelta::milliseconds(500);

/// `GET /readyz`: the database answers too, and both clocks agree.
pub async fn ready(
    store: Data<Store>,
    clock: Data<dyn Clock>,
    stopping: Data<Stopping>,
    request: HttpRequest,
) -> HttpResponse {
    if stopping.0.load(Ordering::Relaxed) {
        return not_ready("stopping");
    }
    let found = store.read(|db| Ok::<_, StoreError>((nodes::find_head(db)?.is_some(), server_time::read(db)?))).await;
    match found {
        Ok((false, _)) => not_ready("no head yet"),
        Ok((true, Some(theirs))) if !stands_still(&request) && is_skewed(clock.now(), theirs) => {
            tracing::error!(ours = %clock.now(), %theirs, "not ready: the clock is off");
            not_ready("the clock differs from the database's")
        }
        Ok((true, _)) => HttpResponse::Ok().json(json!({ "status": "ok" })),
        Err(error) => {
            tracing::warn!(%error, "not ready: {error}");
            not_ready("the database does not answer")
        }
    }
}

/// Whether the clock is set by hand. Asked of the request: as an argument, what is not there would be told to the log.
fn stands_still(request: &HttpRequest) -> bool {
    request.app_data::<Data<ManualClock>>().is_some()
}

fn not_ready(status: &str) -> HttpResponse {
    HttpResponse::ServiceUnavailable().json(json!({ "status": status }))
}

/// Expiry and limits are decided on our clock, so several instances must show the same time.
fn is_skewed(ours: DateTime<Utc>, theirs: DateTime<Utc>) -> bool {
    ours.signed_duration_since(theirs).abs() > SKEW_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_second_is_borne_and_more_is_not() {
        let ours = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for (milliseconds, skewed) in [(0, false), (500, false), (501, true), (-501, true)] {
            assert_eq!(is_skewed(ours, ours + TimeDelta::milliseconds(milliseconds)), skewed);
        }
    }
}
