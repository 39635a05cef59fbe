//! I36: what took two people had two, and every privileged write is in the audit log.

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I36",
        name: "reviewed_by_another",
        what: "a version that counts as reviewed was reviewed by nobody who wrote on it",
        check: Check::Sql(REVIEWED_BY_ANOTHER),
    },
    Invariant {
        id: "I36",
        name: "live_was_reviewed",
        what: "every version that may be or was in force went through review",
        check: Check::Sql(LIVE_WAS_REVIEWED),
    },
    Invariant {
        id: "I36",
        name: "review_audit",
        what: "every change of a template or an offer by staff has its audit row",
        check: Check::Sql(REVIEW_AUDIT),
    },
    Invariant {
        id: "I36",
        name: "redemption_audit",
        what: "every redemption and every undo has its audit row",
        check: Check::Sql(REDEMPTION_AUDIT),
    },
    Invariant {
        id: "I36",
        name: "audit_request",
        what: "every audit row of a person or an integration names who, and every row the request",
        check: Check::Sql(AUDIT_REQUEST),
    },
    Invariant {
        id: "I36",
        name: "late_undo",
        what: "an undo on a day that was signed already was asked for by one person and approved by another",
        check: Check::Sql(LATE_UNDO),
    },
];

/// `makers` is a document: a list of ids in their usual spelling.
const REVIEWED_BY_ANOTHER: &str = "
    SELECT template_id AS subject, 'version ' || number || ' was reviewed by one of its makers' AS detail
    FROM coupon_template_version
    WHERE NOT unreviewed AND reviewed_by IS NOT NULL AND (
        reviewed_by = created_by OR reviewed_by = submitted_by
        OR CAST(makers AS TEXT) LIKE '%' || uuid_text(reviewed_by) || '%')
    UNION ALL
    SELECT offer_id, 'version ' || number || ' was reviewed by one of its makers'
    FROM offer_version
    WHERE NOT unreviewed AND reviewed_by IS NOT NULL AND CAST(makers AS TEXT) LIKE '%' || uuid_text(reviewed_by) || '%'";

const LIVE_WAS_REVIEWED: &str = "
    SELECT template_id AS subject, 'version ' || number || ' is ' || review_state || ' without a review' AS detail
    FROM coupon_template_version
    WHERE review_state IN ('approved', 'live', 'superseded') AND (reviewed_by IS NULL OR reviewed_at IS NULL)
    UNION ALL
    SELECT t.id, 'version ' || t.live_version || ' is in force and is not live'
    FROM coupon_template t
    WHERE t.live_version IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM coupon_template_version v
        WHERE v.template_id = t.id AND v.number = t.live_version AND v.review_state = 'live')
    UNION ALL
    SELECT offer_id, 'version ' || number || ' is ' || review_state || ' without a review'
    FROM offer_version
    WHERE review_state IN ('approved', 'live', 'superseded') AND (reviewed_by IS NULL OR reviewed_at IS NULL)
    UNION ALL
    SELECT o.id, 'version ' || o.live_version || ' is in force and is not live'
    FROM offer o
    WHERE o.live_version IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM offer_version v
        WHERE v.offer_id = o.id AND v.number = o.live_version AND v.review_state = 'live')";

const REVIEW_AUDIT: &str = "
    SELECT e.aggregate_id AS subject, 'event ' || e.seq || ' (' || e.kind || ') without an audit row' AS detail
    FROM event e
    WHERE e.aggregate_kind IN ('coupon_template', 'offer') AND e.actor_kind <> 'system' AND NOT EXISTS (
        SELECT 1 FROM audit a
        WHERE a.subject_id = uuid_text(e.aggregate_id) AND a.occurred_at = e.occurred_at AND a.actor_id = e.actor_id)";

const REDEMPTION_AUDIT: &str = "
    SELECT r.id AS subject, 'the redemption has no audit row' AS detail
    FROM redemption r
    WHERE NOT EXISTS (
        SELECT 1 FROM audit a
        WHERE a.subject_id IN (uuid_text(r.id), uuid_text(r.coupon_id))
            AND a.occurred_at = r.redeemed_at AND a.actor_id = r.actor_id)
    UNION ALL
    SELECT r.id, 'the undo has no audit row'
    FROM redemption r
    WHERE r.reversed_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM audit a
        WHERE a.subject_id IN (uuid_text(r.id), uuid_text(r.coupon_id)) AND a.occurred_at = r.reversed_at)";

const AUDIT_REQUEST: &str = "
    SELECT id AS subject, action || ' without ' || CASE WHEN request_id = '' THEN 'a request' ELSE 'an actor' END AS detail
    FROM audit WHERE request_id = '' OR (actor_kind <> 'system') <> (actor_id IS NOT NULL)";

const LATE_UNDO: &str = "
    SELECT r.id AS subject, 'undone after its day was signed, without a second person' AS detail
    FROM redemption r JOIN store_day d ON d.site_id = r.site_id AND d.local_day = r.local_day
    WHERE d.signed_at <= r.reversed_at AND (r.reversal_approved_by IS NULL OR r.reversal_approved_by = r.reversed_by)
    UNION ALL
    SELECT r.id, 'approved by a second person whom nobody asked'
    FROM redemption r
    WHERE r.reversal_approved_by IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM unredeem_request q
        WHERE q.redemption_id = r.id AND q.state = 'approved' AND q.requested_by <> q.decided_by)
    UNION ALL
    SELECT id, 'approved by whoever asked' FROM unredeem_request WHERE state = 'approved' AND decided_by = requested_by";
