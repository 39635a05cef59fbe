//! A table of SKUs, taken as a whole or not at all: every row is looked at first, and one that cannot be taken leaves the
//! catalogue as it was. A row whose SKU exists changes it.

use std::collections::{BTreeMap, BTreeSet};

use huike_orders::{
    CatalogueError,
    catalogue::{
        ArticleCode, ArticleState, Barcode, ImportFault, ImportReport, ImportRow, ImportTable, ProductForm, SKUS_MAX,
        SkuForm, fault_of_row,
    },
};
use huike_persistence::{
    Db, StoreError,
    categories::CategoryTree,
    products::{self, Product},
    skus::{self, Sku},
};
use serde_json::{Value, json};

use super::{
    Seen, head, hold_open_category,
    products::{hold_product, insert_product, save_product},
    skus::{insert_sku, save_sku},
};
use crate::{
    Act, UseCaseError,
    record::{self, Change},
};

/// What the rows come to, without taking any.
pub fn check_import(db: &mut Db, table: &ImportTable) -> Result<ImportReport, StoreError> {
    Ok(Plan::make(db, table)?.report)
}

/// Takes every row, or none: what was wrong with which [`check_import`] says.
pub fn take_import(db: &mut Db, act: &Act<'_>, table: &ImportTable) -> Result<ImportReport, UseCaseError> {
    let head = head(db, act)?;
    let plan = Plan::make(db, table)?;
    if plan.report.refused > 0 {
        return Err(CatalogueError::ImportRefused.into());
    }
    let forms = plan.new_products.values().chain(plan.changed_products.values());
    let categories: BTreeSet<_> = forms.map(|form| form.category).collect();
    for category in categories {
        hold_open_category(db, category)?;
    }
    let mut ids: BTreeMap<ArticleCode, _> = plan.products.iter().map(|(code, it)| (code.clone(), it.id)).collect();
    for (code, product) in &plan.products {
        let seen = Seen { id: product.id, version: product.version };
        let mut held = hold_product(db, seen)?;
        if let Some(form) = plan.changed_products.get(code) {
            save_product(db, act, &head, (&mut held, form.clone()))?;
        }
    }
    for (code, form) in plan.new_products {
        ids.insert(code, insert_product(db, act, &head, form)?.id);
    }
    for (mut sku, form) in plan.changed_skus {
        save_sku(db, act, &head, (&mut sku, form))?;
    }
    for (code, form) in plan.new_skus {
        let product = ids.get(&code).copied().ok_or_else(|| StoreError::corrupt("product", "a planned one is gone"))?;
        insert_sku(db, act, &head, (product, form))?;
    }
    let report = plan.report;
    let after = json!({ "rows": report.rows, "created": report.created, "updated": report.updated });
    let (action, subject) = ("product.import", head.id.to_string());
    record::audit(db, act, head.id, Change { action, subject_kind: "node", subject, before: Value::Null, after })?;
    Ok(report)
}

/// What taking the rows would do.
#[derive(Default)]
struct Plan {
    report: ImportReport,
    /// Products that the rows speak of and that are there.
    products: BTreeMap<ArticleCode, Product>,
    new_products: BTreeMap<ArticleCode, ProductForm>,
    changed_products: BTreeMap<ArticleCode, ProductForm>,
    /// With the code of the product each belongs to.
    new_skus: Vec<(ArticleCode, SkuForm)>,
    changed_skus: Vec<(Sku, SkuForm)>,
}

/// What there is of what the rows speak of.
struct Known {
    tree: CategoryTree,
    skus: BTreeMap<ArticleCode, Sku>,
    barcodes: BTreeMap<Barcode, ArticleCode>,
    /// How many SKUs a product has.
    counts: BTreeMap<ArticleCode, i64>,
}

impl Plan {
    fn make(db: &mut Db, table: &ImportTable) -> Result<Self, StoreError> {
        let mut plan = Self { report: table.report.clone(), ..Self::default() };
        let codes: Vec<&ArticleCode> = table.rows.iter().map(|row| &row.product.code).collect();
        plan.products = products::find_by_codes(db, &codes)?.into_iter().map(|it| (it.form.code.clone(), it)).collect();
        let mut known = Known::load(db, table, &plan.products)?;
        for row in &table.rows {
            if let Err((column, fault)) = plan.take(&mut known, table, row) {
                plan.report.refuse(row.line, column, fault);
            }
        }
        plan.report.refusals.sort_by_key(|row| row.line);
        plan.products.retain(|_, product| product.state == ArticleState::Active);
        Ok(plan)
    }

