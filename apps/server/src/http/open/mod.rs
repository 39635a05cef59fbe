//! What integrations do: `/open/v1`.

pub mod claims;
pub mod coupons;
pub mod quotes;
pub mod redemptions;
pub mod templates;
pub mod whoami;
