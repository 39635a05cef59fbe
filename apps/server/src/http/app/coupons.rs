//! The wallet (卡包).

use actix_web::web::{Data, Json};
use huike_kernel::{Clock, CouponId};
use huike_persistence::{
    Store, coupons,
    wallet::{self, WalletKey, WalletSide},
};
use huike_usecases::UseCaseError;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::coupon_view::{self, CouponSummary, CouponView};
use crate::{
    auth::Customer,
    codes::CodeMint,
    extract::{Listing, Page, Path},
    problem::Problem,
};

/// A side of the wallet.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// 可用: usable now or later, the soonest to expire first.
    #[default]
    Usable,
    /// 已使用: redeemed.
    Used,
    /// 已失效: expired, void or given away.
    Over,
}

/// Which coupons.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WalletQuery {
    /// The side of the wallet.
    #[serde(default)]
    #[param(inline)]
    side: Side,
}

/// `GET /coupons`
pub async fn list(
    who: Customer,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    listing: Listing<WalletQuery>,
) -> Result<Json<Page<CouponSummary>>, Problem> {
    let Listing { page, filter } = listing;
    let side = match filter.side {
        Side::Usable => WalletSide::Usable,
        Side::Used => WalletSide::Used,
        Side::Over => WalletSide::Over,
    };
    let (customer, now, after, limit) = (who.customer, clock.now(), page.after::<WalletKey>()?, page.fetch());
    let held = store.read(move |db| {
        let coupons = wallet::list(db, customer, (side, now), after, limit)?;
        coupon_view::load(db, coupons)
    });
    let key = |held: &coupon_view::Held| (held.coupon.expires_at, held.coupon.id);
    Ok(Json(Page::cut(held.await?, &page, key, |held| held.summary(who.request.locale, now))))
}

/// `GET /coupons/{coupon_id}`
pub async fn show(
    who: Customer,
    store: Data<Store>,
    mint: Data<CodeMint>,
    clock: Data<dyn Clock>,
    path: Path<CouponId>,
) -> Result<Json<CouponView>, Problem> {
    let (customer, id, now) = (who.customer, *path, clock.now());
    let held = store.read(move |db| {
        let own = coupons::find(db, id)?.filter(|it| it.owner.is_some_and(|owner| owner.customer == customer));
        let coupon = own.ok_or(UseCaseError::NotFound("coupon"))?;
        Ok::<_, UseCaseError>(coupon_view::load(db, vec![coupon])?.pop())
    });
    let held = held.await?.ok_or_else(Problem::not_found)?;
    let code = mint.show(id, &held.coupon.code.sealed).ok_or_else(|| {
        tracing::error!(coupon.id = %id, "the code of a coupon cannot be opened");
        Problem::internal()
    })?;
    Ok(Json(held.view(code, who.request.locale, now)))
}
