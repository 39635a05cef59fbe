//! What must hold after every test, whatever happened in it.

use huike_persistence::verify;

use crate::brand::Brand;

/// The invariants that redemptions touch. Others ask about things these tests make by hand.
const ASKED: [&str; 20] = [
    "coupon_edges",
    "coupon_state",
    "stock_issued",
    "stock_claimed",
    "limit_counters",
    "limit_caps",
    "redeemed_once",
    "redeemed_state",
    "customer_redemptions",
    "redeemed_in_time",
    "redeemed_by_rules",
    "redeemed_by_somebody",
    "budget_total",
    "budget_spent",
    "budget_committed",
    "store_days",
    "idempotency_outcomes",
    "coupon_events",
    "event_gaps",
    "redemption_events",
];

impl Brand {
    /// Every book agrees with the rows it is about.
    pub(crate) fn books_balance(&self) {
        self.read(|db| {
            let mut asked = 0;
            for invariant in verify::invariants().filter(|invariant| ASKED.contains(&invariant.name)) {
                let offences = invariant.check(db)?;
                assert_eq!(offences.count, 0, "{}: {offences:?}", invariant.name);
                asked += 1;
            }
            assert_eq!(asked, ASKED.len());
            Ok(())
        });
    }
}
