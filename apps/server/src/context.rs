//! What every request carries besides its credential: an id for the logs and a language for the answer.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header};
use huike_kernel::IdSource;
use uuid::Uuid;

/// The header a request id is taken from and returned in.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// The language of an answer's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// 简体中文, also for whoever does not say.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Locale {
    /// The tag, as in `Content-Language` and in `locales/*.yml`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// Picks from `Accept-Language` (RFC 9110): the known language with the highest weight, the first among equals.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0, Self::default());
        for item in header.split(',').take(16) {
            let mut parts = item.trim().split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let known = match tag.split('-').next() {
                Some("zh" | "*") => Self::Chinese,
                Some("en") => Self::English,
                _ => continue,
            };
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=").map(thousandths)).unwrap_or(1_000);
            if weight > best.0 {
                best = (weight, known);
            }
        }
        best.1
    }
}

/// Reads `0.8` as 800; anything odd counts as nothing.
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), fraction.parse::<u32>()) {
        (Ok(whole @ 0..=1), Ok(fraction)) => (whole * 1_000 + fraction).min(1_000),
        _ => 0,
    }
}

/// The request's id and language, as an extractor.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Says which request this was: in the log, in `X-Request-Id`, in problem documents and in audit rows.
    pub request_id: Uuid,
    /// The language the caller reads.
    pub locale: Locale,
}

impl Context {
    /// Reads the context of a request that has just come in. An id from outside is kept when it is a UUID, so that a
    /// proxy's log and ours agree; any other text is replaced, so that nobody writes into our log.
    pub fn read(headers: &header::HeaderMap, ids: &dyn IdSource) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let given = text(REQUEST_ID_HEADER).and_then(|id| Uuid::try_parse(id).ok());
        Self {
            request_id: given.unwrap_or_else(|| ids.next_uuid()),
            locale: text(header::ACCEPT_LANGUAGE.as_str()).map(Locale::from_accept_language).unwrap_or_default(),
        }
    }

    /// The context of a request on its way through; the default stands in where no request is being served.
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().copied().unwrap_or_default()
    }
}

impl Default for Context {
    fn default() -> Self {
        Self { request_id: Uuid::nil(), locale: Locale::default() }
    }
}

impl FromRequest for Context {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_wins() {
        for (header, expected) in [
            ("en", Locale::English),
            ("en-GB,en;q=0.9", Locale::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Locale::Chinese),
            ("en;q=0.1, zh;q=0.11", Locale::Chinese),
            ("fr, en;q=0.5", Locale::English),
            ("fr", Locale::Chinese),
            ("en;q=0", Locale::Chinese),
            ("en;q=banana", Locale::Chinese),
            ("", Locale::Chinese),
        ] {
            assert_eq!(Locale::from_accept_language(header), expected, "{header}");
        }
    }
}
