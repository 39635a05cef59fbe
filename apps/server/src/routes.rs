//! Everything that is served, as a table of contents: method, path, handler, operation id, summary. What each takes,
//! answers and asks of its caller is read off the handler's type (see [`crate::api`]).

mod catalogue;
mod ledger;
mod offers;
mod orders;
mod templates;
mod webhooks;

use std::collections::BTreeSet;

use actix_web::web::{self, ServiceConfig};
use serde_json::Value;

use crate::{
    api::{self, Api, Audience},
    http::{admin, app, check, docs, health, open, test_clock},
    telemetry::metrics,
};

/// `/admin/v1`: staff.
fn admin() -> Api {
    let mut api = Api::new("/admin/v1");

    api.tag("Sign-in 登录")
        .post("/session", admin::session::sign_in, "sign_in", "Sign in with name and password")
        .delete("/session", admin::session::sign_out, "sign_out", "Sign out")
        .get("/me", admin::me::show, "show_me", "See oneself and what one may do")
        .put("/me/password", admin::me::change_password, "change_password", "Change one's password");

    brand(&mut api);
    people(&mut api);
    webhooks::add(&mut api);
    templates::add(&mut api);
    offers::add(&mut api);
    catalogue::add(&mut api);
    codes_and_issues(&mut api);
    redemptions(&mut api);
    orders::add_for_staff(&mut api);
    ledger::add(&mut api);
    audit_log(&mut api);

    api
}

/// What staff and integrations changed.
fn audit_log(api: &mut Api) {
    use admin::{audit, audit_verification as verification};

    api.tag("Audit 操作日志")
        .get("/audit", audit::list, "list_audit", "See who changed what")
        .get("/audit/export", audit::export, "export_audit", "Have the log as CSV")
        .get("/audit/verification", verification::verify, "verify_audit", "Check that the log is the one written")
        .post("/audit/{audit_id}/redact", audit::redact, "redact_audit", "Take before and after out of a row for good");
}

/// The tree of the brand: nodes, settings, launching, store pages.
fn brand(api: &mut Api) {
    use admin::{blueprints, nodes, settings, sites, stores};

    api.tag("Units 机构")
        .get("/nodes", nodes::list, "list_nodes", "List the nodes of the tree")
        .post("/nodes", nodes::create, "create_node", "Make a region, site or store")
        .get("/nodes/{node_id}", nodes::show, "show_node", "See a node and what is above it")
        .patch("/nodes/{node_id}", nodes::update, "update_node", "Change a node's name, area or zone")
        .post("/nodes/{node_id}/close", nodes::close, "close_node", "Close a node")
        .post("/nodes/{node_id}/reopen", nodes::reopen, "reopen_node", "Open a closed node again")
        .post("/sites", sites::launch, "launch_site", "Launch a site in one form")
        .get("/stores/{store_id}/page", stores::show_page, "show_store_page", "See a store's page")
        .put("/stores/{store_id}/page", stores::put_page, "put_store_page", "Write a store's page");

    const SETTING: &str = "/nodes/{node_id}/settings/{key}";
    api.tag("Settings 设置")
        .get("/nodes/{node_id}/settings", settings::list, "list_settings", "See the settings in force at a node")
        .put(SETTING, settings::put, "put_setting", "Set a value of the node's own")
        .delete(SETTING, settings::remove, "remove_setting", "Give the node's own value up")
        .put(&format!("{SETTING}/lock"), settings::lock, "lock_setting", "Keep the nodes below from setting it")
        .delete(&format!("{SETTING}/lock"), settings::unlock, "unlock_setting", "Let the nodes below set it");

    const BLUEPRINT: &str = "/blueprints/{blueprint_id}";
    api.tag("Blueprints 建站模板")
        .get("/blueprints", blueprints::list, "list_blueprints", "List blueprints")
        .post("/blueprints", blueprints::create, "create_blueprint", "Make a blueprint")
        .get(BLUEPRINT, blueprints::show, "show_blueprint", "See a blueprint")
        .put(BLUEPRINT, blueprints::update, "update_blueprint", "Change a blueprint")
        .post(&format!("{BLUEPRINT}/close"), blueprints::close, "close_blueprint", "Close a blueprint");
}

