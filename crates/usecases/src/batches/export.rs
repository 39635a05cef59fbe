//! Codes out as a file.

use huike_access::Permission;
use huike_kernel::CodeBatchId;
use huike_persistence::{Db, code_batches, code_batches::CodeBatch};
use serde_json::{Value, json};

use super::audit;
use crate::{Act, UseCaseError};

/// Lets the caller have the codes of a batch in the clear, and writes that down before the first one is read.
pub fn begin_export(db: &mut Db, act: &Act<'_>, id: CodeBatchId) -> Result<CodeBatch, UseCaseError> {
    let batch = code_batches::find(db, id)?.ok_or(UseCaseError::NotFound("code batch"))?;
    act.reach(db, batch.site, Permission::CodeExport, "code batch")?;
    audit(db, act, &batch, "code_batch.export", (Value::Null, json!({ "codes": batch.made })))?;
    Ok(batch)
}
