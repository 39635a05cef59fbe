//! When a second person is needed.

use huike_kernel::{Money, StaffId};
use serde::{Deserialize, Serialize};

use crate::{AccessError, Permission, Role};

/// How work is reviewed at a node (审核策略). The same JSON is the value of the setting `review_policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReviewPolicy {
    /// Somebody else reviews, always.
    // With braces, here and wherever there is a tag inside: serde lets a variant without them take unknown members.
    Required {},
    /// Up to the amount the maker needs nobody; above it somebody else reviews.
    AboveAmount {
        /// The worst case that still needs nobody.
        amount: Money,
    },
    /// The one-person shop (一人店): the owner publishes alone, as long as nobody else could approve.
    SelfPublish {
        /// The worst case that may be published so.
        budget_cap: Money,
    },
}

impl Default for ReviewPolicy {
    fn default() -> Self {
        Self::Required {}
    }
}

/// How a piece of work came through review. It stays with the work: unreviewed is shown as such (未经复核).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
pub enum ReviewOutcome {
    /// A second person looked at it.
    Reviewed,
    /// Nobody but the maker did, and the policy allowed it.
    Unreviewed,
}

/// The permissions that matter to a kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewRights {
    /// What a second person needs.
    pub approve: Permission,
    /// What a maker needs, where the policy lets them alone.
    pub publish: Permission,
}

impl ReviewRights {
    /// Of coupon templates.
    pub const COUPONS: Self = Self { approve: Permission::CouponApprove, publish: Permission::CouponPublish };
    /// Of offers.
    pub const OFFERS: Self = Self { approve: Permission::OfferApprove, publish: Permission::OfferPublish };
}

/// Everything a review is decided from.
#[derive(Debug, Clone, Copy)]
pub struct ReviewAsk<'a> {
    /// The policy in force at the node that owns the work.
    pub policy: ReviewPolicy,
    /// What it takes to let this kind of work pass.
    pub rights: ReviewRights,
    /// Everybody who wrote on this version: the author, and whoever changed the draft.
    pub makers: &'a [StaffId],
    /// Who wants to let it pass.
    pub reviewer: StaffId,
    /// The roles the reviewer holds at the node that owns the work, or above it.
    pub reviewer_roles: &'a [Role],
    /// What it can cost at the very worst; `None` if nothing bounds it.
    pub worst_case_cost: Option<Money>,
    /// How many active people other than the reviewer may approve at the node or above it.
    pub other_approvers: usize,
}

/// Decides whether the work passes, and how that is recorded.
///
/// ```
/// use huike_access::{AccessError, ReviewAsk, ReviewPolicy, ReviewRights, Role, decide_review};
///
/// let me = "00000000-0000-7000-8000-000000000001".parse().unwrap();
/// let ask = ReviewAsk {
///     policy: ReviewPolicy::Required {},
///     rights: ReviewRights::COUPONS,
///     makers: &[me],
///     reviewer: me,
///     reviewer_roles: &[Role::Owner, Role::Approver],
///     worst_case_cost: None,
///     other_approvers: 1,
/// };
/// assert_eq!(decide_review(&ask), Err(AccessError::ReviewOwnWork));
/// ```
pub fn decide_review(ask: &ReviewAsk<'_>) -> Result<ReviewOutcome, AccessError> {
    if ask.makers.contains(&ask.reviewer) {
        return decide_alone(ask).map(|()| ReviewOutcome::Unreviewed);
    }
    need(ask.reviewer_roles, ask.rights.approve)?;
    Ok(ReviewOutcome::Reviewed)
}

