//! What customers do: `/app/v1`.

pub mod cart_quote;
pub mod claims;
pub mod codes;
pub mod coupon_templates;
pub mod coupon_view;
pub mod coupons;
pub mod me;
pub mod orders;
pub mod payments;
pub mod qr_tokens;
pub mod sessions;
