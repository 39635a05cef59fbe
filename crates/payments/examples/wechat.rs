//! A payment and a refund whose answer is lost, against a WeChat Pay that runs here.

use std::sync::Arc;

use chrono::TimeDelta;
use huike_kernel::{Clock, SystemClock};
use huike_payments::{
    PayMethod, PaymentAsk, PaymentProvider, PaymentRef, RefundAsk, RefundRef, WriteError,
    testing::{FakeWechat, Mischief},
};
use uuid::Uuid;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fake = FakeWechat::start(Arc::new(SystemClock));
    let wechat = fake.provider(&fake.settings());

    let payment = PaymentRef::from(Uuid::from_u128(1));
    let prompt = wechat
        .create(&PaymentAsk {
            payment,
            amount: "9.90".parse()?,
            description: "Tea for two".to_owned(),
            method: PayMethod::Native,
            expires_at: SystemClock.now() + TimeDelta::minutes(30),
            notify_url: "https://shop.example/callbacks/wechat".to_owned(),
        })
        .await?;
    println!("show this: {prompt:?}");

    // Somebody scans it; WeChat Pay tells us.
    let told = fake.pay(payment);
    let headers = told.header_pairs();
    println!("told: {:?}", wechat.read_callback(told.with_headers(&headers), SystemClock.now()).await?);

    // The answer to a refund is lost. Whether it was done, only WeChat Pay knows; it is asked.
    let refund = RefundRef::from(Uuid::from_u128(2));
    let ask = RefundAsk {
        refund,
        payment,
        amount: "3.00".parse()?,
        paid: "9.90".parse()?,
        reason: None,
        notify_url: "https://shop.example/callbacks/wechat".to_owned(),
    };
    fake.next([Mischief::DropAnswer]);
    if let Err(WriteError::Unknown(trouble)) = wechat.refund(&ask).await {
        println!("lost: {trouble}; found: {:?}", wechat.query_refund(refund).await?.status);
    }
    wechat.refund(&ask).await?;
    println!("asked again, and still only {} went back", fake.refunded(payment));
    Ok(())
}
