//! Codes that customers enter, and codes that anybody checks.

use std::time::Duration;

use actix_web::{
    rt::time::{Instant, sleep_until},
    web::{Data, Json},
};
use huike_coupons::codes::{CodeShape, PublicAnswer};
use huike_kernel::{Clock, DomainError};
use huike_persistence::Store;
use huike_usecases::{UseCaseError, check::check_code, claims::CodeClaimAsk};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::claims::ClaimView;
use crate::{
    api::Created,
    auth::{Customer, GuessLimit, Public},
    claim_desk::ClaimDesk,
    codes::{Asker, CodeMint, GuessBook},
    extract::{IdempotencyKey, Valid},
    problem::Problem,
};

/// A refused code is answered no earlier than this, so that the time it took says nothing about the code.
const REFUSED_AFTER: Duration = Duration::from_millis(60);
/// Checks from one address in [`CHECK_WINDOW`].
const CHECKS_MAX: u32 = 30;
const CHECK_WINDOW: Duration = Duration::from_secs(60);

/// A limit on checks, by address. Every check counts: whoever holds a card has one code to check, not thirty.
pub struct CheckLimit(GuessLimit<String>);

impl Default for CheckLimit {
    fn default() -> Self {
        Self(GuessLimit::new(CHECKS_MAX, CHECK_WINDOW))
    }
}

impl CheckLimit {
    /// Counts one check of the asker's, unless they have had too many.
    pub fn count(&self, asker: &Asker) -> Result<(), Problem> {
        let _counted = self.0.begin(asker.address().to_owned())?;
        Ok(())
    }
}

/// A code, as typed or scanned.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "1000G-40R40-M30E2-09Y0A-SYD93" }))]
pub struct CodeRequest {
    /// Case, spaces and hyphens do not matter.
    #[validate(length(min = 1, max = 200))]
    code: String,
}

/// What may be said of a code.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeWord {
    /// Made by this brand and not used up.
    Genuine,
    /// Made by this brand, but spent.
    Used,
    /// Nothing is said about it.
    Unknown,
}

impl From<PublicAnswer> for CodeWord {
    fn from(answer: PublicAnswer) -> Self {
        match answer {
            PublicAnswer::Genuine => Self::Genuine,
            PublicAnswer::Used => Self::Used,
            PublicAnswer::Unknown => Self::Unknown,
        }
    }
}

/// What a check came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    /// The answer.
    answer: CodeWord,
}

/// `POST /codes/claim`
pub async fn claim(
    who: Customer,
    (desk, mint, clock): (Data<ClaimDesk>, Data<CodeMint>, Data<dyn Clock>),
    (asker, book): (Asker, Data<GuessBook>),
    key: IdempotencyKey,
    body: Valid<CodeRequest>,
) -> Result<Created<ClaimView>, Problem> {
    let started = Instant::now();
    let once = key.once(&who, &body);
    let entered = mint.read(&body.code)?;
    let guess = book.into_inner().begin(&asker.subjects(&who, None), entered.shape, clock.now()).await?;
    let ask = CodeClaimAsk { customer: who.customer, site: who.site, entered, code: mint.signed()? };
    let done = desk.claim_code(once, who.caller(), ask).await;
    if done.as_ref().is_err_and(|refusal| refusal.code() == "code_not_claimable") {
        // Of a used code too: what counts must not tell it from an unknown one.
        guess.was_wrong();
        sleep_until(started + REFUSED_AFTER).await;
    }
    Ok(Created(done?.into()))
}

/// `POST /codes/check`
pub async fn check(
    _public: Public,
    store: Data<Store>,
    (mint, clock, limit): (Data<CodeMint>, Data<dyn Clock>, Data<CheckLimit>),
    asker: Asker,
    body: Valid<CodeRequest>,
) -> Result<Json<CheckView>, Problem> {
    limit.count(&asker)?;
    let answer = answer(&store, &mint, &**clock, &body.code).await?;
    Ok(Json(CheckView { answer }))
}

/// What may be said of that text to anybody.
pub async fn answer(store: &Store, mint: &CodeMint, clock: &dyn Clock, text: &str) -> Result<CodeWord, Problem> {
    let Some(entered) = mint.read(text).ok().filter(|entered| entered.shape == CodeShape::Signed) else {
        return Ok(CodeWord::Unknown);
    };
    let now = clock.now();
    let answer = store.read(move |db| Ok::<_, UseCaseError>(check_code(db, &entered, now)?)).await?;
    Ok(answer.into())
}
