//! Batches of codes (券码批次): printed, generated or imported codes that nobody owns yet.
//!
//! A batch is wanted in one transaction and made in many: a job takes it on in chunks, each of which counts its coupons
//! in the stock and the budget by the same guarded writes as a claim. A chunk is kept whole or not at all, together with
//! how far the batch is, so a killed job goes on where it stopped.

mod export;
mod import;
mod make;
mod void;

use huike_access::Permission;
use huike_coupons::{
    ChannelKind, ClaimError,
    claim::{CodesGrant, IssueFacts, decide_issue_codes},
    codes::{BATCH_QUANTITY_MAX, CodeError, Pattern, decide_batch},
};
use huike_kernel::{CodeBatchId, JobId, NodeId, StaffId, TemplateId, Text};
use huike_persistence::{
    Db, Outcome, StoreError,
    channels::{self, Channel},
    code_batches::{self, BatchKind, BatchState, CodeBatch},
    jobs::{self, Job, NewJob},
    nodes, stock, templates,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use self::make::printed_event;
pub use self::{
    export::begin_export,
    import::{ImportedCode, add_import_part, import_of, import_part},
    make::{Chunk, ChunkFate, fail_batch, give_up, make_chunk, wanted},
    void::{void_batch, void_chunk},
};
use crate::{
    Act, UseCaseError,
    claims::{ClaimPlace, Offer, stock_refusal},
    record::{self, Change},
};

/// The job that makes the codes of a batch.
pub const MAKE_JOB: &str = "code_batch.make";
/// The job that adds one part of an imported file.
pub const IMPORT_JOB: &str = "code_batch.import";
/// The job that makes the unclaimed codes of a batch void.
pub const VOID_JOB: &str = "code_batch.void";

/// A batch somebody wants.
#[derive(Debug, Clone)]
pub struct NewBatch {
    /// The template, which must be live.
    pub template: TemplateId,
    /// The node it is made for.
    pub site: NodeId,
    /// What staff call it; also the name of its channel.
    pub name: Text<60>,
    /// Where its codes come from.
    pub source: BatchSource,
    /// How many.
    pub quantity: i64,
    /// An unguessable token for its channel, made before the transaction.
    pub link_token: String,
}

/// Where the codes of a batch come from.
#[derive(Debug, Clone)]
pub enum BatchSource {
    /// Generated and signed.
    Signed,
    /// Drawn from a pattern.
    Pattern(Pattern),
    /// Taken from a file, with the report on the rows that were refused.
    File {
        /// What reading the file came to.
        report: Value,
    },
}

/// A batch that will be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchBegun {
    /// The batch.
    pub batch: CodeBatchId,
    /// How many codes it will have.
    pub quantity: i64,
    /// One blind guess in so many hits a code of the pattern; a string, because it may be beyond what JSON numbers carry.
    pub guess_one_in: Option<String>,
    /// Whether the pattern is easy enough to guess to think again.
    pub guessable: bool,
}

/// Wants a batch. Refused at once where the stock or the budget would not hold it; the chunks are counted one by one all
/// the same.
pub fn begin_batch(db: &mut Db, act: &Act<'_>, ask: &NewBatch) -> Result<BatchBegun, UseCaseError> {
    let staff = act.staff(Permission::CodeCreate)?;
    act.reach(db, ask.site, Permission::CodeCreate, "node")?;
    let (kind, pattern) = match &ask.source {
        BatchSource::Signed => (BatchKind::Signed, None),
        BatchSource::Pattern(pattern) => (BatchKind::Patterned, Some(pattern)),
        BatchSource::File { .. } => (BatchKind::Imported, None),
    };
    let quantity = u64::try_from(ask.quantity).unwrap_or(0);
    if quantity == 0 || quantity > BATCH_QUANTITY_MAX {
        return Err(UseCaseError::Coupons(CodeError::QuantityInvalid { max: BATCH_QUANTITY_MAX }.into()));
    }
    let offer = Offer::load(db, ask.template, act.actor())?;
    let place = place_in_scope(db, &offer, ask.site)?;
    decide_issue(&offer, act, &place)?;
    let already = match pattern {
        Some(pattern) => count_codes_of(db, pattern)?,
        None => 0,
    };
    let verdict = pattern
        .map(|pattern| decide_batch(pattern, quantity, u64::try_from(already).unwrap_or(u64::MAX)))
        .transpose()
        .map_err(|error| UseCaseError::Coupons(error.into()))?;
    guard_room(db, &offer, ask.quantity)?;

    let batch = insert(db, act, ask, (&offer, staff, kind))?;
    if kind != BatchKind::Imported {
        let job = NewJob {
            id: act.new_id(),
            site: batch.site,
            kind: MAKE_JOB,
            payload: json!({ "batch_id": batch.id }),
            due_at: act.now,
        };
        enqueue(db, act, &job)?;
    }
    let after = json!({ "template_id": ask.template, "kind": kind.as_str(), "quantity": ask.quantity });
    audit(db, act, &batch, "code_batch.create", (Value::Null, after))?;
    Ok(BatchBegun {
        batch: batch.id,
        quantity: ask.quantity,
        guess_one_in: verdict.map(|verdict| verdict.guess_one_in.to_string()),
        guessable: verdict.is_some_and(|verdict| verdict.warning.is_some()),
    })
}

