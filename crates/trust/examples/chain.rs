//! A log of three rows: sealed, kept, tampered with, and found out.

use huike_kernel::{Actor, AuditId, NodeId, StaffId};
use huike_trust::{AuditEntry, Digest, Head, Link, seal_all};
use serde_json::{Value, json};

fn entry(id: &str, action: &str, payload: &Value) -> Result<AuditEntry, Box<dyn std::error::Error>> {
    Ok(AuditEntry {
        id: format!("00000000-0000-7000-8000-{id:0>12}").parse::<AuditId>()?,
        site: "00000000-0000-7000-8000-0000000000ff".parse::<NodeId>()?,
        actor: Actor::Staff("00000000-0000-7000-8000-0000000000aa".parse::<StaffId>()?),
        action: action.to_owned(),
        subject_kind: "coupon_template".to_owned(),
        subject: "00000000-0000-7000-8000-0000000000cc".to_owned(),
        request_id: format!("request-{id}"),
        occurred_at: "2026-11-22T02:00:00Z".parse()?,
        payload_digest: Digest::of(payload)?,
    })
}

fn check(links: &[Link], entries: &[AuditEntry]) -> String {
    let mut head = Head::START;
    for (link, entry) in links.iter().zip(entries) {
        if let Err(fault) = head.check(link, Ok(entry)) {
            return format!("broken at {}: {fault}", link.seq);
        }
        head = link.head();
    }
    format!("holds, head {head}")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut entries = vec![
        entry("1", "coupon_template.create", &json!({ "before": null, "after": { "budget": "1000.00" } }))?,
        entry(
            "2",
            "coupon_template.approve",
            &json!({ "before": { "state": "in_review" }, "after": { "state": "approved" } }),
        )?,
        entry(
            "3",
            "coupon_template.publish",
            &json!({ "before": { "state": "approved" }, "after": { "state": "live" } }),
        )?,
    ];
    let links = seal_all(Head::START, &entries)?;
    println!("as written: {}", check(&links, &entries));

    // Somebody lets the budget look as if it had been larger from the beginning …
    if let Some(first) = entries.first_mut() {
        first.payload_digest = Digest::of(&json!({ "before": null, "after": { "budget": "9000.00" } }))?;
    }
    println!("one row changed: {}", check(&links, &entries));

    // … and, being thorough, makes every link anew. The chain holds, but the head that was kept elsewhere is not in it.
    let forged = seal_all(Head::START, &entries)?;
    println!("all links made anew: {}", check(&forged, &entries));
    let kept = links.last().map(Link::head);
    println!("the head that was kept is in it: {}", forged.iter().any(|link| Some(link.head()) == kept));
    Ok(())
}