    fn take(
        &mut self,
        known: &mut Known,
        table: &ImportTable,
        row: &ImportRow,
    ) -> Result<(), (Option<&'static str>, ImportFault)> {
        let mut row = row.clone();
        let category = known.tree.by_code(&row.category).filter(|it| it.state == ArticleState::Active);
        row.product.category = category.ok_or((Some("category_code"), ImportFault::CategoryUnknown))?.id;
        let product = self.products.get(&row.product.code);
        if let Some(product) = product {
            table.complete_product(&mut row.product, &product.form);
        }
        let sku = known.skus.get(&row.sku.code).cloned();
        if let Some(sku) = &sku {
            table.complete_sku(&mut row.sku, &sku.form);
        }
        if let Some(fault) = fault_of_row(&row) {
            return Err(fault);
        }
        if product.is_some_and(|product| product.state == ArticleState::Archived) {
            return Err((Some("product_code"), ImportFault::Archived));
        }
        known.check_sku(&row, (product, sku.as_ref()))?;
        self.keep(row, sku);
        Ok(())
    }

    fn keep(&mut self, row: ImportRow, sku: Option<Sku>) {
        let code = row.product.code.clone();
        match self.products.get(&code) {
            None => {
                self.new_products.insert(code.clone(), row.product);
            }
            Some(product) if product.form != row.product => {
                self.changed_products.insert(code.clone(), row.product);
            }
            Some(_) => {}
        }
        let report = &mut self.report;
        match sku {
            None => {
                report.created = report.created.saturating_add(1);
                self.new_skus.push((code, row.sku));
            }
            Some(sku) if sku.form == row.sku && !self.changed_products.contains_key(&code) => {
                report.unchanged = report.unchanged.saturating_add(1);
            }
            Some(sku) => {
                report.updated = report.updated.saturating_add(1);
                if sku.form != row.sku {
                    self.changed_skus.push((sku, row.sku));
                }
            }
        }
    }
}

impl Known {
    fn load(db: &mut Db, table: &ImportTable, products: &BTreeMap<ArticleCode, Product>) -> Result<Self, StoreError> {
        let codes: Vec<&ArticleCode> = table.rows.iter().map(|row| &row.sku.code).collect();
        let skus = skus::find_by_codes(db, &codes)?.into_iter().map(|it| (it.form.code.clone(), it)).collect();
        let wanted: Vec<&Barcode> = table.rows.iter().filter_map(|row| row.sku.barcode.as_ref()).collect();
        let taken = skus::find_by_barcodes(db, &wanted)?;
        let taken = taken.into_iter().filter_map(|it| Some((it.form.barcode?, it.form.code)));
        let ids: Vec<_> = products.values().map(|product| product.id).collect();
        let mut counts = BTreeMap::new();
        for sku in skus::list_of(db, &ids)? {
            if let Some((code, _)) = products.iter().find(|(_, product)| product.id == sku.product) {
                *counts.entry(code.clone()).or_insert(0_i64) += 1;
            }
        }
        Ok(Self { tree: CategoryTree::load(db)?, skus, barcodes: taken.collect(), counts })
    }

    fn check_sku(
        &mut self,
        row: &ImportRow,
        (product, sku): (Option<&Product>, Option<&Sku>),
    ) -> Result<(), (Option<&'static str>, ImportFault)> {
        if let Some(sku) = sku {
            if sku.state == ArticleState::Archived {
                return Err((Some("sku_code"), ImportFault::Archived));
            }
            if product.is_none_or(|product| product.id != sku.product) {
                return Err((Some("sku_code"), ImportFault::OfOtherProduct));
            }
        } else {
            let count = self.counts.entry(row.product.code.clone()).or_insert(0);
            *count += 1;
            if *count > SKUS_MAX {
                return Err((Some("product_code"), ImportFault::SkusTooMany));
            }
        }
        if let Some(barcode) = &row.sku.barcode {
            let owner = self.barcodes.entry(barcode.clone()).or_insert_with(|| row.sku.code.clone());
            if *owner != row.sku.code {
                return Err((Some("barcode"), ImportFault::BarcodeTaken));
            }
        }
        Ok(())
    }
}
