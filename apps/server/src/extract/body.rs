//! The JSON body of a request, checked in shape.

use std::{future::Future, ops::Deref, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use huike_kernel::{ExactJson, canonical_json};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use validator::Validate;

use super::{bytes::Bounds, fields, idempotency::Digest, strict_json};
use crate::problem::{Problem, Refusal};

/// The longest body an operation takes unless it says otherwise.
pub const BODY_LIMIT_BYTES: usize = 64 * 1_024;

/// A JSON body of at most `LIMIT` bytes: well formed, of the right media type, without unknown or doubled keys, and
/// within the bounds that `validator` knows. What it means is for the domain to judge.
#[derive(Debug)]
pub struct Valid<T, const LIMIT: usize = BODY_LIMIT_BYTES> {
    value: T,
    digest: [u8; 32],
}

impl<T, const LIMIT: usize> Valid<T, LIMIT> {
    /// The body itself.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T, const LIMIT: usize> Deref for Valid<T, LIMIT> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T, const LIMIT: usize> Digest for Valid<T, LIMIT> {
    fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

impl<T: DeserializeOwned + Validate + 'static, const LIMIT: usize> FromRequest for Valid<T, LIMIT> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bounds = Bounds { media_type: "application/json", limit_bytes: LIMIT, patience: 1 };
        let (fits, wait) = (bounds.check_head(request), bounds.wait(request));
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            fits?;
            let payload = payload.await.map_err(|_never| Refusal::BodyIncomplete)?;
            read(&bounds.collect(payload, wait).await?)
        })
    }
}

fn read<T: DeserializeOwned + Validate, const LIMIT: usize>(bytes: &[u8]) -> Result<Valid<T, LIMIT>, Problem> {
    let document = strict_json::parse(bytes)?;
    // Hashed before it is taken apart: the digest covers what was asked, not what we made of it.
    let canonical = canonical_json(&document).map_err(|error| {
        tracing::error!(%error, "a JSON value cannot be written back");
        Problem::internal()
    })?;
    let value: T = serde_path_to_error::deserialize(ExactJson(document)).map_err(|error| {
        Problem::invalid(vec![fields::from_serde(error.path(), &error.inner().to_string(), &canonical)])
    })?;
    value.validate().map_err(|errors| Problem::invalid(fields::from_validator(&errors)))?;
    Ok(Valid { value, digest: Sha256::digest(&canonical).into() })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Ask {
        #[validate(range(max = 9))]
        count: u32,
    }

    fn read(text: &str) -> Result<Valid<Ask>, Problem> {
        super::read(text.as_bytes())
    }

    #[test]
    fn shape_and_bounds_are_checked() {
        assert_eq!(read(r#"{"count":9}"#).unwrap().count, 9);
        for (text, status) in
            [("{", 400), (r#"{"count":1,"count":1}"#, 400), (r#"{"count":10}"#, 422), ("{}", 422), ("[9]", 422)]
        {
            assert_eq!(read(text).unwrap_err().status().as_u16(), status, "{text}");
        }
    }

    #[test]
    fn white_space_does_not_change_what_was_asked() {
        assert_eq!(read(r#"{"count":9}"#).unwrap().digest(), read("{ \"count\" :\n9 }").unwrap().digest());
        assert_ne!(read(r#"{"count":9}"#).unwrap().digest(), read(r#"{"count":8}"#).unwrap().digest());
    }
}
