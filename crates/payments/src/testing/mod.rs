//! A WeChat Pay for tests: real HTTP on loopback, real signatures in both directions, and every way to misbehave that costs money.
//!
//! Its keys are in this repository, so they protect nothing. It is for tests of this crate and of those above it; see
//! [`FakeWechat::start`].
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test whose fake is broken should stop right here"
)]
#![expect(clippy::format_push_string, reason = "a fake need not be fast")]

mod bill;
mod house;
mod notice;
mod serve;

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use chrono::NaiveDate;
use huike_kernel::{Clock, Money, RandomSource};
use tokio::sync::oneshot;

pub use self::notice::SignedCallback;
use self::{house::House, serve::Shared};
use crate::{
    PaymentRef, RefundRef,
    wechat::{CALL_MAX, Origin, PlatformTrust, PublicKey, WechatPay, WechatSettings, own_tls},
};

/// The merchant that the fake knows.
pub const MERCHANT_ID: &str = "1900000109";
/// Its app.
pub const APP_ID: &str = "wx8888888888888888";
/// The serial number of its certificate.
pub const MERCHANT_SERIAL: &str = "3775B6A45ACD588826D15E583A95F5DD00000000";
/// Its v3 key.
pub const API_V3_KEY: &str = "0123456789abcdef0123456789abcdef";
/// The id of the fake's public key.
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000001092026112200000000000000";
/// The serial number of the platform certificate that it begins with.
pub const SERIAL_A: &str = "05907514A5DCB2B9083E3FC71E74C29175ED6426";
/// And of the one that follows it.
pub const SERIAL_B: &str = "5EBC879D444AC99BC878660368D83DAF3DF58F3A";

/// What the fake does with the next request that is not for certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mischief {
    /// Does it, and answers so much later.
    Delay(Duration),
    /// Does it, and hangs up without an answer.
    DropAnswer,
    /// Hangs up without doing it.
    DropRequest,
    /// Answers with this status and code, without doing it.
    FailBefore(u16, Option<&'static str>),
    /// Does it, and then answers with this status and code.
    FailAfter(u16, Option<&'static str>),
    /// Does it; the signature of the answer is somebody else's.
    WrongSignature,
    /// Does it; the answer is not signed.
    NoSignature,
    /// Does it; the answer was signed six minutes ago.
    OldSignature,
    /// Does it; the answer probes our check of signatures.
    Probe,
    /// Does it, and names another amount.
    WrongAmount,
    /// Does it, and names another merchant.
    OtherMerchant,
    /// Does it, and says something that is no JSON, signed.
    Garbage,
    /// Does it, and answers with more than anybody should read.
    Endless,
    /// Points somewhere else.
    Redirect(String),
}

/// How a refund of the fake's ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundEnd {
    /// The money went back.
    Success,
    /// It was given up.
    Closed,
    /// It could not reach the payer.
    Abnormal,
}

/// A WeChat Pay on loopback. It is gone when this is dropped.
pub struct FakeWechat {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
}

