//! What a handler's answer says about its operation.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    cookie::Cookie,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::Json,
};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ContentBuilder, RefOr, ResponseBuilder, schema::Schema},
};

use super::OperationDoc;
use crate::problem::Problem;

/// An answer that can say what it looks like.
pub trait Reply {
    /// Adds what it knows.
    fn describe(doc: &mut OperationDoc);
}

/// 201 with what was made.
#[derive(Debug)]
pub struct Created<T>(pub T);

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Created().json(self.0)
    }
}

/// 204: done, nothing to say.
#[derive(Debug)]
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

/// An answer that also sets a cookie.
#[derive(Debug)]
pub struct WithCookie<R> {
    /// The answer.
    pub answer: R,
    /// The cookie.
    pub cookie: Cookie<'static>,
}

impl<R: Responder<Body = BoxBody>> Responder for WithCookie<R> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.answer.respond_to(request);
        if let Err(error) = response.add_cookie(&self.cookie) {
            tracing::error!(%error, "a cookie cannot be set");
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// A text file to keep, such as CSV.
#[derive(Debug)]
pub struct File {
    /// The name it is saved under, ASCII.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

impl Responder for File {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        let name: String = self.name.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(self.content)
    }
}

fn answers(doc: &mut OperationDoc, status: StatusCode, content: Option<(&str, RefOr<Schema>)>) {
    let response = ResponseBuilder::new().description(status.canonical_reason().unwrap_or_default());
    let response = match content {
        Some((media_type, schema)) => response.content(media_type, ContentBuilder::new().schema(Some(schema)).build()),
        None => response,
    };
    doc.answer = Some((status.as_u16(), response.build()));
}

impl<T: ToSchema> Reply for Json<T> {
    fn describe(doc: &mut OperationDoc) {
        let schema = doc.refer::<T>();
        answers(doc, StatusCode::OK, Some(("application/json", schema)));
    }
}

impl<T: ToSchema> Reply for Created<T> {
    fn describe(doc: &mut OperationDoc) {
        let schema = doc.refer::<T>();
        answers(doc, StatusCode::CREATED, Some(("application/json", schema)));
    }
}

impl Reply for NoContent {
    fn describe(doc: &mut OperationDoc) {
        answers(doc, StatusCode::NO_CONTENT, None);
    }
}

impl<R: Reply> Reply for WithCookie<R> {
    fn describe(doc: &mut OperationDoc) {
        R::describe(doc);
    }
}

/// 200 with a text file.
pub fn csv_answer(doc: &mut OperationDoc) {
    answers(doc, StatusCode::OK, Some(("text/csv", <String as PartialSchema>::schema())));
}

impl Reply for File {
    fn describe(doc: &mut OperationDoc) {
        csv_answer(doc);
    }
}

impl<R: Reply> Reply for Result<R, Problem> {
    fn describe(doc: &mut OperationDoc) {
        R::describe(doc);
    }
}
