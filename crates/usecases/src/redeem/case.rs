//! A coupon at a counter with all that decides about it.

use huike_coupons::{
    CounterAsk, CounterRedemption, CouponError, CouponState, HeldCoupon, RedeemError, Standing, TemplateRules,
    decide_counter_redeem,
    limits::{CounterFacts, CounterMove, moves_for_redemption},
    redeem::Winner,
};
use huike_kernel::{CustomerId, Money, NodeId};
use huike_persistence::{
    Db, Outcome, StoreError,
    coupons::Coupon,
    customer_redemptions, nodes, redemptions, scope, standing, store_days,
    templates::{self, Template},
};
use huike_sites::{SitesError, decide_place};

use super::{Counter, desk::Desk, show::Hold};
use crate::{Act, UseCaseError};

/// Where and by whom a coupon is shown.
pub(super) struct Scene<'a> {
    pub(super) act: &'a Act<'a>,
    pub(super) desk: &'a Desk,
    pub(super) counter: &'a Counter,
}

/// The coupon, under the version of the rules it was issued under.
pub(super) struct Case {
    pub(super) coupon: Coupon,
    pub(super) template: Template,
    pub(super) rules: TemplateRules,
    /// Whether the template's owner is above the store and its rules name the store.
    store_in_scope: bool,
}

impl Case {
    /// Loads what is known of the coupon. One whose template belongs to another branch of the tree is foreign here:
    /// nothing about it is told.
    pub(super) fn load(db: &mut Db, desk: &Desk, coupon: Coupon) -> Result<Self, UseCaseError> {
        let owner_path = scope::path_of(db, coupon.template_site)?;
        let rules = templates::get_version(db, coupon.template, coupon.template_version)?.rules;
        let lawful = decide_place(&owner_path, &desk.path, &rules.scope.include_nodes, &rules.scope.exclude_nodes);
        if lawful == Err(SitesError::PlaceOutsideOwner) {
            return Err(CouponError::from(RedeemError::CodeForeign).into());
        }
        let template = templates::find(db, coupon.template)?
            .ok_or_else(|| StoreError::corrupt("coupon", "its template is gone"))?;
        Ok(Self { coupon, template, rules, store_in_scope: lawful.is_ok() })
    }

    /// Decides the redemption. With [`Hold::Lock`] the customer's count of redemptions has moved when it is granted.
    pub(super) fn decide(
        &self,
        db: &mut Db,
        scene: &Scene<'_>,
        order_amount: Option<Money>,
        hold: Hold,
    ) -> Result<CounterRedemption, UseCaseError> {
        let Scene { act, desk, counter } = *scene;
        let day = desk.store.zone.local(act.now).day;
        let ask = CounterAsk {
            now: act.now,
            zone: desk.store.zone,
            calendar: &counter.calendar,
            order_amount,
            store_in_scope: self.store_in_scope,
            killed: self.template.killed.as_ref().map(|(_, reason)| reason),
            // Asked of the access crate before, with the caller's roles.
            clerk_is_owner: false,
            customer: self.standing(db, desk, hold)?,
            day_signed: store_days::find(db, desk.store.id, day)?.is_some_and(|day| day.signed.is_some()),
            winner: self.winner(db)?,
        };
        Ok(decide_counter_redeem(&self.rules, &held(&self.coupon), &ask)?)
    }

    /// How the owner stands. When the coupon is locked, whether they are new is decided by the guarded count itself: of
    /// two coupons for new customers that are redeemed at once, one comes second.
    fn standing(&self, db: &mut Db, desk: &Desk, hold: Hold) -> Result<Standing, UseCaseError> {
        let usable = matches!(self.coupon.state, CouponState::Unclaimed | CouponState::Issued);
        let Some(owner) = self.coupon.owner.map(|owner| owner.customer).filter(|_| usable) else {
            // Nobody's, or refused for its state: nothing is asked of the owner, and nothing counted.
            return Ok(Standing { blocked: false, is_new: false, in_segment: None });
        };
        let counted = match hold {
            Hold::Lock => Some(customer_redemptions::add(db, owner, self.rules.audience.new_customer_only)?),
            Hold::Look => None,
        };
        // Erased customers have no standing and nothing to block.
        let known = standing::list(db, &[owner])?.remove(&owner).unwrap_or_default();
        Ok(Standing {
            blocked: known.blocked_by_brand || desk.path.iter().any(|node| known.blocked_at.contains(node)),
            is_new: counted.map_or(known.active_redemptions == 0, |outcome| outcome == Outcome::Applied),
            in_segment: None,
        })
    }

    /// Who came first, where somebody did.
    pub(super) fn winner(&self, db: &mut Db) -> Result<Option<Winner>, StoreError> {
        if self.coupon.state != CouponState::Redeemed {
            return Ok(None);
        }
        let Some(first) = redemptions::find_active(db, self.coupon.id)? else {
            return Ok(None);
        };
        let store_name = nodes::find(db, first.store)?.map_or_else(String::new, |store| store.name.to_string());
        Ok(Some(Winner { redeemed_at: first.redeemed_at, store: first.store, store_name }))
    }

    /// The counters a redemption moves.
    pub(super) fn moves(&self, facts: &CounterFacts, cost: Money, order_amount: Option<Money>) -> Vec<CounterMove> {
        moves_for_redemption(&self.rules, facts, cost, order_amount)
    }
}

/// Who redeems where and when, as counters see it. Made of what the redemption's row keeps, so that an undo moves the
/// same counters back.
pub(super) fn counter_facts(
    coupon: &Coupon,
    customer: Option<CustomerId>,
    (site, store): (NodeId, NodeId),
    day: chrono::NaiveDate,
) -> CounterFacts {
    CounterFacts { template: coupon.template, code: Some(coupon.id.as_uuid()), customer, site, store: Some(store), day }
}

/// The coupon as the domain sees it.
pub(super) fn held(coupon: &Coupon) -> HeldCoupon {
    HeldCoupon {
        state: coupon.state,
        owner: coupon.owner.map(|owner| owner.customer),
        usable_from: coupon.usable_from,
        expires_at: coupon.expires_at,
        committed: coupon.committed,
    }
}
