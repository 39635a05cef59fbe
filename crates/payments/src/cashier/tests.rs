//! The cashier's laws.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{PayMethod, PaymentRef, RefundRef};

fn cashier() -> Cashier {
    Cashier::new([7; 32], "http://127.0.0.1:8080/cashier")
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_320_000, 0).unwrap()
}

fn ask(fen: i64) -> PaymentAsk {
    PaymentAsk {
        payment: PaymentRef::from(Uuid::from_u128(1)),
        amount: Money::from_fen(fen),
        description: "茶".to_owned(),
        method: PayMethod::Native,
        expires_at: now() + TimeDelta::minutes(30),
        notify_url: "http://127.0.0.1:8080/callbacks/test".to_owned(),
    }
}

fn ticket_text(cashier: &Cashier, fen: i64) -> String {
    let PaymentPrompt::Page { url } = cashier.prompt(&ask(fen)).unwrap() else { panic!("a page") };
    url.strip_prefix("http://127.0.0.1:8080/cashier?ticket=").unwrap().to_owned()
}

fn read(notice: &CashierNotice, signed_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<CallbackEvent, CallbackError> {
    let headers = notice.sign(&cashier(), signed_at);
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    cashier().read_callback(Callback { headers: &headers, body: &notice.body }, now)
}

#[test]
fn every_button_has_its_end_and_its_callbacks() {
    let ticket = cashier().read_ticket(&ticket_text(&cashier(), 990)).unwrap();
    for (button, waits, is_paid) in [
        (CashierButton::Approve, vec![0], true),
        (CashierButton::Decline, vec![0], false),
        (CashierButton::Delay, vec![60], true),
        (CashierButton::Duplicate, vec![0, 1], true),
    ] {
        let (report, told) = cashier().press(&ticket, button, now()).unwrap();
        assert_eq!(matches!(report.status, PaymentStatus::Paid(_)), is_paid, "{button}");
        assert_eq!(told.iter().map(|it| (it.due_at - now()).num_seconds()).collect::<Vec<_>>(), waits, "{button}");
        let events: Vec<_> = told.iter().map(|it| read(it, it.due_at, it.due_at).unwrap()).collect();
        assert!(events.iter().all(|event| event.news == CallbackNews::Payment(report.clone())), "{button}");
        assert!(events.windows(2).all(|pair| pair[0] == pair[1]), "{button}");
    }
}

#[test]
fn a_refund_is_done_and_told() {
    let ask = RefundAsk {
        refund: RefundRef::from(Uuid::from_u128(2)),
        payment: PaymentRef::from(Uuid::from_u128(1)),
        amount: Money::from_fen(100),
        paid: Money::from_fen(990),
        reason: None,
        notify_url: "http://127.0.0.1:8080/callbacks/test".to_owned(),
    };
    let (report, notice) = cashier().refund(&ask, now()).unwrap();
    assert_eq!(report.status, RefundStatus::Done { at: now() });
    assert_eq!(read(&notice, now(), now()).unwrap().news, CallbackNews::Refund(report));
    for amount in [0, -1, 991] {
        assert!(cashier().refund(&RefundAsk { amount: Money::from_fen(amount), ..ask.clone() }, now()).is_err());
    }
}

#[test]
fn a_ticket_cannot_be_made_cheaper_made_by_another_or_used_late() {
    let text = ticket_text(&cashier(), 990);
    let ticket = cashier().read_ticket(&text).unwrap();
    assert_eq!((ticket.amount, ticket.description.as_str()), (Money::from_fen(990), "茶"));
    let (_, signature) = text.split_once('.').unwrap();
    let cheap = ticket_text(&Cashier::new([8; 32], "http://127.0.0.1:8080/cashier"), 1);
    let mixed = format!("{}.{signature}", cheap.split_once('.').unwrap().0);
    for forged in ["", ".", "a.b", &cheap, &mixed, &text[1..], &text[..text.len() - 1]] {
        assert_eq!(cashier().read_ticket(forged), Err(TicketError::Forged), "{forged}");
    }
    let late = cashier().press(&ticket, CashierButton::Approve, ticket.expires_at);
    assert_eq!(late, Err(TicketError::Expired));
    assert!(cashier().prompt(&ask(0)).is_err());
}

#[test]
fn a_callback_is_believed_only_with_its_signature_and_for_five_minutes() {
    let ticket = cashier().read_ticket(&ticket_text(&cashier(), 990)).unwrap();
    let (_, told) = cashier().press(&ticket, CashierButton::Approve, now()).unwrap();
    let notice = &told[0];
    assert!(read(notice, now(), now() + TimeDelta::minutes(5)).is_ok());
    assert_eq!(read(notice, now(), now() + TimeDelta::minutes(6)), Err(CallbackError::TimestampFar));
    let [(_, at), (_, signature)] = notice.sign(&cashier(), now());
    let (at, signature) = ((TIMESTAMP_HEADER, at.as_str()), (SIGNATURE_HEADER, signature.as_str()));
    let try_it = |headers: &[(&str, &str)], body: &[u8]| cashier().read_callback(Callback { headers, body }, now());
    assert_eq!(try_it(&[at], &notice.body), Err(CallbackError::Unsigned));
    assert_eq!(try_it(&[signature], &notice.body), Err(CallbackError::Unsigned));
    assert_eq!(try_it(&[at, signature, signature], &notice.body), Err(CallbackError::Unsigned));
    assert_eq!(try_it(&[at, signature], b"{}"), Err(CallbackError::SignatureWrong));
    let other = (TIMESTAMP_HEADER, "1795320001");
    assert_eq!(try_it(&[other, signature], &notice.body), Err(CallbackError::SignatureWrong));
    // A ticket's signature is none of a callback's.
    let (body, mark) = ticket.write(&cashier()).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(try_it(&[at, (SIGNATURE_HEADER, &mark)], body.as_bytes()), Err(CallbackError::SignatureWrong));
    assert!(!format!("{:?}", cashier()).contains("7, 7"));
}

proptest! {
    #[test]
    fn a_ticket_reads_back(fen in 1..1_000_000_i64, description: String) {
        let ask = PaymentAsk { description, ..ask(fen) };
        let PaymentPrompt::Page { url } = cashier().prompt(&ask).unwrap() else { panic!("a page") };
        let ticket = cashier().read_ticket(url.split_once("ticket=").unwrap().1).unwrap();
        prop_assert_eq!((ticket.amount, ticket.description, ticket.payment), (ask.amount, ask.description, ask.payment));
        prop_assert_eq!((ticket.expires_at, ticket.notify_url), (ask.expires_at, ask.notify_url));
    }

    #[test]
    fn nothing_makes_it_panic(text: String, body: Vec<u8>) {
        prop_assert!(cashier().read_ticket(&text).is_err());
        let headers = [(TIMESTAMP_HEADER, text.as_str()), (SIGNATURE_HEADER, text.as_str())];
        let read = cashier().read_callback(Callback { headers: &headers, body: &body }, now());
        prop_assert!(read.is_err());
    }
}
