//! Making one coupon void (作废).

use huike_access::Permission;
use huike_coupons::{CouponEdge, CouponState, template::Reason};
use huike_kernel::CouponId;
use huike_persistence::{Db, code_batches, coupons, templates};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Act, UseCaseError,
    ends::{self, Zones, end_all},
    record::{self, Change},
};

/// A coupon that was made void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voided {
    /// The coupon.
    pub coupon: CouponId,
    /// Counts its edges.
    pub version: i64,
}

/// Makes a coupon void. What it took from limits and the budget is given back; it stays counted as issued.
pub fn void_coupon(db: &mut Db, act: &Act<'_>, id: CouponId, reason: &Reason) -> Result<Voided, UseCaseError> {
    let coupon = coupons::lock(db, id)?.ok_or(UseCaseError::NotFound("coupon"))?;
    act.reach(db, coupon.site, Permission::CouponVoid, "coupon")?;
    // Refuses before anything is given back.
    coupon.state.after(CouponEdge::Void, coupon.owner.is_some())?;
    let version = templates::get_version(db, coupon.template, coupon.template_version)?;
    let batch = coupon.batch.map(|id| code_batches::find(db, id)).transpose()?.flatten();
    let issued_at = batch.map_or(coupon.site, |batch| batch.site);
    let zone = Zones::default().place(db, issued_at)?.zone;
    ends::give_back(db, coupon.template, ends::taken_by(&coupon, &version.rules, zone))?;
    end_all(db, act, std::slice::from_ref(&coupon), (CouponEdge::Void, &json!(reason.as_str())))?;
    let change = Change {
        action: "coupon.void",
        subject_kind: "coupon",
        subject: id.to_string(),
        before: json!({ "state": coupon.state }),
        after: json!({ "state": CouponState::Voided, "reason": reason.as_str() }),
    };
    record::audit(db, act, coupon.site, change)?;
    Ok(Voided { coupon: id, version: coupon.version + 1 })
}
