//! Metrics, in Prometheus' text form. Never labelled by a customer, a coupon or an address.

use std::{sync::OnceLock, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::Data,
};
use huike_persistence::Store;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{
    cart_log::CartLog,
    claim_desk::ClaimDesk,
    problem::{Problem, Refusal},
    settings::Settings,
};

/// How many requests, by method, route and status.
const REQUESTS: &str = "huike_http_requests_total";
/// How long requests take, by method and route.
const LATENCY: &str = "huike_http_request_duration_seconds";
/// How many quoted carts were let go, and why.
const CARTS: &str = "huike_quoted_carts_let_go_total";
/// How many asks wait for the database.
const QUEUE: &str = "huike_store_queue_depth";
/// Whether asks are answered at once with 503, because the database does not answer.
const STUCK: &str = "huike_store_stuck";

const LATENCY_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// The recorder is one per process, though tests run several servers in one.
static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts recording; once is enough.
pub fn init() -> bool {
    HANDLE.get_or_init(install).is_some()
}

fn install() -> Option<PrometheusHandle> {
    let recorder = PrometheusBuilder::new().set_buckets(&LATENCY_BUCKETS).ok()?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    metrics::describe_counter!(REQUESTS, "Requests answered");
    metrics::describe_histogram!(LATENCY, metrics::Unit::Seconds, "Time from the first byte in to the answer");
    metrics::describe_counter!(CARTS, "Quoted carts that were not kept for dry runs of offers");
    metrics::describe_gauge!(QUEUE, "Asks that wait for the database");
    metrics::describe_gauge!(STUCK, "1 while the database does not answer and asks are refused at once");
    Some(handle)
}

/// Keeps histograms small. Runs for as long as the server does.
pub async fn keep_up() {
    loop {
        actix_web::rt::time::sleep(UPKEEP_EVERY).await;
        if let Some(Some(handle)) = HANDLE.get() {
            handle.run_upkeep();
        }
    }
}

/// Records one answered request. The route is the pattern, so that ids do not become labels.
pub fn record(method: &str, route: &str, status: u16, took: Duration) {
    let method = method.to_owned();
    let route = route.to_owned();
    metrics::counter!(REQUESTS, "method" => method.clone(), "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!(LATENCY, "method" => method, "route" => route).record(took);
}

/// `GET /metrics`.
pub async fn show(
    store: Data<Store>,
    (claims, carts): (Data<ClaimDesk>, Data<CartLog>),
    settings: Data<Settings>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    if !settings.metrics_token.as_ref().is_none_or(|token| shows(&request, token)) {
        return Err(Refusal::Unauthenticated.into());
    }
    let (reads, writes) = store.queue_depth();
    for (lane, depth) in [("read", reads), ("write", writes), ("claim", claims.waiting())] {
        metrics::gauge!(QUEUE, "lane" => lane).set(f64::from(u32::try_from(depth).unwrap_or(u32::MAX)));
    }
    let (reads, writes) = store.is_stuck();
    for (lane, stuck) in [("read", reads), ("write", writes)] {
        metrics::gauge!(STUCK, "lane" => lane).set(f64::from(u8::from(stuck)));
    }
    let (beyond, lost) = carts.let_go();
    for (reason, count) in [("beyond", beyond), ("lost", lost)] {
        metrics::counter!(CARTS, "reason" => reason).absolute(count);
    }
    let Some(Some(handle)) = HANDLE.get() else {
        return Err(Refusal::Busy.into());
    };
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4")).body(handle.render()))
}

/// Whether the request bears the token. Hashes are compared, so that the time it takes tells nothing.
fn shows(request: &HttpRequest, token: &SecretString) -> bool {
    let given = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let given = given.and_then(|given| given.strip_prefix(b"Bearer "));
    given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(token.expose_secret()))
}
