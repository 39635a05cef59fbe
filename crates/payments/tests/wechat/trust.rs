//! Platform certificates: fetched, rotated, and not asked for by strangers.

use huike_payments::{
    CallbackError, PaymentProvider, Trouble, WriteError,
    testing::{FakeWechat, Mischief, SERIAL_A},
    wechat::{PlatformTrust, WechatSettings},
};

use crate::{Stage, ask, is_unknown, minutes, payment};

fn fetches(stage: &Stage) -> usize {
    stage.fake.asked().iter().filter(|asked| *asked == "GET /v3/certificates").count()
}

#[tokio::test]
async fn certificates_are_fetched_when_needed_and_kept() {
    let stage = Stage::with(FakeWechat::settings_with_certificates);
    for number in 1..=3 {
        stage.pay.create(&ask(number, 100)).await.unwrap();
    }
    assert_eq!(fetches(&stage), 1);
    stage.clock.set(stage.now() + minutes(13 * 60));
    stage.pay.query(payment(1)).await.unwrap();
    stage.pay.query(payment(1)).await.unwrap();
    assert_eq!(fetches(&stage), 2);
}

#[tokio::test]
async fn a_certificate_that_follows_another_is_believed_without_a_restart() {
    let stage = Stage::with(FakeWechat::settings_with_certificates);
    stage.pay.create(&ask(1, 100)).await.unwrap();
    stage.fake.rotate_certificate();
    stage.clock.set(stage.now() + minutes(2));
    stage.pay.create(&ask(2, 100)).await.unwrap();
    let notice = stage.fake.pay(payment(2));
    let headers = notice.header_pairs();
    assert!(stage.pay.read_callback(notice.with_headers(&headers), stage.now()).await.is_ok());
    assert_eq!(fetches(&stage), 2);
}

#[tokio::test]
async fn strangers_with_serial_numbers_of_their_own_do_not_make_us_ask() {
    let stage = Stage::with(FakeWechat::settings_with_certificates);
    stage.pay.create(&ask(1, 100)).await.unwrap();
    let notice = stage.fake.pay(payment(1));
    for number in 0..20 {
        let forged = notice.clone().with_header("Wechatpay-Serial", &format!("{number:040X}"));
        let headers = forged.header_pairs();
        let read = stage.pay.read_callback(forged.with_headers(&headers), stage.now()).await;
        assert_eq!(read, Err(CallbackError::KeyUnknown));
    }
    assert_eq!(fetches(&stage), 1);
}

#[tokio::test]
async fn certificates_sealed_with_another_key_are_not_believed() {
    let stage = Stage::with(|fake| {
        let api_v3_key = "ffffffffffffffffffffffffffffffff".into();
        WechatSettings { api_v3_key, ..fake.settings_with_certificates() }
    });
    // Nothing is sent whose answer could not be checked, and strangers do not make us ask again and again.
    for _ in 0..3 {
        assert_eq!(stage.pay.create(&ask(1, 100)).await, Err(WriteError::NotDone(Trouble::KeysMissing)));
    }
    assert_eq!(stage.fake.asked(), ["GET /v3/certificates"]);
}

#[tokio::test]
async fn a_list_of_certificates_that_is_not_signed_now_is_not_believed() {
    let stage = Stage::with(FakeWechat::settings_with_certificates);
    let mischief = [Mischief::WrongSignature, Mischief::NoSignature, Mischief::OldSignature, Mischief::Probe];
    stage.fake.next_certificates(mischief.clone());
    for mischief in mischief {
        let refused = stage.pay.create(&ask(1, 100)).await;
        assert_eq!(refused, Err(WriteError::NotDone(Trouble::KeysMissing)), "{mischief:?}");
        stage.clock.set(stage.now() + minutes(1));
    }
    stage.pay.create(&ask(1, 100)).await.unwrap();
}

#[tokio::test]
async fn who_comes_while_certificates_are_fetched_waits_for_them() {
    let stage = Stage::with(FakeWechat::settings_with_certificates);
    let asks = [ask(1, 100), ask(2, 100), ask(3, 100)];
    let [first, second, third] = asks.each_ref().map(|ask| stage.pay.create(ask));
    let made = tokio::join!(first, second, third);
    assert!(made.0.is_ok() && made.1.is_ok() && made.2.is_ok(), "{made:?}");
    assert_eq!(fetches(&stage), 1);
}

#[tokio::test]
async fn who_moves_from_certificates_to_a_public_key_believes_both() {
    let stage = Stage::with(|fake| {
        let settings = fake.settings_with_certificates();
        let public_key = fake.settings().platform.public_key;
        WechatSettings { platform: PlatformTrust { public_key, certificates: true }, ..settings }
    });
    stage.pay.create(&ask(1, 100)).await.unwrap();
    assert_eq!(fetches(&stage), 0);
    let notice = stage.fake.pay(payment(1));
    let headers = notice.header_pairs();
    assert!(headers.contains(&("Wechatpay-Serial", SERIAL_A)));
    assert!(stage.pay.read_callback(notice.with_headers(&headers), stage.now()).await.is_ok());
    assert_eq!(fetches(&stage), 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_checked_is_not_believed() {
    let stage = Stage::with(FakeWechat::settings_with_certificates);
    stage.fake.next([Mischief::WrongSignature, Mischief::NoSignature]);
    for _ in 0..2 {
        assert!(is_unknown(&stage.pay.create(&ask(1, 100)).await));
    }
}
