//! Codes from a file. The file is read and its codes sealed before; here one part after the other is put down as a job,
//! and each job adds its part and ends in one transaction, so that a part is never counted twice.

use huike_coupons::codes::CodeShape;
use huike_coupons::codes::REFUSALS_SHOWN_MAX;
use huike_kernel::CodeBatchId;
use huike_persistence::{
    Db, StoreError,
    code_batches::{self, BatchState, CodeBatch},
    coupons::StoredCode,
    jobs::{self, Job, NewJob},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::{
    IMPORT_JOB, finish, job_id_of,
    make::{count, insert_codes, save},
    still_held,
};
use crate::{Act, UseCaseError, codes::FreshCode};

/// One code of a file, sealed, with the line it stood in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedCode {
    /// The line, counted from one.
    pub line: u64,
    /// The coupon that will have it.
    pub coupon: huike_kernel::CouponId,
    /// HMAC of the canonical text, in hexadecimal.
    pub lookup: String,
    /// The code, encrypted, in hexadecimal.
    pub sealed: String,
}

/// What an import job carries.
#[derive(Debug, Serialize, Deserialize)]
struct Part {
    batch_id: CodeBatchId,
    codes: Vec<ImportedCode>,
}

impl ImportedCode {
    /// A code of that line.
    pub fn new(line: u64, code: &FreshCode) -> Self {
        Self { line, coupon: code.coupon, lookup: to_hex(&code.stored.lookup), sealed: to_hex(&code.stored.sealed) }
    }

    fn to_fresh(&self) -> Result<FreshCode, StoreError> {
        let read = |text: &str| from_hex(text).ok_or_else(|| StoreError::corrupt("job", "a code of an import"));
        let stored = StoredCode { shape: CodeShape::Plain, lookup: read(&self.lookup)?, sealed: read(&self.sealed)? };
        Ok(FreshCode { coupon: self.coupon, stored })
    }
}

/// Puts down one part of a file. A part that was put down before is not put down again: an import that broke off may be
/// sent once more under its key.
pub fn add_import_part(
    db: &mut Db,
    act: &Act<'_>,
    id: CodeBatchId,
    (part, codes): (u32, &[ImportedCode]),
) -> Result<(), UseCaseError> {
    let batch = code_batches::find(db, id)?.ok_or(UseCaseError::NotFound("code batch"))?;
    let part_of = Part { batch_id: id, codes: codes.to_vec() };
    let payload = serde_json::to_value(&part_of).map_err(|error| StoreError::corrupt("job", error))?;
    let job = NewJob { id: job_id_of(id, part), site: batch.site, kind: IMPORT_JOB, payload, due_at: act.now };
    // Refused: it is there already, as it should be.
    let _known = jobs::enqueue(db, &job, act.now)?;
    Ok(())
}

/// The batch an import job works for, and how many codes are left of its part.
pub fn import_of(held: &Job) -> Result<(CodeBatchId, usize), UseCaseError> {
    let part = read_part(held)?;
    Ok((part.batch_id, part.codes.len()))
}

fn read_part(held: &Job) -> Result<Part, StoreError> {
    serde_json::from_value(held.payload.clone()).map_err(|error| StoreError::corrupt("job", error))
}

/// Adds at most so many codes of a part of a file and tells the report which of them exist already. Hands back the job
/// with what is left of the part; where nothing is, the job has ended. A refusal leaves all as it was: the caller tries
/// fewer, tries tomorrow, or gives up by [`super::give_up`].
pub fn import_part(db: &mut Db, act: &Act<'_>, held: &Job, count_max: usize) -> Result<Option<Job>, UseCaseError> {
    let mut part = read_part(held)?;
    let left = part.codes.split_off(count_max.min(part.codes.len()));
    let left = keep_left(db, act, held, Part { batch_id: part.batch_id, codes: left })?;
    let mut batch = code_batches::lock(db, part.batch_id)?.ok_or(UseCaseError::NotFound("code batch"))?;
    if batch.state != BatchState::Running {
        return Ok(left);
    }
    let codes = part.codes.iter().map(ImportedCode::to_fresh).collect::<Result<Vec<_>, _>>()?;
    let made = insert_codes(db, act, &batch, &codes)?;
    batch.made += count(&made);
    let existing: BTreeSet<u64> =
        part.codes.iter().filter(|code| !made.contains(&code.coupon)).map(|code| code.line).collect();
    note_existing(&mut batch, &existing);
    if batch.made >= accepted(&batch) {
        batch.state = BatchState::Done;
    }
    save(db, &batch)?;
    Ok(left)
}

/// Ends the job, or writes down what is left of it: in the transaction that does the rest of its work.
fn keep_left(db: &mut Db, act: &Act<'_>, held: &Job, left: Part) -> Result<Option<Job>, StoreError> {
    if left.codes.is_empty() {
        finish(db, act, held)?;
        return Ok(None);
    }
    let payload = serde_json::to_value(&left).map_err(|error| StoreError::corrupt("job", error))?;
    still_held(jobs::save(db, held, &payload, act.now, crate::jobs::LEASE)?)?;
    Ok(Some(Job { payload, ..held.clone() }))
}

/// How many codes of the file are still thought to be new.
fn accepted(batch: &CodeBatch) -> i64 {
    let counted = batch.report.as_ref().and_then(|report| report.get("accepted")).and_then(Value::as_i64);
    counted.unwrap_or(batch.quantity)
}

fn note_existing(batch: &mut CodeBatch, lines: &BTreeSet<u64>) {
    let found = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    let accepted = accepted(batch) - found;
    let report = batch.report.get_or_insert_with(|| json!({}));
    let refused = report.get("refused").and_then(Value::as_i64).unwrap_or(0) + found;
    let mut refusals = report.get("refusals").and_then(Value::as_array).cloned().unwrap_or_default();
    let room = REFUSALS_SHOWN_MAX.saturating_sub(refusals.len());
    refusals.extend(lines.iter().take(room).map(|line| json!({ "line": line, "reason": "already_exists" })));
    *report = json!({ "accepted": accepted, "refused": refused, "refusals": refusals });
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| Some(pair.first()? * 16 + pair.get(1)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_back_from_hexadecimal() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
        assert_eq!(from_hex("abc"), None);
        assert_eq!(from_hex("zz"), None);
    }
}
