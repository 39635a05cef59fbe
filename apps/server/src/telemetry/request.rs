//! The outermost middleware: gives the request its id and its span, writes refusals as problem documents, adds the
//! headers every answer has, and logs and counts the request, once. Nothing personal is logged: no address, no agent,
//! no query, and of the path only the pattern.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use huike_kernel::IdSource;
use tracing::Instrument;

use super::metrics;
use crate::{
    context::{Context, REQUEST_ID_HEADER},
    problem::{self, Problem},
};

/// What a browser is told with every answer. The documentation page brings its own, wider policy.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000")),
];

/// Whether answers travel over https, so that the browser may be told to insist on it.
#[derive(Debug, Clone, Copy)]
pub struct Https(pub bool);

/// The middleware.
pub async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let started = Instant::now();
    let context = match request.app_data::<Data<dyn IdSource>>() {
        Some(ids) => Context::read(request.headers(), ids.get_ref()),
        None => Context::default(),
    };
    let https = request.app_data::<Data<Https>>().is_some_and(|https| https.0);
    request.extensions_mut().insert(context);
    let method = request.method().clone();
    let span = tracing::info_span!("request", request.id = %context.request_id, http.method = %method);
    let answer = async {
        let answer = finish(next.call(request).await?, context);
        let route = answer.request().match_pattern().unwrap_or_else(|| "(none)".to_owned());
        let (status, took) = (answer.status().as_u16(), started.elapsed());
        metrics::record(method.as_str(), &route, status, took);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(http.route = route, http.status = status, took_ms, "{method} {route} answered {status}");
        Ok::<_, Error>(answer)
    };
    let mut answer = answer.instrument(span).await?;
    add_headers(answer.headers_mut(), context, https);
    Ok(answer)
}

/// Writes whatever went wrong as a problem document, in the caller's language.
fn finish<B: MessageBody>(answer: ServiceResponse<B>, context: Context) -> ServiceResponse<EitherBody<B>> {
    let Some(problem) = problem_of(answer.response()) else {
        return answer.map_into_left_body();
    };
    let document = problem.render(context).map_into_right_body();
    answer.into_response(document)
}

fn problem_of<B>(response: &HttpResponse<B>) -> Option<Problem> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    if let Some(problem) = response.error().and_then(|error| error.as_error::<Problem>()) {
        return Some(problem.clone());
    }
    // Health answers 503 in its own form; everything else that is no problem document yet becomes one.
    let own_form = response.headers().contains_key(header::CONTENT_TYPE) && status == StatusCode::SERVICE_UNAVAILABLE;
    if own_form {
        return None;
    }
    if let Some(error) = response.error().filter(|_| status.is_server_error()) {
        tracing::error!(%error, "request failed: {error}");
    }
    Some(problem::stand_in(status))
}

fn add_headers(headers: &mut HeaderMap, context: Context, https: bool) {
    for (name, value) in SECURITY_HEADERS {
        let wanted = https || name != header::STRICT_TRANSPORT_SECURITY;
        if wanted && !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if let Ok(id) = HeaderValue::from_str(&context.request_id.to_string()) {
        headers.insert(HeaderName::from_static(REQUEST_ID_HEADER), id);
    }
}
