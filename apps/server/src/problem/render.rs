//! A problem as an HTTP response, in the caller's language.

use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use chrono::{DateTime, Utc};
use huike_kernel::Zone;
use serde_json::{Map, Value, json};

use super::{FieldError, Problem};
use crate::context::{Context, Locale};

/// The media type of a problem document.
const MEDIA_TYPE: &str = "application/problem+json";

impl Problem {
    /// Writes the document.
    pub fn render(&self, context: Context) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        response.insert_header((header::CONTENT_LANGUAGE, context.locale.tag()));
        response.insert_header((header::VARY, "accept-language"));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.as_ref()));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"huike\""));
        }
        response.body(Value::Object(self.document(context)).to_string())
    }

    fn document(&self, context: Context) -> Map<String, Value> {
        // Facts first, so that none of them can take the place of a member the standard names.
        let mut document = self.details.clone();
        let reason = self.status.canonical_reason().unwrap_or("Error");
        let title = self.text("title", context.locale).unwrap_or(Cow::Borrowed(reason));
        let detail = self.text("detail", context.locale).unwrap_or(Cow::Borrowed(&self.detail));
        document.insert("type".to_owned(), format!("/problems/{}", self.code).into());
        document.insert("title".to_owned(), title.into());
        document.insert("status".to_owned(), self.status.as_u16().into());
        document.insert("code".to_owned(), self.code.into());
        document.insert("detail".to_owned(), detail.into());
        document.insert("request_id".to_owned(), context.request_id.to_string().into());
        if !self.errors.is_empty() {
            let errors = self.errors.iter().map(|error| error.document(context.locale));
            document.insert("errors".to_owned(), errors.collect());
        }
        document
    }

    fn text(&self, part: &str, locale: Locale) -> Option<Cow<'static, str>> {
        translate(locale, &format!("{}.{part}", self.code), &self.details)
    }
}

impl FieldError {
    fn document(&self, locale: Locale) -> Value {
        let known = translate(locale, &format!("fields.{}", self.code), &self.params)
            .or_else(|| translate(locale, &format!("{}.detail", self.code), &self.params));
        let detail = known.unwrap_or(Cow::Borrowed(&self.detail));
        json!({ "pointer": self.pointer, "code": self.code, "detail": detail })
    }
}

/// The text of a key with the facts filled in, where a translation knows it and every fact it asks for is there.
fn translate(locale: Locale, key: &str, facts: &Map<String, Value>) -> Option<Cow<'static, str>> {
    let text = crate::_rust_i18n_try_translate(locale.tag(), key)?;
    if !text.contains("%{") {
        return Some(Cow::Owned(text.into_owned()));
    }
    let names: Vec<&str> = facts.keys().map(String::as_str).collect();
    let zone = facts.get("zone").and_then(Value::as_str).and_then(|zone| zone.parse().ok());
    let values: Vec<String> = facts.values().map(|fact| shown(fact, zone)).collect();
    let filled = rust_i18n::replace_patterns(&text, &names, &values);
    (!filled.contains("%{")).then_some(Cow::Owned(filled))
}

/// A fact as people read it: a moment by the clock on the wall, where the refusal says whose.
fn shown(fact: &Value, zone: Option<Zone>) -> String {
    match fact {
        Value::String(text) => match (zone, text.parse::<DateTime<Utc>>()) {
            (Some(zone), Ok(moment)) => zone.local(moment).to_string(),
            _ => text.clone(),
        },
        other => other.to_string(),
    }
}

/// The document for an answer that was no problem document, though its status says that something went wrong: what
/// actix answers by itself.
pub fn stand_in(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(status, "body_too_large", "the body is too long"),
        status if status.is_client_error() => Problem::new(status, "request_malformed", "the request cannot be read"),
        _ => Problem::internal(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;
    use crate::problem::Refusal;

    async fn body(problem: Problem, locale: Locale) -> Value {
        let context = Context { locale, ..Context::default() };
        let bytes = to_bytes(problem.render(context).into_body()).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[actix_web::test]
    async fn one_code_has_two_languages() {
        let english = body(Problem::not_found(), Locale::English).await;
        let chinese = body(Problem::not_found(), Locale::Chinese).await;
        assert_eq!(english["code"], chinese["code"]);
        assert_eq!(english["title"], "Not found");
        assert_eq!(chinese["title"], "未找到");
    }

    #[actix_web::test]
    async fn facts_are_members_and_appear_in_the_sentence() {
        let document = body(Refusal::BodyTooLarge { limit_bytes: 65_536 }.into(), Locale::Chinese).await;
        assert_eq!(document["limit_bytes"], 65_536);
        assert!(document["detail"].as_str().unwrap().contains("65536"), "{document}");
    }

    #[actix_web::test]
    async fn a_fact_never_replaces_a_standard_member() {
        let mut problem = Problem::not_found();
        problem.details.insert("status".to_owned(), 200.into());
        assert_eq!(body(problem, Locale::English).await["status"], 404);
    }
}
