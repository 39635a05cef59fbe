//! Bytes that no honest client sends, from sockets of our own. Whatever they are, the server neither falls over nor has
//! a fault of its own to report: no 5xx, no panic in its log, nothing told of what it is built of, and wherever there is
//! a request to answer, the answer is a problem document.

mod bodies;
mod crowd;
mod heads;
mod slow;
mod smuggling;
mod wire;

use huike_harness::{OWNER, OWNER_PASSWORD, Server};
use serde_json::json;

/// The server has nothing to complain about but its callers, and stops well.
#[track_caller]
fn assert_unmoved(server: Server) {
    assert_eq!(server.faults(&[]), Vec::<String>::new());
    server.stop().ok();
}

/// The owner's credential, as a header of our own.
async fn bearer(server: &Server) -> String {
    let ask = json!({ "login": OWNER, "password": OWNER_PASSWORD });
    let session = server.stranger().post("/admin/v1/session", &ask).await.created();
    format!("Authorization: Bearer {}\r\n", session["token"].as_str().unwrap())
}