impl FakeWechat {
    /// Starts one on a port of its own, with a thread of its own, so that it serves tests with and without a runtime.
    pub fn start(clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::new(clock, format!("http://{address}")));
        let (stop, stopped) = oneshot::channel();
        let ours = Arc::clone(&shared);
        thread::spawn(move || serve::run(listener, &ours, stopped));
        Self { address, shared, stop: Some(stop) }
    }

    /// Where it is.
    pub fn origin(&self) -> Origin {
        Origin::parse(&format!("http://{}", self.address)).unwrap()
    }

    /// Settings that lead to it, in the mode of the public key.
    pub fn settings(&self) -> WechatSettings {
        WechatSettings {
            merchant_id: MERCHANT_ID.to_owned(),
            app_id: APP_ID.to_owned(),
            merchant_serial: MERCHANT_SERIAL.to_owned(),
            merchant_key_pem: include_str!("keys/merchant.key.pem").into(),
            api_v3_key: API_V3_KEY.into(),
            platform: PlatformTrust {
                public_key: Some(PublicKey {
                    id: PUBLIC_KEY_ID.to_owned(),
                    pem: include_str!("keys/public_key.pub.pem").to_owned(),
                }),
                certificates: false,
            },
            hosts: vec![self.origin()],
            call_max: CALL_MAX,
        }
    }

    /// Settings that lead to it, in the mode of certificates. Callbacks are signed with them from now on.
    pub fn settings_with_certificates(&self) -> WechatSettings {
        self.shared.house().signs_with_certificate = true;
        let platform = PlatformTrust { public_key: None, certificates: true };
        WechatSettings { platform, ..self.settings() }
    }

    /// The provider that these settings make.
    pub fn provider(&self, settings: &WechatSettings) -> WechatPay {
        WechatPay::new(settings, own_tls().unwrap(), Arc::clone(&self.shared.clock), Arc::new(SystemRandom)).unwrap()
    }

    /// What it does with the next requests, one each.
    pub fn next(&self, mischief: impl IntoIterator<Item = Mischief>) {
        self.shared.house().mischief.extend(mischief);
    }

    /// What it does with the next requests for certificates, one each, once it has done them.
    pub fn next_certificates(&self, mischief: impl IntoIterator<Item = Mischief>) {
        self.shared.house().certificate_mischief.extend(mischief);
    }

    /// Every request that came in with a good signature: method and path.
    pub fn asked(&self) -> Vec<String> {
        self.shared.house().asked.clone()
    }

    /// Somebody pays what is due. The callback that tells of it is yours to deliver, late, twice or never.
    pub fn pay(&self, payment: PaymentRef) -> SignedCallback {
        let due = self.shared.house().payment(payment).amount_fen;
        self.pay_amount(payment, Money::from_fen(due))
    }

    /// Somebody pays, and it is another amount.
    pub fn pay_amount(&self, payment: PaymentRef, amount: Money) -> SignedCallback {
        let (now, mut house) = (self.shared.clock.now(), self.shared.house());
        house.pay(payment, amount.fen(), now);
        let told = house.payment(payment).to_json(&payment.to_string());
        let url = house.payment(payment).notify_url.clone();
        drop(house);
        self.notice("TRANSACTION.SUCCESS", &told, url)
    }

    /// A refund comes to its end. The callback that tells of it is yours to deliver.
    pub fn end_refund(&self, refund: RefundRef, end: RefundEnd) -> SignedCallback {
        let (now, mut house) = (self.shared.clock.now(), self.shared.house());
        let (told, url) = house.end_refund(refund, end, now);
        drop(house);
        let event_type = match end {
            RefundEnd::Success => "REFUND.SUCCESS",
            RefundEnd::Closed => "REFUND.CLOSED",
            RefundEnd::Abnormal => "REFUND.ABNORMAL",
        };
        self.notice(event_type, &told, url)
    }

    /// How much of a payment went back or is on its way, over all its refunds.
    pub fn refunded(&self, payment: PaymentRef) -> Money {
        Money::from_fen(self.shared.house().refunded_fen(&payment.to_string()))
    }

    /// How many payments it knows.
    pub fn payments(&self) -> usize {
        self.shared.house().payments.len()
    }

    /// Puts the second platform certificate beside the first, and signs with it from now on.
    pub fn rotate_certificate(&self) {
        self.shared.house().rotated = true;
    }

    /// The bill of a day as it is made: from what was paid and refunded. What `change` makes of it is what is sent, but the digest is of
    /// what it was.
    pub fn damage_bill(&self, change: fn(String) -> String) {
        self.shared.house().damage = Some(change);
    }

    /// The bill of a day, as it would be sent.
    pub fn bill(&self, day: NaiveDate) -> String {
        bill::write_bill(&self.shared.house(), day)
    }
}

impl Drop for FakeWechat {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Nobody listens any more if the thread ended by itself.
            let _gone = stop.send(());
        }
    }
}

impl Shared {
    fn house(&self) -> MutexGuard<'_, House> {
        self.house.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes from the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), bytes).unwrap();
    }
}

/// What is to be done with requests, in their order.
type Queue = VecDeque<Mischief>;
/// What everybody who serves a request shares.
type Locked = Mutex<House>;
