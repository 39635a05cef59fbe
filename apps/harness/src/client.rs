//! One caller: a token, a language, headers.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde::Serialize;

use crate::answer::Answer;

/// Nobody waits longer than that for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// A connection that was idle for so long is not used again. The server ends it after five seconds, and who asks in that
/// very moment gets no answer.
const IDLE_MAX: Duration = Duration::from_secs(3);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nobody took the connection: the server has never seen the call.
    Unsent,
    /// The connection broke or the time was over: nobody knows whether the call took effect.
    Lost,
}

/// One caller. Cheap to clone, so that many can call at once.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: Vec<(String, String)>,
}

impl Client {
    /// Somebody who has not signed in, at a server's address.
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let http = http.timeout(ANSWER_MAX).pool_idle_timeout(IDLE_MAX).build().unwrap();
        let headers = vec![("accept-language".to_owned(), "en".to_owned())];
        Self { http, base: base.to_owned(), headers }
    }

    /// The same caller with one more header on every call.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(known, _)| known != name);
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same caller at another server's address.
    pub fn on(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same caller with a credential.
    pub fn with_token(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// The same caller with an idempotency key.
    pub fn once(&self, key: &str) -> Self {
        self.with("idempotency-key", key)
    }

    /// The same customer, visiting that site.
    pub fn at(&self, site: impl ToString) -> Self {
        self.with("huike-site", &site.to_string())
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: &impl Serialize) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: &impl Serialize) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// `GET` that may get no answer.
    pub async fn try_get(&self, path: &str) -> Result<Answer, NoAnswer> {
        answer(self.request(Method::GET, path)).await.map_err(NoAnswer::from)
    }

    /// A call with a JSON body that may get no answer, because the server goes away.
    pub async fn try_send(&self, method: &str, path: &str, body: &impl Serialize) -> Result<Answer, NoAnswer> {
        answer(self.request(method.parse().unwrap(), path).json(body)).await.map_err(NoAnswer::from)
    }

    /// A call whose body is up to the test.
    pub async fn raw(&self, method: &str, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let method = method.parse().unwrap();
        self.send(self.request(method, path).header("content-type", content_type).body(body)).await
    }

    /// A call without a body.
    pub async fn call(&self, method: &str, path: &str) -> Answer {
        self.send(self.request(method.parse().unwrap(), path)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        answer(request).await.unwrap()
    }
}

impl From<reqwest::Error> for NoAnswer {
    fn from(error: reqwest::Error) -> Self {
        if error.is_connect() { Self::Unsent } else { Self::Lost }
    }
}

async fn answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let (client, request) = request.build_split();
    let request = request?;
    let asked = format!("{} {}", request.method(), request.url().path());
    let response = client.execute(request).await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { asked, status, headers, bytes: response.bytes().await?.to_vec() })
}
