//! What an integration's key may do. A key is bound to a node; its scopes say what it may do there and below.

use std::{collections::BTreeSet, fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use huike_kernel::UnknownWord;

use crate::AccessError;

huike_kernel::words! {
    /// One thing a key may do (密钥权限). Personal data has a scope of its own, implied by no other.
    IntegrationScope, "integration scope" {
        /// See live templates.
        TemplatesRead = "templates:read",
        /// See single coupons and their state, owners by id only.
        CouponsRead = "coupons:read",
        /// Claim for a customer.
        ClaimsWrite = "claims:write",
        /// See redemptions.
        RedemptionsRead = "redemptions:read",
        /// Redeem and undo at a store.
        RedemptionsWrite = "redemptions:write",
        /// Have carts priced, with the coupons of customers by id.
        QuotesRead = "quotes:read",
        /// See customers by id, without phone or name.
        CustomersRead = "customers:read",
        /// See phone and name too, where `customers:read` or `coupons:read` shows the customer.
        CustomersReadPersonal = "customers:read_personal",
    }
}

/// The scopes of one key; stored and sent as a sorted list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntegrationScopes(BTreeSet<IntegrationScope>);

impl IntegrationScopes {
    /// Whether the key has the scope.
    pub fn has(&self, scope: IntegrationScope) -> bool {
        self.0.contains(&scope)
    }

    /// Refused unless the key has the scope.
    pub fn decide_use(&self, scope: IntegrationScope) -> Result<(), AccessError> {
        if !self.has(scope) {
            return Err(AccessError::ScopeMissing { scope });
        }
        Ok(())
    }

    /// The scopes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = IntegrationScope> + '_ {
        self.0.iter().copied()
    }

    /// Whether the key may do nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<IntegrationScope> for IntegrationScopes {
    fn from_iter<I: IntoIterator<Item = IntegrationScope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

/// Decides whether a key may be made: it can do something, for some time.
pub fn decide_new_key(
    scopes: &IntegrationScopes,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), AccessError> {
    if scopes.is_empty() {
        return Err(AccessError::KeyWithoutScope);
    }
    if expires_at.is_some_and(|end| end <= now) {
        return Err(AccessError::KeyExpiryPast);
    }
    Ok(())
}

/// Written with single spaces between, as OAuth does it.
impl fmt::Display for IntegrationScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for IntegrationScopes {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        let scopes: BTreeSet<_> = text.split_ascii_whitespace().map(str::parse).collect::<Result<_, UnknownWord>>()?;
        Ok(Self(scopes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reading_customers_does_not_show_personal_data() {
        let scopes: IntegrationScopes = "customers:read claims:write".parse().unwrap();
        assert_eq!(scopes.decide_use(IntegrationScope::CustomersRead), Ok(()));
        assert_eq!(
            scopes.decide_use(IntegrationScope::CustomersReadPersonal),
            Err(AccessError::ScopeMissing { scope: IntegrationScope::CustomersReadPersonal })
        );
    }

    #[test]
    fn a_new_key_can_do_something_for_some_time() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let scopes: IntegrationScopes = [IntegrationScope::ClaimsWrite].into_iter().collect();
        assert_eq!(decide_new_key(&scopes, None, now), Ok(()));
        assert_eq!(decide_new_key(&scopes, Some(now), now), Err(AccessError::KeyExpiryPast));
        assert_eq!(decide_new_key(&IntegrationScopes::default(), None, now), Err(AccessError::KeyWithoutScope));
    }

    #[test]
    fn an_unknown_scope_is_refused_and_never_dropped() {
        assert!("templates:read everything:write".parse::<IntegrationScopes>().is_err());
        assert!(serde_json::from_str::<IntegrationScopes>(r#"["templates:write"]"#).is_err());
    }

    proptest! {
        #[test]
        fn scopes_read_back_from_text_and_json(
            scopes in proptest::sample::subsequence(IntegrationScope::ALL, 0..=IntegrationScope::ALL.len()).prop_shuffle(),
        ) {
            let scopes: IntegrationScopes = scopes.into_iter().collect();
            prop_assert_eq!(&scopes.to_string().parse::<IntegrationScopes>().unwrap(), &scopes);
            let json = serde_json::to_string(&scopes).unwrap();
            prop_assert_eq!(&serde_json::from_str::<IntegrationScopes>(&json).unwrap(), &scopes);
        }
    }
}
