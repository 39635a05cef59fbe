//! Whether the audit log is still the one that was written: the chain is checked a piece at a time, so that a log of
//! millions of rows holds nobody up.

use std::time::{Duration, Instant};

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::AuditId;
use huike_persistence::{Store, StoreError, audit_seals};
use huike_trust::{Digest, Head};
use huike_usecases::audit::{CheckFrom, Checking, FoundFault, begin_check, check_chunk};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    auth::{Staff, may},
    extract::Query,
    problem::Problem,
};

/// Links that are checked in one snapshot.
const CHUNK: i64 = 1_000;
/// Links that one request checks, if it is quick enough.
const LINKS_MAX: i64 = 50_000;
/// After so long it leaves the rest to the next request.
const TAKES_MAX: Duration = Duration::from_secs(2);

/// Where to begin.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VerificationQuery {
    /// The first link to check, from 1; `next_from` of the answer before. The chain's beginning without it.
    #[validate(range(min = 1))]
    #[param(minimum = 1)]
    from: Option<i64>,
    /// The hash of the link before, `checked_hash` of the answer before: then it is checked too that this one is still
    /// the same.
    #[param(value_type = Option<String>, min_length = 64, max_length = 64)]
    prev_hash: Option<Digest>,
}

/// The last link of the chain.
#[derive(Serialize, ToSchema)]
pub struct HeadView {
    /// Its number: so many rows are sealed.
    seq: i64,
    /// Its hash, which stands for all of them. Keep it elsewhere.
    #[schema(example = "932dd96e08c21d9a6dc511eae96f24320cb53b3005487371a072bf549b966237")]
    hash: String,
    /// When it was made.
    sealed_at: DateTime<Utc>,
}

/// Where the chain does not hold.
#[derive(Serialize, ToSchema)]
pub struct FaultView {
    /// At which link.
    seq: i64,
    /// The row it seals; null where there is no such link.
    audit_id: Option<AuditId>,
    /// What is wrong, in a word: `gap`, `previous_differs`, `hash_differs`, `row_missing`, `payload_differs`,
    /// `link_missing` or `known_differs`.
    #[schema(example = "hash_differs")]
    kind: &'static str,
}

/// What a check came to.
#[derive(Serialize, ToSchema)]
pub struct VerificationView {
    /// The end of the chain; null while nothing is sealed.
    head: Option<HeadView>,
    /// How many rows the log has.
    rows: i64,
    /// How many of them wait for their seal, which takes about a second.
    unsealed: i64,
    /// Since when the one that has waited longest.
    unsealed_since: Option<DateTime<Utc>>,
    /// The first link that this request checked.
    checked_from: i64,
    /// The last one; one less where none was left.
    checked_to: i64,
    /// The hash of the last one: with `next_from`, what a check can go on from, today or in a year.
    checked_hash: String,
    /// Where to go on; null when the end was reached or a fault was found.
    next_from: Option<i64>,
    /// The first fault, if there is one.
    fault: Option<FaultView>,
}

impl From<FoundFault> for FaultView {
    fn from(found: FoundFault) -> Self {
        Self { seq: found.seq, audit_id: found.audit, kind: found.fault.as_str() }
    }
}

/// `GET /audit/verification`
pub async fn verify(
    _who: Staff<may::AuditVerify>,
    store: Data<Store>,
    query: Query<VerificationQuery>,
) -> Result<Json<VerificationView>, Problem> {
    let from = query.begins();
    let begun = store.read(move |db| begin_check(db, from)).await?;
    let done = check(&store, begun).await?;
    let standing = store.read(|db| Ok::<_, StoreError>((audit_seals::last(db)?, audit_seals::count_unsealed(db)?)));
    let (last, (unsealed, unsealed_since)) = standing.await?;
    let next_from = (done.fault.is_none() && !done.is_end).then(|| done.head.seq.saturating_add(1));
    Ok(Json(VerificationView {
        rows: last.map_or(0, |(head, _)| head.seq).saturating_add(unsealed),
        head: last.map(|(Head { seq, hash }, sealed_at)| HeadView { seq, hash: hash.to_string(), sealed_at }),
        unsealed,
        unsealed_since,
        checked_from: begun.head.seq.saturating_add(1),
        checked_to: done.head.seq,
        checked_hash: done.head.hash.to_string(),
        next_from,
        fault: done.fault.map(FaultView::from),
    }))
}

/// Chunk by chunk, each in a snapshot of its own, until the end, a fault, or what one request may take.
async fn check(store: &Store, begun: Checking) -> Result<Checking, StoreError> {
    let (began, limit) = (Instant::now(), begun.head.seq.saturating_add(LINKS_MAX));
    let mut done = begun;
    while done.fault.is_none() && !done.is_end && done.head.seq < limit && began.elapsed() < TAKES_MAX {
        let after = done.head;
        done = store.read(move |db| check_chunk(db, after, CHUNK)).await?;
    }
    Ok(done)
}

impl VerificationQuery {
    fn begins(&self) -> CheckFrom {
        let seq = self.from.map_or(0, |from| from.saturating_sub(1));
        self.prev_hash.map_or(CheckFrom::Number(seq), |hash| CheckFrom::Known(Head { seq, hash }))
    }
}