/// Whether a maker may let their own work pass.
fn decide_alone(ask: &ReviewAsk<'_>) -> Result<(), AccessError> {
    match ask.policy {
        ReviewPolicy::Required {} => Err(AccessError::ReviewOwnWork),
        ReviewPolicy::AboveAmount { amount } => {
            need(ask.reviewer_roles, ask.rights.publish)?;
            if ask.worst_case_cost.is_none_or(|cost| cost > amount) {
                return Err(AccessError::ReviewAboveAmount { amount });
            }
            Ok(())
        }
        ReviewPolicy::SelfPublish { budget_cap } => {
            if !ask.reviewer_roles.contains(&Role::Owner) {
                return Err(AccessError::ReviewOwnerOnly);
            }
            if ask.other_approvers > 0 {
                return Err(AccessError::ReviewTeamExists);
            }
            let Some(cost) = ask.worst_case_cost else {
                return Err(AccessError::ReviewBudgetMissing);
            };
            if cost > budget_cap {
                return Err(AccessError::ReviewBudgetOverCap { cap: budget_cap });
            }
            Ok(())
        }
    }
}

fn need(roles: &[Role], permission: Permission) -> Result<(), AccessError> {
    if !roles.iter().any(|role| permission.is_held_by(*role)) {
        return Err(AccessError::PermissionDenied { permission });
    }
    Ok(())
}

