//! In-store QR tokens: what a customer's phone shows at the counter for at most a minute.
//!
//! ```text
//! bytes   1 kind | 1 key id | 16 subject | 8 expires_at (µs) | 12 nonce | 16 tag     as 87 base32 symbols
//! ```
//!
//! Capitals and digits fit the dense alphanumeric mode of QR codes; the length can be mistaken for no coupon code. That a
//! nonce is used once is the caller's to keep: here a token is only shown to be fresh and ours.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{CouponId, CustomerId};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::base32;
use super::error::CodeError;
use super::keys::{CodeKey, CodeKeys};

/// The longest a token lives.
pub const QR_LIFE_SECONDS: i64 = 60;

/// Clocks of several instances may differ a little; a token "from the future" within this is still taken.
const SKEW_SECONDS: i64 = 1;
const QR_DOMAIN: &[u8] = b"huike/qr/v1\0";
const BODY_BYTES: usize = 38;
const TAG_BYTES: usize = 16;
const TOKEN_SYMBOLS: usize = 87;
const KIND_COUPON: u8 = 1;
const KIND_MEMBER: u8 = 2;

/// What a token shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrSubject {
    /// One coupon.
    Coupon(CouponId),
    /// A customer, whose coupons the clerk then sees.
    Member(CustomerId),
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QrClaims {
    /// What it shows.
    pub subject: QrSubject,
    /// The first moment it is no longer good.
    pub expires_at: DateTime<Utc>,
    /// Random bytes that let it be used once.
    pub nonce: [u8; 12],
}

impl QrClaims {
    /// A token's content that lives the full [`QR_LIFE_SECONDS`] from `now`.
    pub fn starting_at(now: DateTime<Utc>, subject: QrSubject, nonce: [u8; 12]) -> Self {
        let life = TimeDelta::seconds(QR_LIFE_SECONDS);
        let expires_at = now.checked_add_signed(life).unwrap_or(now);
        Self { subject, expires_at, nonce }
    }

    fn body(&self, key_id: u8) -> Vec<u8> {
        let (kind, id) = match self.subject {
            QrSubject::Coupon(id) => (KIND_COUPON, id.as_uuid().into_bytes()),
            QrSubject::Member(id) => (KIND_MEMBER, id.as_uuid().into_bytes()),
        };
        let mut body = Vec::with_capacity(BODY_BYTES);
        body.extend([kind, key_id]);
        body.extend(id);
        body.extend(self.expires_at.timestamp_micros().to_be_bytes());
        body.extend(self.nonce);
        body
    }

    /// The key id and the claims of a body.
    fn from_body(body: &[u8]) -> Option<(u8, Self)> {
        let (&[kind, key_id], rest) = body.split_first_chunk()?;
        let (&id, rest) = rest.split_first_chunk::<16>()?;
        let (&micros, rest) = rest.split_first_chunk::<8>()?;
        let nonce: [u8; 12] = rest.try_into().ok()?;
        let id = Uuid::from_bytes(id);
        let subject = match kind {
            KIND_COUPON => QrSubject::Coupon(CouponId::from_uuid(id)),
            KIND_MEMBER => QrSubject::Member(CustomerId::from_uuid(id)),
            _ => return None,
        };
        let expires_at = DateTime::from_timestamp_micros(i64::from_be_bytes(micros))?;
        let claims = Self { subject, expires_at, nonce };
        Some((key_id, claims))
    }
}

/// Whether the text can only be a token: no code is so long. It may still be forged.
pub fn is_qr_token(text: &str) -> bool {
    text.trim().len() == TOKEN_SYMBOLS
}

/// Signs what a token says, as text for a QR code.
pub fn make_qr_token(claims: &QrClaims, key: &CodeKey) -> String {
    let mut bytes = claims.body(key.id());
    let tag = tag(&bytes, key);
    bytes.extend(tag);
    base32::encode(&bytes)
}

/// Reads a token. A tag that does not fit, an unknown key and a longer life than any token has are all `QrForged`.
pub fn verify_qr_token(text: &str, keys: &CodeKeys, now: DateTime<Utc>) -> Result<QrClaims, CodeError> {
    let (body, shown_tag) = split(text).ok_or(CodeError::QrForged)?;
    let (key_id, claims) = QrClaims::from_body(&body).ok_or(CodeError::QrForged)?;
    let key = keys.find(key_id).ok_or(CodeError::QrForged)?;
    if !bool::from(tag(&body, key).ct_eq(&shown_tag)) {
        return Err(CodeError::QrForged);
    }
    if now >= claims.expires_at {
        return Err(CodeError::QrExpired);
    }
    let life_max = TimeDelta::seconds(QR_LIFE_SECONDS.saturating_add(SKEW_SECONDS));
    if claims.expires_at.signed_duration_since(now) > life_max {
        return Err(CodeError::QrForged);
    }
    Ok(claims)
}

