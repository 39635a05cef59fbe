//! What finance puts right by hand takes two people where there are two.

use huike_access::{Role, RoleBinding, Scope, StaffState};
use huike_kernel::{Actor, LedgerAdjustmentId, StaffId, Text};
use huike_ledger::{AccountKind, AdjustmentState, Direction};
use huike_persistence::{
    StoreError, db_test,
    ledger::{accounts, adjustments::Adjustment},
    staff,
};
use huike_usecases::{
    Caller, UseCaseError,
    ledger::{self, AdjustAsk},
};

use crate::{
    books::{Books, code_of},
    shop::{at_once, successes},
};

impl Books {
    /// Somebody of finance.
    fn finance(&self, login: &str) -> Caller {
        let (id, head, login): (StaffId, _, String) = (self.shop.id(), self.shop.head, login.to_owned());
        self.shop
            .store
            .write_blocking(move |db, now| {
                let new = staff::Staff {
                    id,
                    site: head,
                    login: login.parse().unwrap(),
                    name: login.clone(),
                    password_hash: "-".to_owned(),
                    must_change_password: false,
                    customer: None,
                    state: StaffState::Active,
                    version: 1,
                    created_at: now,
                };
                let _made = staff::insert(db, &new)?;
                let _given = staff::insert_role(db, id, RoleBinding { role: Role::Finance, node: head }, None, now)?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
        Caller { scope: Scope::at(head), ..self.shop.caller(Actor::Staff(id)) }
    }

    fn request(
        &self,
        who: &Caller,
        kind: AccountKind,
        (direction, amount): (Direction, &str),
    ) -> Result<Adjustment, UseCaseError> {
        let key = if kind.is_of_house() { self.house(kind) } else { self.of(kind, self.adjusted()) };
        let account =
            self.shop.store.read_blocking(move |db| accounts::find_by_keys(db, &[key].into())).unwrap()[&key].id;
        let (caller, reason) = (who.clone(), Text::new("补录").unwrap());
        let ask = AdjustAsk { account, direction, amount: amount.to_owned(), reason };
        self.shop.store.write_blocking(move |db, now| ledger::request(db, &caller.act(now), &ask))
    }

    /// The customer whom the adjustments of a test are about.
    fn adjusted(&self) -> huike_kernel::CustomerId {
        huike_kernel::CustomerId::from_uuid(uuid::Uuid::from_u128(4_711))
    }

    fn approve(&self, who: &Caller, id: LedgerAdjustmentId) -> Result<Adjustment, UseCaseError> {
        let caller = who.clone();
        self.shop.store.write_blocking(move |db, now| ledger::approve(db, &caller.act(now), id))
    }

    fn reject(&self, who: &Caller, id: LedgerAdjustmentId) -> Result<Adjustment, UseCaseError> {
        let caller = who.clone();
        self.shop.store.write_blocking(move |db, now| ledger::reject(db, &caller.act(now), id))
    }

    /// Ten yuan on the account that is adjusted.
    fn ten_yuan(database: &huike_persistence::testing::TestDatabase) -> Self {
        let books = Self::open(database);
        let till = books.house(AccountKind::ClearingPayment);
        books.post(&books.transfer(till, books.principal(books.adjusted()), 1_000)).unwrap();
        books
    }
}

const PRINCIPAL: AccountKind = AccountKind::StoredValuePrincipal;

db_test! {
    fn an_adjustment_takes_two_people_and_moves_nothing_before(database) {
        let books = Books::ten_yuan(database);
        let (fang, ming) = (books.finance("fang"), books.finance("ming"));
        let asked = books.request(&fang, PRINCIPAL, (Direction::Credit, "2.50")).unwrap();
        assert_eq!(books.balance(books.principal(books.adjusted())), (1_000, 1_000));
        assert_eq!(code_of(&books.approve(&fang, asked.id)), "second_person_missing");
        let done = books.approve(&ming, asked.id).unwrap();
        assert_eq!((done.state, done.unreviewed), (AdjustmentState::Approved, false));
        assert_eq!(books.balance(books.principal(books.adjusted())), (1_250, 1_250));
        assert_eq!(books.balance(books.house(AccountKind::ClearingAdjustment)), (-250, -250));
        assert_eq!(code_of(&books.approve(&ming, asked.id)), "adjustment_decided");
        assert_eq!(code_of(&books.reject(&ming, asked.id)), "adjustment_decided");
    }

    fn one_person_alone_adjusts_and_it_shows(database) {
        let books = Books::ten_yuan(database);
        let fang = books.finance("fang");
        let asked = books.request(&fang, PRINCIPAL, (Direction::Debit, "10.00")).unwrap();
        assert!(books.approve(&fang, asked.id).unwrap().unreviewed);
        assert_eq!(books.balance(books.principal(books.adjusted())), (0, 0));
    }

    fn an_adjustment_obeys_the_same_bounds_as_everything_else(database) {
        let books = Books::ten_yuan(database);
        let (fang, ming) = (books.finance("fang"), books.finance("ming"));
        let more = books.request(&fang, PRINCIPAL, (Direction::Debit, "10.01")).unwrap();
        assert_eq!(code_of(&books.approve(&ming, more.id)), "balance_insufficient");
        assert_eq!(books.reject(&fang, more.id).unwrap().state, AdjustmentState::Rejected);
        let request = |kind, amount| code_of(&books.request(&fang, kind, (Direction::Credit, amount)));
        assert_eq!(request(AccountKind::ClearingPayment, "1"), "account_not_adjustable");
        for amount in ["0", "-1", "1.234", "", "all"] {
            assert_eq!(request(PRINCIPAL, amount), "amount_invalid", "{amount}");
        }
    }

    fn approving_and_rejecting_at_once_decide_once(database) {
        let books = Books::ten_yuan(database);
        let (fang, ming) = (books.finance("fang"), books.finance("ming"));
        let asked = books.request(&fang, PRINCIPAL, (Direction::Credit, "2.50")).unwrap();
        let answers = at_once(12, |number| match number % 2 {
            0 => books.approve(&ming, asked.id),
            _ => books.reject(&fang, asked.id),
        });
        assert_eq!(successes(&answers, "adjustment_decided"), 1);
        let done = answers.iter().find_map(|answer| answer.as_ref().ok()).unwrap();
        let moved = if done.state == AdjustmentState::Approved { 1_250 } else { 1_000 };
        assert_eq!(books.balance(books.principal(books.adjusted())), (moved, moved));
    }
}
