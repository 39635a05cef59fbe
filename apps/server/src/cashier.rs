//! The test cashier (测试收银台): signs what a person or a test decided, as a real provider signs its notices, and knows its
//! own signature again. Only in the profile `dev`.

use hmac::{Hmac, KeyInit, Mac};
use huike_kernel::{Money, NodeId, PaymentId};
use huike_orders::order::Provider;
use huike_usecases::orders::Told;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::problem::{Problem, Refusal};

/// Keeps this use of the key apart from every other.
const LABEL: &[u8] = b"huike-test-cashier-1\0";

/// The cashier.
pub struct TestCashier {
    key: [u8; 32],
    merchant: NodeId,
}

/// What somebody decided at the cashier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was paid.
    Approve,
    /// It was not.
    Decline,
}

/// A notice as it travels.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Notice {
    notice_id: Uuid,
    merchant_id: NodeId,
    payment_id: PaymentId,
    /// The cashier's number of the payment, and what was paid.
    paid: Option<(String, Money)>,
}

/// A notice with its signature, both in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNotice {
    /// The notice.
    pub notice: String,
    /// HMAC-SHA-256 over its bytes.
    pub signature: String,
}

impl TestCashier {
    /// A cashier of the brand with that head.
    pub fn new(key: [u8; 32], merchant: NodeId) -> Self {
        Self { key, merchant }
    }

    /// Says how a payment ended. Each call is a notice of its own; the number of the payment stays.
    pub fn sign(&self, id: Uuid, payment: PaymentId, paid: Option<Money>) -> Result<SignedNotice, Problem> {
        let paid = paid.map(|amount| (format!("T{}", payment.as_uuid().simple()), amount));
        let notice = Notice { notice_id: id, merchant_id: self.merchant, payment_id: payment, paid };
        let bytes = serde_json::to_vec(&notice).map_err(|error| {
            tracing::error!(%error, "a notice cannot be written");
            Problem::internal()
        })?;
        let signature = self.mac(&bytes).finalize().into_bytes();
        Ok(SignedNotice { notice: hex(&bytes), signature: hex(&signature) })
    }

    /// What a notice says, once it is certain that this cashier signed it, and for this brand.
    pub fn read(&self, signed: &SignedNotice) -> Result<Told, Refusal> {
        let bytes = unhex(&signed.notice).ok_or(Refusal::CallbackUntrusted)?;
        let signature = unhex(&signed.signature).ok_or(Refusal::CallbackUntrusted)?;
        self.mac(&bytes).verify_slice(&signature).map_err(|_wrong| Refusal::CallbackUntrusted)?;
        let notice: Notice = serde_json::from_slice(&bytes).map_err(|_malformed| Refusal::CallbackUntrusted)?;
        if notice.merchant_id != self.merchant {
            return Err(Refusal::CallbackUntrusted);
        }
        Ok(Told {
            provider: Provider::Test,
            notice: notice.notice_id.to_string(),
            payment: notice.payment_id,
            paid: notice.paid,
        })
    }

    fn mac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        // A key filled with zeros to the block size is the same HMAC by definition, and needs no length check.
        let mut block = [0; 64];
        for (slot, byte) in block.iter_mut().zip(&self.key) {
            *slot = *byte;
        }
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(LABEL);
        mac.update(bytes);
        mac
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    text.as_bytes().chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cashier(merchant: u128) -> TestCashier {
        TestCashier::new([7; 32], NodeId::from_uuid(Uuid::from_u128(merchant)))
    }

    #[test]
    fn only_what_the_cashier_signed_for_this_brand_is_believed() {
        let (payment, amount) = (PaymentId::from_uuid(Uuid::from_u128(9)), Money::from_fen(1_000));
        let signed = cashier(1).sign(Uuid::from_u128(5), payment, Some(amount)).unwrap();
        let told = cashier(1).read(&signed).unwrap();
        assert_eq!((told.payment, told.paid.unwrap().1), (payment, amount));
        assert_eq!(cashier(2).read(&signed), Err(Refusal::CallbackUntrusted), "meant for another");
        let other = cashier(1).sign(Uuid::from_u128(5), payment, Some(Money::from_fen(1))).unwrap();
        let mixed = SignedNotice { signature: signed.signature.clone(), ..other };
        assert_eq!(cashier(1).read(&mixed), Err(Refusal::CallbackUntrusted), "another amount");
        for signature in ["", "0", "zz", &signed.notice] {
            let forged = SignedNotice { signature: signature.to_owned(), ..signed.clone() };
            assert_eq!(cashier(1).read(&forged), Err(Refusal::CallbackUntrusted), "{signature}");
        }
    }
}
