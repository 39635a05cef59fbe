//! What a second person is needed for (审核), asked of the policy in force: shared by everything that is reviewed.

use huike_access::{ReviewAsk, ReviewOutcome, ReviewPolicy, ReviewRights, Role, decide_review};
use huike_kernel::{Money, NodeId, StaffId};
use huike_persistence::{Db, holders, scope, staff};

use crate::{UseCaseError, policy::review_policy};

/// Work that somebody wants to let pass.
pub(crate) struct Work<'a> {
    /// The node that owns it.
    pub(crate) owner: NodeId,
    /// Everybody who wrote on it.
    pub(crate) makers: &'a [StaffId],
    /// What it can cost at the very worst; `None` if nothing bounds it.
    pub(crate) worst_case: Option<Money>,
}

/// How it passes.
pub(crate) struct Judged {
    /// How that is recorded.
    pub(crate) outcome: ReviewOutcome,
    /// It is the work of a one-person shop, where a budget is the only net.
    pub(crate) is_alone: bool,
}

/// Asks the policy in force at the owner. The reviewer, their roles and their colleagues are read here, in the
/// transaction, and not taken from the credential: a role that was taken away does not count, and a colleague who was
/// added does.
pub(crate) fn judge(
    db: &mut Db,
    work: &Work<'_>,
    reviewer: StaffId,
    rights: ReviewRights,
) -> Result<Judged, UseCaseError> {
    let person = staff::find(db, reviewer)?.ok_or(UseCaseError::NotFound("member of staff"))?;
    person.state.decide_sign_in()?;
    let policy = review_policy(db, work.owner)?;
    let path = scope::path_of(db, work.owner)?;
    let bindings = staff::list_roles(db, reviewer)?;
    let roles: Vec<Role> =
        bindings.into_iter().filter(|binding| path.contains(&binding.node)).map(|binding| binding.role).collect();
    let outcome = decide_review(&ReviewAsk {
        policy,
        rights,
        makers: work.makers,
        reviewer,
        reviewer_roles: &roles,
        worst_case_cost: work.worst_case,
        other_approvers: holders::count_others(db, rights.approve, work.owner, reviewer)?,
    })?;
    let is_alone = outcome == ReviewOutcome::Unreviewed && matches!(policy, ReviewPolicy::SelfPublish { .. });
    Ok(Judged { outcome, is_alone })
}
