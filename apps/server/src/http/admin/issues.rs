//! Issuing to customers who are named (定向发放).

use std::collections::BTreeSet;

use actix_web::web::{Data, Json};
use huike_kernel::{CouponId, CustomerId, DomainError, NodeId, Phone, TemplateId};
use huike_persistence::{OnceKey, Store};
use huike_usecases::{
    UseCaseError,
    issues::{IssueAsk, IssuedRow, Recipient, issue_list},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    auth::{Staff, may},
    codes::CodeMint,
    extract::{IdempotencyKey, Valid},
    jobs::ExhaustedTemplates,
    problem::Problem,
};

/// A thousand rows fit.
const BODY_BYTES_MAX: usize = 128 * 1_024;
/// Rows of one transaction.
const CHUNK: usize = 100;

/// Coupons for a list of customers.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "template_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f01",
    "customers": [{ "phone": "13812345678" }, { "customer_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f02" }]
}))]
pub struct IssueRequest {
    /// The template, which must be live.
    template_id: TemplateId,
    /// The node that gives.
    site_id: NodeId,
    /// Who gets one, at most 1 000.
    #[validate(length(min = 1, max = 1_000))]
    customers: Vec<RecipientRequest>,
}

/// One customer, by id or by phone number.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipientRequest {
    /// Their id.
    customer_id: Option<CustomerId>,
    /// Their phone number.
    phone: Option<String>,
}

impl RecipientRequest {
    /// Whom the row names; `None` if nobody can be named so.
    pub(crate) fn read(&self) -> Option<Recipient> {
        match (self.customer_id, &self.phone) {
            (Some(id), None) => Some(Recipient::Id(id)),
            (None, Some(phone)) => phone.parse::<Phone>().ok().map(Recipient::Phone),
            _ => None,
        }
    }
}

/// What became of the list.
#[derive(Serialize, ToSchema)]
pub struct IssueView {
    /// How many got one.
    issued: usize,
    /// How many did not.
    refused: usize,
    /// Row by row, in the order of the list.
    rows: Vec<IssueRowView>,
}

/// What became of one row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IssueRowView {
    /// The customer, where there is one the caller may know of.
    customer_id: Option<CustomerId>,
    /// The coupon they got.
    coupon_id: Option<CouponId>,
    /// Why they got none.
    #[schema(example = "coupon_limit_reached")]
    refused: Option<String>,
}

impl IssueRowView {
    fn refused(code: &str) -> Self {
        Self { customer_id: None, coupon_id: None, refused: Some(code.to_owned()) }
    }
}

impl From<IssuedRow> for IssueRowView {
    fn from(row: IssuedRow) -> Self {
        Self { customer_id: row.customer, coupon_id: row.coupon, refused: row.refused }
    }
}

/// `POST /coupon-issues`
pub async fn create(
    who: Staff<may::CouponIssue>,
    (store, mint, exhausted): (Data<Store>, Data<CodeMint>, Data<ExhaustedTemplates>),
    key: IdempotencyKey,
    body: Valid<IssueRequest, BODY_BYTES_MAX>,
) -> Result<Json<IssueView>, Problem> {
    let once = key.once(&who, &body);
    let request = body.into_inner();
    let mut rows = Vec::with_capacity(request.customers.len());
    let mut seen = BTreeSet::new();
    for (number, chunk) in request.customers.chunks(CHUNK).enumerate() {
        // Each chunk is once for itself: a list that broke off goes on where it was when it is sent again.
        let part = OnceKey { key: format!("{}#{number}", once.key), ..once.clone() };
        let recipients: Vec<Option<Recipient>> = chunk.iter().map(RecipientRequest::read).collect();
        let mut asked = Vec::new();
        for recipient in recipients.iter().flatten() {
            asked.push((recipient.clone(), mint.signed()?));
        }
        let ask = IssueAsk { template: request.template_id, site: request.site_id, rows: asked, named: seen.clone() };
        let caller = who.caller();
        let issued = store.write_once(part, move |db, now| issue_list(db, &caller.act(now), &ask)).await;
        let mut issued = answers(issued.map(|once| once.value), recipients.len(), number)?.into_iter();
        for recipient in &recipients {
            let row = recipient.as_ref().and_then(|_| issued.next());
            seen.extend(row.as_ref().and_then(|row| row.customer_id));
            rows.push(row.unwrap_or_else(|| IssueRowView::refused("recipient_invalid")));
        }
    }
    for code in rows.iter().filter_map(|row| row.refused.as_deref()) {
        exhausted.note(request.template_id, code);
    }
    let issued = rows.iter().filter(|row| row.coupon_id.is_some()).count();
    Ok(Json(IssueView { issued, refused: rows.len() - issued, rows }))
}

/// The rows of a chunk. What refuses the first chunk refuses the list; what refuses a later one, such as a pause in
/// between, is told row by row, because the coupons before it stand.
fn answers(
    issued: Result<Vec<IssuedRow>, UseCaseError>,
    rows: usize,
    number: usize,
) -> Result<Vec<IssueRowView>, Problem> {
    match issued {
        Ok(issued) => Ok(issued.into_iter().map(Into::into).collect()),
        Err(UseCaseError::Coupons(refusal)) if number > 0 => Ok(vec![IssueRowView::refused(refusal.code()); rows]),
        Err(error) if number > 0 => Err(Problem::from(error).after_write()),
        Err(error) => Err(error.into()),
    }
}
