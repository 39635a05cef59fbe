//! A transaction happens whole, and once for its id.

use huike_kernel::Actor;
use huike_ledger::{AccountKind, Posting, Reason, Transfer};
use huike_persistence::{db_test, ledger::transactions};
use huike_usecases::{ledger, record::Place};

use crate::books::{Books, amount, code_of};

db_test! {
    fn what_leaves_one_account_arrives_on_the_other(database) {
        let books = Books::open(database);
        let customer = books.customer_with(50_000);
        books.post(&books.spend(customer, 12_000)).unwrap();
        assert_eq!(books.balance(books.principal(customer)), (38_000, 38_000));
        assert_eq!(books.balance(books.house(AccountKind::ClearingPayment)), (-50_000, -50_000));
        assert_eq!(books.balance(books.house(AccountKind::ClearingSales)), (12_000, 12_000));
    }

    fn nobody_spends_what_they_have_not_got_and_then_nothing_moves(database) {
        let books = Books::open(database);
        let (rich, poor) = (books.customer_with(10_000), books.shop.customer());
        assert_eq!(code_of(&books.post(&books.spend(rich, 10_001))), "balance_insufficient");
        assert_eq!(code_of(&books.post(&books.spend(poor, 1))), "balance_insufficient");
        let sales = books.house(AccountKind::ClearingSales);
        let pay = |customer, count| Transfer {
            debit: books.principal(customer), credit: sales, amount: amount(count), reason: Reason::Spend,
        };
        // Of two transfers one cannot be; so neither is.
        let both = books.posting(vec![pay(rich, 10_000), pay(poor, 1)], vec![]);
        assert_eq!(code_of(&books.post(&both)), "balance_insufficient");
        assert_eq!(books.balance(books.principal(rich)), (10_000, 10_000));
        books.post(&books.spend(rich, 10_000)).unwrap();
        assert_eq!(books.balance(sales), (10_000, 10_000));
    }

    fn a_debt_has_an_account_of_its_own_and_is_paid_off_once(database) {
        let books = Books::open(database);
        let customer = books.customer_with(3_000);
        let (debt, sales) = (books.of(AccountKind::Receivable, customer), books.house(AccountKind::ClearingSales));
        books.post(&books.transfer(debt, sales, 1_000)).unwrap();
        assert_eq!(books.balance(debt), (-1_000, -1_000));
        let repay = |count| books.transfer(books.principal(customer), debt, count);
        assert_eq!(code_of(&books.post(&repay(1_001))), "receivable_exceeded");
        books.post(&repay(1_000)).unwrap();
        assert_eq!(books.balance(debt), (0, 0));
    }

    fn the_same_id_is_the_same_transaction_and_another_content_is_refused(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        let spend = books.spend(customer, 4_000);
        assert!(!books.post(&spend).unwrap().again);
        assert!(books.post(&spend).unwrap().again);
        assert_eq!(books.balance(books.principal(customer)), (6_000, 6_000));
        let other = |change: &dyn Fn(&mut Posting)| {
            let mut other = spend.clone();
            change(&mut other);
            code_of(&books.post(&other))
        };
        assert_eq!(other(&|it| it.transfers[0].amount = amount(4_001)), "ledger_id_reused");
        assert_eq!(other(&|it| it.transfers[0].reason = Reason::Expire), "ledger_id_reused");
        assert_eq!(other(&|it| it.transfers.push(it.transfers[0])), "ledger_id_reused");
        assert_eq!(other(&|it| it.source.kind = "refund".to_owned()), "ledger_id_reused");
        assert_eq!(other(&|it| it.transfers[0].debit = books.principal(books.shop.customer())), "ledger_id_reused");
        let elsewhere = {
            let (caller, spend) = (books.shop.caller(Actor::System), spend.clone());
            let place = Place { site: books.shop.site_a, zone: huike_kernel::Zone::default() };
            books.shop.store.write_blocking(move |db, now| ledger::post(db, &caller.act(now), place, &spend))
        };
        assert_eq!(code_of(&elsewhere), "ledger_id_reused");
        assert_eq!(books.balance(books.principal(customer)), (6_000, 6_000));
    }

    fn a_transaction_is_kept_as_it_was_asked_for(database) {
        let books = Books::open(database);
        let customer = books.customer_with(10_000);
        let spend = books.spend(customer, 4_000);
        books.post(&spend).unwrap();
        let id = spend.id;
        let (kept, legs) = books.shop.store
            .read_blocking(move |db| {
                Ok::<_, huike_persistence::StoreError>((transactions::find(db, id)?, transactions::list_legs(db, id)?))
            })
            .unwrap();
        let kept = kept.unwrap();
        assert_eq!((kept.source, kept.actor, kept.posted_at), (spend.source, Actor::System, books.now()));
        assert_eq!(legs.len(), 1);
        assert_eq!((legs[0].moved.amount, legs[0].reason, legs[0].moved.reversed), (amount(4_000), Reason::Spend, 0));
    }
}
