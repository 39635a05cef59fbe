//! Everything that is served, as a table of contents: method, path, handler, operation id, summary. What each takes,
//! answers and asks of its caller is read off the handler's type (see [`crate::api`]).

use actix_web::web::{self, ServiceConfig};
use serde_json::Value;

use crate::{
    api::{self, Api, Audience},
    http::{admin, app, docs, health, open, test_clock},
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

    api
}

/// `/app/v1`: customers.
fn app() -> Api {
    let mut api = Api::new("/app/v1");

    api.tag("Sign-in 登录")
        .post("/sessions", app::sessions::sign_in, "sign_in", "Sign in through a provider")
        .delete("/session", app::sessions::sign_out, "sign_out", "Sign out")
        .get("/me", app::me::show, "show_me", "See oneself");

    api
}

/// `/open/v1`: integrations.
fn open() -> Api {
    let mut api = Api::new("/open/v1");

    api.tag("Key 密钥").get("/key", open::whoami::show, "show_key", "See what this key may do");

    api
}

/// Without an audience: for whoever runs the server.
fn house(config: &mut ServiceConfig, manual_clock: bool) {
    config.route("/healthz", api::reads().to(health::live));
    config.route("/readyz", api::reads().to(health::ready));
    config.route("/metrics", api::reads().to(metrics::show));
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

/// Serves it all.
pub fn register(config: &mut ServiceConfig, manual_clock: bool) {
    for audience in [Audience::App, Audience::Admin, Audience::Open] {
        table(audience).register(config);
    }
    house(config, manual_clock);
}
