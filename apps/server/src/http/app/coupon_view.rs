//! What a customer sees of a coupon they hold.

use std::collections::{BTreeMap, btree_map::Entry};

use chrono::{DateTime, Utc};
use huike_coupons::{CardContext, CouponState, Effect, Look, RuleCard, rule_card};
use huike_kernel::{CouponId, NodeId, TemplateId, TimeWindow};
use huike_persistence::{
    Db, StoreError,
    coupons::Coupon,
    templates::{self, TemplateVersion},
};
use huike_usecases::{UseCaseError, templates::CardFacts};
use serde::Serialize;
use utoipa::ToSchema;

use crate::context::Locale;

/// A coupon in the wallet.
#[derive(Serialize, ToSchema)]
pub struct CouponSummary {
    /// Its id.
    id: CouponId,
    /// Its template.
    template_id: TemplateId,
    /// Its name.
    #[schema(example = "满200减30")]
    name: String,
    /// What it gives, in words.
    #[schema(example = "满¥200.00减¥30.00")]
    title: String,
    /// What it gives.
    effect: Effect,
    /// Where it stands.
    state: CouponState,
    /// Why it cannot be used although it is held, where the merchant stopped it.
    stopped: Option<String>,
    /// Where it was claimed.
    site_id: NodeId,
    /// When it was claimed.
    claimed_at: Option<DateTime<Utc>>,
    /// The first moment of use.
    usable_from: Option<DateTime<Utc>>,
    /// The first moment too late.
    expires_at: Option<DateTime<Utc>>,
    /// The card's look.
    look: Look,
}

/// A coupon with its code and its rules.
#[derive(Serialize, ToSchema)]
#[schema(as = HeldCouponView)]
pub struct CouponView {
    #[serde(flatten)]
    summary: CouponSummary,
    /// Its code, to be shown to a clerk.
    #[schema(example = "1000G-40R40-M30E2-09Y0A-SYD93")]
    code: String,
    /// Its rules in plain words.
    rule_card: RuleCard,
}

/// A coupon with the rules it was issued under.
pub struct Held {
    /// The coupon.
    pub coupon: Coupon,
    background: Background,
}

/// What coupons of one version share.
#[derive(Clone)]
struct Background {
    name: String,
    stopped: Option<String>,
    version: TemplateVersion,
    facts: CardFacts,
}

/// Reads what belongs to the coupons, once for those of one version.
pub fn load(db: &mut Db, coupons: Vec<Coupon>) -> Result<Vec<Held>, UseCaseError> {
    let mut known: BTreeMap<(TemplateId, i64), Background> = BTreeMap::new();
    let mut held = Vec::with_capacity(coupons.len());
    for coupon in coupons {
        let background = match known.entry((coupon.template, coupon.template_version)) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => unknown.insert(Background::load(db, &coupon)?).clone(),
        };
        held.push(Held { coupon, background });
    }
    Ok(held)
}

impl Background {
    fn load(db: &mut Db, coupon: &Coupon) -> Result<Self, UseCaseError> {
        let template = templates::find(db, coupon.template)?
            .ok_or_else(|| StoreError::corrupt("coupon", "its template is gone"))?;
        let version = templates::get_version(db, coupon.template, coupon.template_version)?;
        let facts = CardFacts::load(db, template.site, &version.rules)?;
        let stopped = template.killed.map(|(_, reason)| reason.to_string());
        Ok(Self { name: template.name, stopped, version, facts })
    }
}

impl Held {
    /// The coupon in a list.
    pub fn summary(self, locale: Locale, now: DateTime<Utc>) -> CouponSummary {
        let title = self.card(locale, now).title;
        CouponSummary {
            id: self.coupon.id,
            template_id: self.coupon.template,
            name: self.background.name,
            title,
            state: shown_state(&self.coupon, now),
            stopped: self.background.stopped,
            site_id: self.coupon.site,
            claimed_at: self.coupon.owner.map(|owner| owner.claimed_at),
            usable_from: self.coupon.usable_from,
            expires_at: self.coupon.expires_at,
            effect: self.background.version.rules.effect,
            look: self.background.version.look,
        }
    }

    /// The coupon by itself, with its code.
    pub fn view(self, code: String, locale: Locale, now: DateTime<Utc>) -> CouponView {
        let rule_card = self.card(locale, now);
        CouponView { code, rule_card, summary: self.summary(locale, now) }
    }

    fn card(&self, locale: Locale, now: DateTime<Utc>) -> RuleCard {
        let window = self.coupon.usable_from.zip(self.coupon.expires_at);
        let Background { version, facts, .. } = &self.background;
        let context = CardContext {
            zone: facts.zone,
            today: facts.zone.local(now).day,
            usable: window.map(|(starts_at, ends_at)| TimeWindow { starts_at, ends_at }),
            included: &facts.included,
            excluded: &facts.excluded,
        };
        rule_card(&version.rules, &context, words_of(locale))
    }
}

/// The language of a rule card.
pub fn words_of(locale: Locale) -> huike_coupons::Locale {
    match locale {
        Locale::Chinese => huike_coupons::Locale::Zh,
        Locale::English => huike_coupons::Locale::En,
    }
}

/// What has run out is expired to its holder, even before the job has looked at it.
fn shown_state(coupon: &Coupon, now: DateTime<Utc>) -> CouponState {
    let is_over = coupon.expires_at.is_some_and(|end| now >= end);
    if coupon.state == CouponState::Issued && is_over { CouponState::Expired } else { coupon.state }
}
