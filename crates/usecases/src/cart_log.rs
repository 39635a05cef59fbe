//! Carts that were quoted, as they are kept for a while, so that an offer can be tried on them before anybody is given
//! it: [`crate::offers::prepare`].

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::CustomerId;
use huike_persistence::quoted_carts::{QuotedCart, ToldThen};
use huike_pricing::Cart;
use uuid::Uuid;

use crate::quotes::{CartAsk, PricePlace, Told};

/// How long a cart is kept. For every site the same: it is a bound on what is known of people, not a setting of business.
pub const CARTS_KEPT: TimeDelta = TimeDelta::days(30);

/// A cart that was just quoted.
#[derive(Debug)]
pub struct SeenCart {
    /// Where.
    pub place: Arc<PricePlace>,
    /// Whose, if that is known.
    pub customer: Option<CustomerId>,
    /// When.
    pub quoted_at: DateTime<Utc>,
    /// The orders the customer was known to have completed.
    pub completed_orders: Option<u32>,
    /// What was asked.
    pub ask: CartAsk,
}

impl SeenCart {
    /// What is kept of it. Not the birthday, nor which coupons were named, nor what the system that asked calls its lines.
    pub fn into_record(self, id: Uuid) -> QuotedCart {
        let Told { channel, delivery_area, payment_method, tier, segments, birthday: _, completed_orders: _ } =
            self.ask.told;
        let completed_orders = self.completed_orders;
        QuotedCart {
            id,
            site: self.place.node,
            customer: self.customer,
            quoted_at: self.quoted_at,
            local_day: self.place.zone.local(self.quoted_at).day,
            told: ToldThen { channel, delivery_area, payment_method, tier, segments, completed_orders },
            cart: canonical(self.ask.cart),
        }
    }
}

/// The cart with its lines and fees in the order in which they are priced, the lines numbered by it.
fn canonical(mut cart: Cart) -> Cart {
    cart.lines.sort_by(|one, other| one.id.cmp(&other.id));
    for (number, line) in (1..).zip(&mut cart.lines) {
        line.id = format!("{number:03}");
    }
    cart.shipping.sort_by(|one, other| one.method.cmp(&other.method));
    cart
}

#[cfg(test)]
mod tests {
    use huike_kernel::Money;
    use huike_pricing::CartLine;

    use super::*;

    #[test]
    fn a_cart_is_kept_without_the_names_its_lines_had_and_in_the_order_they_are_priced_in() {
        let line = |id: &str, sku: &str| CartLine::new(id, sku, 1, Money::from_fen(100));
        let ids = ["张女士-2", "10", "9", "张女士-1"];
        let lines = ids.iter().map(|id| line(id, &format!("sku {id}"))).collect();
        let kept = canonical(Cart { lines, shipping: Vec::new() });
        let seen: Vec<(&str, &str)> = kept.lines.iter().map(|line| (line.id.as_str(), line.sku.as_str())).collect();
        assert_eq!(seen, [("001", "sku 10"), ("002", "sku 9"), ("003", "sku 张女士-1"), ("004", "sku 张女士-2")]);
    }
}