/// Staff, integrations' keys and customers.
fn people(api: &mut Api) {
    use admin::{api_keys, customer_blocks as blocks, customer_notes as notes, customers, staff, staff_roles};

    api.tag("Staff 员工")
        .get("/staff", staff::list, "list_staff", "List staff")
        .post("/staff", staff::create, "create_staff", "Add a member of staff")
        .get("/staff/{staff_id}", staff::show, "show_staff", "See a member of staff")
        .patch("/staff/{staff_id}", staff::update, "update_staff", "Change, disable or enable a member of staff")
        .put("/staff/{staff_id}/password", staff::reset_password, "reset_password", "Give a new password")
        .post("/staff/{staff_id}/roles", staff_roles::grant, "grant_role", "Give a role")
        .delete("/staff/{staff_id}/roles/{site_id}/{role}", staff_roles::revoke, "revoke_role", "Take a role away");

    api.tag("Integrations 对接系统")
        .get("/api-keys", api_keys::list, "list_api_keys", "List keys of integrations")
        .post("/api-keys", api_keys::create, "create_api_key", "Make a key; it is shown this once")
        .delete("/api-keys/{api_key_id}", api_keys::revoke, "revoke_api_key", "Revoke a key for good");

    const CUSTOMER: &str = "/customers/{customer_id}";
    let on = |rest: &str| format!("{CUSTOMER}{rest}");
    api.tag("Customers 客户")
        .get("/customers", customers::list, "list_customers", "List customers, by the tail of the phone or by tag")
        .post("/customers/find", customers::find, "find_customer", "Find a customer by the whole phone number")
        .get(CUSTOMER, customers::show, "show_customer", "See a customer, where they have been, and their tags")
        .get(&on("/notes"), notes::list, "list_notes", "List notes on a customer")
        .post(&on("/notes"), notes::add, "add_note", "Write a note on a customer")
        .delete(&on("/notes/{note_id}"), notes::delete, "delete_note", "Delete a note")
        .put(&on("/tags/{site_id}/{tag}"), notes::add_tag, "add_tag", "Tag a customer")
        .delete(&on("/tags/{site_id}/{tag}"), notes::remove_tag, "remove_tag", "Take a tag off")
        .put(&on("/blocks/{site_id}"), blocks::block_at_site, "block_customer", "Block a customer at a site")
        .delete(&on("/blocks/{site_id}"), blocks::unblock_at_site, "unblock_customer", "Lift a block at a site")
        .put(&on("/block"), blocks::block_in_brand, "block_customer_brand", "Block a customer in the whole brand")
        .delete(&on("/block"), blocks::unblock_in_brand, "unblock_customer_brand", "Lift a block in the whole brand");
}

/// Redemption in stores, late undo, and the sign-off of stores' days.
fn redemptions(api: &mut Api) {
    use admin::{clerk_figures as clerks, redemptions, store_days, unredeem_requests as late};

    const R: &str = "/redemptions/{redemption_id}";
    const LATE: &str = "/unredeem-requests/{request_id}";
    let on = |rest: &str| format!("{R}{rest}");
    api.tag("Redemption 核销")
        .post("/redemption-previews", redemptions::preview, "preview_redemption", "See what a code gives in a store")
        .post("/redemptions", redemptions::redeem, "redeem_coupon", "Redeem a coupon in a store")
        .get("/redemptions", redemptions::list, "list_redemptions", "List redemptions")
        .get(R, redemptions::show, "show_redemption", "See a redemption")
        .post(&on("/undo"), redemptions::undo, "undo_redemption", "Undo a redemption in the store that made it")
        .post(&on("/unredeem-requests"), late::create, "request_late_undo", "Ask for the undo of an old redemption")
        .get("/unredeem-requests", late::list, "list_unredeem_requests", "List requests for late undos")
        .post(&format!("{LATE}/approve"), late::approve, "approve_late_undo", "Undo, as the second person")
        .post(&format!("{LATE}/reject"), late::reject, "reject_late_undo", "Leave a redemption as it is");

    api.tag("Clerks 店员")
        .get("/clerk-figures", clerks::list, "list_clerk_figures", "See what clerks redeemed, and what is odd in it")
        .get("/clerk-figures/export", clerks::export, "export_clerk_figures", "Have the figures of clerks as CSV");

    const DAY: &str = "/stores/{store_id}/days/{local_day}";
    api.tag("Day sign-off 日结")
        .get("/store-days", store_days::list, "list_store_days", "List stores' days with their totals")
        .get("/store-days/differences", store_days::differences, "list_differences", "List days whose books disagree")
        .get(DAY, store_days::show, "show_store_day", "See a store's day beside what its redemptions add up to")
        .post(&format!("{DAY}/sign"), store_days::sign, "sign_store_day", "Sign a store's day, which closes it");
}

/// Codes before anybody owns them, coupons for customers who are named, and making void.
fn codes_and_issues(api: &mut Api) {
    use admin::{code_batches as batches, code_files as files, coupon_voids, issues};
    const BATCH: &str = "/code-batches/{batch_id}";
    let on = |rest: &str| format!("{BATCH}{rest}");

    api.tag("Code batches 券码批次")
        .get("/code-batches", batches::list, "list_code_batches", "List batches of codes")
        .post("/code-batches", batches::create, "create_code_batch", "Have a batch of codes made")
        .post("/code-batches/import", files::import, "import_codes", "Take codes from a CSV file")
        .get(BATCH, batches::show, "show_code_batch", "See how far a batch is")
        .get(&on("/codes"), files::export, "export_codes", "Have the codes of a batch as CSV")
        .post(&on("/void"), batches::void, "void_code_batch", "Make the unclaimed codes of a batch void");

    api.tag("Issuing 发放")
        .post("/coupon-issues", issues::create, "issue_coupons", "Give coupons to named customers")
        .post("/coupons/{coupon_id}/void", coupon_voids::void, "void_coupon", "Make a coupon void");
}

