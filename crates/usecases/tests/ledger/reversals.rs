//! What was posted is taken back whole or in parts, and never more than was posted.

use huike_ledger::{AccountKind, Part};
use huike_persistence::db_test;

use crate::books::{Books, amount, code_of};

db_test! {
    fn a_whole_reversal_restores_every_account(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        let spend = books.spend(customer, 4_000);
        books.post(&spend).unwrap();
        let ask = books.reverse_ask(spend.id, None);
        assert!(!books.reverse(&ask).unwrap().again);
        assert!(books.reverse(&ask).unwrap().again);
        assert_eq!(books.balance(books.principal(customer)), (10_000, 10_000));
        assert_eq!(books.balance(books.house(AccountKind::ClearingSales)), (0, 0));
        assert_eq!(code_of(&books.reverse(&books.reverse_ask(spend.id, None))), "reversal_exceeds");
        assert_eq!(code_of(&books.reverse(&books.reverse_ask(ask.id, None))), "reversal_of_reversal");
        let mut other = ask.clone();
        other.parts = Some(vec![Part { leg: 0, amount: amount(1) }]);
        assert_eq!(code_of(&books.reverse(&other)), "ledger_id_reused");
    }

    fn parts_add_up_to_no_more_than_was_posted(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        let spend = books.spend(customer, 4_000);
        books.post(&spend).unwrap();
        let part = |count| books.reverse_ask(spend.id, Some(vec![Part { leg: 0, amount: amount(count) }]));
        books.reverse(&part(2_500)).unwrap();
        assert_eq!(code_of(&books.reverse(&part(1_501))), "reversal_exceeds");
        assert_eq!(books.balance(books.principal(customer)), (8_500, 8_500));
        books.reverse(&books.reverse_ask(spend.id, None)).unwrap();
        assert_eq!(books.balance(books.principal(customer)), (10_000, 10_000));
        let unknown = books.reverse_ask(spend.id, Some(vec![Part { leg: 1, amount: amount(1) }]));
        assert_eq!(code_of(&books.reverse(&unknown)), "reversal_leg_unknown");
        assert_eq!(code_of(&books.reverse(&books.reverse_ask(books.shop.id(), None))), "not_found");
    }

    fn what_was_spent_meanwhile_is_not_taken_back(database) {
        let books = Books::open(database);
        let customer = books.shop.customer();
        let top_up = books.transfer(books.house(AccountKind::ClearingPayment), books.principal(customer), 5_000);
        books.post(&top_up).unwrap();
        books.post(&books.spend(customer, 1)).unwrap();
        let refused = books.reverse(&books.reverse_ask(top_up.id, None));
        assert_eq!(code_of(&refused), "balance_insufficient");
        let part = books.reverse_ask(top_up.id, Some(vec![Part { leg: 0, amount: amount(4_999) }]));
        books.reverse(&part).unwrap();
        assert_eq!(books.balance(books.principal(customer)), (0, 0));
    }
}
