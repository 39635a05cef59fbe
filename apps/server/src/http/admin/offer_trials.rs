//! Dry runs (试算): what an offer would change, before anybody is given it.

use actix_web::web::{Data, Json};
use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{AreaCode, NodeId, OfferId};
use huike_pricing::{CartLine, OfferRules, cart::ShippingQuote};
use huike_usecases::{
    offers::Tried,
    quotes::{CartAsk, Told},
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{offer_trial_view::TrialView, offer_view::explain};
use crate::{
    auth::{Staff, may},
    extract::Valid,
    http::quotes::{CART_LIMIT_BYTES, CartLines, segment_names},
    problem::{FieldError, Problem},
    trial_desk::TrialDesk,
};

/// What is to be tried, and on what: a cart, the carts of the last days, or both.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "rules": {
        "class": "order",
        "condition": { "kind": "amount", "bounds": { "at_least": "200.00" } },
        "effect": { "kind": "amount_off", "amount": "30.00" }
    },
    "cart": { "lines": [{ "id": "1", "sku": "milk-900g", "quantity": 2, "list_price": "118.00" }] },
    "days": 14
}))]
pub struct SimulateOfferRequest {
    /// The node whose carts are looked at, those of sites and stores below it too. Unsaved rules are tried as its own.
    site_id: NodeId,
    /// A saved offer, by its newest version; this or `rules`.
    offer_id: Option<OfferId>,
    /// Rules that are not saved; these or `offer_id`.
    rules: Option<OfferRules>,
    /// A cart to try it on.
    #[validate(nested)]
    cart: Option<TrialCart>,
    /// Tries it on carts that were quoted in so many days; carts are kept for thirty.
    #[validate(range(min = 1, max = 30))]
    #[schema(minimum = 1, maximum = 30)]
    days: Option<i64>,
}

/// A cart that nobody has. Coupons are left out.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialCart {
    /// What is bought.
    #[schema(max_items = 200)]
    lines: Vec<CartLine>,
    /// How it is shipped.
    #[serde(default)]
    #[schema(max_items = 20)]
    shipping: Vec<ShippingQuote>,
    /// The moment it is priced at; now without it.
    at: Option<DateTime<Utc>>,
    /// The channel.
    #[validate(length(min = 1, max = 64))]
    channel: Option<String>,
    /// Where the goods go.
    #[schema(value_type = Option<String>, example = "440106")]
    delivery_area: Option<AreaCode>,
    /// How it will be paid.
    #[validate(length(min = 1, max = 64))]
    payment_method: Option<String>,
    /// The customer's tier.
    #[validate(length(min = 1, max = 64))]
    tier: Option<String>,
    /// The segments the customer is in.
    #[serde(default)]
    #[validate(length(max = 100), custom(function = segment_names))]
    segments: Vec<String>,
    /// How many orders the customer has completed.
    completed_orders: Option<u32>,
}

impl SimulateOfferRequest {
    fn tried(&mut self) -> Result<Tried, Problem> {
        match (self.offer_id, self.rules.take()) {
            (Some(offer), None) => Ok(Tried::Managed(offer)),
            (None, Some(rules)) => Ok(Tried::Rules(Box::new(rules))),
            _ => Err(Problem::invalid(vec![FieldError::new("/offer_id", "one_of", "name an offer, or give rules")])),
        }
    }
}

impl TrialCart {
    fn into_ask(self) -> Result<(CartAsk, Option<DateTime<Utc>>), Problem> {
        let told = Told {
            channel: self.channel,
            delivery_area: self.delivery_area,
            payment_method: self.payment_method,
            tier: self.tier,
            segments: self.segments,
            completed_orders: self.completed_orders,
            birthday: None,
        };
        let cart = CartLines { lines: self.lines, shipping: self.shipping }.into_cart();
        let cart = cart.map_err(|problem| problem.below("/cart"))?;
        Ok((CartAsk { cart, told, coupons: None, points_worth: None }, self.at))
    }
}

/// `POST /offers/simulate`
pub async fn simulate(
    who: Staff<may::OfferRead>,
    desk: Data<TrialDesk>,
    body: Valid<SimulateOfferRequest, CART_LIMIT_BYTES>,
) -> Result<Json<TrialView>, Problem> {
    let mut body = body.into_inner();
    let tried = body.tried()?;
    let cart = body.cart.map(TrialCart::into_ask).transpose()?;
    let days = body.days.and_then(TimeDelta::try_days);
    let trial = desk.prepare(who.scope.clone(), (body.site_id, tried), days).await.map_err(explain)?;
    let offer = trial.offer();
    let tested = desk.run(trial, cart).await?;
    Ok(Json(TrialView::of(offer, tested, who.request.locale)))
}
