//! Exactly once, whoever else does the same at that moment.

use huike_ledger::{AccountKind, Part};
use huike_persistence::db_test;
use huike_usecases::UseCaseError;

use crate::{
    books::{Books, amount, code_of},
    shop::{at_once, successes},
};

db_test! {
    fn of_fifty_who_spend_what_is_there_for_one_one_wins(database) {
        let books = Books::open(database);
        let customer = books.customer_with(1_000);
        let answers = at_once(50, |_| books.post(&books.spend(customer, 1_000)));
        assert_eq!(successes(&answers, "balance_insufficient"), 1);
        assert_eq!(books.balance(books.principal(customer)), (0, 0));
        assert_eq!(books.balance(books.house(AccountKind::ClearingSales)), (1_000, 1_000));
    }

    fn of_fifty_who_hold_what_is_there_for_one_one_wins(database) {
        let books = Books::open(database);
        let customer = books.customer_with(1_000);
        let answers = at_once(50, |_| books.hold(&books.hold_ask(customer, 1_000)));
        assert_eq!(successes(&answers, "balance_insufficient"), 1);
        assert_eq!(books.balance(books.principal(customer)), (1_000, 0));
    }

    fn of_capturing_voiding_and_expiring_at_once_one_wins(database) {
        let books = Books::open(database);
        for _ in 0..5 {
            let customer = books.customer_with(1_000);
            let hold = books.held(customer, 1_000);
            let ended = at_once(12, |number| match number % 2 {
                0 => books.post(&books.capture(hold, 600)).map(|_| 400),
                _ => books.void(hold).map(|()| 1_000),
            });
            assert_eq!(successes(&ended, "hold_ended"), 1);
            let left = ended.iter().find_map(|answer| answer.as_ref().ok()).unwrap();
            assert_eq!(books.balance(books.principal(customer)), (*left, *left));
        }
        let customer = books.customer_with(1_000);
        let hold = books.held(customer, 1_000);
        books.shop.clock.set(books.now() + chrono::TimeDelta::hours(1));
        let ended = at_once(12, |number| match number % 2 {
            0 => books.expire(),
            _ => usize::from(books.void(hold).is_ok()),
        });
        assert_eq!(ended.iter().sum::<usize>(), 1);
        assert_eq!(books.balance(books.principal(customer)), (1_000, 1_000));
    }

    fn one_id_from_fifty_threads_is_posted_once_and_everybody_is_told_so(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        let spend = books.spend(customer, 1_000);
        let answers = at_once(50, |_| books.post(&spend));
        let fresh = answers.iter().filter(|answer| !answer.as_ref().unwrap().again).count();
        assert_eq!(fresh, 1);
        assert_eq!(books.balance(books.principal(customer)), (9_000, 9_000));
    }

    fn transfers_in_opposite_directions_at_once_all_arrive(database) {
        let books = Books::open(database);
        let (left, right) = (books.customer_with(10_000), books.customer_with(10_000));
        let answers = at_once(40, |number| {
            let (from, to) = if number % 2 == 0 { (left, right) } else { (right, left) };
            books.post(&books.transfer(books.principal(from), books.principal(to), 100))
        });
        assert_eq!(successes(&answers, "none"), 40);
        assert_eq!(books.balance(books.principal(left)), (10_000, 10_000));
        assert_eq!(books.balance(books.principal(right)), (10_000, 10_000));
    }

    fn refunds_at_once_never_come_to_more_than_was_paid(database) {
        let books = Books::open(database);
        let customer = books.customer_with(1_000);
        let spend = books.spend(customer, 1_000);
        books.post(&spend).unwrap();
        let answers = at_once(20, |_| {
            books.reverse(&books.reverse_ask(spend.id, Some(vec![Part { leg: 0, amount: amount(300) }])))
        });
        assert_eq!(successes(&answers, "reversal_exceeds"), 3);
        assert_eq!(books.balance(books.principal(customer)), (900, 900));
        let whole: Vec<Result<_, UseCaseError>> =
            at_once(10, |_| books.reverse(&books.reverse_ask(spend.id, None)));
        assert_eq!(successes(&whole, "reversal_exceeds"), 1);
        assert_eq!(books.balance(books.principal(customer)), (1_000, 1_000));
    }

    fn accounts_that_many_open_at_once_are_opened_once(database) {
        let books = Books::open(database);
        let (customer, till) = (books.shop.customer(), books.house(AccountKind::ClearingPayment));
        let answers = at_once(16, |_| books.post(&books.transfer(till, books.principal(customer), 100)));
        assert!(answers.iter().all(|answer| code_of(answer) == "ok"));
        assert_eq!(books.balance(books.principal(customer)), (1_600, 1_600));
        assert_eq!(books.balance(till), (-1_600, -1_600));
    }
}
