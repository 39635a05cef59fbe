//! The chain: what is done to the rows of a sealed log, or to its links, is found, and where.
#![cfg(test)]

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Actor, AuditId, CustomerId, NodeId, StaffId};
use huike_trust::{AuditEntry, ChainFault, Digest, Head, Link, seal_all};
use proptest::{prelude::*, sample::Index};
use serde_json::json;
use uuid::Uuid;

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128((7 << 76) | (0b10 << 62) | number).into()
}

fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_795_312_800_000_000 + micros).unwrap()
}

fn entry(number: u128) -> AuditEntry {
    AuditEntry {
        id: id(number),
        site: id(2),
        actor: Actor::Staff(id(3)),
        action: "coupon_template.create".to_owned(),
        subject_kind: "coupon_template".to_owned(),
        subject: id::<NodeId>(4).to_string(),
        request_id: "r-1".to_owned(),
        occurred_at: at(1),
        payload_digest: Digest::of(&json!({ "before": null, "after": { "name": "满200减30" } })).unwrap(),
    }
}

/// A log and its seals.
#[derive(Debug, Clone)]
struct Log(Vec<(Link, Option<AuditEntry>)>);

impl Log {
    fn of(length: usize) -> Self {
        let entries: Vec<AuditEntry> = (10..).take(length).map(entry).collect();
        let links = seal_all(Head::START, &entries).unwrap();
        Self(links.into_iter().zip(entries.into_iter().map(Some)).collect())
    }

    /// The head, or the first number at which it does not hold, and why.
    fn check(&self) -> Result<Head, (i64, ChainFault)> {
        self.0.iter().try_fold(Head::START, |head, (link, entry)| {
            head.check(link, entry.as_ref().ok_or(ChainFault::RowMissing)).map_err(|fault| (link.seq, fault))?;
            Ok(link.head())
        })
    }
}

/// The hashes were computed apart from this code: sorted keys, no white space, SHA-256.
#[test]
fn anybody_can_compute_the_chain_again() {
    let system = AuditEntry { actor: Actor::System, occurred_at: at(2), ..entry(5) };
    let links = seal_all(Head::START, &[entry(1), system]).unwrap();
    assert_eq!(entry(1).payload_digest.to_string(), "48b51a3d9b10e406bb2ad67025dbdcc24dd9a890476ac59e922469d35851998a");
    assert_eq!(links[0].head().to_string(), "1:932dd96e08c21d9a6dc511eae96f24320cb53b3005487371a072bf549b966237");
    assert_eq!(links[1].head().to_string(), "2:b1f6a96eef8d7923d5468e8f0e96b623439ac92a30f8409cb9bbf5493819a4fa");
}

#[test]
fn an_empty_chain_holds_and_begins_with_zeros() {
    assert_eq!(Log::of(0).check(), Ok(Head::START));
    assert_eq!(Head::START.hash.to_string(), "0".repeat(64));
}

#[test]
fn a_payload_is_the_one_that_was_written_or_is_taken_out_and_says_so() {
    let written = json!({ "after": { "name": "满200减30" }, "before": null });
    let differs = Err(ChainFault::PayloadDiffers);
    let cases = [
        (Some(&written), false, Ok(())),
        (None, true, Ok(())),
        (None, false, differs),
        (Some(&written), true, differs),
        (Some(&json!({ "before": null })), false, differs),
    ];
    for (payload, is_redacted, wanted) in cases {
        assert_eq!(entry(1).check_payload(payload, is_redacted), wanted, "{payload:?}, {is_redacted}");
    }
}

/// What somebody with the database in hand may do to one row.
fn tampered(entry: &AuditEntry, how: u8) -> AuditEntry {
    let mut entry = entry.clone();
    match how {
        0 => entry.id = id::<AuditId>(99),
        1 => entry.site = id::<NodeId>(99),
        2 => entry.actor = Actor::Staff(id::<StaffId>(99)),
        3 => entry.actor = Actor::Customer(id::<CustomerId>(3)),
        4 => entry.actor = Actor::System,
        5 => entry.action.push('x'),
        6 => entry.subject_kind.push('x'),
        7 => entry.subject.push('x'),
        8 => entry.request_id.clear(),
        9 => entry.occurred_at += TimeDelta::microseconds(1),
        _ => entry.payload_digest = Digest::of(&json!(null)).unwrap(),
    }
    entry
}

