//! Callbacks: what is believed, and everything that is not.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    thread,
};

use huike_payments::{
    Callback, CallbackError, CallbackEvent, CallbackNews, PaymentAsk, PaymentProvider, PaymentStatus, RefundStatus,
    callback::BODY_BYTES_MAX,
    testing::{RefundEnd, SignedCallback},
};
use serde_json::{Value, json};

use crate::{Stage, ask, minutes, payment, refund, refund_ask, yuan};

impl Stage {
    async fn read(&self, callback: &SignedCallback) -> Result<CallbackEvent, CallbackError> {
        let headers = callback.header_pairs();
        self.pay.read_callback(callback.with_headers(&headers), self.now()).await
    }

    async fn paid_notice(&self) -> SignedCallback {
        self.pay.create(&ask(1, 990)).await.unwrap();
        self.fake.pay(payment(1))
    }

    /// A genuine notice of a payment, in which `change` was changed before it was sealed.
    async fn notice_with(&self, change: impl FnOnce(&mut Value)) -> SignedCallback {
        let mut told = json!({
            "mchid": "1900000109", "appid": "wx8888888888888888", "out_trade_no": payment(1).to_string(), "trade_state": "SUCCESS",
            "transaction_id": "4200000001", "success_time": "2026-11-22T12:00:00+08:00", "payer": { "openid": "o" },
            "amount": { "total": 990, "payer_total": 990, "currency": "CNY" },
        });
        change(&mut told);
        self.fake.notice("TRANSACTION.SUCCESS", &told, String::new())
    }
}

#[tokio::test]
async fn a_genuine_callback_says_what_was_paid_and_the_same_when_it_is_told_again() {
    let stage = Stage::new();
    let notice = stage.paid_notice().await;
    let event = stage.read(&notice).await.unwrap();
    assert_eq!(stage.read(&notice).await.unwrap(), event);
    let CallbackNews::Payment(report) = event.news else { panic!("a payment") };
    assert_eq!(report, stage.pay.query(payment(1)).await.unwrap());
    let PaymentStatus::Paid(paid) = report.status else { panic!("it is paid") };
    assert_eq!(paid.amount, yuan("9.90"));
}

