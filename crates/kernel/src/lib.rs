#![doc = include_str!("../README.md")]
#![warn(clippy::pedantic)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic))]
#![expect(clippy::missing_errors_doc, reason = "each error type documents its variants")]
#![expect(clippy::must_use_candidate, reason = "pure functions are used for their answer")]
#![expect(clippy::module_name_repetitions, reason = "LocalTime in module time reads well at the call site")]

pub mod actor;
pub mod area;
pub mod as_written;
pub mod canonical;
pub mod clock;
pub mod csv_row;
pub mod error;
pub mod exact_json;
pub mod id;
pub mod life;
pub mod money;
pub mod offer_class;
#[cfg(feature = "openapi")]
mod openapi;
pub mod phone;
pub mod rate;
pub mod text;
pub mod time;
pub mod word;

pub use actor::Actor;
pub use area::AreaCode;
pub use as_written::as_written;
pub use canonical::canonical_json;
pub use clock::{Clock, ManualClock, SystemClock};
pub use csv_row::{format_row, parse_row, unguard_cell};
pub use error::{DomainError, ErrorKind};
pub use exact_json::{ExactJson, read_exact_json};
pub use id::{
    ApiKeyId, AuditId, BlueprintId, CategoryId, ChannelId, CodeBatchId, CouponId, CustomerId, EventId, IdSource, JobId,
    LedgerAccountId, LedgerAdjustmentId, LedgerHoldId, LedgerTransactionId, NodeId, NoteId, OfferId, OrderId,
    PaymentId, PaymentReturnId, PointsPoolId, ProductId, ProductionBatchId, RandomSource, RedemptionId, ReservationId,
    SkuId, SpendingAlarmId, StaffId, StockMovementId, StockTransferId, StoredValueCardId, TemplateId,
    WebhookDeliveryId, WebhookEndpointId, WebhookReplayId, new_id,
};
pub use life::{Life, LifeError, LifeState, VersionState};
pub use money::Money;
pub use offer_class::OfferClass;
pub use phone::Phone;
pub use rate::Rate;
pub use text::{Paragraph, Text};
pub use time::{LocalTime, TimeWindow, Zone};
pub use word::UnknownWord;