proptest! {
    #[test]
    fn what_was_sealed_holds_and_every_earlier_head_stays_in_it(length in 1_usize..40, cut: Index) {
        let log = Log::of(length);
        let head = log.check().unwrap();
        prop_assert_eq!(head.seq, i64::try_from(length).unwrap());
        let earlier = Log::of(cut.index(length) + 1).check().unwrap();
        let found = log.0.iter().find(|(link, _)| link.seq == earlier.seq).unwrap();
        prop_assert_eq!(found.0.hash, earlier.hash);
    }

    #[test]
    fn a_changed_row_is_found_where_it_is(length in 1_usize..20, which: Index, how in 0_u8..=10) {
        let mut log = Log::of(length);
        let at = which.index(length);
        log.0[at].1 = log.0[at].1.as_ref().map(|entry| tampered(entry, how));
        prop_assert_eq!(log.check(), Err((log.0[at].0.seq, ChainFault::HashDiffers)));
    }

    #[test]
    fn a_row_that_is_gone_is_found_where_it_was(length in 1_usize..20, which: Index) {
        let mut log = Log::of(length);
        let at = which.index(length);
        log.0[at].1 = None;
        prop_assert_eq!(log.check(), Err((log.0[at].0.seq, ChainFault::RowMissing)));
    }

    #[test]
    fn a_link_that_is_gone_leaves_a_gap(length in 2_usize..20, which: Index) {
        let mut log = Log::of(length);
        let at = which.index(length - 1);
        log.0.remove(at);
        let found = log.0[at].0.seq;
        prop_assert_eq!(log.check(), Err((found, ChainFault::Gap { after: found - 2, found })));
    }

    /// Whoever changes a row and makes every later link anew has a chain that holds, and another head.
    #[test]
    fn a_chain_made_anew_has_another_head(length in 1_usize..20, which: Index, how in 0_u8..=10) {
        let log = Log::of(length);
        let mut entries: Vec<AuditEntry> = log.0.iter().filter_map(|(_, entry)| entry.clone()).collect();
        let at = which.index(length);
        entries[at] = tampered(&entries[at], how);
        let forged = seal_all(Head::START, &entries).unwrap();
        for (number, (link, _)) in log.0.iter().enumerate() {
            prop_assert_eq!(forged[number].hash == link.hash, number < at, "link {}", number);
        }
    }

    #[test]
    fn two_rows_that_changed_places_are_found(length in 2_usize..20, which: Index) {
        let mut log = Log::of(length);
        let at = which.index(length - 1);
        let (first, second) = (log.0[at].1.clone(), log.0[at + 1].1.clone());
        (log.0[at].1, log.0[at + 1].1) = (second, first);
        prop_assert_eq!(log.check(), Err((log.0[at].0.seq, ChainFault::HashDiffers)));
    }

    #[test]
    fn a_link_of_another_chain_does_not_fit(length in 2_usize..20, which: Index) {
        let mut log = Log::of(length);
        let at = which.index(length - 1) + 1;
        log.0[at].0.prev = Digest::of(&"another chain").unwrap();
        prop_assert_eq!(log.check(), Err((log.0[at].0.seq, ChainFault::PreviousDiffers)));
    }

    #[test]
    fn a_head_reads_back_from_its_text(seq in 1_i64.., bytes: [u8; 32]) {
        let head = Head { seq, hash: Digest::from_slice(&bytes).unwrap() };
        prop_assert_eq!(head.to_string().parse::<Head>(), Ok(head));
    }

    #[test]
    fn no_text_is_a_head_by_accident(text in "\\PC{0,80}") {
        if let Ok(head) = text.parse::<Head>() {
            prop_assert!(head.seq > 0);
        }
    }
}