/// Decides an act that always takes two people where there are two: a late undo, a manual adjustment, a payout.
///
/// `others_able` counts the active people other than the maker who could confirm. Only when there is nobody may the maker
/// confirm alone, and then it is recorded as unreviewed.
pub fn decide_second_person(
    maker: StaffId,
    confirmer: StaffId,
    others_able: usize,
) -> Result<ReviewOutcome, AccessError> {
    if maker != confirmer {
        return Ok(ReviewOutcome::Reviewed);
    }
    if others_able > 0 {
        return Err(AccessError::SecondPersonMissing);
    }
    Ok(ReviewOutcome::Unreviewed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn staff(n: u8) -> StaffId {
        format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    fn yuan(yuan: i64) -> Money {
        Money::from_fen(yuan * 100)
    }

    const ABOVE_500: ReviewPolicy = ReviewPolicy::AboveAmount { amount: Money::from_fen(50_000) };
    const SELF_PUBLISH: ReviewPolicy = ReviewPolicy::SelfPublish { budget_cap: Money::from_fen(200_000) };

    fn alone(
        policy: ReviewPolicy,
        roles: &[Role],
        cost: Option<Money>,
        others: usize,
    ) -> Result<ReviewOutcome, AccessError> {
        decide_review(&ReviewAsk {
            policy,
            rights: ReviewRights::COUPONS,
            makers: &[staff(1)],
            reviewer: staff(1),
            reviewer_roles: roles,
            worst_case_cost: cost,
            other_approvers: others,
        })
    }

    #[test]
    fn under_required_the_maker_is_refused_even_holding_every_role() {
        assert_eq!(alone(ReviewPolicy::Required {}, Role::ALL, Some(yuan(1)), 0), Err(AccessError::ReviewOwnWork));
    }

    #[test]
    fn whoever_changed_the_draft_is_a_maker_too() {
        let ask = ReviewAsk {
            policy: ReviewPolicy::Required {},
            rights: ReviewRights::COUPONS,
            makers: &[staff(1), staff(2)],
            reviewer: staff(2),
            reviewer_roles: &[Role::Approver],
            worst_case_cost: Some(yuan(1)),
            other_approvers: 3,
        };
        assert_eq!(decide_review(&ask), Err(AccessError::ReviewOwnWork));
    }

    #[test]
    fn a_second_person_needs_the_permission() {
        let ask = ReviewAsk {
            policy: ABOVE_500,
            rights: ReviewRights::COUPONS,
            makers: &[staff(1)],
            reviewer: staff(2),
            reviewer_roles: &[Role::Marketer, Role::Finance],
            worst_case_cost: Some(yuan(1)),
            other_approvers: 3,
        };
        let permission = Permission::CouponApprove;
        assert_eq!(decide_review(&ask), Err(AccessError::PermissionDenied { permission }));
        assert_eq!(decide_review(&ReviewAsk { reviewer_roles: &[Role::Approver], ..ask }), Ok(ReviewOutcome::Reviewed));
    }

    #[test]
    fn up_to_the_amount_the_maker_needs_nobody_and_it_is_recorded() {
        let maker = [Role::Marketer];
        let above = Err(AccessError::ReviewAboveAmount { amount: yuan(500) });
        assert_eq!(alone(ABOVE_500, &maker, Some(yuan(500)), 4), Ok(ReviewOutcome::Unreviewed));
        assert_eq!(alone(ABOVE_500, &maker, Some(Money::from_fen(50_001)), 4), above);
        assert_eq!(alone(ABOVE_500, &maker, None, 4), above, "what nothing bounds is above every amount");
    }

    #[test]
    fn a_one_person_shop_publishes_within_the_cap() {
        let owner = [Role::Owner];
        assert_eq!(alone(SELF_PUBLISH, &owner, Some(yuan(2_000)), 0), Ok(ReviewOutcome::Unreviewed));
        assert_eq!(
            alone(SELF_PUBLISH, &owner, Some(yuan(2_001)), 0),
            Err(AccessError::ReviewBudgetOverCap { cap: yuan(2_000) })
        );
        assert_eq!(alone(SELF_PUBLISH, &owner, None, 0), Err(AccessError::ReviewBudgetMissing));
    }

    #[test]
    fn a_team_cannot_bypass_review_by_choosing_self_publish() {
        assert_eq!(alone(SELF_PUBLISH, &[Role::Owner], Some(yuan(1)), 1), Err(AccessError::ReviewTeamExists));
        assert_eq!(
            alone(SELF_PUBLISH, &[Role::Approver, Role::Marketer], Some(yuan(1)), 0),
            Err(AccessError::ReviewOwnerOnly)
        );
    }

    #[test]
    fn an_act_for_two_takes_two_where_there_are_two() {
        assert_eq!(decide_second_person(staff(1), staff(2), 5), Ok(ReviewOutcome::Reviewed));
        assert_eq!(decide_second_person(staff(1), staff(1), 1), Err(AccessError::SecondPersonMissing));
        assert_eq!(decide_second_person(staff(1), staff(1), 0), Ok(ReviewOutcome::Unreviewed));
    }

    #[test]
    fn a_policy_is_stored_as_a_tagged_object() {
        let json = serde_json::to_value(SELF_PUBLISH).unwrap();
        assert_eq!(json, serde_json::json!({ "kind": "self_publish", "budget_cap": "2000.00" }));
        assert_eq!(serde_json::from_value::<ReviewPolicy>(json).unwrap(), SELF_PUBLISH);
        assert!(serde_json::from_str::<ReviewPolicy>(r#"{"kind":"self_publish"}"#).is_err(), "the cap is mandatory");
        assert!(serde_json::from_str::<ReviewPolicy>(r#"{"kind":"never"}"#).is_err());
    }

    fn policies() -> impl Strategy<Value = ReviewPolicy> {
        prop_oneof![
            Just(ReviewPolicy::Required {}),
            (0i64..1_000_000).prop_map(|fen| ReviewPolicy::AboveAmount { amount: Money::from_fen(fen) }),
            (0i64..1_000_000).prop_map(|fen| ReviewPolicy::SelfPublish { budget_cap: Money::from_fen(fen) }),
        ]
    }

    proptest! {
        #[test]
        fn nobody_passes_their_own_work_without_a_mark_or_without_a_bound(
            policy in policies(),
            roles in proptest::sample::subsequence(Role::ALL, 0..=Role::ALL.len()),
            cost in proptest::option::of(0i64..1_000_000),
            others in 0usize..3,
        ) {
            if let Ok(outcome) = alone(policy, &roles, cost.map(Money::from_fen), others) {
                prop_assert_eq!(outcome, ReviewOutcome::Unreviewed);
                prop_assert!(cost.is_some());
                prop_assert_ne!(policy, ReviewPolicy::default());
            }
        }

        #[test]
        fn a_dearer_worst_case_never_passes_where_a_cheaper_one_was_refused(
            policy in policies(), cheap in 0i64..1_000_000, more in 0i64..1_000_000,
        ) {
            let dear = alone(policy, &[Role::Owner], Some(Money::from_fen(cheap + more)), 0);
            if dear.is_ok() {
                prop_assert!(alone(policy, &[Role::Owner], Some(Money::from_fen(cheap)), 0).is_ok());
            }
        }
    }
}
