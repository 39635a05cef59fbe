//! The catalogue in and out as files.

use actix_web::web::{self, Data, Json};
use huike_kernel::{Money, ProductId, format_row};
use huike_orders::{
    CatalogueError,
    catalogue::{COLUMNS, IMPORT_ROWS_MAX, ImportColumns, ImportReading, ImportReport, ImportTable},
};
use huike_persistence::{Store, StoreError, product_lists};
use huike_usecases::{
    UseCaseError,
    catalogue::{self, Catalogued},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{product_view::sees_cost, products::ProductQuery};
use crate::{
    api::{CsvFile, CsvPage, CsvPages, File, Reading},
    auth::{Staff, may},
    extract::{IdempotencyKey, Query, TableBody},
    problem::{Problem, Refusal},
};

/// The largest file.
const FILE_BYTES_MAX: usize = 2 * 1_024 * 1_024;
/// Products read at once for a file.
const PAGE: i64 = 200;

/// How a file is taken.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Only tells what would become of the rows.
    #[serde(default)]
    #[param(default = false)]
    dry_run: bool,
}

/// What a file came to.
#[derive(Serialize, ToSchema)]
pub struct ProductImportView {
    /// Whether the rows were taken: all of them, or none where one was refused.
    taken: bool,
    /// Rows with something in them.
    rows: usize,
    /// SKUs that are new.
    created: usize,
    /// SKUs that say something else, or whose product does.
    updated: usize,
    /// SKUs that are in the catalogue as the file has them.
    unchanged: usize,
    /// Rows refused.
    refused: usize,
    /// The first thousand of them.
    refusals: Vec<RefusedRowView>,
}

/// A refused row.
#[derive(Serialize, ToSchema)]
pub struct RefusedRowView {
    /// Its line in the file, counted from one.
    line: usize,
    /// The column at fault, where it is one.
    #[schema(example = "list_price")]
    column: Option<&'static str>,
    /// Why: a word of docs/errors.md.
    #[schema(example = "cell_unsound")]
    reason: &'static str,
}

impl ProductImportView {
    fn new(report: ImportReport, taken: bool) -> Self {
        let ImportReport { rows, created, updated, unchanged, refused, refusals } = report;
        let refusals = refusals.into_iter();
        let refusals =
            refusals.map(|it| RefusedRowView { line: it.line, column: it.column, reason: it.reason.word() }).collect();
        Self { taken, rows, created, updated, unchanged, refused, refusals }
    }
}

