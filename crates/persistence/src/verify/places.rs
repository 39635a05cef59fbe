//! I31: rows of one aggregate belong to one owner, and acts lie in the owner's subtree.

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I31",
        name: "node_closure",
        what: "the closure of the tree is what walking up the parents gives",
        check: Check::Sql(NODE_CLOSURE),
    },
    Invariant {
        id: "I31",
        name: "owner_keys",
        what: "everything about a template names the node that owns it, and a redemption the template and version of its coupon",
        check: Check::Sql(OWNER_KEYS),
    },
    Invariant {
        id: "I31",
        name: "acts_in_subtree",
        what: "every claim, redemption, batch, channel and quota lies in the subtree of the node that owns the template",
        check: Check::Sql(ACTS_IN_SUBTREE),
    },
];

/// The bound on depth only ends the walk where parents go in a circle, which the kinds of nodes do not allow.
const NODE_CLOSURE: &str = "
    WITH RECURSIVE walk (ancestor_id, node_id, depth) AS (
        SELECT id, id, CAST(0 AS BIGINT) FROM node
        UNION ALL
        SELECT n.parent_id, w.node_id, w.depth + 1 FROM walk w JOIN node n ON n.id = w.ancestor_id
        WHERE n.parent_id IS NOT NULL AND w.depth < 64
    )
    SELECT w.node_id AS subject, 'missing ancestor ' || uuid_text(w.ancestor_id) || ' at depth ' || w.depth AS detail
    FROM walk w
    LEFT JOIN node_closure c ON c.ancestor_id = w.ancestor_id AND c.node_id = w.node_id AND c.depth = w.depth
    WHERE c.node_id IS NULL
    UNION ALL
    SELECT c.node_id, 'false ancestor ' || uuid_text(c.ancestor_id) || ' at depth ' || c.depth
    FROM node_closure c
    LEFT JOIN walk w ON w.ancestor_id = c.ancestor_id AND w.node_id = c.node_id AND w.depth = c.depth
    WHERE w.node_id IS NULL";

const OWNER_KEYS: &str = "
    WITH owned (kind, id, owner_id, template_id) AS (
        SELECT 'version ' || number, template_id, site_id, template_id FROM coupon_template_version
        UNION ALL SELECT 'stock', template_id, site_id, template_id FROM coupon_stock
        UNION ALL SELECT 'quota', template_id, template_site_id, template_id FROM coupon_quota
        UNION ALL SELECT 'channel', id, template_site_id, template_id FROM coupon_channel
        UNION ALL SELECT 'batch', id, template_site_id, template_id FROM code_batch
        UNION ALL SELECT 'coupon', id, template_site_id, template_id FROM coupon
        UNION ALL SELECT 'redemption', id, template_site_id, template_id FROM redemption
    )
    SELECT o.id AS subject, o.kind || ' of an owner that template ' || uuid_text(o.template_id) || ' does not have' AS detail
    FROM owned o LEFT JOIN coupon_template t ON t.id = o.template_id AND t.site_id = o.owner_id
    WHERE t.id IS NULL
    UNION ALL
    SELECT r.id, 'redemption under another template or version than coupon ' || uuid_text(r.coupon_id)
    FROM redemption r JOIN coupon c ON c.id = r.coupon_id
    WHERE r.template_id <> c.template_id OR r.template_version <> c.template_version";

const ACTS_IN_SUBTREE: &str = "
    WITH act (kind, id, site_id, owner_id) AS (
        SELECT 'claim', id, site_id, template_site_id FROM coupon
        UNION ALL SELECT 'redemption', id, site_id, template_site_id FROM redemption
        UNION ALL SELECT 'batch', id, site_id, template_site_id FROM code_batch
        UNION ALL SELECT 'channel', id, site_id, template_site_id FROM coupon_channel
        UNION ALL SELECT 'quota', template_id, site_id, template_site_id FROM coupon_quota
    )
    SELECT a.id AS subject, a.kind || ' at node ' || uuid_text(a.site_id) || ', outside the subtree of ' || uuid_text(a.owner_id)
        AS detail
    FROM act a LEFT JOIN node_closure c ON c.ancestor_id = a.owner_id AND c.node_id = a.site_id
    WHERE c.node_id IS NULL";
