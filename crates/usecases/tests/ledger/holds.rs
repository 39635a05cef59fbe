//! A hold ends exactly once.

use chrono::TimeDelta;
use huike_ledger::AccountKind;
use huike_persistence::db_test;

use crate::books::{Books, amount, code_of};

db_test! {
    fn what_is_held_cannot_be_spent_otherwise(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        let hold = books.held(customer, 7_000);
        assert_eq!(books.balance(books.principal(customer)), (10_000, 3_000));
        assert_eq!(code_of(&books.post(&books.spend(customer, 3_001))), "balance_insufficient");
        assert_eq!(code_of(&books.hold(&books.hold_ask(customer, 3_001))), "balance_insufficient");
        books.void(hold).unwrap();
        assert_eq!(books.balance(books.principal(customer)), (10_000, 10_000));
        let nobody = books.shop.customer();
        assert_eq!(code_of(&books.hold(&books.hold_ask(nobody, 1))), "balance_insufficient");
    }

    fn a_part_is_captured_and_the_rest_let_go(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        let hold = books.held(customer, 7_000);
        assert_eq!(code_of(&books.post(&books.capture(hold, 7_001))), "hold_exceeded");
        let capture = books.capture(hold, 4_500);
        assert!(!books.post(&capture).unwrap().again);
        assert!(books.post(&capture).unwrap().again);
        assert_eq!(books.balance(books.principal(customer)), (5_500, 5_500));
        assert_eq!(books.balance(books.house(AccountKind::ClearingSales)), (4_500, 4_500));
        // Ended is ended, and the answer says how.
        assert_eq!(code_of(&books.void(hold)), "hold_ended");
        assert_eq!(code_of(&books.post(&books.capture(hold, 1))), "hold_ended");
        // The same movement without the hold is another transaction.
        let mut plain = books.spend(customer, 4_500);
        plain.id = capture.id;
        assert_eq!(code_of(&books.post(&plain)), "ledger_id_reused");
    }

    fn one_transaction_captures_holds_and_moves_what_is_free(database) {
        let books = Books::open(database);
        let (first, second) = (books.customer_with(5_000), books.customer_with(2_000));
        let mut posting = books.capture(books.held(first, 5_000), 5_000);
        posting.captures.extend(books.capture(books.held(second, 1_500), 1_000).captures);
        posting.transfers = books.spend(second, 500).transfers;
        books.post(&posting).unwrap();
        assert_eq!(books.balance(books.principal(first)), (0, 0));
        assert_eq!(books.balance(books.principal(second)), (500, 500));
        assert!(books.post(&posting).unwrap().again);
    }

    fn a_hold_stands_once_for_its_id(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        let ask = books.hold_ask(customer, 6_000);
        books.hold(&ask).unwrap();
        books.hold(&ask).unwrap();
        assert_eq!(books.balance(books.principal(customer)), (10_000, 4_000));
        let mut other = ask.clone();
        other.amount = amount(6_001);
        assert_eq!(code_of(&books.hold(&other)), "ledger_id_reused");
        books.void(ask.id).unwrap();
        books.hold(&ask).unwrap();
        assert_eq!(books.balance(books.principal(customer)), (10_000, 10_000), "what ended is not made again");
    }

    fn a_hold_expires_by_its_time_and_gives_back_what_it_held(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        let hold = books.held(customer, 6_000);
        assert_eq!(books.expire(), 0);
        books.shop.clock.set(books.now() + TimeDelta::minutes(30));
        // Nobody has swept it away yet, and it is over all the same.
        assert_eq!(code_of(&books.post(&books.capture(hold, 6_000))), "hold_expired");
        assert_eq!(books.expire(), 1);
        assert_eq!(books.expire(), 0);
        assert_eq!(books.balance(books.principal(customer)), (10_000, 10_000));
        assert_eq!(code_of(&books.void(hold)), "hold_ended");
        let late = books.hold_ask(customer, 1);
        books.shop.clock.set(late.expires_at);
        assert_eq!(code_of(&books.hold(&late)), "hold_expired");
    }

    fn only_what_somebody_has_can_be_held(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        books.post(&books.spend(customer, 10_000)).unwrap();
        let mut ask = books.hold_ask(customer, 1);
        ask.account = books.house(AccountKind::ClearingSales);
        assert_eq!(code_of(&books.hold(&ask)), "account_not_holdable");
    }
}
