//! What integrations may offer.

use actix_web::web::{Data, Json};
use huike_access::Sight;
use huike_kernel::{Clock, NodeId, TemplateId};
use huike_persistence::{Store, scope, template_lists::TemplatePage};
use huike_usecases::UseCaseError;
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use crate::{
    auth::{Integration, scopes},
    extract::{Listing, Page, Path, Query},
    http::app::coupon_templates::{Offer, OfferView, find_offer, list_offers},
    problem::Problem,
};

/// Where.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfferQuery {
    /// The node that offers, at or below the key's; the key's own without it.
    #[param(value_type = Option<uuid::Uuid>)]
    site_id: Option<NodeId>,
}

/// Goes on if the node is within the key's reach.
fn reach(db: &mut huike_persistence::Db, scope: &huike_access::Scope, site: NodeId) -> Result<(), UseCaseError> {
    match scope::sight(db, scope, site)? {
        Sight::Permitted => Ok(()),
        Sight::Visible | Sight::Hidden => Err(UseCaseError::NotFound("node")),
    }
}

/// `GET /coupon-templates`
pub async fn list(
    key: Integration<scopes::TemplatesRead>,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    listing: Listing<OfferQuery>,
) -> Result<Json<Page<OfferView>>, Problem> {
    let Listing { page, filter } = listing;
    let wanted = TemplatePage { before: page.after()?, limit: page.fetch() };
    let (scope, site, now) = (key.scope.clone(), filter.site_id.unwrap_or(key.node), clock.now());
    let offers = store.read(move |db| {
        reach(db, &scope, site)?;
        list_offers(db, site, now, wanted)
    });
    let id = |offer: &Offer| offer.listed.template.id;
    Ok(Json(Page::cut(offers.await?, &page, id, |offer| offer.view(key.request.locale, now))))
}

/// `GET /coupon-templates/{template_id}`
pub async fn show(
    key: Integration<scopes::TemplatesRead>,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    path: Path<TemplateId>,
    query: Query<OfferQuery>,
) -> Result<Json<OfferView>, Problem> {
    let (scope, id, now) = (key.scope.clone(), *path, clock.now());
    let site = query.site_id.unwrap_or(key.node);
    let offer = store.read(move |db| {
        reach(db, &scope, site)?;
        find_offer(db, site, id)
    });
    Ok(Json(offer.await?.view(key.request.locale, now)))
}
