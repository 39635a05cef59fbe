//! I8: coupons and templates walk only the edges of their graphs.

use huike_coupons::coupon::{CouponEdge, CouponState, EDGES};

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I8",
        name: "coupon_edges",
        what: "every event of a coupon is an edge of the graph, leading on from where the event before it led",
        check: Check::Made(coupon_edges),
    },
    Invariant {
        id: "I8",
        name: "coupon_state",
        what: "a coupon stands where its last event led",
        check: Check::Made(coupon_state),
    },
    Invariant {
        id: "I8",
        name: "template_state",
        what: "a template is in no state that none of its events leads to, and killed exactly while the last switch was on",
        check: Check::Sql(TEMPLATE_STATE),
    },
];

/// The walk of each coupon: its events in order, each with the state it leads to. Whether an undo leads to `issued` or to
/// `unclaimed` depends on whether the coupon had found an owner by then.
fn walk() -> String {
    let mut cases = String::new();
    for edge in CouponEdge::ALL {
        let targets: Vec<CouponState> = EDGES.iter().filter(|(_, by, _)| by == edge).map(|(_, _, to)| *to).collect();
        let target = match targets.as_slice() {
            [to, rest @ ..] if rest.iter().all(|other| other == to) => format!("'{to}'"),
            _ => format!("CASE owned WHEN 1 THEN '{}' ELSE '{}' END", CouponState::Issued, CouponState::Unclaimed),
        };
        cases.push_str(&format!(" WHEN '{}' THEN {target}", edge.event_kind()));
    }
    format!(
        "WITH marked AS (
            SELECT aggregate_id, seq, kind, MAX(CASE WHEN kind IN ('{issued}', '{claimed}') THEN 1 ELSE 0 END)
                OVER (PARTITION BY aggregate_id ORDER BY seq) AS owned
            FROM event WHERE aggregate_kind = 'coupon'
        ), walk AS (
            SELECT aggregate_id, seq, kind, CASE kind{cases} ELSE '?' END AS reached FROM marked
        )",
        issued = CouponEdge::Issue.event_kind(),
        claimed = CouponEdge::Claim.event_kind(),
    )
}

fn coupon_edges() -> String {
    let lawful: Vec<String> = EDGES
        .iter()
        .map(|(from, by, to)| format!("('{}', '{}', '{to}')", from.map_or("", CouponState::as_str), by.event_kind()))
        .collect();
    format!(
        "{walk}, step AS (
            SELECT aggregate_id, seq, kind, reached,
                COALESCE(LAG(reached) OVER (PARTITION BY aggregate_id ORDER BY seq), '') AS origin
            FROM walk
        ), lawful (origin, kind, reached) AS (VALUES {lawful})
        SELECT s.aggregate_id AS subject,
            'event ' || s.seq || ': ' || s.kind || ' leads from ' || CASE s.origin WHEN '' THEN 'nothing' ELSE s.origin END
            || ' to ' || s.reached AS detail
        FROM step s
        LEFT JOIN lawful l ON l.origin = s.origin AND l.kind = s.kind AND l.reached = s.reached
        WHERE l.kind IS NULL",
        walk = walk(),
        lawful = lawful.join(", "),
    )
}

fn coupon_state() -> String {
    format!(
        "{walk}, last AS (
            SELECT aggregate_id, reached, ROW_NUMBER() OVER (PARTITION BY aggregate_id ORDER BY seq DESC) AS place FROM walk
        )
        SELECT c.id AS subject, 'state ' || c.state || ', its events led to ' || l.reached AS detail
        FROM coupon c JOIN last l ON l.aggregate_id = c.id AND l.place = 1
        WHERE l.reached <> c.state",
        walk = walk(),
    )
}

const TEMPLATE_STATE: &str = "
    SELECT t.id AS subject, 'state ' || t.state || ' without an event that leads there' AS detail
    FROM coupon_template t
    WHERE t.state <> 'draft' AND NOT EXISTS (
        SELECT 1 FROM event e WHERE e.aggregate_id = t.id AND CASE t.state
            WHEN 'in_review' THEN e.kind = 'template_submitted'
            WHEN 'approved' THEN e.kind IN ('template_approved', 'template_self_approved')
            WHEN 'live' THEN e.kind = 'template_published'
            WHEN 'paused' THEN e.kind IN ('template_paused', 'template_exhausted', 'template_killed')
            ELSE e.kind = 'template_ended' END)
    UNION ALL
    SELECT t.id, 'killed: ' || CASE WHEN t.killed_at IS NULL THEN 'no' ELSE 'yes' END || ', last switch: ' || COALESCE(s.kind, 'none')
    FROM coupon_template t
    LEFT JOIN (
        SELECT aggregate_id, kind, ROW_NUMBER() OVER (PARTITION BY aggregate_id ORDER BY seq DESC) AS place
        FROM event WHERE aggregate_kind = 'coupon_template' AND kind IN ('template_killed', 'template_kill_lifted')
    ) s ON s.aggregate_id = t.id AND s.place = 1
    WHERE (t.killed_at IS NOT NULL) <> (COALESCE(s.kind, '') = 'template_killed')";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_undo_leads_to_two_places() {
        for edge in CouponEdge::ALL {
            let mut targets: Vec<_> = EDGES.iter().filter(|(_, by, _)| by == edge).map(|(_, _, to)| *to).collect();
            targets.sort_unstable();
            targets.dedup();
            assert_eq!(targets.len(), if *edge == CouponEdge::Unredeem { 2 } else { 1 }, "{edge}");
        }
    }
}
