//! Coupons, as integrations see them: never with their code.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_access::Sight;
use huike_coupons::CouponState;
use huike_kernel::{ChannelId, CouponId, CustomerId, NodeId, TemplateId};
use huike_persistence::{Store, coupons, coupons::Coupon, scope};
use huike_usecases::UseCaseError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::{Integration, scopes},
    extract::Path,
    problem::Problem,
};

/// A coupon.
#[derive(Serialize, ToSchema)]
#[schema(as = IntegrationCouponView)]
pub struct CouponView {
    /// Its id.
    id: CouponId,
    /// Its template.
    template_id: TemplateId,
    /// The version it was issued under.
    template_version: i64,
    /// Where it stands.
    state: CouponState,
    /// Its owner, once claimed.
    customer_id: Option<CustomerId>,
    /// Where it was claimed, or the node it was printed for.
    site_id: NodeId,
    /// The channel it came through.
    channel_id: Option<ChannelId>,
    /// When it was claimed.
    claimed_at: Option<DateTime<Utc>>,
    /// The first moment of use.
    usable_from: Option<DateTime<Utc>>,
    /// The first moment too late.
    expires_at: Option<DateTime<Utc>>,
}

impl From<Coupon> for CouponView {
    fn from(coupon: Coupon) -> Self {
        Self {
            id: coupon.id,
            template_id: coupon.template,
            template_version: coupon.template_version,
            state: coupon.state,
            customer_id: coupon.owner.map(|owner| owner.customer),
            site_id: coupon.site,
            channel_id: coupon.channel,
            claimed_at: coupon.owner.map(|owner| owner.claimed_at),
            usable_from: coupon.usable_from,
            expires_at: coupon.expires_at,
        }
    }
}

/// `GET /coupons/{coupon_id}`
pub async fn show(
    key: Integration<scopes::CouponsRead>,
    store: Data<Store>,
    path: Path<CouponId>,
) -> Result<Json<CouponView>, Problem> {
    let (reach, id) = (key.scope.clone(), *path);
    let coupon = store.read(move |db| {
        let missing = || UseCaseError::NotFound("coupon");
        let coupon = coupons::find(db, id)?.ok_or_else(missing)?;
        match scope::sight(db, &reach, coupon.site)? {
            Sight::Permitted => Ok(coupon),
            Sight::Visible | Sight::Hidden => Err(missing()),
        }
    });
    Ok(Json(coupon.await?.into()))
}
