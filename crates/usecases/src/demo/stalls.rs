//! Offers as they stand on the market: each template with what is played with it.

use std::{collections::BTreeMap, rc::Rc};

use chrono::{DateTime, Utc};
use huike_coupons::{TemplateRules, redeem::Undo, template::Reason};
use huike_kernel::{ChannelId, Money, NodeId, StaffId, TemplateId};
use huike_persistence::{Db, bulk::StockTotals, code_batches::CodeBatch};

use super::{
    DemoCodes,
    desk::Desk,
    plan::{ChannelPlan, Life, OfferPlan, Owner},
    stage::{Stage, mistake},
    world::World,
};
use crate::UseCaseError;

/// An offer with everything that is played with it.
pub(super) struct Offer {
    pub(super) id: TemplateId,
    pub(super) plan: OfferPlan,
    pub(super) owner: NodeId,
    /// From the head to the owner.
    pub(super) owner_path: Vec<NodeId>,
    /// The rules by version, each with the moment from which coupons are issued under it.
    pub(super) editions: Vec<(DateTime<Utc>, Rc<TemplateRules>)>,
    /// Up to when it takes claims.
    pub(super) closes_at: Option<DateTime<Utc>>,
    pub(super) killed: Option<(DateTime<Utc>, Reason)>,
    pub(super) channels: Vec<(ChannelId, ChannelPlan)>,
    /// What each node may issue and has issued, where the total is split.
    pub(super) shares: BTreeMap<NodeId, (i64, i64)>,
    /// The batch of codes that was ordered.
    pub(super) batch: Option<CodeBatch>,
    pub(super) stock: StockTotals,
    /// When its budget was used up.
    pub(super) exhausted_at: Option<DateTime<Utc>>,
}

impl Offer {
    /// The version in force at the moment, and its rules; nothing where no claims are taken.
    pub(super) fn edition_at(&self, now: DateTime<Utc>) -> Option<(i64, Rc<TemplateRules>)> {
        if self.closes_at.is_some_and(|end| now >= end) || self.exhausted_at.is_some_and(|end| now >= end) {
            return None;
        }
        let (number, (_, rules)) = (1..).zip(&self.editions).filter(|(_, (from, _))| now >= *from).last()?;
        Some((number, Rc::clone(rules)))
    }

    /// The rules of a version.
    pub(super) fn rules(&self, number: i64) -> Option<Rc<TemplateRules>> {
        let index = usize::try_from(number - 1).ok()?;
        self.editions.get(index).map(|(_, rules)| Rc::clone(rules))
    }

    /// Why the kill switch is on at the moment, if it is.
    pub(super) fn killed_at(&self, now: DateTime<Utc>) -> Option<&Reason> {
        self.killed.as_ref().filter(|(at, _)| now >= *at).map(|(_, reason)| reason)
    }

    /// Whose share a coupon issued at the place counts on.
    pub(super) fn share_holder(&self, path: &[NodeId]) -> Option<NodeId> {
        path.iter().rev().find(|node| self.shares.contains_key(node)).copied()
    }
}

impl Offer {
    /// What was spent is free again, and the coupon's worst case is promised again, or where that does not fit any more
    /// what it cost. Says how much is promised.
    pub(super) fn promise_again(&mut self, version: i64, undo: &Undo, cost: Money) -> Money {
        let Some(budget) = self.rules(version).and_then(|rules| rules.budget) else { return Money::ZERO };
        let stock = &mut self.stock;
        stock.spent_fen -= cost.fen();
        let used = stock.spent_fen + stock.committed_fen;
        let fits = used + undo.recommit.fen() <= budget.total.fen();
        let promised = if fits { undo.recommit } else { undo.recommit_least };
        stock.committed_fen += promised.fen();
        promised
    }
}

/// Opens an offer, as far as its life has brought it.
pub(super) fn open(
    db: &mut Db,
    stage: &mut Stage,
    (world, codes): (&World, &dyn DemoCodes),
    plan: OfferPlan,
) -> Result<Offer, UseCaseError> {
    let (owner, owner_path, maker) = owner_of(world, plan.owner)?;
    let desk = Desk { world, owner, maker };
    let since = first_day(&plan);
    let id = desk.draft(db, stage, &plan, since - 4)?;
    let mut offer = Offer {
        id,
        owner,
        owner_path,
        editions: Vec::new(),
        closes_at: None,
        killed: None,
        channels: Vec::new(),
        shares: BTreeMap::new(),
        batch: None,
        stock: StockTotals::default(),
        exhausted_at: None,
        plan,
    };
    desk.live(db, stage, codes, (&mut offer, since))?;
    Ok(offer)
}

/// The day it went live, or would have been worked on.
fn first_day(plan: &OfferPlan) -> i64 {
    match plan.life {
        Life::Draft | Life::InReview | Life::Rejected(_) | Life::Approved => -1,
        Life::Live(from)
        | Life::Alone(from)
        | Life::Paused(from, _)
        | Life::Killed(from, _, _)
        | Life::Ended(from, _)
        | Life::Exhausted(from)
        | Life::Revised(from, _) => from,
    }
}

fn owner_of(world: &World, owner: Owner) -> Result<(NodeId, Vec<NodeId>, StaffId), UseCaseError> {
    let missing = |code: &str| mistake(code, &"is nowhere");
    match owner {
        Owner::Head => Ok((world.head, vec![world.head], world.team.marketer)),
        Owner::Region(code) => {
            let region = world.regions.iter().find(|region| region.code == code).ok_or_else(|| missing(code))?;
            Ok((region.id, vec![world.head, region.id], region.marketer))
        }
        Owner::Site(code) => {
            let site = world.site(code).ok_or_else(|| missing(code))?;
            Ok((site.id, site.path.clone(), site.operator))
        }
    }
}
