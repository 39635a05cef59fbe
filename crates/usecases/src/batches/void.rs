//! Making a batch void (作废): its unclaimed codes end; those that found an owner or were redeemed stand.

use huike_access::Permission;
use huike_coupons::{CouponEdge, template::Reason};
use huike_kernel::CodeBatchId;
use huike_persistence::{
    Db, StoreError,
    code_batches::{self, BatchState},
    coupon_batches,
    jobs::{self, Job, NewJob},
    templates,
};
use serde_json::{Value, json};

use super::{VOID_JOB, audit, enqueue, finish, make::save, still_held};
use crate::{
    Act, UseCaseError,
    ends::{self, Zones, end_all},
};

/// Stops a batch and has its unclaimed codes made void.
pub fn void_batch(db: &mut Db, act: &Act<'_>, id: CodeBatchId, reason: &Reason) -> Result<(), UseCaseError> {
    let mut batch = code_batches::lock(db, id)?.ok_or(UseCaseError::NotFound("code batch"))?;
    act.reach(db, batch.site, Permission::CouponVoid, "code batch")?;
    if batch.state == BatchState::Voided {
        return Ok(());
    }
    let before = json!({ "state": batch.state.as_str(), "made": batch.made });
    batch.state = BatchState::Voided;
    save(db, &batch)?;
    let payload = json!({ "batch_id": id, "reason": reason.as_str() });
    let job = NewJob { id: act.new_id(), site: batch.site, kind: VOID_JOB, payload, due_at: act.now };
    enqueue(db, act, &job)?;
    let after = json!({ "state": batch.state.as_str(), "reason": reason.as_str() });
    Ok(audit(db, act, &batch, "code_batch.void", (before, after))?)
}

/// Makes so many unclaimed codes of a voided batch void and gives back what they hold. Says how many it found: fewer than
/// `limit` are the last ones, and the job has ended with them.
pub fn void_chunk(db: &mut Db, act: &Act<'_>, held: &Job, limit: i64) -> Result<usize, UseCaseError> {
    still_held(jobs::hold(db, held, act.now, crate::jobs::LEASE)?)?;
    let id: CodeBatchId = held
        .payload
        .get("batch_id")
        .and_then(Value::as_str)
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| StoreError::corrupt("job", "it names no batch"))?;
    let batch = code_batches::find(db, id)?.ok_or(UseCaseError::NotFound("code batch"))?;
    let coupons = coupon_batches::lock_unclaimed(db, id, limit)?;
    let version = templates::get_version(db, batch.template, batch.template_version)?;
    let zone = Zones::default().place(db, batch.site)?.zone;
    let taken = coupons.iter().flat_map(|coupon| ends::taken_by(coupon, &version.rules, zone)).collect();
    ends::give_back(db, batch.template, taken)?;
    let why = held.payload.get("reason").cloned().unwrap_or(Value::Null);
    end_all(db, act, &coupons, (CouponEdge::Void, &why))?;
    if i64::try_from(coupons.len()).unwrap_or(i64::MAX) < limit {
        finish(db, act, held)?;
    }
    Ok(coupons.len())
}
