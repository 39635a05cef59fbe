//! The coupon centre (领券中心): what a customer may claim at the site they are visiting.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_coupons::{CardContext, Effect, Look, RuleCard, TemplateState, rule_card, rules::Validity};
use huike_kernel::{Clock, NodeId, TemplateId};
use huike_persistence::{
    Db, Store, scope,
    template_lists::{self, Listed, TemplatePage},
    templates,
};
use huike_usecases::{UseCaseError, templates::CardFacts};
use serde::Serialize;
use utoipa::ToSchema;

use super::coupon_view::words_of;
use crate::{
    auth::Customer,
    context::Locale,
    extract::{Listing, Page, Path},
    problem::Problem,
};

/// A template, as customers see it before they claim.
#[derive(Serialize, ToSchema)]
pub struct OfferView {
    /// Its id.
    id: TemplateId,
    /// Its name.
    #[schema(example = "满200减30")]
    name: String,
    /// What it gives.
    effect: Effect,
    /// The rules in plain words.
    rule_card: RuleCard,
    /// The card's look.
    look: Look,
    /// Where it stands.
    state: TemplateState,
    /// Whether there is any left.
    available: bool,
    /// From when on it may be claimed, where that is said.
    claim_from: Option<DateTime<Utc>>,
    /// The first moment too late to claim it, where that is said.
    claim_until: Option<DateTime<Utc>>,
    /// When it may be used.
    validity: Validity,
}

/// An offer with the names that its rule card needs.
pub struct Offer {
    /// The template under its live version.
    pub listed: Listed,
    facts: CardFacts,
}

impl Offer {
    /// Reads the names.
    pub fn load(db: &mut Db, listed: Listed) -> Result<Self, UseCaseError> {
        let facts = CardFacts::load(db, listed.template.site, &listed.version.rules)?;
        Ok(Self { listed, facts })
    }

    /// The view in that language.
    pub fn view(self, locale: Locale, now: DateTime<Utc>) -> OfferView {
        let Self { listed: Listed { template, version, stock }, facts } = self;
        let context = CardContext {
            zone: facts.zone,
            today: facts.zone.local(now).day,
            usable: None,
            included: &facts.included,
            excluded: &facts.excluded,
        };
        let available = stock.is_some_and(|stock| stock.accepting && stock.issued < stock.quantity);
        OfferView {
            id: template.id,
            name: template.name,
            rule_card: rule_card(&version.rules, &context, words_of(locale)),
            look: version.look,
            state: template.state,
            available,
            claim_from: version.rules.claim_window.map(|window| window.starts_at),
            claim_until: version.rules.claim_window.map(|window| window.ends_at),
            validity: version.rules.validity,
            effect: version.rules.effect,
        }
    }
}

/// What may be claimed at a site now, newest first.
pub fn list_offers(
    db: &mut Db,
    site: NodeId,
    now: DateTime<Utc>,
    page: TemplatePage,
) -> Result<Vec<Offer>, UseCaseError> {
    let path = scope::path_of(db, site)?;
    let listed = template_lists::list_claimable(db, &path, now, page)?;
    listed.into_iter().map(|listed| Offer::load(db, listed)).collect()
}

/// One template under its live version, if it belongs to the site or a node above and is good there.
pub fn find_offer(db: &mut Db, site: NodeId, id: TemplateId) -> Result<Offer, UseCaseError> {
    let path = scope::path_of(db, site)?;
    let missing = || UseCaseError::NotFound("template");
    let listed = template_lists::find(db, id)?.filter(|it| path.contains(&it.template.site)).ok_or_else(missing)?;
    let number = listed.template.live_version.ok_or_else(missing)?;
    let version = templates::get_version(db, id, number)?;
    if !version.rules.scope.covers(&path) {
        return Err(missing());
    }
    Offer::load(db, Listed { version, ..listed })
}

/// `GET /coupon-templates`
pub async fn list(
    who: Customer,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    listing: Listing,
) -> Result<Json<Page<OfferView>>, Problem> {
    let page = listing.page;
    let wanted = TemplatePage { before: page.after()?, limit: page.fetch() };
    let (site, now) = (who.site, clock.now());
    let offers = store.read(move |db| list_offers(db, site, now, wanted)).await?;
    let key = |offer: &Offer| offer.listed.template.id;
    Ok(Json(Page::cut(offers, &page, key, |offer| offer.view(who.request.locale, now))))
}

/// `GET /coupon-templates/{template_id}`
pub async fn show(
    who: Customer,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    path: Path<TemplateId>,
) -> Result<Json<OfferView>, Problem> {
    let (site, id, now) = (who.site, *path, clock.now());
    let offer = store.read(move |db| find_offer(db, site, id)).await?;
    Ok(Json(offer.view(who.request.locale, now)))
}
