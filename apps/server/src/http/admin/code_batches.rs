//! Batches of codes (券码批次).

use actix_web::web::{Data, Json};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use huike_access::Permission;
use huike_coupons::{
    codes::{BatchKind, BatchState, Pattern},
    template::Reason,
};
use huike_kernel::{ChannelId, CodeBatchId, NodeId, RandomSource, StaffId, TemplateId, Text};
use huike_persistence::{
    Store,
    code_batches::{self, CodeBatch},
};
use huike_usecases::{
    UseCaseError,
    batches::{BatchBegun, BatchSource, NewBatch, begin_batch, void_batch},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{IdempotencyKey, Listing, Page, Path, Valid},
    problem::Problem,
    sources::random_bytes,
};

/// A batch to make.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "template_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f01",
    "name": "开业传单",
    "quantity": 500
}))]
pub struct CreateBatchRequest {
    /// The template, which must be live.
    template_id: TemplateId,
    /// The node the codes are made for.
    site_id: NodeId,
    /// What staff call the batch, up to 60 characters; also the name of its channel.
    name: Text<60>,
    /// How many codes, at most 1 000 000.
    #[validate(range(min = 1, max = 1_000_000))]
    quantity: i64,
    /// `#` a digit, `@` a letter, `*` either, all else as written. Without it codes are generated and signed, which is
    /// safer.
    #[validate(length(min = 4, max = 60))]
    #[schema(example = "SPRING-####-@@@@")]
    pattern: Option<String>,
}

/// A batch whose codes are being made.
#[derive(Serialize, ToSchema)]
pub struct BatchBegunView {
    /// Its id.
    batch_id: CodeBatchId,
    /// How many codes it will have.
    quantity: i64,
    /// One blind guess in so many hits a code of the pattern.
    #[schema(example = "2048000")]
    guess_one_in: Option<String>,
    /// Whether the pattern is so easy to guess that another should be thought of.
    guessable: bool,
}

impl From<BatchBegun> for BatchBegunView {
    fn from(begun: BatchBegun) -> Self {
        Self {
            batch_id: begun.batch,
            quantity: begun.quantity,
            guess_one_in: begun.guess_one_in,
            guessable: begun.guessable,
        }
    }
}

/// A batch.
#[derive(Serialize, ToSchema)]
pub struct BatchView {
    /// Its id.
    id: CodeBatchId,
    /// The node it was made for.
    site_id: NodeId,
    /// The template.
    template_id: TemplateId,
    /// The version its codes are issued under.
    template_version: i64,
    /// The channel its codes count under.
    channel_id: ChannelId,
    /// Where its codes come from.
    kind: BatchKind,
    /// The pattern, of a patterned batch.
    #[schema(example = "SPRING-####-@@@@")]
    pattern: Option<String>,
    /// How many codes were wanted.
    quantity: i64,
    /// How many were made.
    made: i64,
    /// Where it stands.
    state: BatchState,
    /// Why it failed, or which rows of a file were refused.
    #[schema(value_type = Option<Object>, example = json!({ "accepted": 499, "refused": 1, "refusals": [{ "line": 7, "reason": "already_exists" }] }))]
    report: Option<Value>,
    /// Who wanted it.
    created_by: StaffId,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<CodeBatch> for BatchView {
    fn from(batch: CodeBatch) -> Self {
        Self {
            id: batch.id,
            site_id: batch.site,
            template_id: batch.template,
            template_version: batch.template_version,
            channel_id: batch.channel,
            kind: batch.kind,
            pattern: batch.pattern,
            quantity: batch.quantity,
            made: batch.made,
            state: batch.state,
            report: batch.report,
            created_by: batch.created_by,
            created_at: batch.created_at,
        }
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BatchQuery {
    /// Only of this template.
    #[param(value_type = Option<uuid::Uuid>)]
    template_id: Option<TemplateId>,
}

/// An end with its reason.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "印错面额" }))]
pub struct VoidRequest {
    /// Why, up to 200 characters.
    reason: Reason,
}

impl VoidRequest {
    /// Why.
    pub(super) fn into_reason(self) -> Reason {
        self.reason
    }
}

/// A token that a channel's link ends in.
pub(super) fn link_token(random: &dyn RandomSource) -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<16>(random))
}

/// `POST /code-batches`
pub async fn create(
    who: Staff<may::CodeCreate>,
    store: Data<Store>,
    random: Data<dyn RandomSource>,
    key: IdempotencyKey,
    body: Valid<CreateBatchRequest>,
) -> Result<Created<BatchBegunView>, Problem> {
    let once = key.once(&who, &body);
    let CreateBatchRequest { template_id, site_id, name, quantity, pattern } = body.into_inner();
    let pattern: Option<Pattern> = pattern.map(|text| text.parse()).transpose()?;
    let source = pattern.map_or(BatchSource::Signed, BatchSource::Pattern);
    let link_token = link_token(&**random);
    let ask = NewBatch { template: template_id, site: site_id, name, source, quantity, link_token };
    let caller = who.caller();
    let begun = store.write_once(once, move |db, now| begin_batch(db, &caller.act(now), &ask)).await?;
    Ok(Created(begun.value.into()))
}

/// `GET /code-batches`
pub async fn list(
    who: Staff<may::CodeCreate>,
    store: Data<Store>,
    listing: Listing<BatchQuery>,
) -> Result<Json<Page<BatchView>>, Problem> {
    let Listing { page, filter } = listing;
    let (roots, before, limit) = (who.scope.permitted.clone(), page.after()?, page.fetch());
    let rows = store.read(move |db| code_batches::list(db, &roots, filter.template_id, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |batch| batch.id, BatchView::from)))
}

/// `GET /code-batches/{batch_id}`
pub async fn show(
    who: Staff<may::CodeCreate>,
    store: Data<Store>,
    path: Path<CodeBatchId>,
) -> Result<Json<BatchView>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let batch = store.read(move |db| {
        let batch = code_batches::find(db, id)?.ok_or(UseCaseError::NotFound("code batch"))?;
        caller.reach(db, batch.site, Permission::CodeCreate, "code batch")?;
        Ok::<_, UseCaseError>(batch)
    });
    Ok(Json(batch.await?.into()))
}

/// `POST /code-batches/{batch_id}/void`
pub async fn void(
    who: Staff<may::CouponVoid>,
    store: Data<Store>,
    path: Path<CodeBatchId>,
    body: Valid<VoidRequest>,
) -> Result<Json<BatchView>, Problem> {
    let (caller, id, reason) = (who.caller(), *path, body.into_inner().into_reason());
    let batch = store.write(move |db, now| {
        void_batch(db, &caller.act(now), id, &reason)?;
        code_batches::find(db, id)?.ok_or(UseCaseError::NotFound("code batch"))
    });
    Ok(Json(batch.await?.into()))
}
