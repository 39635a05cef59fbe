//! The credential of a request: `Authorization: Bearer …`, or the cookie of the panel.

use actix_web::{HttpRequest, http::header};
use huike_persistence::sessions::TokenHash;

use super::{CookiePolicy, token};
use crate::{auth::TokenKind, problem::Refusal};

/// Longer than any token of ours.
const TOKEN_LENGTH_MAX: usize = 128;

/// A credential, not yet looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Credential {
    pub(super) kind: TokenKind,
    pub(super) hash: TokenHash,
    /// A browser sends a cookie by itself, so it has to be told from a forged form by another token.
    pub(super) by_cookie: bool,
}

impl Credential {
    /// Reads it. The header wins; a cookie is for staff alone.
    pub(super) fn read(request: &HttpRequest, cookies: CookiePolicy) -> Result<Self, Refusal> {
        if let Some(header) = request.headers().get(header::AUTHORIZATION) {
            let text = header.to_str().map_err(|_opaque| Refusal::Unauthenticated)?;
            return bearer(text).and_then(|token| Self::from_token(token, false)).ok_or(Refusal::Unauthenticated);
        }
        let cookie = request.cookie(cookies.name()).ok_or(Refusal::Unauthenticated)?;
        let credential = Self::from_token(cookie.value(), true).ok_or(Refusal::Unauthenticated)?;
        if credential.kind == TokenKind::Staff { Ok(credential) } else { Err(Refusal::Unauthenticated) }
    }

    fn from_token(text: &str, by_cookie: bool) -> Option<Self> {
        if text.len() > TOKEN_LENGTH_MAX {
            return None;
        }
        Some(Self { kind: TokenKind::of(text)?, hash: token::hash(text), by_cookie })
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use actix_web::{cookie::Cookie, test::TestRequest};

    use super::*;

    fn read(request: TestRequest) -> Result<Credential, Refusal> {
        Credential::read(&request.to_http_request(), CookiePolicy::new(false))
    }

    #[test]
    fn the_header_wins_and_a_cookie_is_for_staff() {
        let cookie = |value| Cookie::new("huike_session", value);
        let both = TestRequest::default().insert_header(("authorization", "bearer hc_x")).cookie(cookie("hs_x"));
        assert!(matches!(read(both), Ok(Credential { kind: TokenKind::Customer, by_cookie: false, .. })));
        assert!(matches!(read(TestRequest::default().cookie(cookie("hs_x"))), Ok(Credential { by_cookie: true, .. })));
        assert!(read(TestRequest::default().cookie(cookie("hc_x"))).is_err());
    }

    #[test]
    fn a_broken_header_does_not_fall_back_to_the_cookie() {
        for header in ["Basic aHNf", "Bearer", "Bearer xyz", ""] {
            let cookie = Cookie::new("huike_session", "hs_x");
            let request = TestRequest::default().insert_header(("authorization", header)).cookie(cookie);
            assert_eq!(read(request).unwrap_err(), Refusal::Unauthenticated, "{header}");
        }
    }
}
