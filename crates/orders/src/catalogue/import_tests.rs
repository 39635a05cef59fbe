//! Tests of [`super`].

use proptest::prelude::*;

use super::*;

const TITLES: &str =
    "商品编码,product_name,category_code,sku_code,sku_name,list_price,sale_price,tags,low_stock_policy";

fn cells(row: &str) -> Vec<String> {
    row.split(',').map(str::to_owned).collect()
}

fn read(rows: &[&str]) -> (Vec<ImportRow>, ImportReport) {
    let mut reading = ImportReading::new(ImportColumns::of(&cells(TITLES)).unwrap());
    for (index, row) in rows.iter().enumerate() {
        reading.take(index + 2, &cells(row)).unwrap();
    }
    let table = reading.finish();
    (table.rows, table.report)
}

fn told(report: &ImportReport) -> Vec<(usize, Option<&str>, String)> {
    let word = |fault: &ImportFault| serde_json::to_value(fault).unwrap().as_str().unwrap().to_owned();
    report.refusals.iter().map(|row| (row.line, row.column, word(&row.reason))).collect()
}

#[test]
fn a_row_becomes_a_product_and_a_sku() {
    let (rows, report) = read(&["milk-1,一段奶粉,Milk,milk-1-900,900克,￥298.00,268,进口;奶粉,清仓"]);
    assert_eq!((rows.len(), report.refused), (1, 0));
    let row = &rows[0];
    assert_eq!((row.line, row.category.as_str(), row.sku.code.as_str()), (2, "milk", "MILK-1-900"));
    assert_eq!(row.product.tags.len(), 2);
    assert_eq!(row.sku.prices.selling().to_string(), "268.00");
    assert_eq!(row.sku.low_stock_policy, Some(LowStockPolicy::ClearOut));
}

#[test]
fn every_row_gets_its_verdict() {
    let good = "milk-1,一段奶粉,milk,a-1,900克,298,,,";
    let (rows, report) = read(&[
        good,
        ",,,,,,,,",
        "milk-1,一段奶粉,milk,a-1,900克,298,,,",
        "milk-1,二段奶粉,milk,a-2,900克,298,,,",
        "milk-1,一段奶粉,milk,,900克,298,,,",
        "milk-1,一段奶粉,milk,a-3,900克,29.999,,,",
        "milk-1,一段奶粉,milk,a-4,900克,298,299,,",
        "milk-1,一段奶粉,milk,=a,900克,298,,,",
        "milk-1,一段奶粉,milk,a-5,900克,298,,,both",
    ]);
    assert_eq!((rows.len(), report.rows, report.refused), (1, 8, 7));
    let expected = [
        (4, Some("sku_code"), "sku_twice"),
        (5, Some("product_code"), "product_differs"),
        (6, Some("sku_code"), "cell_empty"),
        (7, Some("list_price"), "cell_unsound"),
        (8, Some("sale_price"), "price_above_list"),
        (9, Some("sku_code"), "cell_unsound"),
        (10, Some("low_stock_policy"), "cell_unsound"),
    ];
    assert_eq!(told(&report), expected.map(|(line, column, reason)| (line, column, reason.to_owned())));
}

#[test]
fn titles_that_are_missing_unknown_or_doubled_are_named() {
    let error = ImportColumns::of(&cells("product_code,商品编码,colour")).unwrap_err();
    let CatalogueError::ImportColumnsInvalid { missing, unknown } = error else { panic!("{error}") };
    assert_eq!(missing, ["product_name", "category_code", "sku_code", "sku_name", "list_price"]);
    assert_eq!(unknown, ["商品编码", "colour"]);
}

#[test]
fn a_file_longer_than_it_may_be_is_refused_as_a_whole() {
    let mut reading = ImportReading::new(ImportColumns::of(&cells(TITLES)).unwrap());
    for number in 0..IMPORT_ROWS_MAX {
        reading.take(number + 2, &cells(&format!("p,一,milk,a-{number},一,1,,,"))).unwrap();
    }
    let error = reading.take(2_000, &cells("p,一,milk,more,一,1,,,")).unwrap_err();
    assert_eq!(error, CatalogueError::ImportTooLong { max: IMPORT_ROWS_MAX });
}

#[test]
fn what_the_file_has_no_column_for_stays_as_it_is() {
    let mut reading = ImportReading::new(ImportColumns::of(&cells(TITLES)).unwrap());
    reading.take(2, &cells("p,一,milk,a-1,一,10,,,")).unwrap();
    let table = reading.finish();
    let known = {
        let mut row = table.rows[0].clone();
        row.product.brand = Some(Text::new("小象").unwrap());
        row.product.tags = vec![Text::new("进口").unwrap()];
        row.sku.weight_grams = 900;
        row.sku.prices.sale = Some(Money::from_fen(900));
        row.sku.prices.cost = Some(Money::from_fen(500));
        row
    };
    let mut row = table.rows[0].clone();
    table.complete_product(&mut row.product, &known.product);
    table.complete_sku(&mut row.sku, &known.sku);
    assert_eq!((&row.product.brand, row.product.tags.len()), (&known.product.brand, 0), "tags are a column, and empty");
    assert_eq!((row.sku.weight_grams, row.sku.prices.sale, row.sku.prices.cost), (900, None, known.sku.prices.cost));
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_each_row_is_kept_or_refused(rows in prop::collection::vec(prop::collection::vec("\\PC{0,8}", 0..12), 0..20)) {
        let mut reading = ImportReading::new(ImportColumns::of(&cells(TITLES)).unwrap());
        let mut filled = 0;
        for row in &rows {
            reading.take(2, row).unwrap();
            filled += usize::from(row.iter().any(|cell| !cell.trim().is_empty()));
        }
        let ImportTable { rows: kept, report, .. } = reading.finish();
        prop_assert_eq!((report.rows, kept.len() + report.refused), (filled, filled));
    }
}
