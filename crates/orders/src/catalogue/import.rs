//! A table of SKUs, one in each row, read row by row into forms or into reasons why not. Where the cells come from (CSV,
//! XLSX) is not known here; nor what there is already: categories and codes are looked up by the caller.

use std::collections::HashMap;

use huike_kernel::{CategoryId, Money, Paragraph, Text};

use super::{
    ArticleCode, CatalogueError, CategoryCode, ImportFault, ImportReport, LowStockPolicy, ProductForm, SkuForm,
    SkuPrices,
};

/// The most rows of one file: they are taken in one transaction, or not at all.
pub const IMPORT_ROWS_MAX: usize = 1_000;

/// The columns with their titles in Chinese, and whether a file must have them. An export has them all in this order.
pub const COLUMNS: [(&str, &str, bool); 16] = [
    ("product_code", "商品编码", true),
    ("product_name", "商品名称", true),
    ("category_code", "分类编码", true),
    ("brand", "品牌", false),
    ("tags", "标签", false),
    ("images", "图片", false),
    ("description", "描述", false),
    ("sku_code", "规格编码", true),
    ("sku_name", "规格名称", true),
    ("barcode", "条码", false),
    ("list_price", "划线价", true),
    ("sale_price", "售价", false),
    ("minimum_price", "最低售价", false),
    ("cost_price", "成本价", false),
    ("weight_grams", "重量（克）", false),
    ("low_stock_policy", "低库存策略", false),
];

/// Which cell of a row belongs to which column.
#[derive(Debug, Clone)]
pub struct ImportColumns([Option<usize>; COLUMNS.len()]);

/// A row that was read. The category is known by its code until it is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Its line in the file, counted from one.
    pub line: usize,
    /// The category.
    pub category: CategoryCode,
    /// The product; its category is to be filled in.
    pub product: ProductForm,
    /// The SKU.
    pub sku: SkuForm,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct ImportTable {
    /// The columns it has.
    pub columns: ImportColumns,
    /// The rows that are sound in themselves, by line.
    pub rows: Vec<ImportRow>,
    /// What became of the others.
    pub report: ImportReport,
}

impl ImportTable {
    /// Makes what a row says of a product complete by what is said of it already.
    pub fn complete_product(&self, form: &mut ProductForm, known: &ProductForm) {
        if !self.columns.has("brand") {
            form.brand.clone_from(&known.brand);
        }
        if !self.columns.has("tags") {
            form.tags.clone_from(&known.tags);
        }
        if !self.columns.has("images") {
            form.images.clone_from(&known.images);
        }
        if !self.columns.has("description") {
            form.description.clone_from(&known.description);
        }
    }

    /// Makes what a row says of a SKU complete by what is said of it already.
    pub fn complete_sku(&self, form: &mut SkuForm, known: &SkuForm) {
        if !self.columns.has("barcode") {
            form.barcode.clone_from(&known.barcode);
        }
        if !self.columns.has("weight_grams") {
            form.weight_grams = known.weight_grams;
        }
        if !self.columns.has("low_stock_policy") {
            form.low_stock_policy = known.low_stock_policy;
        }
        let (prices, known) = (&mut form.prices, &known.prices);
        for (column, price, known) in [
            ("sale_price", &mut prices.sale, known.sale),
            ("minimum_price", &mut prices.minimum, known.minimum),
            ("cost_price", &mut prices.cost, known.cost),
        ] {
            if !self.columns.has(column) {
                *price = known;
            }
        }
    }
}

/// The first fault of a row whose forms were made complete, and its column.
pub fn fault_of_row(row: &ImportRow) -> Option<(Option<&'static str>, ImportFault)> {
    faults_of(row).next()
}

/// A file that is being read.
#[derive(Debug)]
pub struct ImportReading {
    columns: ImportColumns,
    rows: Vec<ImportRow>,
    products: HashMap<ArticleCode, usize>,
    skus: HashMap<ArticleCode, usize>,
    report: ImportReport,
}

impl ImportColumns {
    /// Reads the titles: names as in [`COLUMNS`], English or Chinese, in any order.
    pub fn of(titles: &[String]) -> Result<Self, CatalogueError> {
        let mut places = [None; COLUMNS.len()];
        let mut unknown = Vec::new();
        for (place, title) in titles.iter().enumerate().filter(|(_, title)| !title.trim().is_empty()) {
            let title = title.trim().trim_start_matches('\u{FEFF}');
            let named = COLUMNS.iter().position(|(name, zh, _)| title.eq_ignore_ascii_case(name) || title == *zh);
            match named.and_then(|index| places.get_mut(index)) {
                Some(slot) if slot.is_none() => *slot = Some(place),
                _ => unknown.push(title.chars().take(40).collect()),
            }
        }
        let needed = COLUMNS.iter().zip(places).filter(|((_, _, needed), place)| *needed && place.is_none());
        let missing: Vec<&'static str> = needed.map(|((name, _, _), _)| *name).collect();
        if missing.is_empty() && unknown.is_empty() {
            return Ok(Self(places));
        }
        Err(CatalogueError::ImportColumnsInvalid { missing, unknown })
    }

    /// Whether the file has the column. What it does not have stays as it is.
    pub fn has(&self, column: &str) -> bool {
        let index = COLUMNS.iter().position(|(name, _, _)| *name == column);
        index.and_then(|index| self.0.get(index)).is_some_and(Option::is_some)
    }

    fn cell<'c>(&self, cells: &'c [String], column: &str) -> &'c str {
        let index = COLUMNS.iter().position(|(name, _, _)| *name == column);
        let place = index.and_then(|index| self.0.get(index).copied().flatten());
        place.and_then(|place| cells.get(place)).map_or("", |cell| cell.trim())
    }
}

