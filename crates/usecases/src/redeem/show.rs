//! What is shown at a counter, and the coupon behind it.

use chrono::{DateTime, Utc};
use huike_coupons::{
    CouponError, RedeemError,
    calendar::HolidayCalendar,
    codes::{CodeError, CodeKeys, CodeProof, QrSubject, verify_qr_token},
};
use huike_kernel::CouponId;
use huike_persistence::{
    Db, Outcome, StoreError,
    coupons::{self, Coupon},
    idempotency,
};
use serde_json::json;

use crate::{UseCaseError, codes::EnteredCode};

/// Under which kind used QR nonces are kept.
const QR_NONCE: &str = "qr_nonce";

/// What every counter of the brand works with.
#[derive(Debug)]
pub struct Counter {
    /// Keys that QR tokens are signed with.
    pub qr_keys: CodeKeys,
    /// Public holidays and make-up workdays.
    pub calendar: HolidayCalendar,
}

/// What the customer shows: a printed or generated code, typed or scanned, or the QR code of the app.
#[derive(Debug, Clone)]
pub enum Shown {
    /// A code, read before the transaction.
    Code(EnteredCode),
    /// The text of a QR token. It is read in the transaction, whose time decides whether it is still good.
    Qr(String),
}

/// How a coupon is taken out of its table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Just looked at.
    Look,
    /// Locked until the transaction ends.
    Lock,
}

/// The coupon behind what is shown.
pub(super) struct Found {
    pub(super) coupon: Coupon,
    /// What lets a QR token be used once.
    nonce: Option<[u8; 12]>,
}

impl Shown {
    /// Finds the coupon; staff are told why there is none.
    pub(super) fn find(
        &self,
        db: &mut Db,
        counter: &Counter,
        hold: Hold,
        now: DateTime<Utc>,
    ) -> Result<Found, UseCaseError> {
        match self {
            Self::Code(code) => Ok(Found { coupon: find_by_code(db, code, hold)?, nonce: None }),
            Self::Qr(text) => {
                let claims = verify_qr_token(text, &counter.qr_keys, now).map_err(CouponError::from)?;
                let QrSubject::Coupon(id) = claims.subject else {
                    return Err(unknown());
                };
                Ok(Found { coupon: find_by_id(db, id, hold)?, nonce: Some(claims.nonce) })
            }
        }
    }
}

impl Found {
    /// Uses the QR token up, if that is what was shown: it is good for one redemption, even within its minute. The
    /// coupon is locked, so whoever shows the same token waits there and is told that the coupon is redeemed.
    pub(super) fn use_up(&self, db: &mut Db, now: DateTime<Utc>) -> Result<(), UseCaseError> {
        let Some(nonce) = self.nonce else {
            return Ok(());
        };
        let nonce: String = nonce.iter().map(|byte| format!("{byte:02x}")).collect();
        let used_for = json!({ "coupon_id": self.coupon.id });
        match idempotency::use_nonce(db, QR_NONCE, &nonce, used_for, now)? {
            Outcome::Applied => Ok(()),
            Outcome::Refused => Err(CouponError::from(CodeError::QrUsed).into()),
        }
    }
}

fn unknown() -> UseCaseError {
    CouponError::from(RedeemError::CodeUnknown).into()
}

fn find_by_code(db: &mut Db, code: &EnteredCode, hold: Hold) -> Result<Coupon, UseCaseError> {
    if matches!(code.proof, CodeProof::Forged | CodeProof::UnknownKey) {
        return Err(CouponError::from(RedeemError::CodeForged).into());
    }
    let found = match hold {
        Hold::Lock => coupons::lock_by_code(db, &code.lookup)?,
        Hold::Look => coupons::find_by_code(db, &code.lookup)?,
    };
    found.ok_or_else(unknown)
}

fn find_by_id(db: &mut Db, id: CouponId, hold: Hold) -> Result<Coupon, UseCaseError> {
    let found: Result<Option<Coupon>, StoreError> = match hold {
        Hold::Lock => coupons::lock(db, id),
        Hold::Look => coupons::find(db, id),
    };
    found?.ok_or_else(unknown)
}
