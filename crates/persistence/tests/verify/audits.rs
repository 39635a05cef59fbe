//! The audit rows of the fixture, written and sealed as the house does it: their hashes are real.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Actor, AuditId, NodeId, StaffId};
use huike_persistence::{
    Db,
    audit::{self, NewAudit},
    audit_seals,
};
use huike_trust::{Head, seal_all};
use serde_json::json;

use crate::dialect::{TEN_O_CLOCK, uuid};

/// Number, node, who, what, subject, minutes after ten.
type Audit = (i64, i64, i64, (&'static str, &'static str), i64, i64);

const SEALED: [Audit; 13] = [
    (201, 1, 10, ("coupon_template.create", "coupon_template"), 30, 0),
    (202, 1, 10, ("coupon_template.submit", "coupon_template"), 30, 2),
    (203, 1, 11, ("coupon_template.approve", "coupon_template"), 30, 3),
    (204, 1, 10, ("coupon_template.publish", "coupon_template"), 30, 4),
    (205, 2, 10, ("coupon_template.create", "coupon_template"), 31, 0),
    (211, 3, 12, ("coupon.redeem", "coupon"), 41, 30),
    (212, 3, 12, ("coupon.redeem", "coupon"), 42, 31),
    (213, 3, 12, ("coupon.unredeem", "redemption"), 62, 40),
    (214, 5, 13, ("coupon.redeem", "redemption"), 63, 32),
    (215, 5, 13, ("coupon.unredeem", "redemption"), 63, 41),
    (216, 5, 13, ("coupon.redeem", "redemption"), 64, 50),
    (217, 3, 12, ("unredeem_request.create", "unredeem_request"), 70, 51),
    (218, 3, 11, ("unredeem_request.approve", "unredeem_request"), 70, 52),
];
/// Two rows that have just been written.
const WAITING: [Audit; 2] =
    [(221, 1, 10, ("node.update", "node"), 1, 60), (222, 1, 10, ("node.update", "node"), 2, 60)];
/// A row whose payload was taken out, and the row that says so.
const REDACTED: i64 = 231;
const REDACTION: [Audit; 2] =
    [(REDACTED, 1, 10, ("customer.block", "customer"), 20, 53), (232, 1, 10, ("audit.redact", "audit"), REDACTED, 54)];

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: i64) -> T {
    uuid(number).parse().unwrap()
}

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(TEN_O_CLOCK, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn row((number, site, by, (action, subject_kind), subject, minutes): &Audit) -> NewAudit {
    NewAudit {
        id: id::<AuditId>(*number),
        site: id::<NodeId>(*site),
        actor: Actor::Staff(id::<StaffId>(*by)),
        action,
        subject_kind,
        subject: uuid(*subject),
        payload: json!({ "before": null, "after": { "number": number } }),
        request_id: "r".to_owned(),
        occurred_at: at(*minutes),
    }
}

/// Writes them, seals all but those that wait, and takes one payload out.
pub(crate) fn lay(db: &mut Db) {
    let sealed: Vec<NewAudit> = SEALED.iter().chain(&REDACTION).map(row).collect();
    audit::append_many(db, &sealed).unwrap();
    let entries = audit_seals::list_unsealed(db, 100).unwrap();
    let links = seal_all(Head::START, &entries).unwrap();
    let links: Vec<_> = entries.iter().map(|entry| entry.id).zip(links).collect();
    audit_seals::append(db, &links, at(55)).unwrap();
    let _taken_out = audit::redact(db, id(REDACTED), at(54)).unwrap();
    audit::append_many(db, &WAITING.iter().map(row).collect::<Vec<_>>()).unwrap();
}
