//! A CSV file as the body of a request.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Bytes};

use super::{bytes::read_file, idempotency::Digest, table::CSV};
use crate::problem::Problem;

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
        let file = read_file(request, payload, CSV, LIMIT);
        Box::pin(async move { file.await.map(|(bytes, digest)| Self { bytes, digest }) })
    }
}
