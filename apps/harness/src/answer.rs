//! What came back.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, with what was asked for the failing test's message.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Method and path.
    pub asked: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null where there is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header as text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// 200, and the body.
    #[track_caller]
    pub fn ok(&self) -> Value {
        self.expect(200)
    }

    /// 201, and the body.
    #[track_caller]
    pub fn created(&self) -> Value {
        self.expect(201)
    }

    /// 204.
    #[track_caller]
    pub fn no_content(&self) {
        self.expect(204);
    }

    /// That status, and the body.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self.json()
    }

    /// A problem document with that status and code; hands it back.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status, body["code"].as_str()), (status, Some(code)), "{}: {}", self.asked, self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.asked);
        assert_eq!(body["status"], status, "{}", self.asked);
        assert_eq!(body["type"], format!("/problems/{code}"), "{}", self.asked);
        assert_eq!(body["request_id"], self.header("x-request-id"), "{}", self.asked);
        body
    }
}
