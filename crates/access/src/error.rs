//! Why an act is refused.

use huike_kernel::{DomainError, ErrorKind, Money, UnknownWord};
use serde_json::{Value, json};

use crate::{IntegrationScope, Permission, Role};

/// A refusal, with a reason a caller can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The caller does not hold the permission where it is needed.
    #[error("this needs the permission {permission}")]
    PermissionDenied {
        /// What is missing.
        permission: Permission,
    },
    /// The key was not given that scope.
    #[error("this key lacks the scope {scope}")]
    ScopeMissing {
        /// What is missing.
        scope: IntegrationScope,
    },
    /// A key that could do nothing.
    #[error("a key has at least one scope")]
    KeyWithoutScope,
    /// A key that would have ended before it began.
    #[error("a key does not end in the past")]
    KeyExpiryPast,
    /// A word that belongs to no role, permission, state or scope.
    #[error(transparent)]
    Word(#[from] UnknownWord),
    /// The role is not among those the caller may give or take.
    #[error("you may not give or take the role {role}")]
    RoleAboveOwn {
        /// The role in question.
        role: Role,
    },
    /// Nobody but an owner gives a role to themselves.
    #[error("you may not give a role to yourself")]
    RoleSelfGrant,
    /// The role only makes sense at a store.
    #[error("the role {role} is bound to a store")]
    RoleNeedsStore {
        /// The role in question.
        role: Role,
    },
    /// The brand would be left without an owner.
    #[error("the brand needs at least one owner")]
    OwnerLast,
    /// The member of staff has been disabled.
    #[error("this account is disabled")]
    StaffDisabled,
    /// The sign-in name is not well formed.
    #[error(
        "a sign-in name has 3 to 64 letters, digits, dots, dashes, underscores or @, and begins with a letter or digit"
    )]
    LoginInvalid,
    /// The password is too short.
    #[error("a password has at least {min} characters")]
    PasswordTooShort {
        /// The fewest characters.
        min: usize,
    },
    /// The password is too long.
    #[error("a password has at most {max} characters")]
    PasswordTooLong {
        /// The most characters.
        max: usize,
    },
    /// The password is the sign-in name.
    #[error("the password must not be the sign-in name")]
    PasswordIsLogin,
    /// The password is among those tried first.
    #[error("this password is among the first that are tried")]
    PasswordCommon,
    /// The maker would review their own work.
    #[error("somebody else has to review this")]
    ReviewOwnWork,
    /// Above the amount that needs no second person.
    #[error("above {amount} somebody else has to review this")]
    ReviewAboveAmount {
        /// The amount that needs nobody.
        amount: Money,
    },
    /// Only an owner publishes without a second person.
    #[error("only an owner publishes without review")]
    ReviewOwnerOnly,
    /// There is somebody else who may approve, so they have to.
    #[error("somebody else may approve this, so they have to")]
    ReviewTeamExists,
    /// Without a second person the worst case must be bounded by a budget.
    #[error("without review a budget is mandatory")]
    ReviewBudgetMissing,
    /// The worst case is above what may be published without a second person.
    #[error("without review the budget is at most {cap}")]
    ReviewBudgetOverCap {
        /// The most that may be at stake.
        cap: Money,
    },
    /// The act takes two different people.
    #[error("this takes a second person")]
    SecondPersonMissing,
    /// Not the store the staff is bound to.
    #[error("you do not redeem in this store")]
    StoreNotBound,
    /// Staff would redeem their own coupon.
    #[error("nobody redeems their own coupon")]
    CouponOwn,
    /// The customer is blocked.
    #[error("this customer is blocked")]
    CustomerBlocked {
        /// In the whole brand, or at this site only.
        brand_wide: bool,
    },
}

impl DomainError for AccessError {
    fn code(&self) -> &'static str {
        match self {
            Self::PermissionDenied { .. } => "permission_denied",
            Self::ScopeMissing { .. } => "scope_missing",
            Self::KeyWithoutScope => "key_without_scope",
            Self::KeyExpiryPast => "key_expiry_past",
            Self::Word(unknown) => unknown.code(),
            Self::RoleAboveOwn { .. } => "role_above_own",
            Self::RoleSelfGrant => "role_self_grant",
            Self::RoleNeedsStore { .. } => "role_needs_store",
            Self::OwnerLast => "owner_last",
            Self::StaffDisabled => "staff_disabled",
            Self::LoginInvalid => "login_invalid",
            Self::PasswordTooShort { .. } => "password_too_short",
            Self::PasswordTooLong { .. } => "password_too_long",
            Self::PasswordIsLogin => "password_is_login",
            Self::PasswordCommon => "password_common",
            Self::ReviewOwnWork => "review_own_work",
            Self::ReviewAboveAmount { .. } => "review_above_amount",
            Self::ReviewOwnerOnly => "review_owner_only",
            Self::ReviewTeamExists => "review_team_exists",
            Self::ReviewBudgetMissing => "review_budget_missing",
            Self::ReviewBudgetOverCap { .. } => "review_budget_over_cap",
            Self::SecondPersonMissing => "second_person_missing",
            Self::StoreNotBound => "store_not_bound",
            Self::CouponOwn => "coupon_own",
            Self::CustomerBlocked { .. } => "customer_blocked",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::KeyWithoutScope
            | Self::KeyExpiryPast
            | Self::Word(_)
            | Self::RoleNeedsStore { .. }
            | Self::LoginInvalid
            | Self::PasswordTooShort { .. }
            | Self::PasswordTooLong { .. }
            | Self::PasswordIsLogin
            | Self::PasswordCommon => ErrorKind::Invalid,
            Self::OwnerLast | Self::ReviewBudgetMissing | Self::ReviewBudgetOverCap { .. } => ErrorKind::Conflict,
            Self::PermissionDenied { .. }
            | Self::ScopeMissing { .. }
            | Self::RoleAboveOwn { .. }
            | Self::RoleSelfGrant
            | Self::StaffDisabled
            | Self::ReviewOwnWork
            | Self::ReviewAboveAmount { .. }
            | Self::ReviewOwnerOnly
            | Self::ReviewTeamExists
            | Self::SecondPersonMissing
            | Self::StoreNotBound
            | Self::CouponOwn
            | Self::CustomerBlocked { .. } => ErrorKind::Forbidden,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::KeyWithoutScope => Some("/scopes".to_owned()),
            Self::KeyExpiryPast => Some("/expires_at".to_owned()),
            Self::LoginInvalid => Some("/login".to_owned()),
            Self::PasswordTooShort { .. }
            | Self::PasswordTooLong { .. }
            | Self::PasswordIsLogin
            | Self::PasswordCommon => Some("/password".to_owned()),
            Self::RoleNeedsStore { .. } => Some("/role".to_owned()),
            _ => None,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::PermissionDenied { permission } => Some(json!({ "permission": permission })),
            Self::ScopeMissing { scope } => Some(json!({ "scope": scope })),
            Self::RoleAboveOwn { role } | Self::RoleNeedsStore { role } => Some(json!({ "role": role })),
            Self::PasswordTooShort { min } => Some(json!({ "min": min })),
            Self::PasswordTooLong { max } => Some(json!({ "max": max })),
            Self::ReviewAboveAmount { amount } => Some(json!({ "amount": amount })),
            Self::ReviewBudgetOverCap { cap } => Some(json!({ "cap": cap })),
            Self::CustomerBlocked { brand_wide } => Some(json!({ "brand_wide": brand_wide })),
            _ => None,
        }
    }
}
