//! A shop with books: short words for what the laws do again and again.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Actor, Clock, CustomerId, DomainError, LedgerHoldId, LedgerTransactionId, Zone};
use huike_ledger::{
    AccountKey, AccountKind, Amount, Balance, Capture, Owner, Part, Posting, Reason, Source, Transfer, Unit,
};
use huike_persistence::{
    Db, StoreError,
    ledger::{accounts, balances},
    testing::TestDatabase,
};
use huike_usecases::{
    Act, UseCaseError,
    ledger::{self, HoldAsk, Posted, ReverseAsk},
    record::Place,
};
use uuid::Uuid;

use crate::shop::Shop;

pub(crate) struct Books {
    pub(crate) shop: Shop,
}

pub(crate) fn amount(count: i64) -> Amount {
    Amount::new(count).unwrap()
}

pub(crate) fn code_of<T>(answer: &Result<T, UseCaseError>) -> &'static str {
    match answer {
        Ok(_) => "ok",
        Err(error) => error.code(),
    }
}

impl Books {
    pub(crate) fn open(database: &TestDatabase) -> Self {
        Self { shop: Shop::open(database) }
    }

    pub(crate) fn of(&self, kind: AccountKind, customer: CustomerId) -> AccountKey {
        AccountKey::new(kind, Owner::Customer(customer), self.shop.head, Unit::Cny).unwrap()
    }

    pub(crate) fn principal(&self, customer: CustomerId) -> AccountKey {
        self.of(AccountKind::StoredValuePrincipal, customer)
    }

    pub(crate) fn house(&self, kind: AccountKind) -> AccountKey {
        AccountKey::new(kind, Owner::House, self.shop.head, Unit::Cny).unwrap()
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Db, &Act<'_>, Place) -> Result<T, UseCaseError> + Send + 'static,
    ) -> Result<T, UseCaseError> {
        let caller = self.shop.caller(Actor::System);
        let place = Place { site: self.shop.head, zone: Zone::default() };
        self.shop.store.write_blocking(move |db, now| body(db, &caller.act(now), place))
    }

    pub(crate) fn post(&self, posting: &Posting) -> Result<Posted, UseCaseError> {
        let posting = posting.clone();
        self.write(move |db, act, place| ledger::post(db, act, place, &posting))
    }

    pub(crate) fn posting(&self, transfers: Vec<Transfer>, captures: Vec<Capture>) -> Posting {
        Posting { id: self.shop.id(), source: source(), captures, transfers }
    }

    /// One movement.
    pub(crate) fn transfer(&self, debit: AccountKey, credit: AccountKey, count: i64) -> Posting {
        let transfer = Transfer { debit, credit, amount: amount(count), reason: Reason::Spend };
        self.posting(vec![transfer], vec![])
    }

    /// A customer with so much stored value.
    pub(crate) fn customer_with(&self, count: i64) -> CustomerId {
        let customer = self.shop.customer();
        self.post(&self.transfer(self.house(AccountKind::ClearingPayment), self.principal(customer), count)).unwrap();
        customer
    }

    pub(crate) fn spend(&self, customer: CustomerId, count: i64) -> Posting {
        self.transfer(self.principal(customer), self.house(AccountKind::ClearingSales), count)
    }

    pub(crate) fn hold_ask(&self, customer: CustomerId, count: i64) -> HoldAsk {
        HoldAsk {
            id: self.shop.id(),
            account: self.principal(customer),
            amount: amount(count),
            expires_at: self.now() + TimeDelta::minutes(30),
            source: source(),
        }
    }

    pub(crate) fn hold(&self, ask: &HoldAsk) -> Result<LedgerHoldId, UseCaseError> {
        let ask = ask.clone();
        self.write(move |db, act, place| ledger::hold(db, act, place, std::slice::from_ref(&ask)).map(|()| ask.id))
    }

    pub(crate) fn held(&self, customer: CustomerId, count: i64) -> LedgerHoldId {
        self.hold(&self.hold_ask(customer, count)).unwrap()
    }

    pub(crate) fn capture(&self, hold: LedgerHoldId, count: i64) -> Posting {
        let credit = self.house(AccountKind::ClearingSales);
        self.posting(vec![], vec![Capture { hold, credit, amount: amount(count), reason: Reason::Spend }])
    }

    pub(crate) fn void(&self, hold: LedgerHoldId) -> Result<(), UseCaseError> {
        self.write(move |db, act, _place| ledger::void(db, act, &[hold]))
    }

    pub(crate) fn expire(&self) -> usize {
        self.write(|db, act, _place| ledger::expire_chunk(db, act, 100)).unwrap()
    }

    pub(crate) fn reverse_ask(&self, of: LedgerTransactionId, parts: Option<Vec<Part>>) -> ReverseAsk {
        ReverseAsk { id: self.shop.id(), of, parts, reason: Reason::Refund, source: source() }
    }

    pub(crate) fn reverse(&self, ask: &ReverseAsk) -> Result<Posted, UseCaseError> {
        let ask = ask.clone();
        self.write(move |db, act, place| ledger::reverse(db, act, place, &ask))
    }

    /// What was posted, and what of it may be spent.
    pub(crate) fn balance(&self, key: AccountKey) -> (i64, i64) {
        let balance = self.shop.store.read_blocking(move |db| {
            let found = accounts::find_by_keys(db, &[key].into())?;
            match found.get(&key) {
                Some(account) => balances::find(db, account.id),
                None => Ok::<_, StoreError>(Balance::default()),
            }
        });
        let balance = balance.unwrap();
        (balance.posted, balance.available())
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.shop.clock.now()
    }
}

pub(crate) fn source() -> Source {
    Source { kind: "order".to_owned(), id: Uuid::from_u128(77) }
}
