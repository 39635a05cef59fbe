//! How payments, refunds and payers are called between a provider and us.

use std::{fmt, str::FromStr};

use uuid::Uuid;

huike_kernel::words! {
    /// A payment provider.
    ProviderKind, "payment provider" {
        /// The cashier for tests: a page where somebody approves or declines.
        Test = "test",
        /// WeChat Pay (微信支付).
        Wechat = "wechat",
    }
}

/// The text is no reference of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no reference of ours")]
pub struct NotOurs;

macro_rules! reference {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        ///
        /// Written as 32 lower-case hexadecimal digits: no longer and no stranger than any provider takes.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id behind it.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.simple(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotOurs;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let id = Uuid::try_parse(text).map_err(|_malformed| NotOurs)?;
                // One spelling only: what we did not write so is somebody else's.
                let reference = Self(id);
                if reference.to_string() == text { Ok(reference) } else { Err(NotOurs) }
            }
        }
    };
}

reference! {
    /// Our id of a payment, as a provider bears it (商户订单号).
    PaymentRef
}
reference! {
    /// Our id of a refund, as a provider bears it (商户退款单号).
    RefundRef
}

/// Who pays, as the provider knows them (openid). It shows itself to nobody by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PayerId(String);

impl PayerId {
    /// A payer of this name.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The name itself: personal data, for the provider and for our own sealed columns only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayerId(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reference_has_one_spelling() {
        let id = Uuid::from_u128(0x0193_6f5e_0000_7000_8000_0000_0000_00ab);
        let text = "01936f5e0000700080000000000000ab";
        assert_eq!(PaymentRef::from(id).to_string(), text);
        assert_eq!(text.parse(), Ok(PaymentRef::from(id)));
        assert_eq!(format!("{:?}", RefundRef::from(id)), format!("RefundRef({text})"));
        for other in ["", "1", "01936f5e-0000-7000-8000-0000000000ab", &text.to_uppercase(), &format!("{text}0")] {
            assert_eq!(other.parse::<PaymentRef>(), Err(NotOurs), "{other:?}");
        }
    }

    #[test]
    fn a_payer_is_never_shown_by_accident() {
        assert_eq!(format!("{:?}", Some(PayerId::new("oUpF8uMuAJO"))), "Some(PayerId(…))");
    }

    proptest! {
        #[test]
        fn references_read_back(id: u128) {
            let (payment, refund) = (PaymentRef::from(Uuid::from_u128(id)), RefundRef::from(Uuid::from_u128(id)));
            prop_assert_eq!(payment.to_string().parse(), Ok(payment));
            prop_assert_eq!(refund.to_string().parse(), Ok(refund));
        }
    }
}