fn split(text: &str) -> Option<(Vec<u8>, [u8; TAG_BYTES])> {
    if !is_qr_token(text) {
        return None;
    }
    let text = text.trim().to_ascii_uppercase();
    let bytes = base32::decode(&text)?;
    let (body, tag) = bytes.split_last_chunk::<TAG_BYTES>()?;
    Some((body.to_vec(), *tag))
}

fn tag(body: &[u8], key: &CodeKey) -> [u8; TAG_BYTES] {
    let mac = key.sign(&[QR_DOMAIN, body]);
    mac.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600, 0).unwrap()
    }

    fn keys() -> CodeKeys {
        CodeKeys::new(CodeKey::new(3, [3; 32]).unwrap(), vec![]).unwrap()
    }

    fn claims() -> QrClaims {
        let coupon = CouponId::from_uuid(Uuid::from_u128(42));
        QrClaims::starting_at(now(), QrSubject::Coupon(coupon), [9; 12])
    }

    #[test]
    fn a_token_reads_back_until_its_minute_is_over() {
        let token = make_qr_token(&claims(), keys().active());
        assert!(is_qr_token(&token) && !is_qr_token(&token[1..]));
        let last = now() + TimeDelta::seconds(60) - TimeDelta::microseconds(1);
        assert_eq!(verify_qr_token(&token, &keys(), now()), Ok(claims()));
        assert_eq!(verify_qr_token(&token.to_lowercase(), &keys(), last), Ok(claims()));
        let over = now() + TimeDelta::seconds(60);
        assert_eq!(verify_qr_token(&token, &keys(), over), Err(CodeError::QrExpired));
    }

    /// Computed apart from this crate.
    #[test]
    fn a_token_has_its_documented_layout() {
        let wanted = "041G000000000000000000000002M0068X44KCY7004GJ289144GJ289144GK8VX2D498VXSW5PEGPQFEECCBQG";
        assert_eq!(make_qr_token(&claims(), keys().active()), wanted);
    }

    #[test]
    fn a_token_that_would_live_too_long_is_refused() {
        let mut long = claims();
        long.expires_at += TimeDelta::seconds(2);
        let token = make_qr_token(&long, keys().active());
        assert_eq!(verify_qr_token(&token, &keys(), now()), Err(CodeError::QrForged));
    }

    #[test]
    fn members_and_coupons_are_told_apart() {
        let member = QrSubject::Member(CustomerId::from_uuid(Uuid::from_u128(42)));
        let claims = QrClaims::starting_at(now(), member, [9; 12]);
        let token = make_qr_token(&claims, keys().active());
        assert_eq!(verify_qr_token(&token, &keys(), now()).unwrap().subject, member);
    }

    #[test]
    fn another_key_and_plain_nonsense_are_forged() {
        let token = make_qr_token(&claims(), &CodeKey::new(3, [4; 32]).unwrap());
        assert_eq!(verify_qr_token(&token, &keys(), now()), Err(CodeError::QrForged));
        let token = make_qr_token(&claims(), &CodeKey::new(4, [3; 32]).unwrap());
        assert_eq!(verify_qr_token(&token, &keys(), now()), Err(CodeError::QrForged));
        for text in ["", "SPRING-10", "满减"] {
            assert_eq!(verify_qr_token(text, &keys(), now()), Err(CodeError::QrForged));
        }
    }

    proptest! {
        #[test]
        fn altering_any_one_symbol_is_never_taken(place in 0..TOKEN_SYMBOLS, step in 1_u8..32) {
            let token = make_qr_token(&claims(), keys().active());
            let mut symbols: Vec<char> = token.chars().collect();
            symbols[place] = base32::symbol(base32::value(symbols[place]).unwrap() + step);
            let altered: String = symbols.iter().collect();
            prop_assert_eq!(verify_qr_token(&altered, &keys(), now()), Err(CodeError::QrForged));
        }
    }
}