/// How many codes of the pattern are wanted already, in all templates. From here on nobody else begins a batch of any
/// pattern until this one is begun: a row that all of them have in common is locked.
fn count_codes_of(db: &mut Db, pattern: &Pattern) -> Result<i64, StoreError> {
    let head = nodes::find_head(db)?.ok_or_else(|| StoreError::corrupt("node", "there is no head"))?;
    let _head = nodes::lock(db, head.id)?;
    code_batches::codes_of_pattern(db, pattern.as_str())
}

fn insert(
    db: &mut Db,
    act: &Act<'_>,
    ask: &NewBatch,
    (offer, staff, kind): (&Offer, StaffId, BatchKind),
) -> Result<CodeBatch, UseCaseError> {
    let channel = Channel {
        id: act.new_id(),
        site: ask.site,
        template_site: offer.template.site,
        template: ask.template,
        kind: ChannelKind::CodeBatch,
        name: ask.name.to_string(),
        link_token: ask.link_token.clone(),
        code: None,
        open: true,
        created_by: staff,
        created_at: act.now,
    };
    if channels::insert(db, &channel)? == Outcome::Refused {
        return Err(UseCaseError::Taken("link"));
    }
    let (pattern, report) = match &ask.source {
        BatchSource::Signed => (None, None),
        BatchSource::Pattern(pattern) => (Some(pattern.to_string()), None),
        BatchSource::File { report } => (None, Some(report.clone())),
    };
    let batch = CodeBatch {
        id: act.new_id(),
        site: ask.site,
        template_site: offer.template.site,
        template: ask.template,
        template_version: offer.version.number,
        channel: channel.id,
        kind,
        pattern,
        quantity: ask.quantity,
        made: 0,
        state: BatchState::Running,
        report,
        created_by: staff,
        created_at: act.now,
    };
    code_batches::insert(db, &batch)?;
    Ok(batch)
}

/// Whether codes may be issued under the offer now, and with which window and promise.
fn decide_issue(offer: &Offer, act: &Act<'_>, place: &ClaimPlace) -> Result<CodesGrant, UseCaseError> {
    let (template, zone) = (offer.template.state, place.at.zone);
    let facts = IssueFacts { now: act.now, template, killed: offer.killed(), zone };
    Ok(decide_issue_codes(offer.rules(), &facts)?)
}

/// The place of a batch, which lies where the offer may be claimed.
fn place_in_scope(db: &mut Db, offer: &Offer, site: NodeId) -> Result<ClaimPlace, UseCaseError> {
    let place = offer.place(db, site)?.ok_or(UseCaseError::NotFound("node"))?;
    if !place.in_scope {
        return Err(UseCaseError::Coupons(ClaimError::OutOfScope.into()));
    }
    Ok(place)
}

/// An early answer where the stock cannot hold the batch, so that nobody waits for a job to find out. What decides are
/// the guarded writes of the chunks.
fn guard_room(db: &mut Db, offer: &Offer, quantity: i64) -> Result<(), UseCaseError> {
    let id = offer.template.id;
    let mut stock = stock::find(db, id)?.ok_or_else(|| StoreError::corrupt("coupon_stock", id))?;
    let pieces = stock.quantity.saturating_sub(stock.issued);
    let promised = offer.rules().committed_at_issue().fen().saturating_mul(quantity);
    let money = stock.budget_fen.map(|budget| budget.saturating_sub(stock.spent_fen + stock.committed_fen));
    if stock.accepting && quantity <= pieces && money.is_none_or(|money| promised <= money) {
        return Ok(());
    }
    if quantity > pieces {
        stock.issued = stock.quantity;
    }
    let template = templates::find(db, id)?;
    Err(stock_refusal(&stock, template.as_ref()))
}

fn enqueue(db: &mut Db, act: &Act<'_>, job: &NewJob) -> Result<(), StoreError> {
    match jobs::enqueue(db, job, act.now)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(StoreError::corrupt("job", "a new id was taken")),
    }
}

/// Ends a job within the transaction of its last work; an error where somebody else has taken it meanwhile.
fn finish(db: &mut Db, act: &Act<'_>, held: &Job) -> Result<(), StoreError> {
    still_held(jobs::finish(db, held, act.now)?)
}

/// Work on a job that was lost to somebody else must not be kept.
pub(crate) fn still_held(outcome: Outcome) -> Result<(), StoreError> {
    match outcome {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(StoreError::Unavailable("the job was taken by somebody else")),
    }
}

fn audit(
    db: &mut Db,
    act: &Act<'_>,
    batch: &CodeBatch,
    action: &'static str,
    (before, after): (Value, Value),
) -> Result<(), StoreError> {
    let change = Change { action, subject_kind: "code_batch", subject: batch.id.to_string(), before, after };
    record::audit(db, act, batch.site, change)
}

/// The id of a job that must not be added twice, computed from what it is for.
pub(crate) fn job_id_of(batch: CodeBatchId, part: u32) -> JobId {
    // A batch's id with its last bits shifted by the part: unique among the jobs of imports, whose ids nobody else makes.
    let bits = batch.as_uuid().as_u128();
    JobId::from_uuid(uuid::Uuid::from_u128(bits ^ (0x1b_u128 << 120) ^ u128::from(part)))
}
