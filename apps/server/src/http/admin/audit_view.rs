//! What staff ask and see of the audit log.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Utc};
use huike_kernel::{AuditId, NodeId};
use huike_persistence::audit_log::{ActorName, AuditFilter, AuditRow};
use huike_usecases::audit::{RedactAsk, RedactReason};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

/// The names of those who acted, as far as the reader may know them.
pub(super) type Names = BTreeMap<Uuid, ActorName>;

/// What kind of actor, as the log spells it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A member of staff.
    Staff,
    /// A customer.
    Customer,
    /// A program with an API key.
    Integration,
    /// Huike itself.
    System,
}

impl ActorKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Customer => "customer",
            Self::Integration => "integration",
            Self::System => "system",
        }
    }
}

/// What narrows the log.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only of things at or below this node.
    #[param(value_type = Option<Uuid>)]
    node_id: Option<NodeId>,
    /// Only by this kind of actor.
    #[param(inline)]
    actor_kind: Option<ActorKind>,
    /// Only by this member of staff or integration.
    actor_id: Option<Uuid>,
    /// Only actions that begin so: `coupon.` or `coupon_template.approve`.
    #[validate(length(min = 1, max = 60), custom(function = word_of_an_action))]
    #[param(example = "coupon_template.")]
    action: Option<String>,
    /// Only of things of this kind.
    #[validate(length(min = 1, max = 60))]
    #[param(example = "coupon_template")]
    subject_kind: Option<String>,
    /// Only of this thing.
    #[validate(length(min = 1, max = 200))]
    subject_id: Option<String>,
    /// Only of this request: `X-Request-Id` of its answer.
    #[validate(length(min = 1, max = 200))]
    request_id: Option<String>,
    /// Only from this moment on.
    from: Option<DateTime<Utc>>,
    /// Only before this moment.
    to: Option<DateTime<Utc>>,
}

/// Actions are lower-case words with dots between them.
fn word_of_an_action(text: &str) -> Result<(), ValidationError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.');
    if text.bytes().all(fits) {
        return Ok(());
    }
    Err(ValidationError::new("invalid").with_message(Cow::Borrowed("an action has lower-case letters, _ and .")))
}

impl AuditQuery {
    /// The names of the filters that were given, without their values: a search text may be anything.
    pub(super) fn narrowed_by(&self) -> Vec<&'static str> {
        let given = [
            ("node_id", self.node_id.is_some()),
            ("actor_kind", self.actor_kind.is_some()),
            ("actor_id", self.actor_id.is_some()),
            ("action", self.action.is_some()),
            ("subject_kind", self.subject_kind.is_some()),
            ("subject_id", self.subject_id.is_some()),
            ("request_id", self.request_id.is_some()),
            ("from", self.from.is_some()),
            ("to", self.to.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }
}

impl From<AuditQuery> for AuditFilter {
    fn from(query: AuditQuery) -> Self {
        Self {
            under: query.node_id,
            actor_kind: query.actor_kind.map(|kind| kind.word().to_owned()),
            actor: query.actor_id,
            action: query.action,
            subject_kind: query.subject_kind,
            subject: query.subject_id,
            request: query.request_id,
            from: query.from,
            to: query.to,
        }
    }
}

/// Who acted.
#[derive(Serialize, ToSchema)]
pub struct ActorView {
    /// `staff`, `integration`, `customer` or `system`.
    #[schema(example = "staff")]
    kind: &'static str,
    /// Who; null for Huike itself.
    id: Option<Uuid>,
    /// Their name; null where they belong to no node that you see.
    #[schema(example = "陈芳")]
    name: Option<String>,
    /// What staff sign in with; null where `name` is, and for integrations.
    #[schema(example = "chen.fang")]
    login: Option<String>,
}

/// A row of the audit log.
#[derive(Serialize, ToSchema)]
pub struct AuditView {
    /// Its id.
    id: AuditId,
    /// Its number in the chain; null until it is sealed, about a second after the act.
    seq: Option<i64>,
    /// Its hash in the chain; null until it is sealed.
    #[schema(example = "932dd96e08c21d9a6dc511eae96f24320cb53b3005487371a072bf549b966237")]
    hash: Option<String>,
    /// When.
    occurred_at: DateTime<Utc>,
    /// Who did it.
    actor: ActorView,
    /// What was done.
    #[schema(example = "coupon_template.approve")]
    action: String,
    /// What kind of thing was changed.
    #[schema(example = "coupon_template")]
    subject_kind: String,
    /// Which one.
    subject_id: String,
    /// The node whose thing it is.
    site_id: NodeId,
    /// The request that did it.
    request_id: String,
    /// What it was; null for something new.
    before: Option<Value>,
    /// What it is; null for something that is gone.
    after: Option<Value>,
    /// When `before` and `after` were taken out for good; the row itself stays.
    redacted_at: Option<DateTime<Utc>>,
}

impl AuditView {
    pub(super) fn new(row: AuditRow, names: &Names) -> Self {
        let name = row.actor.id().and_then(|id| names.get(&id));
        let part =
            |name: &str| row.payload.as_ref().and_then(|payload| payload.get(name)).filter(|it| !it.is_null()).cloned();
        Self {
            id: row.id,
            seq: row.seal.map(|seal| seal.seq),
            hash: row.seal.map(|seal| seal.hash.to_string()),
            occurred_at: row.occurred_at,
            actor: ActorView {
                kind: huike_kernel::Actor::kind(&row.actor),
                id: row.actor.id(),
                name: name.map(|actor| actor.name.clone()),
                login: name.and_then(|actor| actor.login.clone()),
            },
            before: part("before"),
            after: part("after"),
            action: row.action,
            subject_kind: row.subject_kind,
            subject_id: row.subject,
            site_id: row.site,
            request_id: row.request_id,
            redacted_at: row.redacted_at,
        }
    }
}

/// Why a payload is taken out.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "客户要求删除" }))]
pub struct RedactRequest {
    /// A sentence that stays in the log; not what is taken out.
    reason: RedactReason,
}

impl RedactRequest {
    pub(super) fn about(self, audit: AuditId) -> RedactAsk {
        RedactAsk { audit, reason: self.reason }
    }
}
