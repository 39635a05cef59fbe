//! A CSV file as the body of a request.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    web::{self, Bytes},
};
use sha2::{Digest as _, Sha256};

use super::{bytes::Bounds, idempotency::Digest};
use crate::problem::{Problem, Refusal};

/// A file may take six times as long as a document.
const PATIENCE: u32 = 6;

/// A file of at most `LIMIT` bytes. What its lines mean is for the domain to judge.
#[derive(Debug)]
pub struct CsvBody<const LIMIT: usize> {
    /// What is in it.
    pub bytes: Bytes,
    digest: [u8; 32],
}

impl<const LIMIT: usize> Digest for CsvBody<LIMIT> {
    fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

impl<const LIMIT: usize> FromRequest for CsvBody<LIMIT> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bounds = Bounds { media_type: "text/csv", limit_bytes: LIMIT, patience: PATIENCE };
        let (fits, wait) = (bounds.check_head(request), bounds.wait(request));
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            fits?;
            let payload = payload.await.map_err(|_never| Refusal::BodyIncomplete)?;
            let bytes = bounds.collect(payload, wait).await?;
            let digest = Sha256::digest(&bytes).into();
            Ok(Self { bytes, digest })
        })
    }
}