/// `POST /products/import`
pub async fn import(
    who: Staff<may::ProductManage>,
    store: Data<Store>,
    key: IdempotencyKey,
    query: Query<ImportQuery>,
    file: TableBody<FILE_BYTES_MAX>,
) -> Result<Json<ProductImportView>, Problem> {
    let once = key.once(&who, &file);
    let read = web::block(move || read_table(file)).await.map_err(|_cancelled| Refusal::Busy)?;
    let table = read.map_err(UseCaseError::from)?;
    if !query.dry_run && table.report.refused == 0 {
        let (caller, rows) = (who.caller(), table.clone());
        let taken = store.write_once(once, move |db, now| {
            let report = catalogue::take_import(db, &caller.act(now), &rows)?;
            Ok::<_, UseCaseError>((report.rows, report.created, report.updated, report.unchanged))
        });
        match taken.await {
            Ok(taken) => {
                let (rows, created, updated, unchanged) = taken.value;
                let report = ImportReport { rows, created, updated, unchanged, ..ImportReport::default() };
                return Ok(Json(ProductImportView::new(report, true)));
            }
            // Nothing was taken; which rows it was is found below.
            Err(UseCaseError::Catalogue(CatalogueError::ImportRefused)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let report = store.read(move |db| catalogue::check_import(db, &table)).await?;
    if !query.dry_run && report.refused == 0 {
        // What was wrong a moment ago is not any more: the caller may try again.
        return Err(UseCaseError::from(CatalogueError::ImportRefused).into());
    }
    Ok(Json(ProductImportView::new(report, false)))
}

fn read_table(file: TableBody<FILE_BYTES_MAX>) -> Result<ImportTable, CatalogueError> {
    let mut rows = file.rows(IMPORT_ROWS_MAX.saturating_add(1))?.into_iter();
    let (_, titles) = rows.next().ok_or(CatalogueError::ImportUnreadable)?;
    let mut reading = ImportReading::new(ImportColumns::of(&titles)?);
    for (line, cells) in rows {
        reading.take(line, &cells)?;
    }
    Ok(reading.finish())
}

/// `GET /products/import/template`
pub async fn template(_who: Staff<may::ProductManage>) -> Result<File, Problem> {
    let titles = COLUMNS.map(|(name, _, _)| name);
    let example = [
        "MILK-1",
        "一段奶粉",
        "milk-powder",
        "小象",
        "进口;新品",
        "https://cdn.example.com/milk-1.jpg",
        "适合 0 至 6 个月",
        "MILK-1-900G",
        "900克",
        "6901234567892",
        "298.00",
        "268.00",
        "220.00",
        "180.00",
        "900",
        "replenish",
    ];
    // Programs for spreadsheets know by the mark that the text is UTF-8.
    let content = format!("\u{FEFF}{}{}", format_row(&titles), format_row(&example));
    Ok(File { name: "products-template.csv".to_owned(), content: content.into_bytes() })
}

/// `GET /products/export`
pub async fn export(
    who: Staff<may::ProductRead>,
    store: Data<Store>,
    query: Query<ProductQuery>,
) -> Result<CsvFile<ProductPages>, Problem> {
    let (caller, with_cost) = (who.caller(), sees_cost(&who));
    store.write(move |db, now| catalogue::begin_export(db, &caller.act(now), with_cost)).await?;
    let pages = ProductPages { store, query: Data::new(query.into_inner()), with_cost };
    Ok(CsvFile { name: "products.csv".to_owned(), pages })
}

/// The rows of a file, newest products first.
pub struct ProductPages {
    store: Data<Store>,
    query: Data<ProductQuery>,
    with_cost: bool,
}

impl CsvPages for ProductPages {
    type Key = ProductId;

    fn header(&self) -> String {
        format_row(&COLUMNS.map(|(name, _, _)| name))
    }

    fn read(&self, before: Option<ProductId>) -> Reading<ProductId> {
        let (store, query, with_cost) = (self.store.clone(), self.query.clone(), self.with_cost);
        Box::pin(async move {
            let read = store.read(move |db| {
                let filter = query.filter(db)?;
                let products = product_lists::list(db, &filter, before, PAGE)?;
                catalogue::with_skus(db, products)
            });
            let found: Vec<Catalogued> = read.await?;
            let next = found.last().map(|it| it.product.id);
            Ok::<_, StoreError>(CsvPage { rows: found.iter().map(|it| rows_of(it, with_cost)).collect(), next })
        })
    }
}

/// One row for each SKU, as the import takes them.
fn rows_of(it: &Catalogued, with_cost: bool) -> String {
    let product = &it.product.form;
    let tags: Vec<&str> = product.tags.iter().map(|tag| tag.as_str()).collect();
    let money = |price: Option<Money>| price.map(|price| price.to_string()).unwrap_or_default();
    let row = |sku: &huike_persistence::skus::Sku| {
        let (form, prices) = (&sku.form, &sku.form.prices);
        format_row(&[
            product.code.as_str(),
            product.name.as_str(),
            it.path.last().map_or("", |code| code.as_str()),
            product.brand.as_ref().map_or("", |brand| brand.as_str()),
            &tags.join(";"),
            &product.images.join(";"),
            product.description.as_ref().map_or("", |text| text.as_str()),
            form.code.as_str(),
            form.name.as_str(),
            form.barcode.as_ref().map_or("", |code| code.as_str()),
            &prices.list.to_string(),
            &money(prices.sale),
            &money(prices.minimum),
            &money(prices.cost.filter(|_| with_cost)),
            &form.weight_grams.to_string(),
            form.low_stock_policy.map_or("", |policy| policy.as_str()),
        ])
    };
    it.skus.iter().map(row).collect()
}
