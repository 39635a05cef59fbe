//! Value that moved: posted behind the scenes, because no operation of its own moves any yet.

use std::sync::Arc;

use huike_access::Scope;
use huike_kernel::{Actor, CustomerId, LedgerAccountId, LedgerTransactionId, NodeId, Zone, new_id};
use huike_ledger::{AccountKey, AccountKind, Amount, Owner, Posting, Reason, Source, Transfer, Unit};
use huike_persistence::ledger::accounts;
use huike_server::sources::SystemIds;
use huike_usecases::{Caller, UseCaseError, ledger, record::Place};

use super::TestApp;

/// A customer's stored value, kept at a node.
pub fn principal(node: NodeId, customer: CustomerId) -> AccountKey {
    AccountKey::new(AccountKind::StoredValuePrincipal, Owner::Customer(customer), node, Unit::Cny).unwrap()
}

/// An account of the house.
pub fn house(kind: AccountKind, node: NodeId) -> AccountKey {
    AccountKey::new(kind, Owner::House, node, Unit::Cny).unwrap()
}

/// Moves so many fen, and says by which transaction.
pub async fn transfer(app: &TestApp, (debit, credit): (AccountKey, AccountKey), fen: i64) -> LedgerTransactionId {
    let id: LedgerTransactionId = new_id(&SystemIds);
    let moved = Transfer { debit, credit, amount: Amount::new(fen).unwrap(), reason: Reason::TopUp };
    let source = Source { kind: "order".to_owned(), id: id.as_uuid() };
    let posting = Posting { id, source, captures: vec![], transfers: vec![moved] };
    let caller = Caller {
        actor: Actor::System,
        scope: Scope::default(),
        request_id: "test".to_owned(),
        ids: Arc::new(SystemIds),
    };
    let place = Place { site: credit.node(), zone: Zone::default() };
    app.store.write(move |db, now| ledger::post(db, &caller.act(now), place, &posting)).await.unwrap();
    id
}

/// The account's id.
pub async fn account(app: &TestApp, key: AccountKey) -> LedgerAccountId {
    let found = app.store.read(move |db| Ok::<_, UseCaseError>(accounts::find_by_keys(db, &[key].into())?));
    found.await.unwrap()[&key].id
}
