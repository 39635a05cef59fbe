//! The classes of offers, which coupons and prices share.

use crate::words;

words!(
    /// What an offer reduces: items, the order, or its shipping.
    OfferClass, "offer class" {
        /// Single items.
        Item = "item",
        /// The order as a whole.
        Order = "order",
        /// The delivery fee.
        Shipping = "shipping",
    }
);
