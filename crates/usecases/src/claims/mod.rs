//! Claims (领取): a customer takes a coupon, or staff or an integration give one.
//!
//! The core takes several asks for one template at once, so that whoever collects asks for a hot template can hand them
//! over in one transaction: each ask is decided by itself, the rows they share are moved once for all of them, and who is
//! refused leaves nothing. A single claim is a batch of one.

mod batch;
mod counters;
mod facts;
mod gathered;
mod look;
mod offer;
mod once;
mod printed;
mod take;

use chrono::{DateTime, Utc};
use huike_coupons::{ChannelKind, ClaimGrant, CouponEdge};
use huike_kernel::{ChannelId, CouponId, CustomerId, NodeId, TemplateId};
use huike_persistence::{Db, channels, coupons::Coupon, events};
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::batch::Batch;
pub(crate) use self::{
    facts::standing_at,
    offer::{ClaimPlace, Offer},
    take::{stock_refusal, take_late_share},
};
pub use self::{
    gathered::{Claiming, Looking},
    look::{Closed, Look, closes, look_each},
    once::{OnceClaim, claim_once_each},
    printed::{CodeClaimAsk, claim_by_code, find_shared, hide_what_exists},
};
use crate::{
    Act, UseCaseError,
    codes::FreshCode,
    record::{self, Aggregate, Place},
};

/// One ask for one coupon of a template.
#[derive(Debug, Clone)]
pub struct ClaimAsk {
    /// Who gets it.
    pub customer: CustomerId,
    /// Where it is claimed.
    pub site: NodeId,
    /// The channel it comes through, if any.
    pub channel: Option<ChannelId>,
    /// The code it gets, made before the transaction.
    pub code: FreshCode,
}

/// A coupon that found its owner. Its code is not in here: this is kept with the idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// The coupon.
    pub coupon: CouponId,
    /// Its template.
    pub template: TemplateId,
    /// The version it was issued under.
    pub template_version: i64,
    /// Its owner.
    pub customer: CustomerId,
    /// Where it was claimed.
    pub site: NodeId,
    /// When it was claimed.
    pub claimed_at: DateTime<Utc>,
    /// The first moment of use.
    pub usable_from: DateTime<Utc>,
    /// The first moment too late.
    pub expires_at: DateTime<Utc>,
}

/// Claims one coupon of a live template.
pub fn claim(db: &mut Db, act: &Act<'_>, template: TemplateId, ask: &ClaimAsk) -> Result<Claimed, UseCaseError> {
    let mut answers = claim_batch(db, template, &[(act, ask)])?;
    answers.pop().unwrap_or(Err(UseCaseError::NotFound("template")))
}

/// What a channel's link leads to: the template, and the channel to claim it through.
pub fn find_link(db: &mut Db, link_token: &str) -> Result<(TemplateId, ChannelId), UseCaseError> {
    let channel = channels::find_by_link(db, link_token)?.filter(|channel| channel.kind != ChannelKind::CodeBatch);
    channel.map(|channel| (channel.template, channel.id)).ok_or(UseCaseError::NotFound("channel"))
}

/// Claims one coupon of a live template for each ask, in the order of arrival: whoever asks first is served first. The
/// outer error is the store's, or says that nobody can claim: then nothing may be kept.
pub fn claim_batch(
    db: &mut Db,
    template: TemplateId,
    asks: &[(&Act<'_>, &ClaimAsk)],
) -> Result<Vec<Result<Claimed, UseCaseError>>, UseCaseError> {
    let Some((first, _)) = asks.first() else {
        return Ok(Vec::new());
    };
    let offer = Offer::load(db, template, first.actor())?;
    let mut batch = Batch::plan(db, offer, asks)?;
    batch.take(db)?;
    Ok(batch.write(db, asks)?)
}

/// The event of a coupon that found its owner.
pub(crate) fn claimed_event(act: &Act<'_>, place: Place, coupon: &Coupon, edge: CouponEdge) -> events::NewEvent {
    let aggregate = Aggregate { kind: "coupon", id: coupon.id.as_uuid(), seq: coupon.version };
    let payload = json!({
        "template_id": coupon.template,
        "template_version": coupon.template_version,
        "customer_id": coupon.owner.map(|owner| owner.customer),
        "channel_id": coupon.channel,
        "batch_id": coupon.batch,
        "committed_fen": coupon.committed.fen(),
    });
    record::event(act, place, aggregate, edge.event_kind(), payload)
}

impl Claimed {
    fn of(coupon: &Coupon, customer: CustomerId, grant: ClaimGrant, now: DateTime<Utc>) -> Self {
        Self {
            coupon: coupon.id,
            template: coupon.template,
            template_version: coupon.template_version,
            customer,
            site: coupon.site,
            claimed_at: coupon.owner.map_or(now, |owner| owner.claimed_at),
            usable_from: grant.usable.starts_at,
            expires_at: grant.usable.ends_at,
        }
    }
}
