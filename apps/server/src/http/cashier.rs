//! `/cashier/{payment_id}`: the page of the test cashier, and the callback that its notices go to. Plain HTML, no script: who
//! decides sends the notice by a button, now or later, once or again.

use std::str::FromStr;

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Data, Json, ServiceConfig},
};
use huike_kernel::{IdSource, Money, PaymentId};
use huike_orders::order::PaymentState;
use huike_persistence::{
    Store,
    payments::{self, Payment},
};
use huike_usecases::{
    UseCaseError,
    orders::{is_gone, take_notice},
};
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{
    api,
    cashier::{Outcome, SignedNotice, TestCashier},
    extract::{Form, Path},
    problem::{FieldError, Problem},
    server::system_caller,
};

/// Only the page's own style, and forms that stay here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
const STYLE: &str = "body{font-family:system-ui,sans-serif;max-width:28rem;margin:2rem auto;padding:0 1rem;line-height:1.5}\
    input,button{font:inherit;padding:.6rem;width:100%;box-sizing:border-box;margin:.3rem 0}";
/// Where notices go.
const CALLBACK: &str = "/callbacks/payments/test";

/// What was decided.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct DecisionForm {
    outcome: Outcome,
    /// How much was paid; what was due without it.
    amount: Option<String>,
}

/// A notice, as the page sends it.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NoticeForm {
    notice: String,
    signature: String,
}

/// What became of a notice.
#[derive(Debug, Serialize)]
pub struct Answered {
    decision: &'static str,
}

/// Serves the page and the callback.
pub fn register(config: &mut ServiceConfig) {
    let page = web::resource("/cashier/{payment_id}").route(api::reads().to(show)).route(web::post().to(decide));
    config.service(page);
    config.service(web::resource(CALLBACK).route(web::post().to(callback)));
}

async fn find(store: &Store, id: PaymentId) -> Result<Payment, Problem> {
    let found = store.read(move |db| payments::find(db, id)?.ok_or(UseCaseError::NotFound("payment")));
    Ok(found.await?)
}

/// `GET /cashier/{payment_id}`: what is to be paid, and the choice.
async fn show(store: Data<Store>, path: Path<PaymentId>) -> Result<HttpResponse, Problem> {
    let payment = find(&store, *path).await?;
    let (id, due) = (payment.id, payment.due);
    let state = match payment.state {
        PaymentState::Pending => "待支付 · pending",
        PaymentState::Paid => "已支付 · paid",
        PaymentState::Returned => "已退回 · returned",
    };
    Ok(page(&format!(
        "<p>应付 · due: <strong>¥{due}</strong> ({state})</p><form method=\"post\" action=\"/cashier/{id}\">\
         <label>金额 · amount<input name=\"amount\" value=\"{due}\" required></label>\
         <button name=\"outcome\" value=\"approve\">支付 · approve</button>\
         <button name=\"outcome\" value=\"decline\">拒绝 · decline</button></form>"
    )))
}

/// `POST /cashier/{payment_id}`: the notice, ready to be sent now, later, or more than once.
async fn decide(
    (store, cashier, ids): (Data<Store>, Data<TestCashier>, Data<dyn IdSource>),
    path: Path<PaymentId>,
    form: Form<DecisionForm>,
) -> Result<HttpResponse, Problem> {
    let payment = find(&store, *path).await?;
    let DecisionForm { outcome, amount } = form.into_inner();
    let amount = amount.map_or(Ok(payment.due), |text| Money::from_str(&text)).ok().filter(|it| it.fen() > 0);
    let wrong = || Problem::invalid(vec![FieldError::new("/amount", "invalid", "it is no amount of money")]);
    let amount = amount.ok_or_else(wrong)?;
    let paid = (outcome == Outcome::Approve).then_some(amount);
    let SignedNotice { notice, signature } = cashier.sign(ids.next_uuid(), payment.id, paid)?;
    Ok(page(&format!(
        "<p>通知可立即、稍后或重复发送。The notice may be sent now, later, or again.</p>\
         <form method=\"post\" action=\"{CALLBACK}\"><input type=\"hidden\" name=\"notice\" value=\"{notice}\">\
         <input type=\"hidden\" name=\"signature\" value=\"{signature}\"><button>发送通知 · send</button></form>"
    )))
}

/// `POST /callbacks/payments/test`: what the cashier tells. Believed only with its signature.
async fn callback(
    (store, cashier): (Data<Store>, Data<TestCashier>),
    form: Form<NoticeForm>,
) -> Result<Json<Answered>, Problem> {
    let NoticeForm { notice, signature } = form.into_inner();
    let told = cashier.read(&SignedNotice { notice, signature })?;
    let again = told.clone();
    let first = store.write(move |db, now| take_notice(db, &system_caller().act(now), (&told, true))).await;
    let decision = match first {
        Err(error) if is_gone(&error) => {
            store.write(move |db, now| take_notice(db, &system_caller().act(now), (&again, false))).await?
        }
        other => other?,
    };
    Ok(Json(Answered { decision: decision.word() }))
}

fn page(body: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(format!(
            "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>测试收银台</title>\
             <style>{STYLE}</style></head><body><h1>测试收银台 · Test cashier</h1>{body}</body></html>"
        ))
}
