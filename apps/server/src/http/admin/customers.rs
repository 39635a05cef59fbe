//! Customers (客户), as staff see them: those who have been to a node of theirs, phone masked.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::{CustomerId, NodeId, Phone, StaffId};
use huike_persistence::{
    Store,
    customer_notes::Tag,
    site_customers::{self, CustomerFilter, CustomerRecord, PhoneQuery, SiteCustomer},
};
use huike_usecases::customers::{self, CustomerFile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    auth::{Staff, may},
    extract::{Listing, Page, Path, Valid},
    problem::Problem,
};

/// A customer in a list.
#[derive(Serialize, ToSchema)]
pub struct CustomerSummary {
    /// Their id.
    id: CustomerId,
    /// Their phone number, masked; null where they have none or were erased.
    #[schema(example = "138****5678")]
    phone: Option<String>,
    /// The name they gave.
    #[schema(example = "小王")]
    name: Option<String>,
    /// Why they are blocked in the whole brand; null where they are not.
    block_reason: Option<String>,
    /// Whether they were erased: what is left is a pseudonym.
    erased: bool,
    /// A customer since.
    created_at: DateTime<Utc>,
}

impl From<CustomerRecord> for CustomerSummary {
    fn from(record: CustomerRecord) -> Self {
        Self {
            id: record.id,
            phone: record.phone.as_ref().map(Phone::masked),
            name: record.name,
            block_reason: record.block_reason,
            erased: record.is_erased,
            created_at: record.created_at,
        }
    }
}

/// A customer with what the nodes you see keep of them.
#[derive(Serialize, ToSchema)]
pub struct CustomerView {
    /// The customer.
    customer: CustomerSummary,
    /// Where they have been.
    sites: Vec<CustomerSiteView>,
    /// Their tags.
    tags: Vec<TagView>,
}

/// What a node keeps of a customer.
#[derive(Serialize, ToSchema)]
pub struct CustomerSiteView {
    /// The node.
    site_id: NodeId,
    /// What brought them there first.
    #[schema(example = "claim")]
    source: String,
    /// Why they are blocked there; null where they are not.
    block_reason: Option<String>,
    /// Since when they are blocked.
    blocked_at: Option<DateTime<Utc>>,
    /// The first time.
    first_seen_at: DateTime<Utc>,
    /// The last time.
    last_seen_at: DateTime<Utc>,
}

impl From<SiteCustomer> for CustomerSiteView {
    fn from(kept: SiteCustomer) -> Self {
        Self {
            site_id: kept.site,
            source: kept.source,
            block_reason: kept.block_reason,
            blocked_at: kept.blocked_at,
            first_seen_at: kept.first_seen_at,
            last_seen_at: kept.last_seen_at,
        }
    }
}

/// A tag.
#[derive(Serialize, ToSchema)]
pub struct TagView {
    /// The node that keeps it.
    site_id: NodeId,
    /// The word.
    #[schema(example = "奶粉")]
    tag: String,
    /// Who gave it.
    staff_id: StaffId,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<Tag> for TagView {
    fn from(tag: Tag) -> Self {
        Self { site_id: tag.site, tag: tag.tag, staff_id: tag.staff, created_at: tag.created_at }
    }
}

impl From<CustomerFile> for CustomerView {
    fn from(file: CustomerFile) -> Self {
        Self {
            customer: file.customer.into(),
            sites: file.sites.into_iter().map(CustomerSiteView::from).collect(),
            tags: file.tags.into_iter().map(TagView::from).collect(),
        }
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CustomerQuery {
    /// Only those whose number ends in these four digits. A whole number never stands in an address, where logs would
    /// keep it: see `find_customer`.
    #[validate(length(min = 4, max = 4))]
    #[param(min_length = 4, max_length = 4, example = "5678")]
    phone_tail: Option<String>,
    /// Only those with this tag.
    #[validate(length(min = 1, max = 20))]
    #[param(min_length = 1, max_length = 20)]
    tag: Option<String>,
}

/// `GET /customers`
pub async fn list(
    who: Staff<may::CustomerRead>,
    store: Data<Store>,
    listing: Listing<CustomerQuery>,
) -> Result<Json<Page<CustomerSummary>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit, roots) = (page.after()?, page.fetch(), who.scope.permitted.clone());
    let filter = CustomerFilter { phone: filter.phone_tail.map(PhoneQuery::Tail), tag: filter.tag };
    let rows = store.read(move |db| site_customers::list(db, &roots, &filter, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |record| record.id, CustomerSummary::from)))
}

/// A number to look for.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "phone": "13812345678" }))]
pub struct FindCustomerRequest {
    /// The whole number.
    phone: Phone,
}

/// `POST /customers/find`
pub async fn find(
    who: Staff<may::CustomerRead>,
    store: Data<Store>,
    body: Valid<FindCustomerRequest>,
) -> Result<Json<CustomerSummary>, Problem> {
    let (phone, roots) = (PhoneQuery::Full(body.into_inner().phone), who.scope.permitted.clone());
    let filter = CustomerFilter { phone: Some(phone), tag: None };
    let mut found = store.read(move |db| site_customers::list(db, &roots, &filter, None, 1)).await?;
    Ok(Json(found.pop().ok_or_else(Problem::not_found)?.into()))
}

/// `GET /customers/{customer_id}`
pub async fn show(
    who: Staff<may::CustomerRead>,
    store: Data<Store>,
    path: Path<CustomerId>,
) -> Result<Json<CustomerView>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let file = store.read(move |db| customers::read_file(db, &caller, id)).await?;
    Ok(Json(file.into()))
}