#[tokio::test]
async fn a_callback_arrives_as_it_was_signed() {
    let stage = Stage::new();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/callbacks/wechat", listener.local_addr().unwrap());
    stage.pay.create(&PaymentAsk { notify_url: url, ..ask(1, 990) }).await.unwrap();
    let notice = stage.fake.pay(payment(1));
    let sent = thread::spawn(move || notice.deliver());
    let (mut stream, _) = listener.accept().unwrap();
    let mut got = Vec::new();
    let arrived = loop {
        let mut part = [0; 4_096];
        let read = stream.read(&mut part).unwrap();
        got.extend_from_slice(&part[..read]);
        let text = String::from_utf8(got.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && head.contains(&format!("Content-Length: {}", body.len()))
        {
            break (head.to_owned(), body.to_owned());
        }
    };
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    drop(stream);
    assert_eq!(sent.join().unwrap(), 204);
    assert!(arrived.0.starts_with("POST /callbacks/wechat HTTP/1.1\r\n"));
    let headers: Vec<_> = arrived.0.lines().filter_map(|line| line.split_once(": ")).collect();
    let callback = Callback { headers: &headers, body: arrived.1.as_bytes() };
    assert!(stage.pay.read_callback(callback, stage.now()).await.is_ok());
}

#[tokio::test]
async fn another_amount_is_told_as_it_is() {
    let stage = Stage::new();
    stage.pay.create(&ask(1, 990)).await.unwrap();
    let event = stage.read(&stage.fake.pay_amount(payment(1), yuan("0.01"))).await.unwrap();
    let CallbackNews::Payment(report) = event.news else { panic!("a payment") };
    assert!(matches!(report.status, PaymentStatus::Paid(paid) if paid.amount == yuan("0.01")));
}

#[tokio::test]
async fn the_ends_of_refunds_are_told() {
    let stage = Stage::new();
    let paid = stage.paid(1, 900).await;
    for (number, end, status) in [
        (7, RefundEnd::Success, RefundStatus::Done { at: stage.now() }),
        (8, RefundEnd::Closed, RefundStatus::Closed),
        (9, RefundEnd::Abnormal, RefundStatus::Abnormal),
    ] {
        stage.pay.refund(&refund_ask(number, paid, 100, 900)).await.unwrap();
        let event = stage.read(&stage.fake.end_refund(refund(number), end)).await.unwrap();
        let CallbackNews::Refund(report) = event.news else { panic!("a refund") };
        assert_eq!((report.refund, report.status), (refund(number), status));
        assert_eq!(report, stage.pay.query_refund(refund(number)).await.unwrap());
    }
}

#[tokio::test]
async fn a_forged_callback_is_not_believed() {
    let stage = Stage::new();
    let notice = stage.paid_notice().await;
    // The wrong key under the right name: what the fake signs with a certificate.
    let (headers, other) = (notice.header_pairs(), Stage::with(|fake| fake.settings_with_certificates()));
    let forged = other.fake.signed(notice.body.clone(), stage.now(), String::new());
    let serial = headers.iter().find(|(name, _)| *name == "Wechatpay-Serial").unwrap().1;
    let forged = forged.with_header("Wechatpay-Serial", serial);
    assert_eq!(stage.read(&forged).await, Err(CallbackError::SignatureWrong));
    for (name, value, why) in [
        ("Wechatpay-Signature", "AAAA", CallbackError::SignatureWrong),
        ("Wechatpay-Signature", "no base64", CallbackError::SignatureWrong),
        ("Wechatpay-Nonce", "593BEC0C930BF1AFEB40B4A08C8FB243", CallbackError::SignatureWrong),
        ("Wechatpay-Timestamp", "1795320001", CallbackError::SignatureWrong),
        ("Wechatpay-Timestamp", "soon", CallbackError::Unsigned),
        ("Wechatpay-Serial", "PUB_KEY_ID_OF_SOMEBODY_ELSE", CallbackError::KeyUnknown),
    ] {
        assert_eq!(stage.read(&notice.clone().with_header(name, value)).await, Err(why), "{name}: {value}");
    }
}

#[tokio::test]
async fn a_callback_without_a_header_or_with_one_twice_is_unsigned() {
    let stage = Stage::new();
    let notice = stage.paid_notice().await;
    for left_out in 0..4 {
        let mut headers = notice.header_pairs();
        let header = headers.remove(left_out);
        let read = stage.pay.read_callback(Callback { headers: &headers, body: &notice.body }, stage.now()).await;
        assert_eq!(read, Err(CallbackError::Unsigned), "{header:?}");
        headers.extend([header, header]);
        let read = stage.pay.read_callback(Callback { headers: &headers, body: &notice.body }, stage.now()).await;
        assert_eq!(read, Err(CallbackError::Unsigned), "{header:?}");
    }
}

#[tokio::test]
async fn an_old_callback_is_not_believed_again() {
    let stage = Stage::new();
    let notice = stage.paid_notice().await;
    stage.clock.set(stage.now() + minutes(5));
    assert!(stage.read(&notice).await.is_ok());
    stage.clock.set(stage.now() + minutes(1));
    assert_eq!(stage.read(&notice).await, Err(CallbackError::TimestampFar));
    // Nor with a new time, which is signed too.
    let renewed = notice.with_header("Wechatpay-Timestamp", &stage.now().timestamp().to_string());
    assert_eq!(stage.read(&renewed).await, Err(CallbackError::SignatureWrong));
}

#[tokio::test]
async fn a_probe_is_told_from_a_forgery_and_believed_as_little() {
    let stage = Stage::new();
    let notice = stage.paid_notice().await;
    let signature = notice.header_pairs().iter().find(|(name, _)| *name == "Wechatpay-Signature").unwrap().1.to_owned();
    let probe = notice.with_header("Wechatpay-Signature", &format!("WECHATPAY/SIGNTEST/{signature}"));
    assert_eq!(stage.read(&probe).await, Err(CallbackError::SignatureProbe));
}

#[tokio::test]
async fn a_byte_that_was_changed_is_noticed_outside_and_inside() {
    let stage = Stage::new();
    let notice = stage.paid_notice().await;
    for at in [0, notice.body.len() / 2, notice.body.len() - 1] {
        let mut changed = notice.clone();
        changed.body[at] ^= 1;
        assert_eq!(stage.read(&changed).await, Err(CallbackError::SignatureWrong), "{at}");
    }
    // Signed by WeChat Pay, and still not what was sealed: the inner seal is looked at for itself.
    let body: Value = serde_json::from_slice(&notice.body).unwrap();
    for (key, value) in
        [("ciphertext", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), ("nonce", "fdasflkja485"), ("associated_data", "refund")]
    {
        let mut changed = body.clone();
        changed["resource"][key] = value.into();
        let signed = stage.fake.signed(changed.to_string().into_bytes(), stage.now(), String::new());
        assert_eq!(stage.read(&signed).await, Err(CallbackError::Sealed), "{key}");
    }
}

#[tokio::test]
async fn what_is_for_somebody_else_is_genuine_and_not_acted_upon() {
    let stage = Stage::new();
    for (key, value) in [("mchid", "1900000001"), ("appid", "wx0000000000000000"), ("out_trade_no", "PAY-1")] {
        let foreign = stage.notice_with(|told| told[key] = value.into()).await;
        let error = stage.read(&foreign).await.unwrap_err();
        assert!(error == CallbackError::Foreign && error.is_genuine(), "{key}");
    }
    let told = json!({ "mchid": "1900000001" });
    let mut refund =
        json!({ "refund_id": "5", "out_refund_no": refund(1).to_string(), "out_trade_no": payment(1).to_string() });
    refund["refund_status"] = "CLOSED".into();
    refund["amount"] = json!({ "refund": 1 });
    refund["mchid"] = told["mchid"].clone();
    let foreign = stage.fake.notice("REFUND.CLOSED", &refund, String::new());
    assert_eq!(stage.read(&foreign).await, Err(CallbackError::Foreign));
    let other = stage.fake.notice("COUPON.USE", &told, String::new());
    assert_eq!(stage.read(&other).await, Err(CallbackError::Unexpected));
}

#[tokio::test]
async fn what_does_not_say_what_it_must_is_malformed() {
    let stage = Stage::new();
    let changes: [fn(&mut Value); 6] = [
        |told| told["amount"] = Value::Null,
        |told| told["amount"]["total"] = (-1).into(),
        |told| told["amount"]["total"] = 9.9.into(),
        |told| told["amount"]["currency"] = "USD".into(),
        |told| told["trade_state"] = "WON".into(),
        |told| told["transaction_id"] = "".into(),
    ];
    for change in changes {
        let notice = stage.notice_with(change).await;
        assert_eq!(stage.read(&notice).await, Err(CallbackError::Malformed));
    }
    let signed = stage.fake.signed(b"<xml/>".to_vec(), stage.now(), String::new());
    assert_eq!(stage.read(&signed).await, Err(CallbackError::Malformed));
}

#[tokio::test]
async fn a_body_without_measure_is_refused_before_anything_is_reckoned() {
    let stage = Stage::new();
    let signed = stage.fake.signed(vec![b' '; BODY_BYTES_MAX + 1], stage.now(), String::new());
    assert_eq!(stage.read(&signed).await, Err(CallbackError::TooLong));
    let bare = Callback { headers: &[], body: &vec![b' '; BODY_BYTES_MAX + 1] };
    assert_eq!(stage.pay.read_callback(bare, stage.now()).await, Err(CallbackError::TooLong));
}
