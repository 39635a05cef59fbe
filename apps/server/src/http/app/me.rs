//! One's own account.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::{CustomerId, Phone};
use huike_persistence::{Store, customers};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::Customer,
    problem::{Problem, Refusal},
};

/// Oneself.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomerMeView)]
pub struct MeView {
    /// Who.
    id: CustomerId,
    /// One's phone number, masked: whoever looks over the shoulder sees it too.
    #[schema(example = "138****5678")]
    phone: Option<String>,
    /// One's name, where one gave it.
    name: Option<String>,
    /// A customer since.
    created_at: DateTime<Utc>,
}

impl From<customers::Customer> for MeView {
    fn from(row: customers::Customer) -> Self {
        let phone = row.phone.as_ref().map(Phone::masked);
        Self { id: row.id, phone, name: row.name, created_at: row.created_at }
    }
}

/// `GET /me`
pub async fn show(customer: Customer, store: Data<Store>) -> Result<Json<MeView>, Problem> {
    let id = customer.customer;
    let row = store.read(move |db| customers::find(db, id)).await?.ok_or(Refusal::Unauthenticated)?;
    Ok(Json(row.into()))
}
