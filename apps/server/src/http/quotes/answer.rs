//! The answer to whoever asks for a price: written once, into room that is asked for once. A quote with fifty offers has
//! twenty thousand letters, and a text that grows as it is written is copied again and again.

use actix_web::{
    HttpRequest, HttpResponse, Responder, ResponseError, body::BoxBody, http::header::ContentType, web::Json,
};

use super::view::QuoteView;
use crate::{
    api::{OperationDoc, Reply},
    problem::Problem,
};

/// A quote as JSON.
pub struct QuoteAnswer(pub QuoteView);

impl Responder for QuoteAnswer {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        let mut text = Vec::with_capacity(self.0.letters());
        match serde_json::to_writer(&mut text, &self.0) {
            Ok(()) => HttpResponse::Ok().content_type(ContentType::json()).body(text),
            Err(error) => {
                tracing::error!(%error, "a quote cannot be written");
                Problem::internal().error_response()
            }
        }
    }
}

impl Reply for QuoteAnswer {
    fn describe(doc: &mut OperationDoc) {
        <Json<QuoteView> as Reply>::describe(doc);
    }
}
