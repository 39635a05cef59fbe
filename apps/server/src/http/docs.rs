//! The OpenAPI documents, and a page to read them with, without the network.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    middleware::DefaultHeaders,
    web::{self, ServiceConfig},
};
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use crate::{api::Audience, routes};

/// The page brings its own scripts and styles, and asks only this server.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
);

/// Written once, not once for every worker.
static DOCUMENTS: LazyLock<[String; 3]> = LazyLock::new(|| Audience::ALL.map(|it| routes::document(it).to_string()));

/// Serves `/openapi/{admin,app,open}.json` and `/docs/`.
pub fn register(config: &mut ServiceConfig) {
    for (audience, document) in Audience::ALL.into_iter().zip(DOCUMENTS.iter()) {
        let show = move || async move {
            HttpResponse::Ok().insert_header(header::ContentType::json()).body(document.as_str())
        };
        config.route(address(audience), web::get().to(show));
    }
    let urls = Audience::ALL.map(|audience| Url::new(audience.word(), address(audience)));
    let page = SwaggerUi::new("/docs/{file:.*}").config(Config::new(urls));
    let policy = DefaultHeaders::new().add((header::CONTENT_SECURITY_POLICY, PAGE_POLICY));
    config.service(web::redirect("/docs", "/docs/"));
    config.service(web::scope("").wrap(policy).service(page));
}

const fn address(audience: Audience) -> &'static str {
    match audience {
        Audience::Admin => "/openapi/admin.json",
        Audience::App => "/openapi/app.json",
        Audience::Open => "/openapi/open.json",
    }
}
