//! Why an act on a template is refused.

use huike_kernel::{DomainError, ErrorKind, LifeError, Money};
use serde_json::{Value, json};

use super::{TemplateState, VersionState};
use crate::rules::{RuleFault, RuleProblem};

/// A refusal of an act on a template, with the reason a caller can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No such template in the caller's scope.
    #[error("there is no such coupon template")]
    NotFound,
    /// The rule document is not sound.
    #[error("the rules are not sound: {}", summary(.0))]
    RulesInvalid(Vec<RuleProblem>),
    /// Rules change only in a draft.
    #[error("this version is {0}: only a draft can be changed or submitted")]
    NotDraft(VersionState),
    /// Only what waits for review can be approved, rejected or withdrawn.
    #[error("this version is {0}, not in review")]
    NotInReview(VersionState),
    /// Only an approved version can be published.
    #[error("this version is {0}: only an approved one can be published")]
    NotApproved(VersionState),
    /// The act needs a template that is live.
    #[error("the template is {0}, not live")]
    NotLive(TemplateState),
    /// The act needs a template that is paused.
    #[error("the template is {0}, not paused")]
    NotPaused(TemplateState),
    /// The act needs a template that was approved.
    #[error("the template is {0}: it was never approved")]
    NeverApproved(TemplateState),
    /// Nothing follows the end.
    #[error("the template has ended")]
    Ended,
    /// Another version is being written or reviewed.
    #[error("another version is {0}: finish or reject it first")]
    VersionOpen(VersionState),
    /// The kill switch is on.
    #[error("the template was stopped: {reason}")]
    Killed {
        /// Why it was stopped.
        reason: String,
    },
    /// The kill switch is not on.
    #[error("the template is not stopped")]
    NotKilled,
    /// Publishing something nobody could claim or use any more.
    #[error("the claim window or the validity is over")]
    WindowPast,
    /// Fewer than were issued already.
    #[error("{issued} coupons have been issued already")]
    QuantityBelowIssued {
        /// All instances ever.
        issued: i64,
    },
    /// Less than the quotas of the sites.
    #[error("the sites have quotas of {assigned}")]
    QuantityBelowQuotas {
        /// Their sum.
        assigned: i64,
    },
    /// Less than what is spent and committed already.
    #[error("{used} of the budget are spent or committed already")]
    BudgetBelowUsed {
        /// Spent and committed together.
        used: Money,
    },
    /// A template belongs to a head, a region or a site.
    #[error("a store does not own coupon templates")]
    OwnerIsStore,
    /// Customers know it by its name since it was first handed in.
    #[error("the name stays as it was reviewed")]
    NameFrozen,
    /// The scope names a unit outside the owner's own tree.
    #[error("the scope names a unit that does not lie below the owner")]
    ScopeOutsideOwner {
        /// The list of the scope.
        list: &'static str,
        /// The place in the list.
        index: usize,
    },
    /// Publishing without review needs a budget.
    #[error("a coupon published without review needs a budget")]
    BudgetRequired,
    /// A quota is a site's, and the site lies below the owner.
    #[error("a quota is given to a site below the owner")]
    QuotaNotBelow {
        /// Its place in the list.
        index: usize,
    },
    /// Below nothing.
    #[error("a quota must not be below zero")]
    QuotaNegative {
        /// Its place in the list.
        index: usize,
    },
    /// Two quotas for one site.
    #[error("the site has two quotas")]
    QuotaTwice {
        /// The place of the second.
        index: usize,
    },
    /// Less than the site issued already.
    #[error("the site has issued {issued} already")]
    QuotaBelowIssued {
        /// Its place in the list.
        index: usize,
        /// What the site has issued.
        issued: i64,
    },
    /// More in all than there is.
    #[error("the quotas add up to {assigned}, but only {available} can be assigned")]
    QuotasAboveTotal {
        /// Their sum.
        assigned: i64,
        /// The total without what the owner issued itself.
        available: i64,
    },
}

impl From<LifeError> for TemplateError {
    fn from(error: LifeError) -> Self {
        match error {
            LifeError::NotDraft(state) => Self::NotDraft(state),
            LifeError::NotInReview(state) => Self::NotInReview(state),
            LifeError::NotApproved(state) => Self::NotApproved(state),
            LifeError::NotLive(state) => Self::NotLive(state),
            LifeError::NotPaused(state) => Self::NotPaused(state),
            LifeError::NeverApproved(state) => Self::NeverApproved(state),
            LifeError::Ended => Self::Ended,
            LifeError::VersionOpen(state) => Self::VersionOpen(state),
        }
    }
}

