//! An order (订单): the states it walks through, what a payment that comes in means for it, and what becomes of it after it
//! was delivered.

mod after_sale;
mod error;
mod items;
mod payment;
mod state;

pub use after_sale::{
    AfterSale, AfterSaleKind, AfterSaleState, AfterSaleStep, QUALITY_HOURS, decide_after_sale, quality_due_at,
};
pub use error::OrderError;
pub use items::{
    CloseReason, ITEMS_MAX, Item, LineKind, TenderState, UNITS_MAX, UseState, check_items, check_stored_value,
    decide_price,
};
pub use payment::{PaymentDecision, PaymentFacts, PaymentNotice, PaymentState, Provider, decide_payment};
pub use state::{OrderLife, OrderState, OrderStep};
