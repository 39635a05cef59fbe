//! `/check`: the page on which anybody may check a code. Plain HTML, no script.

use actix_web::{
    HttpResponse,
    http::header,
    web::{Data, Query},
};
use huike_kernel::Clock;
use huike_persistence::Store;
use serde::Deserialize;
use validator::Validate;

use super::app::codes::{CheckLimit, CodeWord, answer};
use crate::{
    codes::{Asker, CodeMint},
    context::{Context, Locale},
    extract::Form,
    problem::Problem,
};

/// Only the page's own style, and a form that comes back here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

const STYLE: &str = "body{font-family:system-ui,sans-serif;max-width:28rem;margin:2rem auto;padding:0 1rem;line-height:1.5}\
    input,button{font:inherit;padding:.6rem;width:100%;box-sizing:border-box;margin:.3rem 0}\
    .answer{font-size:1.4rem;font-weight:600;padding:1rem;border:2px solid;border-radius:.5rem}";

/// The form.
#[derive(Debug, Default, Deserialize, Validate)]
pub struct CheckForm {
    /// What was typed, or came with the link on a card.
    #[serde(default)]
    code: String,
}

/// The page's words in one language.
struct Words {
    title: &'static str,
    label: &'static str,
    button: &'static str,
    answers: [(&'static str, &'static str); 3],
}

const CHINESE: Words = Words {
    title: "券码验真",
    label: "请输入券码（不区分大小写，空格和横线可省略）",
    button: "查询",
    answers: [
        ("真券", "此券码由本品牌发出，尚未使用。"),
        ("已使用", "此券码由本品牌发出，但已使用、过期或作废，请勿购买。"),
        ("未查到", "没有可以告知的信息：请核对券码是否输入完整。"),
    ],
};

const ENGLISH: Words = Words {
    title: "Check a coupon code",
    label: "Type the code. Case, spaces and hyphens do not matter.",
    button: "Check",
    answers: [
        ("Genuine", "This brand made the code, and it is not used up."),
        ("Used", "This brand made the code, but it is used, expired or void. Do not pay for it."),
        ("Unknown", "There is nothing to say about this code. Is it typed in full?"),
    ],
};

/// `GET /check`: the form; with `?code=…`, as on a card's QR code, the answer.
pub async fn show(
    (store, mint, clock, limit): (Data<Store>, Data<CodeMint>, Data<dyn Clock>, Data<CheckLimit>),
    (asker, context): (Asker, Context),
    query: Option<Query<CheckForm>>,
) -> Result<HttpResponse, Problem> {
    let form = query.map(Query::into_inner).unwrap_or_default();
    respond((&store, &mint, &**clock, &limit), (&asker, context), &form.code).await
}

/// `POST /check`: the answer.
pub async fn submit(
    (store, mint, clock, limit): (Data<Store>, Data<CodeMint>, Data<dyn Clock>, Data<CheckLimit>),
    (asker, context): (Asker, Context),
    form: Form<CheckForm>,
) -> Result<HttpResponse, Problem> {
    respond((&store, &mint, &**clock, &limit), (&asker, context), &form.into_inner().code).await
}

async fn respond(
    (store, mint, clock, limit): (&Store, &CodeMint, &dyn Clock, &CheckLimit),
    (asker, context): (&Asker, Context),
    code: &str,
) -> Result<HttpResponse, Problem> {
    let found = if code.trim().is_empty() {
        None
    } else {
        limit.count(asker)?;
        Some(answer(store, mint, clock, code).await?)
    };
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_LANGUAGE, context.locale.tag()))
        .insert_header((header::VARY, "accept-language"))
        .body(page(context.locale, found)))
}

/// The page. What was typed is not repeated on it, so there is nothing to escape.
fn page(locale: Locale, found: Option<CodeWord>) -> String {
    let words = match locale {
        Locale::Chinese => &CHINESE,
        Locale::English => &ENGLISH,
    };
    let [genuine, used, unknown] = words.answers;
    let answer = match found {
        None => String::new(),
        Some(found) => {
            let (word, sentence) = match found {
                CodeWord::Genuine => genuine,
                CodeWord::Used => used,
                CodeWord::Unknown => unknown,
            };
            format!("<p class=\"answer\" role=\"status\">{word}</p><p>{sentence}</p>")
        }
    };
    let Words { title, label, button, .. } = words;
    format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1>{answer}\
         <form method=\"post\" action=\"/check\"><label>{label}<input name=\"code\" autocomplete=\"off\" \
         autocapitalize=\"characters\" maxlength=\"200\" required></label><button>{button}</button></form></body></html>",
        lang = locale.tag(),
    )
}
