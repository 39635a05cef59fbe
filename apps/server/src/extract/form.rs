//! What a page's own form sends.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::de::DeserializeOwned;
use validator::Validate;

use super::{bytes::Bounds, query};
use crate::problem::{Problem, Refusal};

/// No form of ours has more than a few lines to fill in.
const LIMIT_BYTES: usize = 4 * 1_024;

/// A form's fields, read as strictly as a query string.
#[derive(Debug)]
pub struct Form<T>(T);

impl<T> Form<T> {
    /// The fields.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = "application/x-www-form-urlencoded";
        let bounds = Bounds { media_type, limit_bytes: LIMIT_BYTES, patience: 1 };
        let (fits, wait) = (bounds.check_head(request), bounds.wait(request));
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            fits?;
            let payload = payload.await.map_err(|_never| Refusal::BodyIncomplete)?;
            let bytes = bounds.collect(payload, wait).await?;
            query::read(&String::from_utf8_lossy(&bytes)).map(Self)
        })
    }
}
