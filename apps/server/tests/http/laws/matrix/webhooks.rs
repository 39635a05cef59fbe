//! Webhook endpoints, and what was sent to them: to a receiver in this process that takes everything.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::OnceLock,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::brand::Brand;

/// One row of each kind, of an endpoint that nothing else is sent to.
pub async fn rows(brand: &Brand, site: &str, name: &str) -> Vec<(&'static str, Value)> {
    let endpoint = endpoint(brand, site, name).await;
    let here = format!("/admin/v1/webhook-endpoints/{}", endpoint.as_str().unwrap());
    let window = json!({ "from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z" });
    let replay = brand.owner.post(&format!("{here}/replays"), &window).await.created()["id"].clone();
    until(brand, &format!("/admin/v1/webhook-replays/{}", replay.as_str().unwrap()), "/state", "done").await;
    let delivery = brand.owner.post(&format!("{here}/test"), &json!({})).await.created()["id"].clone();
    let sent = format!("/admin/v1/webhook-deliveries/{}", delivery.as_str().unwrap());
    until(brand, &sent, "/delivery/state", "delivered").await;
    vec![("endpoint_id", endpoint), ("replay_id", replay), ("delivery_id", delivery)]
}

/// An endpoint that asks for what no law does.
pub async fn endpoint(brand: &Brand, site: &str, name: &str) -> Value {
    let ask = json!({ "site_id": site, "name": name, "url": receiver(), "event_types": ["coupon_transferred"] });
    brand.owner.post("/admin/v1/webhook-endpoints", &ask).await.created()["endpoint"]["id"].clone()
}

async fn until(brand: &Brand, path: &str, pointer: &str, wanted: &str) {
    for _ in 0..1_200 {
        if brand.owner.get(path).await.ok().pointer(pointer) == Some(&json!(wanted)) {
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} did not become {wanted}");
}

/// Where every message is welcome.
fn receiver() -> &'static str {
    static RECEIVER: OnceLock<String> = OnceLock::new();
    RECEIVER.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                std::thread::spawn(move || welcome(caller));
            }
        });
        format!("http://{address}/")
    })
}

fn welcome(mut caller: std::net::TcpStream) {
    // What is sent fits into one read, and an answer before the end of it is an answer too.
    let mut message = [0; 16 * 1_024];
    if caller.read(&mut message).is_ok() {
        drop(caller.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"));
    }
}
