//! Laws of the audit log: one chain whoever seals it, every row in it, and a payload that goes without a trace of itself.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod shop;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use huike_access::{AccessError, Permission, Scope};
use huike_kernel::{AuditId, DomainError, NodeId, SystemClock};
use huike_persistence::{
    Store, StoreError, StoreOptions, audit_log, audit_seals, db_test, testing::TestDatabase, verify,
};
use huike_trust::{ChainFault, Head};
use huike_usecases::{
    Caller, UseCaseError,
    audit::{CheckFrom, Checking, RedactAsk, RedactReason, begin_check, check_chunk, redact, seal_chunk, seal_rest},
    record::{self, Change},
};
use serde_json::json;
use shop::Shop;

/// Writes a row about that node.
fn write(store: &Store, caller: &Caller, node: NodeId) -> AuditId {
    let caller = caller.clone();
    let write = move |db: &mut huike_persistence::Db, now| {
        let change = Change {
            action: "node.update",
            subject_kind: "node",
            subject: node.to_string(),
            before: json!({ "name": "旧名" }),
            after: json!({ "name": "新名" }),
        };
        let row = record::audit_row(&caller.act(now), node, change);
        huike_persistence::audit::append(db, &row)?;
        Ok::<_, StoreError>(row.id)
    };
    store.write_blocking(write).unwrap()
}

fn seal(store: &Store) -> Head {
    store.write_blocking(seal_rest).unwrap()
}

/// Checks the whole chain, seven links at a time.
fn check(store: &Store) -> Checking {
    let mut done = store.read_blocking(|db| begin_check(db, CheckFrom::Number(0))).unwrap();
    while done.fault.is_none() && !done.is_end {
        let after = done.head;
        done = store.read_blocking(move |db| check_chunk(db, after, 7)).unwrap();
    }
    done
}

fn unsealed(store: &Store) -> i64 {
    store.read_blocking(audit_seals::count_unsealed).unwrap().0
}

/// Everything about the audit log that `huike verify` finds wrong.
fn broken(store: &Store) -> BTreeSet<&'static str> {
    let report = store.read_blocking(verify::run).unwrap();
    let names = report.findings.iter().map(|found| found.invariant.name);
    names.filter(|name| name.starts_with("audit")).collect()
}

