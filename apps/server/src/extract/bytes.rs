//! The bytes of a body: of the right media type, not packed, within a length and a time.

use std::time::Duration;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header,
    rt::time::timeout,
    web::{self, Bytes, Data},
};

use sha2::{Digest as _, Sha256};

use crate::{
    problem::{Problem, Refusal},
    settings::Settings,
};

/// A file may take so many times as long as a document.
const FILE_PATIENCE: u32 = 6;

/// Reads a body that is a file, and its digest.
pub(super) fn read_file(
    request: &HttpRequest,
    payload: &mut Payload,
    media_type: &'static str,
    limit_bytes: usize,
) -> impl Future<Output = Result<(Bytes, [u8; 32]), Problem>> + use<> {
    let bounds = Bounds { media_type, limit_bytes, patience: FILE_PATIENCE };
    let (fits, wait) = (bounds.check_head(request), bounds.wait(request));
    let payload = web::Payload::from_request(request, payload);
    async move {
        fits?;
        let payload = payload.await.map_err(|_never| Refusal::BodyIncomplete)?;
        let bytes = bounds.collect(payload, wait).await?;
        let digest = Sha256::digest(&bytes).into();
        Ok((bytes, digest))
    }
}

/// What a body must keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) media_type: &'static str,
    pub(super) limit_bytes: usize,
    /// How many times as long as usual it may take.
    pub(super) patience: u32,
}

impl Bounds {
    /// What can be refused before a byte is read.
    pub(super) fn check_head(self, request: &HttpRequest) -> Result<(), Refusal> {
        if !request.content_type().trim().eq_ignore_ascii_case(self.media_type) {
            return Err(Refusal::MediaTypeUnsupported { expected: self.media_type });
        }
        let mut codings = request.headers().get_all(header::CONTENT_ENCODING);
        if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(Refusal::EncodingUnsupported);
        }
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > self.limit_bytes) {
            return Err(Refusal::BodyTooLarge { limit_bytes: self.limit_bytes });
        }
        Ok(())
    }

    /// How long the whole body may take, so that nobody holds a connection by sending a byte now and then.
    pub(super) fn wait(self, request: &HttpRequest) -> Duration {
        let usual = request.app_data::<Data<Settings>>().map_or(Duration::MAX, |settings| settings.body_wait);
        usual.saturating_mul(self.patience)
    }

    /// Reads it to its end.
    pub(super) async fn collect(self, payload: web::Payload, wait: Duration) -> Result<Bytes, Refusal> {
        let Ok(read) = timeout(wait, payload.to_bytes_limited(self.limit_bytes)).await else {
            return Err(Refusal::BodyTooSlow { seconds: wait.as_secs() });
        };
        let bytes = read.map_err(|_exceeded| Refusal::BodyTooLarge { limit_bytes: self.limit_bytes })?;
        bytes.map_err(|_cut_off| Refusal::BodyIncomplete)
    }
}
