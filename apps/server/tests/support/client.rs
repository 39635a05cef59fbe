//! One caller: a token, a language, headers.

use reqwest::{Method, RequestBuilder};
use serde::Serialize;

use super::Answer;

/// One caller. Cheap to clone, so that many can call at once.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: Vec<(String, String)>,
}

impl Client {
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
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

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &impl Serialize) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &impl Serialize) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// A call that may get no answer, because the server goes away.
    pub async fn try_post(&self, path: &str, body: &impl Serialize) -> Option<Answer> {
        answer(self.request(Method::POST, path).json(body)).await.ok()
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

async fn answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let (client, request) = request.build_split();
    let request = request?;
    let asked = format!("{} {}", request.method(), request.url().path());
    let response = client.execute(request).await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { asked, status, headers, bytes: response.bytes().await?.to_vec() })
}
