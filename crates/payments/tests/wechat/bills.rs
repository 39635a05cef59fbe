//! The bill of a day, as it comes over the wire.

use huike_payments::{BillLineKind, PaymentProvider, ReadError, Trouble, testing::Mischief};

use crate::{Stage, minutes, refund, refund_ask, yuan};

#[tokio::test]
async fn a_bill_lists_what_was_paid_and_paid_back_on_its_day() {
    let stage = Stage::new();
    let first = stage.paid(1, 990).await;
    stage.pay.refund(&refund_ask(7, first, 90, 990)).await.unwrap();
    stage.clock.set(stage.now() + minutes(24 * 60));
    stage.paid(2, 100).await;
    let bill = stage.pay.trade_bill("2026-11-22".parse().unwrap()).await.unwrap();
    let [payment, back] = bill.lines.as_slice() else { panic!("two lines: {bill:?}") };
    assert_eq!((payment.kind, payment.payment(), payment.amount), (BillLineKind::Payment, Some(first), yuan("9.90")));
    assert_eq!((back.kind, back.refund(), back.amount), (BillLineKind::Refund, Some(refund(7)), yuan("0.90")));
    assert_eq!(back.payment(), Some(first));
    assert_eq!(stage.pay.trade_bill("2026-11-23".parse().unwrap()).await.unwrap().lines.len(), 1);
}

#[tokio::test]
async fn a_bill_that_was_changed_on_the_way_is_damaged() {
    let stage = Stage::new();
    stage.paid(1, 990).await;
    stage.fake.damage_bill(|text| text.replace("9.90", "9.91"));
    let read = stage.pay.trade_bill("2026-11-22".parse().unwrap()).await;
    assert_eq!(read, Err(ReadError::BillDamaged("its digest is another")));
}

#[tokio::test]
async fn no_bill_and_no_bill_yet_are_told_apart_from_trouble() {
    let (stage, day) = (Stage::new(), "2026-11-22".parse().unwrap());
    for (mischief, error) in [
        (Mischief::FailBefore(400, Some("NO_STATEMENT_EXIST")), ReadError::BillAbsent),
        (Mischief::FailBefore(400, Some("STATEMENT_CREATING")), ReadError::BillNotReady),
        (Mischief::FailBefore(500, None), ReadError::Unanswered(Trouble::ProviderFailed { status: 500 })),
        (Mischief::WrongSignature, ReadError::Unanswered(Trouble::AnswerForged)),
    ] {
        stage.fake.next([mischief]);
        assert_eq!(stage.pay.trade_bill(day).await, Err(error));
    }
}
