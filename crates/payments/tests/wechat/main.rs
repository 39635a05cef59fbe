//! WeChat Pay against a fake one: real HTTP, real signatures.
#![cfg(test)]

mod bills;
mod callbacks;
mod encrypted;
mod faults;
mod flows;
mod model;
mod secrets;
mod trust;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Clock, ManualClock, Money};
use huike_payments::{
    PayMethod, PayerId, PaymentAsk, PaymentProvider, PaymentRef, RefundAsk, RefundRef, WriteError,
    testing::FakeWechat,
    wechat::{WechatPay, WechatSettings},
};
use uuid::Uuid;

/// A fake, the provider that talks to it, and the clock of both.
struct Stage {
    clock: Arc<ManualClock>,
    fake: FakeWechat,
    pay: WechatPay,
}

impl Stage {
    fn new() -> Self {
        Self::with(FakeWechat::settings)
    }

    fn with(settings: impl FnOnce(&FakeWechat) -> WechatSettings) -> Self {
        let clock = Arc::new(ManualClock::new("2026-11-22T04:00:00Z".parse().unwrap()));
        let fake = FakeWechat::start(Arc::clone(&clock) as Arc<dyn Clock>);
        let pay = fake.provider(&settings(&fake));
        Self { clock, fake, pay }
    }

    /// One that does not wait long for answers.
    fn impatient() -> Self {
        Self::with(|fake| WechatSettings { call_max: Duration::from_secs(1), ..fake.settings() })
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A payment that was made and paid.
    async fn paid(&self, number: u128, fen: i64) -> PaymentRef {
        let ask = ask(number, fen);
        self.pay.create(&ask).await.unwrap();
        drop(self.fake.pay(ask.payment));
        ask.payment
    }
}

fn payment(number: u128) -> PaymentRef {
    PaymentRef::from(Uuid::from_u128(number))
}

fn refund(number: u128) -> RefundRef {
    RefundRef::from(Uuid::from_u128(number))
}

fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

fn ask(number: u128, fen: i64) -> PaymentAsk {
    PaymentAsk {
        payment: payment(number),
        amount: Money::from_fen(fen),
        description: "茶, 两份".to_owned(),
        method: PayMethod::Jsapi { payer: PayerId::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o") },
        expires_at: "2026-11-22T04:30:00Z".parse::<DateTime<Utc>>().unwrap(),
        notify_url: "http://127.0.0.1:9/callbacks/wechat".to_owned(),
    }
}

fn refund_ask(number: u128, of: PaymentRef, fen: i64, paid: i64) -> RefundAsk {
    RefundAsk {
        refund: refund(number),
        payment: of,
        amount: Money::from_fen(fen),
        paid: Money::from_fen(paid),
        reason: Some("不要了".to_owned()),
        notify_url: "http://127.0.0.1:9/callbacks/wechat".to_owned(),
    }
}

fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

/// Whether nobody can know if it was done.
fn is_unknown<T>(result: &Result<T, WriteError>) -> bool {
    matches!(result, Err(WriteError::Unknown(_)))
}