fn summary(problems: &[RuleProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl DomainError for TemplateError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "template_not_found",
            Self::RulesInvalid(problems) => match problems.first() {
                Some(RuleProblem { fault: RuleFault::KindUnsupported, .. }) => RuleFault::KindUnsupported.code(),
                _ => "coupon_rules_invalid",
            },
            Self::NotDraft(_) => "template_not_draft",
            Self::NotInReview(_) => "template_not_in_review",
            Self::NotApproved(_) => "template_not_approved",
            Self::NotLive(_) => "template_not_live",
            Self::NotPaused(_) => "template_not_paused",
            Self::NeverApproved(_) => "template_never_approved",
            Self::Ended => "template_ended",
            Self::VersionOpen(_) => "template_version_open",
            Self::Killed { .. } => "template_killed",
            Self::NotKilled => "template_not_killed",
            Self::WindowPast => "template_window_past",
            Self::QuantityBelowIssued { .. } => "quantity_below_issued",
            Self::QuantityBelowQuotas { .. } => "quantity_below_quotas",
            Self::BudgetBelowUsed { .. } => "budget_below_used",
            Self::OwnerIsStore => "template_owner_is_store",
            Self::NameFrozen => "template_name_frozen",
            Self::ScopeOutsideOwner { .. } => "scope_outside_owner",
            Self::BudgetRequired => "budget_required",
            Self::QuotaNotBelow { .. } => "quota_not_below",
            Self::QuotaNegative { .. } => "quota_negative",
            Self::QuotaTwice { .. } => "quota_twice",
            Self::QuotaBelowIssued { .. } => "quota_below_issued",
            Self::QuotasAboveTotal { .. } => "quota_above_total",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::RulesInvalid(_)
            | Self::WindowPast
            | Self::BudgetRequired
            | Self::OwnerIsStore
            | Self::ScopeOutsideOwner { .. }
            | Self::QuotaNotBelow { .. }
            | Self::QuotaNegative { .. }
            | Self::QuotaTwice { .. }
            | Self::QuotasAboveTotal { .. } => ErrorKind::Invalid,
            _ => ErrorKind::Conflict,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::RulesInvalid(problems) => problems.first().map(|problem| problem.pointer.clone()),
            Self::QuantityBelowIssued { .. } | Self::QuantityBelowQuotas { .. } => Some("/quantity".to_owned()),
            Self::BudgetBelowUsed { .. } => Some("/budget/total".to_owned()),
            Self::BudgetRequired => Some("/budget".to_owned()),
            Self::OwnerIsStore => Some("/site_id".to_owned()),
            Self::NameFrozen => Some("/name".to_owned()),
            Self::ScopeOutsideOwner { list, index } => Some(format!("/rules/scope/{list}/{index}")),
            Self::QuotaNotBelow { index } => Some(format!("/quotas/{index}/site_id")),
            Self::QuotaNegative { index } | Self::QuotaTwice { index } | Self::QuotaBelowIssued { index, .. } => {
                Some(format!("/quotas/{index}/quota"))
            }
            Self::QuotasAboveTotal { .. } => Some("/quotas".to_owned()),
            _ => None,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::RulesInvalid(problems) => {
                let list: Vec<Value> = problems.iter().map(problem_json).collect();
                Some(json!({ "problems": list }))
            }
            Self::NotDraft(state) | Self::NotInReview(state) | Self::NotApproved(state) | Self::VersionOpen(state) => {
                Some(json!({ "state": state }))
            }
            Self::NotLive(state) | Self::NotPaused(state) | Self::NeverApproved(state) => {
                Some(json!({ "state": state }))
            }
            Self::Killed { reason } => Some(json!({ "reason": reason })),
            Self::QuantityBelowIssued { issued } | Self::QuotaBelowIssued { issued, .. } => {
                Some(json!({ "issued": issued }))
            }
            Self::QuantityBelowQuotas { assigned } => Some(json!({ "assigned": assigned })),
            Self::QuotasAboveTotal { assigned, available } => {
                Some(json!({ "assigned": assigned, "available": available }))
            }
            Self::BudgetBelowUsed { used } => Some(json!({ "used": used })),
            _ => None,
        }
    }
}

fn problem_json(problem: &RuleProblem) -> Value {
    json!({ "pointer": problem.pointer, "code": problem.fault.code(), "detail": problem.fault.to_string() })
}