/// `/app/v1`: customers.
fn app() -> Api {
    let mut api = Api::new("/app/v1");

    api.tag("Sign-in 登录")
        .post("/sessions", app::sessions::sign_in, "sign_in", "Sign in through a provider")
        .delete("/session", app::sessions::sign_out, "sign_out", "Sign out")
        .get("/me", app::me::show, "show_me", "See oneself");

    use app::{claims, codes, coupon_templates, coupons, qr_tokens};
    api.tag("Claiming 领取")
        .get("/coupon-templates", coupon_templates::list, "list_offers", "See what may be claimed here")
        .get("/coupon-templates/{template_id}", coupon_templates::show, "show_offer", "See an offer and its rules")
        .post("/claims", claims::create, "claim_coupon", "Claim a coupon")
        .post("/codes/claim", codes::claim, "claim_code", "Enter a code")
        .post("/codes/check", codes::check, "check_code", "Check whether a code is genuine");

    api.tag("Wallet 卡包")
        .get("/coupons", coupons::list, "list_coupons", "See one's coupons")
        .get("/coupons/{coupon_id}", coupons::show, "see_coupon", "See a coupon with its code")
        .post("/coupons/{coupon_id}/qr-tokens", qr_tokens::create, "show_coupon", "Show a coupon at a counter");

    api.tag("Cart 购物车").post(
        "/cart/quote",
        app::cart_quote::create,
        "quote_cart",
        "Price a cart with one's coupons",
    );
    orders::add_for_customers(&mut api);

    api
}

/// `/open/v1`: integrations.
fn open() -> Api {
    let mut api = Api::new("/open/v1");

    api.tag("Key 密钥").get("/key", open::whoami::show, "show_key", "See what this key may do");

    api.tag("Coupons 卡券")
        .get("/coupon-templates", open::templates::list, "list_offers", "See what may be claimed at a node")
        .get("/coupon-templates/{template_id}", open::templates::show, "show_offer", "See an offer and its rules")
        .post("/claims", open::claims::create, "claim_for_customer", "Claim a coupon for a customer")
        .get("/coupons/{coupon_id}", open::coupons::show, "show_coupon", "See a coupon");

    api.tag("Quotes 算价").post("/quotes", open::quotes::create, "quote_cart", "Price a cart");

    use open::redemptions;
    const R: &str = "/redemptions/{redemption_id}";
    const UNDO: &str = "/redemptions/{redemption_id}/undo";
    api.tag("Redemption 核销")
        .post("/redemption-previews", redemptions::preview, "preview_redemption", "See what a code gives in a store")
        .post("/redemptions", redemptions::redeem, "redeem_coupon", "Redeem a coupon in a store")
        .get("/redemptions", redemptions::list, "list_redemptions", "List redemptions")
        .get(R, redemptions::show, "show_redemption", "See a redemption")
        .post(UNDO, redemptions::undo, "undo_redemption", "Undo a redemption in the store that made it");

    api
}

/// Without an audience: for whoever runs the server.
fn house(config: &mut ServiceConfig, manual_clock: bool) {
    config.route("/healthz", api::reads().to(health::live));
    config.route("/readyz", api::reads().to(health::ready));
    config.route("/metrics", api::reads().to(metrics::show));
    config.service(web::resource("/check").route(api::reads().to(check::show)).route(web::post().to(check::submit)));
    if manual_clock {
        let clock = web::resource("/test/clock");
        config.service(clock.route(web::get().to(test_clock::show)).route(web::put().to(test_clock::set)));
    }
    docs::register(config);
}

/// The table of one audience.
pub fn table(audience: Audience) -> Api {
    match audience {
        Audience::Admin => admin(),
        Audience::App => app(),
        Audience::Open => open(),
    }
}

/// The OpenAPI document of one audience.
pub fn document(audience: Audience) -> Value {
    api::document(audience, &table(audience))
}

/// Names that the document of one audience would need twice; see [`api::clashing_names`].
pub fn clashing_names(audience: Audience) -> BTreeSet<String> {
    api::clashing_names(&table(audience))
}

/// Serves it all.
pub fn register(config: &mut ServiceConfig, manual_clock: bool) {
    for audience in [Audience::App, Audience::Admin, Audience::Open] {
        table(audience).register(config);
    }
    house(config, manual_clock);
}
