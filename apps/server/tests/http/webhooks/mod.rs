//! Webhooks as staff see them: endpoints, their secrets, and the log of what was sent.

mod deliveries;
mod endpoints;

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::Client;

pub(super) const ENDPOINTS: &str = "/admin/v1/webhook-endpoints";
pub(super) const DELIVERIES: &str = "/admin/v1/webhook-deliveries";

/// Keeps what it is sent, and answers with the status that is set at that moment.
pub(super) struct Receiver {
    pub(super) url: String,
    status: Arc<Mutex<u16>>,
    pub(super) heard: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub(super) fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        let (status, heard) = (Arc::new(Mutex::new(204)), Arc::new(Mutex::new(Vec::new())));
        let (say, keep) = (status.clone(), heard.clone());
        std::thread::spawn(move || {
            for mut caller in listener.incoming().flatten() {
                let mut message = vec![0; 32 * 1_024];
                let length = caller.read(&mut message).unwrap_or(0);
                keep.lock().unwrap().push(String::from_utf8_lossy(&message[..length]).into_owned());
                let status = *say.lock().unwrap();
                drop(write!(caller, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
            }
        });
        Self { url, status, heard }
    }

    pub(super) fn answer_with(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }
}

pub(super) fn ask(site: &str, url: &str, types: &[&str]) -> Value {
    json!({ "site_id": site, "name": "收银系统", "url": url, "event_types": types })
}

pub(super) async fn endpoint(owner: &Client, site: &str, url: &str, types: &[&str]) -> String {
    text(&owner.post(ENDPOINTS, &ask(site, url, types)).await.created()["endpoint"]["id"])
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The items of a list, when there are so many.
pub(super) async fn items(who: &Client, path: &str, wanted: usize) -> Vec<Value> {
    let mut found = Vec::new();
    for _ in 0..800 {
        found = who.get(path).await.ok()["items"].as_array().unwrap().clone();
        if found.len() == wanted {
            return found;
        }
        actix_web::rt::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path}: {} of {wanted}", found.len());
}

/// The document, when there is something at the pointer.
pub(super) async fn until(who: &Client, path: &str, pointer: &str) -> Value {
    for _ in 0..800 {
        let document = who.get(path).await.ok();
        if document.pointer(pointer).is_some_and(|found| !found.is_null()) {
            return document;
        }
        actix_web::rt::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} has nothing at {pointer}");
}
