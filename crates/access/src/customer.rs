//! What a blocked customer may still do.

use crate::AccessError;

huike_kernel::words! {
    /// Something a customer does.
    CustomerAct, "customer act" {
        /// Sign in and see their own things: their data stays theirs.
        Read = "read",
        /// Take a new coupon.
        Claim = "claim",
        /// Use a coupon they hold.
        Redeem = "redeem",
    }
}

/// Where a customer is blocked (拉黑).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CustomerBlocks {
    /// In the whole brand, set by staff of the head.
    pub brand: bool,
    /// At the site where the act happens.
    pub site: bool,
}

/// Decides whether a customer may act, blocked or not.
///
/// A block stops what is new. A coupon already held is honoured, as everybody's is: what must not be used is voided, one by one
/// and with a reason, or stopped for all by the kill switch.
pub fn decide_customer_act(blocks: CustomerBlocks, act: CustomerAct) -> Result<(), AccessError> {
    match act {
        CustomerAct::Claim if blocks.brand => Err(AccessError::CustomerBlocked { brand_wide: true }),
        CustomerAct::Claim if blocks.site => Err(AccessError::CustomerBlocked { brand_wide: false }),
        CustomerAct::Read | CustomerAct::Claim | CustomerAct::Redeem => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocked_customer_claims_nothing_but_uses_what_they_hold() {
        for (brand, site) in [(false, false), (false, true), (true, false), (true, true)] {
            let blocks = CustomerBlocks { brand, site };
            assert_eq!(decide_customer_act(blocks, CustomerAct::Read), Ok(()));
            assert_eq!(decide_customer_act(blocks, CustomerAct::Redeem), Ok(()));
            assert_eq!(decide_customer_act(blocks, CustomerAct::Claim).is_ok(), !brand && !site);
        }
    }

    #[test]
    fn the_wider_block_is_the_one_that_is_told() {
        let blocks = CustomerBlocks { brand: true, site: true };
        assert_eq!(
            decide_customer_act(blocks, CustomerAct::Claim),
            Err(AccessError::CustomerBlocked { brand_wide: true })
        );
    }
}
