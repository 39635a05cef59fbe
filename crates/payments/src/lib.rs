#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::missing_errors_doc, reason = "each error type documents its variants")]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]
#![expect(clippy::module_name_repetitions, reason = "PaymentReport in module payment reads well at the call site")]

pub mod bill;
pub mod callback;
pub mod cashier;
pub mod error;
pub mod names;
pub mod payment;
pub mod provider;
pub mod refund;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "wechat")]
pub mod wechat;

pub use bill::{BillLine, BillLineKind, BillRefund, TradeBill};
pub use callback::{Callback, CallbackError, CallbackEvent, CallbackNews};
pub use error::{ReadError, Refusal, Trouble, WriteError};
pub use names::{PayerId, PaymentRef, ProviderKind, RefundRef};
pub use payment::{JsapiPrompt, PaidPayment, PayMethod, PaymentAsk, PaymentPrompt, PaymentReport, PaymentStatus};
pub use provider::{PaymentProvider, Reply};
pub use refund::{BookedRefund, RefundAsk, RefundReport, RefundStatus};