db_test! {
    fn rows_are_sealed_in_pieces_into_one_chain_that_holds(database) {
        let shop = Shop::open(database);
        let written_before = unsealed(&shop.store);
        for _ in 0..23 {
            write(&shop.store, &shop.staff(), shop.site_a);
        }
        let mut pieces = Vec::new();
        let head = loop {
            let done = shop.store.write_blocking(|db, now| seal_chunk(db, now, 10)).unwrap();
            pieces.push(done.sealed);
            if done.sealed < 10 {
                break done.head;
            }
        };
        assert_eq!(pieces.iter().sum::<usize>(), usize::try_from(written_before + 23).unwrap());
        assert_eq!((unsealed(&shop.store), head.seq), (0, written_before + 23));
        assert_eq!(check(&shop.store), Checking { head, fault: None, is_end: true });
        assert_eq!(seal(&shop.store), head, "sealing what is sealed changes nothing");
        assert!(broken(&shop.store).is_empty());
    }

    /// As several servers do on one PostgreSQL, and on SQLite several threads.
    fn many_sealers_make_one_chain_and_none_is_refused(database) {
        const SEALERS: usize = 4;
        const WRITERS: usize = 4;
        const ROWS: usize = 60;
        let shop = Shop::open(database);
        let before = usize::try_from(unsealed(&shop.store)).unwrap();
        let store = || match database.url() {
            huike_persistence::DatabaseUrl::Sqlite(_) => shop.store.clone(),
            huike_persistence::DatabaseUrl::Postgres(_) => {
                let options = StoreOptions { postgres_connections: 2, ..StoreOptions::default() };
                database.store_with(&options, Arc::new(SystemClock))
            }
        };
        let (stores, begin): (Vec<Store>, _) = ((0..SEALERS).map(|_| store()).collect(), Barrier::new(SEALERS + WRITERS));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|_| scope.spawn(|| {
                    begin.wait();
                    for _ in 0..ROWS {
                        write(&shop.store, &shop.staff(), shop.site_a);
                    }
                }))
                .collect();
            let sealers: Vec<_> = stores.iter().map(|store| {
                let (begin, done) = (&begin, &done);
                scope.spawn(move || {
                    begin.wait();
                    let mut sealed = 0;
                    loop {
                        let last = done.load(Ordering::SeqCst);
                        let piece = store.write_blocking(|db, now| seal_chunk(db, now, 5)).unwrap();
                        sealed += piece.sealed;
                        if last && piece.sealed == 0 {
                            return sealed;
                        }
                    }
                })
            }).collect();
            writers.into_iter().for_each(|writer| writer.join().unwrap());
            done.store(true, Ordering::SeqCst);
            let sealed: usize = sealers.into_iter().map(|sealer| sealer.join().unwrap()).sum();
            assert_eq!(sealed, before + WRITERS * ROWS, "every row is sealed by exactly one of them");
        });
        let whole = check(&shop.store);
        assert_eq!((whole.fault, whole.head.seq), (None, i64::try_from(before + WRITERS * ROWS).unwrap()));
        assert!(broken(&shop.store).is_empty());
    }

    fn a_check_goes_on_from_a_link_that_is_known_and_tells_when_it_changed(database) {
        let shop = Shop::open(database);
        write(&shop.store, &shop.staff(), shop.site_a);
        let kept = seal(&shop.store);
        write(&shop.store, &shop.staff(), shop.site_a);
        let head = seal(&shop.store);
        let begin = |from| shop.store.read_blocking(move |db| begin_check(db, from)).unwrap();
        let begun = begin(CheckFrom::Known(kept));
        assert_eq!((begun.head, begun.fault), (kept, None));
        let rest = shop.store.read_blocking(move |db| check_chunk(db, kept, 100)).unwrap();
        assert_eq!(rest, Checking { head, fault: None, is_end: true });
        let forged = Head { hash: head.hash, ..kept };
        let later = Head { seq: head.seq + 1, ..head };
        for (from, fault) in [(forged, ChainFault::KnownDiffers), (later, ChainFault::LinkMissing)] {
            let found = begin(CheckFrom::Known(from)).fault.unwrap();
            assert_eq!((found.seq, found.fault), (from.seq, fault));
        }
    }

    fn a_payload_is_taken_out_once_by_the_owner_of_the_brand_and_the_chain_holds(database) {
        let shop = Shop::open(database);
        let id = write(&shop.store, &shop.staff(), shop.site_a);
        let head = seal(&shop.store);
        let take_out = |caller: Caller, id: AuditId| {
            let ask = RedactAsk { audit: id, reason: RedactReason::new("客户要求删除").unwrap() };
            shop.store.write_blocking(move |db, now| redact(db, &caller.act(now), &ask))
        };
        let owner = Caller { scope: Scope::at(shop.head), ..shop.staff() };
        let of_a_site = Caller { scope: Scope::at(shop.site_a), ..shop.staff() };
        assert!(matches!(
            take_out(of_a_site, id),
            Err(UseCaseError::Access(AccessError::PermissionDenied { permission: Permission::AuditRedact }))
        ));
        assert!(matches!(take_out(owner.clone(), shop.id()), Err(UseCaseError::NotFound(_))));
        let row = take_out(owner.clone(), id).unwrap();
        assert_eq!((row.payload, row.redacted_at.is_some()), (None, true));
        assert_eq!(take_out(owner, id).unwrap_err().code(), "audit_redacted");
        let kept = shop.store.read_blocking(move |db| audit_log::find(db, id)).unwrap().unwrap();
        assert_eq!((kept.payload, kept.seal.map(|seal| seal.hash)), (None, Some(head.hash)));
        let sealed = seal(&shop.store);
        assert_eq!(sealed.seq, head.seq + 1, "the act itself is in the log, once");
        assert_eq!(check(&shop.store), Checking { head: sealed, fault: None, is_end: true });
        assert!(broken(&shop.store).is_empty());
    }
}

/// A row whose transaction takes longer than that of a later row is sealed after it, and is sealed.
#[test]
fn rows_that_are_committed_out_of_order_are_all_sealed() {
    let Some(database) = TestDatabase::postgres() else { return };
    let shop = Shop::open(&database);
    seal(&shop.store);
    let (slow, (tell_written, written), (tell_go_on, go_on)) = (shop.store.clone(), mpsc::channel(), mpsc::channel());
    let (caller, node) = (shop.staff(), shop.site_a);
    let go_on = std::sync::Mutex::new(go_on);
    let early = thread::spawn(move || {
        slow.write_blocking(move |db, now| {
            let change = Change {
                action: "node.update",
                subject_kind: "node",
                subject: "slow".to_owned(),
                before: json!(null),
                after: json!(null),
            };
            let row = record::audit_row(&caller.act(now), node, change);
            huike_persistence::audit::append(db, &row)?;
            tell_written.send(row.id).unwrap();
            go_on.lock().unwrap().recv().unwrap();
            Ok::<_, StoreError>(())
        })
    });
    let first: AuditId = written.recv().unwrap();
    let second = write(&shop.store, &shop.staff(), shop.site_a);
    assert!(first < second);
    seal(&shop.store);
    let seal_of = |id| shop.store.read_blocking(move |db| audit_log::find(db, id)).unwrap().and_then(|row| row.seal);
    assert!(seal_of(first).is_none() && seal_of(second).is_some());
    tell_go_on.send(()).unwrap();
    early.join().unwrap().unwrap();
    seal(&shop.store);
    assert_eq!(seal_of(first).unwrap().seq, seal_of(second).unwrap().seq + 1);
    assert_eq!(check(&shop.store).fault, None);
    assert!(broken(&shop.store).is_empty());
}
