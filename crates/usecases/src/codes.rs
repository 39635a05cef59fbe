//! Codes as use cases see them: made, sealed and checked by the shell before a transaction, because keys and chance are
//! its own and a transaction is no place for cryptography.

use huike_coupons::codes::{CodeProof, CodeShape};
use huike_kernel::CouponId;
use huike_persistence::coupons::StoredCode;

/// A new coupon's id and code. The code is sealed with the id as associated data, so the two belong together.
#[derive(Debug, Clone)]
pub struct FreshCode {
    /// The coupon that will have it.
    pub coupon: CouponId,
    /// The code, as it is stored.
    pub stored: StoredCode,
}

/// A code somebody typed: what it is looked up by, and what its tag proves.
#[derive(Debug, Clone)]
pub struct EnteredCode {
    /// HMAC of the canonical text.
    pub lookup: [u8; 32],
    /// Its shape.
    pub shape: CodeShape,
    /// What its tag proves.
    pub proof: CodeProof,
}
