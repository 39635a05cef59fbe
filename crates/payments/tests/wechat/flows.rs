//! What goes well, and what is refused for a reason.

use huike_payments::{
    PayMethod, PaymentAsk, PaymentPrompt, PaymentProvider, PaymentStatus, ProviderKind, RefundStatus, Refusal,
    WriteError,
    testing::{APP_ID, MERCHANT_ID, RefundEnd},
};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use tokio_rustls::rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};

use crate::{Stage, ask, payment, refund, refund_ask, yuan};

#[tokio::test]
async fn a_mini_program_gets_what_it_needs_signed_by_the_merchant() {
    let stage = Stage::new();
    assert_eq!(stage.pay.kind(), ProviderKind::Wechat);
    let PaymentPrompt::Jsapi(prompt) = stage.pay.create(&ask(1, 990)).await.unwrap() else { panic!("a prompt") };
    assert_eq!((prompt.app_id.as_str(), prompt.timestamp.as_str()), (APP_ID, "1795320000"));
    assert!(prompt.package.starts_with("prepay_id=wx") && prompt.nonce.len() == 32);
    let text = format!("{}\n{}\n{}\n{}\n", prompt.app_id, prompt.timestamp, prompt.nonce, prompt.package);
    let key = PrivatePkcs8KeyDer::from_pem_slice(include_bytes!("../../src/testing/keys/merchant.key.pem")).unwrap();
    let key = RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
    let signature = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &prompt.signature).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key());
    public.verify(text.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn a_payment_is_pending_then_paid_and_says_by_whom() {
    let stage = Stage::new();
    let ask = ask(1, 990);
    assert_eq!(stage.pay.query(ask.payment).await.unwrap().status, PaymentStatus::Absent);
    stage.pay.create(&ask).await.unwrap();
    assert_eq!(stage.pay.query(ask.payment).await.unwrap().status, PaymentStatus::Pending);
    drop(stage.fake.pay(ask.payment));
    let PaymentStatus::Paid(paid) = stage.pay.query(ask.payment).await.unwrap().status else { panic!("it is paid") };
    assert_eq!((paid.amount, paid.payer_amount, paid.paid_at), (yuan("9.90"), yuan("9.90"), stage.now()));
    assert_eq!((paid.merchant_id.as_str(), paid.app_id.as_str()), (MERCHANT_ID, APP_ID));
    assert!(paid.transaction_id.starts_with("42"));
    assert_eq!(paid.payer.unwrap().expose(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
}

#[tokio::test]
async fn a_code_can_be_shown_instead() {
    let stage = Stage::new();
    let ask = PaymentAsk { method: PayMethod::Native, ..ask(1, 100) };
    let PaymentPrompt::Native { code_url } = stage.pay.create(&ask).await.unwrap() else { panic!("a code") };
    assert!(code_url.starts_with("weixin://wxpay/bizpayurl?pr="));
}

#[tokio::test]
async fn asked_twice_under_one_id_it_is_one_payment_and_another_ask_is_refused() {
    let stage = Stage::new();
    for _ in 0..3 {
        stage.pay.create(&ask(1, 990)).await.unwrap();
    }
    assert_eq!(stage.fake.payments(), 1);
    assert_eq!(stage.pay.create(&ask(1, 991)).await, Err(WriteError::Refused(Refusal::IdReused)));
    drop(stage.fake.pay(payment(1)));
    assert_eq!(stage.pay.create(&ask(1, 990)).await, Err(WriteError::Refused(Refusal::AlreadyPaid)));
}

#[tokio::test]
async fn a_payment_is_closed_once_and_for_all_unless_it_is_paid() {
    let stage = Stage::new();
    for number in [1, 2] {
        stage.pay.create(&ask(number, 100)).await.unwrap();
    }
    for _ in 0..2 {
        assert_eq!(stage.pay.close(payment(1)).await, Ok(()));
    }
    assert_eq!(stage.pay.query(payment(1)).await.unwrap().status, PaymentStatus::Closed);
    assert_eq!(stage.pay.create(&ask(1, 100)).await, Err(WriteError::Refused(Refusal::Closed)));
    drop(stage.fake.pay(payment(2)));
    assert_eq!(stage.pay.close(payment(2)).await, Err(WriteError::Refused(Refusal::AlreadyPaid)));
    assert_eq!(stage.pay.close(payment(3)).await, Err(WriteError::Refused(Refusal::Absent)));
}

#[tokio::test]
async fn a_refund_is_taken_on_and_ends_in_one_of_three_ways() {
    let stage = Stage::new();
    let paid = stage.paid(1, 900).await;
    assert_eq!(stage.pay.query_refund(refund(7)).await.unwrap().status, RefundStatus::Absent);
    for (number, end, status) in [
        (7, RefundEnd::Success, RefundStatus::Done { at: stage.now() }),
        (8, RefundEnd::Closed, RefundStatus::Closed),
        (9, RefundEnd::Abnormal, RefundStatus::Abnormal),
    ] {
        let taken = stage.pay.refund(&refund_ask(number, paid, 300, 900)).await.unwrap();
        assert_eq!((taken.refund, taken.status), (refund(number), RefundStatus::Processing));
        drop(stage.fake.end_refund(refund(number), end));
        let report = stage.pay.query_refund(refund(number)).await.unwrap();
        assert_eq!(report.status, status);
        let booked = report.booked.unwrap();
        assert_eq!((booked.payment, booked.amount), (paid, yuan("3.00")));
        assert!(booked.provider_refund_id.starts_with("503"));
    }
    assert!(matches!(stage.pay.query(paid).await.unwrap().status, PaymentStatus::Paid(_)));
}

#[tokio::test]
async fn the_same_refund_id_pays_back_once_however_often_it_is_asked() {
    let stage = Stage::new();
    let paid = stage.paid(1, 900).await;
    for _ in 0..5 {
        stage.pay.refund(&refund_ask(7, paid, 300, 900)).await.unwrap();
    }
    assert_eq!(stage.fake.refunded(paid), yuan("3.00"));
    for wrong in [refund_ask(7, paid, 301, 900), refund_ask(8, paid, 601, 900), refund_ask(8, paid, 1, 899)] {
        let refused = Err(WriteError::Refused(Refusal::Other { code: "INVALID_REQUEST".to_owned() }));
        assert_eq!(stage.pay.refund(&wrong).await, refused);
    }
    assert_eq!(stage.pay.refund(&refund_ask(9, payment(2), 1, 1)).await, Err(WriteError::Refused(Refusal::Absent)));
    assert_eq!(stage.fake.refunded(paid), yuan("3.00"));
}

#[tokio::test]
async fn what_can_never_be_good_is_not_even_sent() {
    let stage = Stage::new();
    let asks = [
        PaymentAsk { amount: yuan("0.00"), ..ask(1, 1) },
        PaymentAsk { amount: yuan("-1.00"), ..ask(1, 1) },
        PaymentAsk { description: " ".to_owned(), ..ask(1, 1) },
        PaymentAsk { notify_url: "http://shop.example/callbacks".to_owned(), ..ask(1, 1) },
    ];
    for ask in asks {
        assert!(matches!(stage.pay.create(&ask).await, Err(WriteError::Refused(Refusal::Invalid(_)))), "{ask:?}");
    }
    for (amount, paid) in [(0, 100), (-1, 100), (101, 100)] {
        let refused = stage.pay.refund(&refund_ask(7, payment(1), amount, paid)).await;
        assert!(matches!(refused, Err(WriteError::Refused(Refusal::Invalid(_)))), "{amount}");
    }
    assert_eq!(stage.fake.asked(), Vec::<String>::new());
}
