//! Paying for an order (支付).

use actix_web::web::Data;
use huike_kernel::{Money, OrderId, PaymentId};
use huike_orders::order::Provider;
use huike_persistence::Store;
use huike_usecases::orders::begin_payment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::Created,
    auth::Customer,
    extract::{IdempotencyKey, Path, Valid},
    problem::{Problem, Refusal},
    settings::{Profile, Settings},
};

/// How the rest of an order is paid.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "provider": "test" }))]
pub struct PaymentRequest {
    /// Who moves the money. `test` is the cashier of development servers.
    provider: Provider,
}

/// A payment that was begun.
#[derive(Serialize, ToSchema)]
pub struct PaymentView {
    /// Its id, the provider's too.
    payment_id: PaymentId,
    /// Who moves the money.
    provider: Provider,
    /// What is to be paid.
    due: Money,
    /// The page to open.
    #[schema(example = "https://shop.example.com/cashier/01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00")]
    pay_url: String,
}

/// `POST /orders/{order_id}/payments`
pub async fn create(
    who: Customer,
    (store, settings): (Data<Store>, Data<Settings>),
    key: IdempotencyKey,
    path: Path<OrderId>,
    body: Valid<PaymentRequest>,
) -> Result<Created<PaymentView>, Problem> {
    let (once, provider) = (key.once(&who, &body), body.into_inner().provider);
    if provider != Provider::Test || settings.profile != Profile::Dev {
        return Err(Refusal::ProviderUnavailable.into());
    }
    let (caller, ask) = (who.caller(), (who.customer, *path, provider));
    let begun = store.write_once(once, move |db, now| begin_payment(db, &caller.act(now), ask)).await?.value;
    let pay_url = format!("{}/cashier/{}", settings.public_url, begun.payment);
    Ok(Created(PaymentView { payment_id: begun.payment, provider, due: begun.due, pay_url }))
}
