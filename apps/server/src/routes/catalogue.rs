//! The catalogue and the stock.

use crate::{
    api::Api,
    http::admin::{
        categories, product_files as files, products, stock, stock_goods as goods, stock_history as history,
        stock_transfers as transfers,
    },
};

/// Adds them to `/admin/v1`.
pub(super) fn add(api: &mut Api) {
    const CATEGORY: &str = "/categories/{category_id}";
    const PRODUCT: &str = "/products/{product_id}";
    const SKU: &str = "/skus/{sku_id}";
    let archive = |of: &str| format!("{of}/archive");
    api.tag("Catalogue 商品")
        .get("/categories", categories::list, "list_categories", "List the tree of categories")
        .post("/categories", categories::create, "create_category", "Make a category")
        .get(CATEGORY, categories::show, "show_category", "See a category")
        .put(CATEGORY, categories::edit, "edit_category", "Rename or move a category among its siblings")
        .post(&archive(CATEGORY), categories::archive, "archive_category", "Archive a category")
        .get("/products", products::list, "list_products", "List products with their SKUs")
        .post("/products", products::create, "create_product", "Add a product")
        .post("/products/import", files::import, "import_products", "Take products and SKUs from a CSV or XLSX file")
        .get("/products/import/template", files::template, "show_import_template", "Have a file to fill in")
        .get("/products/export", files::export, "export_products", "Have products and SKUs as CSV")
        .get(PRODUCT, products::show, "show_product", "See a product with its SKUs")
        .put(PRODUCT, products::edit, "edit_product", "Change a product")
        .post(&archive(PRODUCT), products::archive, "archive_product", "Take a product off sale for good")
        .post(&format!("{PRODUCT}/skus"), products::create_sku, "create_sku", "Add a SKU to a product")
        .get(SKU, products::show_sku, "show_sku", "See a SKU")
        .put(SKU, products::edit_sku, "edit_sku", "Change a SKU")
        .post(&archive(SKU), products::archive_sku, "archive_sku", "Take a SKU off sale for good");

    const STOCK: &str = "/stock/{site_id}/{sku_id}";
    api.tag("Stock 库存")
        .get("/stock", stock::list, "list_stock", "See what lies where, or what runs low")
        .get(STOCK, stock::show, "show_stock", "See what lies of a SKU at a place")
        .put(&format!("{STOCK}/safety"), stock::set_safety, "set_safety_stock", "Say how much should always lie there")
        .post("/goods-receipts", goods::receive, "receive_goods", "Take goods in, with their batches")
        .post("/stock-damages", goods::damage, "record_damage", "Write goods off")
        .post("/stock-takes", goods::count, "take_stock", "Make the stock what was counted")
        .get("/stock-movements", history::list_movements, "list_stock_movements", "List why stock changed")
        .get(
            "/production-batches",
            history::list_batches,
            "list_production_batches",
            "List from which batches goods came",
        );

    const TRANSFER: &str = "/stock-transfers/{transfer_id}";
    let on = |rest: &str| format!("{TRANSFER}{rest}");
    api.tag("Transfers 调拨")
        .get("/stock-transfers", transfers::list, "list_stock_transfers", "List transfers between sites and stores")
        .post("/stock-transfers", transfers::request, "request_stock_transfer", "Ask for goods from another place")
        .get(TRANSFER, transfers::show, "show_stock_transfer", "See a transfer")
        .post(&on("/send"), transfers::send, "send_stock_transfer", "Send the goods of a transfer")
        .post(&on("/receive"), transfers::receive, "receive_stock_transfer", "Take the goods of a transfer in")
        .post(&on("/cancel"), transfers::cancel, "cancel_stock_transfer", "Give a transfer up before anything left");
}
