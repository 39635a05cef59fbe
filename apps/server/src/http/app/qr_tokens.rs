//! The QR code a customer shows at the counter.

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use huike_kernel::CouponId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::Created,
    auth::Customer,
    counter::{CounterDesk, QrToken},
    extract::Path,
    problem::Problem,
};

/// A QR code for one coupon: for a minute, and for one redemption.
#[derive(Serialize, ToSchema)]
pub struct QrTokenView {
    /// The text of the QR code.
    #[schema(example = "041G000000000000000000000002M0068X44KCY7004GJ289144GJ289144GK8VX2D498VXSW5PEGPQFEECCBQG")]
    token: String,
    /// The first moment it is no longer good; ask for another one before.
    expires_at: DateTime<Utc>,
}

impl From<QrToken> for QrTokenView {
    fn from(token: QrToken) -> Self {
        Self { token: token.text, expires_at: token.expires_at }
    }
}

/// `POST /coupons/{coupon_id}/qr-tokens`
pub async fn create(
    who: Customer,
    desk: Data<CounterDesk>,
    path: Path<CouponId>,
) -> Result<Created<QrTokenView>, Problem> {
    Ok(Created(desk.show(who.customer, *path).await?.into()))
}
