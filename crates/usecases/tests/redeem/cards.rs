//! Templates, customers and coupons, put in place as claims would leave them.

use std::sync::{Arc, atomic::AtomicU64};

use chrono::{DateTime, TimeDelta, Utc};
use huike_access::Scope;
use huike_coupons::{
    CouponEdge, CouponState, Effect, Look, TemplateRules, TemplateState, VersionState,
    codes::{CodeProof, CodeShape},
    rules::Validity,
};
use huike_kernel::{Actor, CouponId, CustomerId, NodeId, StaffId, TemplateId, Zone};
use huike_persistence::{
    Db, Outcome,
    coupons::{self, Coupon, Ownership, StoredCode},
    customers,
    stock::{self, Stock, Take},
    templates::{self, Template, TemplateVersion},
};
use huike_usecases::{
    Act, Caller, UseCaseError,
    codes::EnteredCode,
    record::{self, Aggregate, Place},
};
use serde_json::json;
use uuid::Uuid;

use crate::brand::{Brand, Ids, id, noon, yuan};

/// A template with the rules its coupons are issued under.
#[derive(Clone)]
pub(crate) struct Offer {
    pub(crate) id: TemplateId,
    pub(crate) site: NodeId,
    pub(crate) rules: TemplateRules,
}

/// One coupon and its code.
#[derive(Clone)]
pub(crate) struct Card {
    pub(crate) id: CouponId,
    pub(crate) code: EnteredCode,
}

pub(crate) fn amount_off(amount: &str, threshold: &str) -> TemplateRules {
    let effect = Effect::AmountOff { amount: yuan(amount), threshold: yuan(threshold) };
    let ends_at = noon() + TimeDelta::days(30);
    TemplateRules::new(effect, 1_000, Validity::Fixed { starts_at: noon() - TimeDelta::days(1), ends_at })
}

impl Brand {
    /// A live template of a node.
    pub(crate) fn offer_of(&self, site: NodeId, rules: TemplateRules) -> Offer {
        rules.validate().unwrap();
        let offer = Offer { id: TemplateId::from_uuid(self.next_id()), site, rules };
        let inserted = offer.clone();
        self.write(move |db, now| insert_offer(db, &inserted, now));
        offer
    }

    pub(crate) fn offer(&self, rules: TemplateRules) -> Offer {
        self.offer_of(self.head, rules)
    }

    pub(crate) fn customer(&self) -> CustomerId {
        let customer = CustomerId::from_uuid(self.next_id());
        let head = self.head;
        let done = self.write(move |db, now| Ok(customers::insert(db, customer, head, None, now)?));
        assert_eq!(done, Outcome::Applied);
        customer
    }

    /// A coupon of the offer, claimed at site A by the customer; a printed code where there is none.
    pub(crate) fn card(&self, offer: &Offer, owner: Option<CustomerId>) -> Card {
        let number = self.next_id();
        let mut lookup = [0; 32];
        for (slot, byte) in lookup.iter_mut().zip(number.as_bytes()) {
            *slot = *byte;
        }
        let code = EnteredCode { lookup, shape: CodeShape::Signed, proof: CodeProof::Genuine };
        let card = Card { id: CouponId::from_uuid(number), code };
        let (offer, site, event) = (offer.clone(), self.site_a, self.next_id());
        self.write(move |db, now| insert_card(db, (number, lookup), &offer, (site, owner), (event, now)));
        card
    }
}

fn insert_offer(db: &mut Db, offer: &Offer, now: DateTime<Utc>) -> Result<(), UseCaseError> {
    let (maker, reviewer) = (StaffId::from_uuid(id(31)), StaffId::from_uuid(id(32)));
    let template = Template {
        id: offer.id,
        site: offer.site,
        name: "满减券".to_owned(),
        kind: "amount_off".to_owned(),
        state: TemplateState::Live,
        live_version: Some(1),
        newest_version: 1,
        killed: None,
        version: 1,
        created_by: maker,
        created_at: now,
        updated_at: now,
    };
    let version = TemplateVersion {
        template: offer.id,
        number: 1,
        site: offer.site,
        rules: offer.rules.clone(),
        look: Look::default(),
        state: VersionState::Live,
        unreviewed: false,
        makers: vec![maker],
        created: (maker, now),
        submitted: Some((maker, now)),
        reviewed: Some((reviewer, now)),
        reject_reason: None,
    };
    templates::insert(db, &template, &version)?;
    let budget = offer.rules.budget.map(|budget| budget.total);
    stock::insert(db, &Stock::new(offer.id, offer.site, offer.rules.quantity, budget))?;
    assert_eq!(stock::set_accepting(db, offer.id, true)?, Outcome::Applied);
    Ok(())
}

fn insert_card(
    db: &mut Db,
    (number, lookup): (Uuid, [u8; 32]),
    offer: &Offer,
    (site, owner): (NodeId, Option<CustomerId>),
    (event, now): (Uuid, DateTime<Utc>),
) -> Result<(), UseCaseError> {
    let zone = Zone::default();
    let local = zone.local(now);
    let usable = offer.rules.validity.window_for(now, &zone);
    let committed = offer.rules.committed_at_issue();
    let coupon = Coupon {
        id: CouponId::from_uuid(number),
        site,
        template_site: offer.site,
        template: offer.id,
        template_version: 1,
        state: if owner.is_some() { CouponState::Issued } else { CouponState::Unclaimed },
        owner: owner.map(|customer| Ownership { customer, claimed_at: now, day: local.day, hour: local.hour }),
        channel: None,
        batch: None,
        code: StoredCode { shape: CodeShape::Signed, lookup: lookup.to_vec(), sealed: vec![0] },
        usable_from: Some(usable.starts_at),
        expires_at: Some(usable.ends_at),
        committed,
        issued_at: now,
        version: 1,
    };
    coupons::insert_many(db, &[coupon])?;
    let take = Take { issued: 1, claimed: i64::from(owner.is_some()), committed };
    assert_eq!(stock::take(db, offer.id, take)?, Outcome::Applied);
    let edge = if owner.is_some() { CouponEdge::Claim } else { CouponEdge::Print };
    let caller = Caller {
        actor: Actor::System,
        scope: Scope::default(),
        request_id: "test".to_owned(),
        ids: Arc::new(Ids(AtomicU64::new(u64::try_from(event.as_u128() & 0xffff_ffff).unwrap() + 1_000_000))),
    };
    let act: Act<'_> = caller.act(now);
    let aggregate = Aggregate { kind: "coupon", id: number, seq: 1 };
    Ok(record::emit(db, &act, Place { site, zone }, aggregate, (edge.event_kind(), json!({})))?)
}
