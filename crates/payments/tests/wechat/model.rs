//! Refunds under any sequence of mischief: a caller that keeps to the README pays back exactly what it meant to.

use huike_payments::{PaymentProvider, RefundAsk, RefundStatus, WriteError, testing::Mischief};
use proptest::prelude::*;
use tokio::runtime::Builder;

use crate::{Stage, refund_ask, yuan};

fn mischief() -> impl Strategy<Value = Option<Mischief>> {
    prop_oneof![
        Just(None),
        Just(Some(Mischief::DropAnswer)),
        Just(Some(Mischief::DropRequest)),
        Just(Some(Mischief::FailBefore(500, Some("SYSTEM_ERROR")))),
        Just(Some(Mischief::FailAfter(500, Some("SYSTEM_ERROR")))),
        Just(Some(Mischief::FailBefore(429, None))),
        Just(Some(Mischief::FailBefore(403, Some("NOT_ENOUGH")))),
        Just(Some(Mischief::FailAfter(502, None))),
        Just(Some(Mischief::NoSignature)),
        Just(Some(Mischief::WrongSignature)),
        Just(Some(Mischief::WrongAmount)),
        Just(Some(Mischief::Garbage)),
    ]
}

/// What a caller does who may be killed after any call: half of them query, half just ask again, none takes a new id.
async fn insist(stage: &Stage, ask: &RefundAsk, queries: bool) {
    for _ in 0..30 {
        match stage.pay.refund(ask).await {
            Ok(_) => return,
            Err(WriteError::NotDone(_)) => {}
            Err(WriteError::Unknown(_)) => {
                let known = stage.pay.query_refund(ask.refund).await;
                if queries && known.is_ok_and(|report| report.status != RefundStatus::Absent) {
                    return;
                }
            }
            Err(WriteError::Refused(refusal)) => panic!("nothing here is refused for good: {refusal}"),
        }
    }
    panic!("thirty asks were not enough");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_each_refund_is_paid_back_once(plan in proptest::collection::vec((mischief(), any::<bool>()), 1..12)) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stage = Stage::impatient();
            let paid = stage.paid(1, 100_000).await;
            stage.fake.next(plan.iter().filter_map(|(mischief, _)| mischief.clone()));
            for (number, (_, queries)) in (10_u128..).zip(&plan) {
                insist(&stage, &refund_ask(number, paid, 100, 100_000), *queries).await;
            }
            let meant = yuan("1.00").checked_mul(i64::try_from(plan.len()).unwrap()).unwrap();
            assert_eq!(stage.fake.refunded(paid), meant);
        });
    }
}
