//! Makes codes, reads them, and shows them again. All of it happens outside transactions: a transaction is no place for
//! cryptography, and may run twice.

use std::sync::Arc;

use huike_coupons::codes::{CanonicalCode, CodeError, CodeShape, Pattern, PlainCode, SignedCode, lookup_hash, parse};
use huike_kernel::{CouponId, DomainError, ErrorKind, IdSource, RandomSource, new_id};
use huike_persistence::coupons::StoredCode;
use huike_usecases::codes::{EnteredCode, FreshCode};

use crate::{keys::KeyRing, sources::random_bytes};

/// The mint.
#[derive(Clone)]
pub struct CodeMint {
    /// Signs, finds and seals.
    pub keys: KeyRing,
    /// Gives coupons their ids.
    pub ids: Arc<dyn IdSource>,
    /// Gives codes their chance.
    pub random: Arc<dyn RandomSource>,
}

/// The cipher refused, which it has no reason to.
#[derive(Debug, thiserror::Error)]
#[error("a code could not be sealed")]
pub struct NotSealed;

impl DomainError for NotSealed {
    fn code(&self) -> &'static str {
        "internal"
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }
}

impl CodeMint {
    /// A new coupon's id and signed code.
    pub fn signed(&self) -> Result<FreshCode, NotSealed> {
        let code = SignedCode::make(random_bytes::<10>(self.random.as_ref()), self.keys.code_keys.active());
        self.seal(CodeShape::Signed, &code.to_string(), &code.canonical())
    }

    /// A new coupon's id with one code of the pattern.
    pub fn patterned(&self, pattern: &Pattern) -> Result<FreshCode, NotSealed> {
        let draw = || u32::from_be_bytes(random_bytes::<4>(self.random.as_ref()));
        self.plain(&pattern.fill(draw))
    }

    /// A new coupon's id with a code that came from elsewhere.
    pub fn plain(&self, code: &PlainCode) -> Result<FreshCode, NotSealed> {
        self.seal(CodeShape::Plain, code.shown(), code.canonical())
    }

    /// What somebody typed, checked against the keys. Every text that can be a code costs the same.
    pub fn read(&self, text: &str) -> Result<EnteredCode, CodeError> {
        let code = parse(text)?;
        let proof = self.keys.code_keys.verify(&code);
        let lookup = lookup_hash(&code.canonical(), &self.keys.lookup);
        Ok(EnteredCode { lookup, shape: code.shape(), proof })
    }

    /// The code of a coupon as people see it; `None` if what is stored was changed.
    pub fn show(&self, coupon: CouponId, sealed: &[u8]) -> Option<String> {
        self.keys.open_code(sealed, coupon.as_uuid())
    }

    fn seal(&self, shape: CodeShape, shown: &str, canonical: &CanonicalCode) -> Result<FreshCode, NotSealed> {
        let coupon: CouponId = new_id(self.ids.as_ref());
        let sealed = self.keys.seal_code(shown, coupon.as_uuid(), self.random.as_ref()).ok_or(NotSealed)?;
        let lookup = lookup_hash(canonical, &self.keys.lookup).to_vec();
        Ok(FreshCode { coupon, stored: StoredCode { shape, lookup, sealed } })
    }
}
