//! Why an act on an offer is refused.

use huike_kernel::{DomainError, ErrorKind, LifeError, Money};
use serde_json::{Value, json};

use crate::offer::OfferProblem;

/// A refusal of an act on an offer, with the reason a caller can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The document is not sound.
    #[error("the rules are not sound: {}", summary(.0))]
    RulesInvalid(Vec<OfferProblem>),
    /// It stands elsewhere.
    #[error(transparent)]
    Life(#[from] LifeError),
    /// Publishing something that could never apply any more.
    #[error("the offer's time is over")]
    WindowPast,
    /// Less than orders took already.
    #[error("{spent} of the budget are spent already")]
    BudgetBelowSpent {
        /// What was taken off orders.
        spent: Money,
    },
    /// Fewer than there were already.
    #[error("it was used {used} times already")]
    UsesBelowUsed {
        /// How often it was used.
        used: i64,
    },
    /// An offer belongs to a head, a region or a site.
    #[error("a store does not own offers")]
    OwnerIsStore,
    /// What was reviewed bears that name.
    #[error("the name stays as it was reviewed")]
    NameFrozen,
    /// It names a place outside the owner's own tree.
    #[error("a place that the condition names does not lie below the owner")]
    PlaceOutsideOwner,
    /// Publishing without review needs a budget.
    #[error("an offer published without review needs a budget")]
    BudgetRequired,
}

fn summary(problems: &[OfferProblem]) -> String {
    let texts: Vec<String> = problems.iter().map(|it| format!("{}: {}", it.pointer, it.fault)).collect();
    texts.join("; ")
}

impl DomainError for OfferError {
    fn code(&self) -> &'static str {
        match self {
            Self::RulesInvalid(_) => "offer_rules_invalid",
            Self::Life(LifeError::NotDraft(_)) => "offer_not_draft",
            Self::Life(LifeError::NotInReview(_)) => "offer_not_in_review",
            Self::Life(LifeError::NotApproved(_)) => "offer_not_approved",
            Self::Life(LifeError::NotLive(_)) => "offer_not_live",
            Self::Life(LifeError::NotPaused(_)) => "offer_not_paused",
            Self::Life(LifeError::NeverApproved(_)) => "offer_never_approved",
            Self::Life(LifeError::Ended) => "offer_ended",
            Self::Life(LifeError::VersionOpen(_)) => "offer_version_open",
            Self::WindowPast => "offer_window_past",
            Self::BudgetBelowSpent { .. } => "offer_budget_below_spent",
            Self::UsesBelowUsed { .. } => "offer_uses_below_used",
            Self::OwnerIsStore => "offer_owner_is_store",
            Self::NameFrozen => "offer_name_frozen",
            Self::PlaceOutsideOwner => "offer_place_outside_owner",
            Self::BudgetRequired => "offer_budget_required",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::RulesInvalid(_)
            | Self::WindowPast
            | Self::OwnerIsStore
            | Self::PlaceOutsideOwner
            | Self::BudgetRequired => ErrorKind::Invalid,
            _ => ErrorKind::Conflict,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::RulesInvalid(problems) => problems.first().map(|problem| problem.pointer.clone()),
            Self::BudgetBelowSpent { .. } => Some("/budget".to_owned()),
            Self::UsesBelowUsed { .. } => Some("/uses".to_owned()),
            Self::OwnerIsStore => Some("/site_id".to_owned()),
            Self::NameFrozen => Some("/name".to_owned()),
            Self::PlaceOutsideOwner => Some("/rules/condition".to_owned()),
            Self::BudgetRequired => Some("/rules/budget".to_owned()),
            Self::Life(_) | Self::WindowPast => None,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::RulesInvalid(problems) => {
                let list: Vec<Value> = problems.iter().map(problem_json).collect();
                Some(json!({ "problems": list }))
            }
            Self::Life(error) => state_of(*error),
            Self::BudgetBelowSpent { spent } => Some(json!({ "spent": spent })),
            Self::UsesBelowUsed { used } => Some(json!({ "used": used })),
            _ => None,
        }
    }
}

fn state_of(error: LifeError) -> Option<Value> {
    match error {
        LifeError::NotDraft(state)
        | LifeError::NotInReview(state)
        | LifeError::NotApproved(state)
        | LifeError::VersionOpen(state) => Some(json!({ "state": state })),
        LifeError::NotLive(state) | LifeError::NotPaused(state) | LifeError::NeverApproved(state) => {
            Some(json!({ "state": state }))
        }
        LifeError::Ended => None,
    }
}

fn problem_json(problem: &OfferProblem) -> Value {
    json!({ "pointer": problem.pointer, "code": problem.fault.code(), "detail": problem.fault.to_string() })
}
