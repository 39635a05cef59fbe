//! What goes wrong between WeChat Pay and us, and that nothing is done twice because of it.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::{Duration, Instant},
};

use huike_payments::{
    PaymentProvider, PaymentStatus, ReadError, RefundStatus, Refusal, Trouble, WriteError,
    testing::Mischief,
    wechat::{Origin, WechatSettings},
};

use crate::{Stage, ask, is_unknown, payment, refund, refund_ask, yuan};

/// An address where nobody listens.
fn nobody() -> Origin {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    Origin::parse(&format!("http://127.0.0.1:{port}")).unwrap()
}

/// The mischief that leaves a refund done, and us without knowing.
fn silences() -> [Mischief; 11] {
    [
        Mischief::DropAnswer,
        Mischief::Delay(Duration::from_secs(60)),
        Mischief::FailAfter(500, Some("SYSTEM_ERROR")),
        Mischief::FailAfter(502, None),
        Mischief::FailAfter(202, Some("USERPAYING")),
        Mischief::WrongSignature,
        Mischief::NoSignature,
        Mischief::OldSignature,
        Mischief::Probe,
        Mischief::WrongAmount,
        Mischief::Garbage,
    ]
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_found_by_query_and_paid_back_once() {
    let stage = Stage::impatient();
    let paid = stage.paid(1, 10_000).await;
    for (mischief, number) in silences().into_iter().zip(100..) {
        stage.fake.next([mischief.clone()]);
        let ask = refund_ask(number, paid, 1, 10_000);
        let lost = stage.pay.refund(&ask).await;
        assert!(is_unknown(&lost), "{mischief:?}: {lost:?}");
        let found = stage.pay.query_refund(refund(number)).await.unwrap();
        assert_eq!(found.status, RefundStatus::Processing, "{mischief:?}");
        // Whoever crashed before the query may as well ask again.
        assert_eq!(stage.pay.refund(&ask).await.unwrap(), found, "{mischief:?}");
    }
    assert_eq!(stage.fake.refunded(paid), yuan("0.11"));
}

#[tokio::test]
async fn a_refund_that_never_arrived_is_absent_and_may_be_asked_again() {
    let stage = Stage::new();
    let paid = stage.paid(1, 900).await;
    for mischief in
        [Mischief::DropRequest, Mischief::FailBefore(500, Some("SYSTEM_ERROR")), Mischief::FailBefore(403, None)]
    {
        stage.fake.next([mischief.clone()]);
        let ask = refund_ask(7, paid, 300, 900);
        assert!(is_unknown(&stage.pay.refund(&ask).await), "{mischief:?}");
        assert_eq!(stage.pay.query_refund(refund(7)).await.unwrap().status, RefundStatus::Absent, "{mischief:?}");
    }
    stage.pay.refund(&refund_ask(7, paid, 300, 900)).await.unwrap();
    assert_eq!(stage.fake.refunded(paid), yuan("3.00"));
}

#[tokio::test]
async fn what_is_said_not_to_be_done_may_be_asked_again_later() {
    let stage = Stage::new();
    let paid = stage.paid(1, 900).await;
    let denied = Trouble::NotAuthorised { code: "NO_AUTH".to_owned() };
    for (mischief, trouble) in [
        (Mischief::FailBefore(429, Some("FREQUENCY_LIMITED")), Trouble::Busy),
        (Mischief::FailBefore(429, None), Trouble::Busy),
        (Mischief::FailBefore(403, Some("NOT_ENOUGH")), Trouble::OutOfFunds),
        (Mischief::FailBefore(403, Some("NO_AUTH")), denied),
    ] {
        stage.fake.next([mischief]);
        assert_eq!(stage.pay.refund(&refund_ask(7, paid, 1, 900)).await, Err(WriteError::NotDone(trouble)));
    }
    stage.fake.next([Mischief::FailBefore(403, Some("USER_ACCOUNT_ABNORMAL"))]);
    let refused = WriteError::Refused(Refusal::Other { code: "USER_ACCOUNT_ABNORMAL".to_owned() });
    assert_eq!(stage.pay.refund(&refund_ask(7, paid, 1, 900)).await, Err(refused));
    assert_eq!(stage.fake.refunded(paid), yuan("0.00"));
}

#[tokio::test]
async fn a_question_without_an_answer_says_nothing_about_the_payment() {
    let stage = Stage::impatient();
    let paid = stage.paid(1, 900).await;
    for mischief in silences().into_iter().chain([Mischief::DropRequest, Mischief::OtherMerchant]) {
        if mischief == Mischief::WrongAmount {
            // What was paid is what WeChat Pay says: whether it is what was due is for the order to see.
            continue;
        }
        stage.fake.next([mischief.clone()]);
        let answer = stage.pay.query(paid).await;
        assert!(matches!(answer, Err(ReadError::Unanswered(_))), "{mischief:?}: {answer:?}");
    }
    stage.fake.next([Mischief::WrongAmount]);
    let PaymentStatus::Paid(told) = stage.pay.query(paid).await.unwrap().status else { panic!("it is paid") };
    assert_eq!(told.amount, yuan("9.01"));
}

#[tokio::test]
async fn nobody_is_called_twice_by_us() {
    let stage = Stage::impatient();
    stage.fake.next([Mischief::FailAfter(500, Some("SYSTEM_ERROR"))]);
    assert!(is_unknown(&stage.pay.create(&ask(1, 100)).await));
    stage.fake.next([Mischief::DropAnswer]);
    assert!(is_unknown(&stage.pay.close(payment(1)).await));
    assert_eq!(stage.fake.asked().len(), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (stage, other) = (Stage::new(), Stage::new());
    for to in [format!("{}/v3/pay/transactions/jsapi", other.fake.origin()), "/v3/pay/transactions/native".to_owned()] {
        stage.fake.next([Mischief::Redirect(to)]);
        let failed = WriteError::Unknown(Trouble::ProviderFailed { status: 302 });
        assert_eq!(stage.pay.create(&ask(1, 100)).await, Err(failed));
    }
    assert_eq!((stage.fake.asked().len(), other.fake.asked().len(), stage.fake.payments()), (2, 0, 0));
}

#[tokio::test]
async fn time_and_answer_are_bounded() {
    let stage = Stage::impatient();
    let began = Instant::now();
    stage.fake.next([Mischief::Delay(Duration::from_secs(60)), Mischief::Endless]);
    assert_eq!(stage.pay.create(&ask(1, 100)).await, Err(WriteError::Unknown(Trouble::TimedOut)));
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(stage.pay.create(&ask(1, 100)).await, Err(WriteError::Unknown(Trouble::AnswerBroken)));
}

#[tokio::test]
async fn who_cannot_be_reached_was_told_nothing_and_the_other_host_is_tried() {
    let lonely = Stage::with(|fake| WechatSettings { hosts: vec![nobody(), nobody()], ..fake.settings() });
    assert_eq!(lonely.pay.create(&ask(1, 100)).await, Err(WriteError::NotDone(Trouble::Unreachable)));
    assert_eq!(lonely.pay.query(payment(1)).await, Err(ReadError::Unanswered(Trouble::Unreachable)));
    let backed = Stage::with(|fake| WechatSettings { hosts: vec![nobody(), fake.origin()], ..fake.settings() });
    backed.pay.create(&ask(1, 100)).await.unwrap();
    // Once something was sent, the other host is not asked to do it again.
    let twice = Stage::with(|fake| WechatSettings { hosts: vec![fake.origin(), fake.origin()], ..fake.settings() });
    twice.fake.next([Mischief::DropAnswer]);
    assert!(is_unknown(&twice.pay.create(&ask(1, 100)).await));
    assert_eq!(twice.fake.asked().len(), 1);
}

#[tokio::test]
async fn a_caller_without_the_merchants_key_is_not_served() {
    let other = include_str!("../../src/testing/keys/platform_b.key.pem");
    let stage = Stage::with(|fake| WechatSettings { merchant_key_pem: other.into(), ..fake.settings() });
    let denied = Trouble::NotAuthorised { code: "SIGN_ERROR".to_owned() };
    let refused = stage.pay.create(&ask(1, 100)).await;
    assert_eq!(refused, Err(WriteError::NotDone(denied)));
    assert_eq!((stage.fake.asked().len(), stage.fake.payments()), (0, 0));
}