impl ImportReading {
    /// A file whose first row named the columns.
    pub fn new(columns: ImportColumns) -> Self {
        let (rows, products, skus) = (Vec::new(), HashMap::new(), HashMap::new());
        Self { columns, rows, products, skus, report: ImportReport::default() }
    }

    /// Takes the next row, which begins at that line of the file.
    pub fn take(&mut self, line: usize, cells: &[String]) -> Result<(), CatalogueError> {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if self.report.rows >= IMPORT_ROWS_MAX {
            return Err(CatalogueError::ImportTooLong { max: IMPORT_ROWS_MAX });
        }
        self.report.rows = self.report.rows.saturating_add(1);
        let read = RowReader { columns: &self.columns, cells }.read(line);
        match read {
            Ok(row) => self.keep(row),
            Err((column, fault)) => self.report.refuse(line, column, fault),
        }
        Ok(())
    }

    /// The rows that are sound in themselves, and the report on the others.
    pub fn finish(self) -> ImportTable {
        ImportTable { columns: self.columns, rows: self.rows, report: self.report }
    }

    fn keep(&mut self, row: ImportRow) {
        let line = row.line;
        if let Some((column, fault)) = fault_of_row(&row) {
            return self.report.refuse(line, column, fault);
        }
        if self.skus.contains_key(&row.sku.code) {
            return self.report.refuse(line, Some("sku_code"), ImportFault::SkuTwice);
        }
        let first = self.products.get(&row.product.code).and_then(|index| self.rows.get(*index));
        if first.is_some_and(|first| (&first.product, &first.category) != (&row.product, &row.category)) {
            return self.report.refuse(line, Some("product_code"), ImportFault::ProductDiffers);
        }
        self.products.entry(row.product.code.clone()).or_insert(self.rows.len());
        self.skus.insert(row.sku.code.clone(), self.rows.len());
        self.rows.push(row);
    }
}

/// What the forms find, told by column.
fn faults_of(row: &ImportRow) -> impl Iterator<Item = (Option<&'static str>, ImportFault)> {
    let columns = [
        ("/tags", "tags"),
        ("/images", "images"),
        ("/prices/list", "list_price"),
        ("/prices/sale", "sale_price"),
        ("/prices/minimum", "minimum_price"),
        ("/prices/cost", "cost_price"),
        ("/weight_grams", "weight_grams"),
    ];
    let problems = row.product.validate().into_iter().chain(row.sku.validate());
    problems.map(move |problem| {
        let column = columns.iter().find(|(pointer, _)| problem.pointer.starts_with(pointer));
        (column.map(|(_, column)| *column), ImportFault::Form(problem.fault))
    })
}

type Cell<T> = Result<T, (Option<&'static str>, ImportFault)>;

struct RowReader<'a> {
    columns: &'a ImportColumns,
    cells: &'a [String],
}

impl RowReader<'_> {
    fn read(&self, line: usize) -> Cell<ImportRow> {
        let product = ProductForm {
            code: self.needed("product_code", |text| text.parse().ok())?,
            category: CategoryId::from_uuid(uuid::Uuid::nil()),
            name: self.needed("product_name", |text| Text::new(text).ok())?,
            brand: self.given("brand", |text| Text::new(text).ok())?,
            tags: self.list("tags", |text| Text::new(text).ok())?,
            images: self.list("images", |text| Some(text.to_owned()))?,
            description: self.given("description", |text| Paragraph::new(text).ok())?,
        };
        let prices = SkuPrices {
            list: self.needed("list_price", money)?,
            sale: self.given("sale_price", money)?,
            minimum: self.given("minimum_price", money)?,
            cost: self.given("cost_price", money)?,
        };
        let sku = SkuForm {
            code: self.needed("sku_code", |text| text.parse().ok())?,
            name: self.needed("sku_name", |text| Text::new(text).ok())?,
            barcode: self.given("barcode", |text| text.parse().ok())?,
            prices,
            weight_grams: self.given("weight_grams", |text| text.parse().ok())?.unwrap_or(0),
            low_stock_policy: self.given("low_stock_policy", policy)?,
        };
        let category = self.needed("category_code", |text| text.parse().ok())?;
        Ok(ImportRow { line, category, product, sku })
    }

    fn given<T>(&self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Cell<Option<T>> {
        let text = self.columns.cell(self.cells, column);
        if text.is_empty() {
            return Ok(None);
        }
        read(text).map(Some).ok_or((Some(column), ImportFault::CellUnsound))
    }

    fn needed<T>(&self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Cell<T> {
        self.given(column, read)?.ok_or((Some(column), ImportFault::CellEmpty))
    }

    /// Entries of a cell stand apart by semicolons or line ends.
    fn list<T>(&self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Cell<Vec<T>> {
        let text = self.columns.cell(self.cells, column);
        let entries = text.split([';', '；', '\n']).map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(|entry| read(entry).ok_or((Some(column), ImportFault::CellUnsound))).collect()
    }
}

/// Prices as people write them: `¥1,234.50` is 1234.50.
fn money(text: &str) -> Option<Money> {
    let plain: String = text.trim_start_matches(['¥', '￥']).chars().filter(|c| *c != ',').collect();
    plain.trim().parse().ok()
}

fn policy(text: &str) -> Option<LowStockPolicy> {
    match text {
        "补货" => Some(LowStockPolicy::Replenish),
        "清仓" => Some(LowStockPolicy::ClearOut),
        word => word.parse().ok(),
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
