//! Codes in and out as CSV files.

use actix_web::web::{self, Data, Json};
use huike_coupons::codes::{CodeImport, ImportOutcome, ImportReport};
use huike_kernel::{CodeBatchId, CouponId, NodeId, RandomSource, TemplateId, Text, format_row};
use huike_persistence::{
    Store, StoreError,
    coupon_batches::{self, ListedCode},
};
use huike_usecases::batches::{BatchSource, ImportedCode, NewBatch, add_import_part, begin_batch, begin_export};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::code_batches::link_token;
use crate::{
    api::{CsvFile, CsvPage, CsvPages, Reading},
    auth::{Staff, may},
    codes::{CodeMint, NotSealed},
    extract::{CsvBody, IdempotencyKey, Path, Query},
    problem::{Problem, Refusal},
};

/// The largest file of codes.
const FILE_BYTES_MAX: usize = 8 * 1_024 * 1_024;
/// Codes of one job, and of one transaction.
const PART: usize = 200;
/// Codes read at once for a file.
const PAGE: i64 = 1_000;

/// What an import is for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// The template, which must be live.
    #[param(value_type = uuid::Uuid)]
    template_id: TemplateId,
    /// The node the codes are for.
    #[param(value_type = uuid::Uuid)]
    site_id: NodeId,
    /// What staff call the batch, up to 60 characters.
    #[param(value_type = String, example = "旧系统券码")]
    name: Text<60>,
}

/// What an import came to. Codes that exist already are found while the batch is made, and told in its report.
#[derive(Serialize, ToSchema)]
pub struct ImportView {
    /// The batch; none where no row could be taken.
    batch_id: Option<CodeBatchId>,
    /// Rows taken, refused, and why.
    #[schema(value_type = Object, example = json!({ "accepted": 499, "refused": 1, "refusals": [{ "line": 7, "reason": "bad_character", "position": 3 }] }))]
    report: Value,
}

/// `POST /code-batches/import`
pub async fn import(
    who: Staff<may::CodeCreate>,
    (store, mint, random): (Data<Store>, Data<CodeMint>, Data<dyn RandomSource>),
    key: IdempotencyKey,
    query: Query<ImportQuery>,
    file: CsvBody<FILE_BYTES_MAX>,
) -> Result<Json<ImportView>, Problem> {
    let once = key.once(&who, &file);
    // Reading and sealing a hundred thousand codes would hold up everybody else on this worker.
    let read = web::block(move || read_file(&mint, &file.bytes)).await.map_err(|_cancelled| Refusal::Busy)??;
    let report = serde_json::to_value(&read.report).map_err(|error| {
        tracing::error!(%error, "an import's report cannot be written");
        Problem::internal()
    })?;
    if read.codes.is_empty() {
        return Ok(Json(ImportView { batch_id: None, report }));
    }
    let ImportQuery { template_id, site_id, name } = query.into_inner();
    let ask = NewBatch {
        template: template_id,
        site: site_id,
        name,
        source: BatchSource::File { report: report.clone() },
        quantity: i64::try_from(read.codes.len()).unwrap_or(i64::MAX),
        link_token: link_token(&**random),
    };
    let caller = who.caller();
    let begun = store.write_once(once, move |db, now| begin_batch(db, &caller.act(now), &ask)).await?.value;
    for (part, codes) in (0_u32..).zip(read.codes.chunks(PART)) {
        let (caller, codes) = (who.caller(), codes.to_vec());
        let added =
            store.write(move |db, now| add_import_part(db, &caller.act(now), begun.batch, (part, &codes))).await;
        added.map_err(|late| Problem::from(late).after_write())?;
    }
    Ok(Json(ImportView { batch_id: Some(begun.batch), report }))
}

/// A file that was read.
struct ReadFile {
    codes: Vec<ImportedCode>,
    report: ImportReport,
}

fn read_file(mint: &CodeMint, bytes: &[u8]) -> Result<ReadFile, NotSealed> {
    let (mut import, mut codes) = (CodeImport::new(), Vec::new());
    // A row that is no UTF-8 has characters that no code has, and is refused for them.
    for line in String::from_utf8_lossy(bytes).lines() {
        if let ImportOutcome::Code(code) = import.take_line(line) {
            codes.push(ImportedCode::new(import.line(), &mint.plain(&code)?));
        }
    }
    Ok(ReadFile { codes, report: import.into_report() })
}

/// `GET /code-batches/{batch_id}/codes`
pub async fn export(
    who: Staff<may::CodeExport>,
    store: Data<Store>,
    mint: Data<CodeMint>,
    path: Path<CodeBatchId>,
) -> Result<CsvFile<CodePages>, Problem> {
    let (caller, id) = (who.caller(), *path);
    store.write(move |db, now| begin_export(db, &caller.act(now), id)).await?;
    Ok(CsvFile { name: format!("codes-{id}.csv"), pages: CodePages { batch: id, store, mint } })
}

/// The codes of a batch.
pub struct CodePages {
    batch: CodeBatchId,
    store: Data<Store>,
    mint: Data<CodeMint>,
}

impl CsvPages for CodePages {
    type Key = CouponId;

    fn header(&self) -> String {
        format_row(&["code", "state"])
    }

    fn read(&self, after: Option<CouponId>) -> Reading<CouponId> {
        let (store, mint, batch) = (self.store.clone(), self.mint.clone(), self.batch);
        Box::pin(async move {
            let codes = store.read(move |db| coupon_batches::list_codes(db, batch, after, PAGE)).await?;
            let next = codes.last().map(|code| code.coupon);
            let rows = codes.iter().map(|code| row(&mint, code)).collect::<Result<_, StoreError>>()?;
            Ok(CsvPage { rows, next })
        })
    }
}

fn row(mint: &CodeMint, code: &ListedCode) -> Result<String, StoreError> {
    let shown = mint.show(code.coupon, &code.sealed);
    let shown = shown.ok_or_else(|| StoreError::corrupt("coupon", "its code cannot be opened"))?;
    Ok(format_row(&[&shown, code.state.as_str()]))
}
