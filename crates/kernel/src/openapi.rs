//! How the shared words look in OpenAPI documents: every one of them is a string.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Type,
        schema::{KnownFormat, Schema, SchemaFormat, SchemaType},
    },
};

use crate::{
    ApiKeyId, AreaCode, AuditId, BlueprintId, CategoryId, ChannelId, CodeBatchId, CouponId, CustomerId, EventId, JobId,
    LedgerAccountId, LedgerAdjustmentId, LedgerHoldId, LedgerTransactionId, Money, NodeId, NoteId, OfferId, OrderId,
    Paragraph, PaymentId, PaymentReturnId, Phone, PointsPoolId, ProductId, ProductionBatchId, Rate, RedemptionId,
    ReservationId, SkuId, SpendingAlarmId, StaffId, StockMovementId, StockTransferId, StoredValueCardId, TemplateId,
    Text, TimeWindow, WebhookDeliveryId, WebhookEndpointId, WebhookReplayId, Zone,
};

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String))
}

macro_rules! string_schemas {
    ($($name:ident: $schema:expr;)+) => {
        $(
            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    $schema.into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($name))
                }
            }
        )+
    };
}

fn id() -> ObjectBuilder {
    string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
}

fn like(example: &str) -> ObjectBuilder {
    string().examples([example])
}

string_schemas! {
    NodeId: id();
    StaffId: id();
    CustomerId: id();
    ApiKeyId: id();
    TemplateId: id();
    CouponId: id();
    ChannelId: id();
    CodeBatchId: id();
    RedemptionId: id();
    EventId: id();
    AuditId: id();
    JobId: id();
    NoteId: id();
    OfferId: id();
    WebhookDeliveryId: id();
    WebhookEndpointId: id();
    WebhookReplayId: id();
    SpendingAlarmId: id();
    BlueprintId: id();
    CategoryId: id();
    ProductId: id();
    SkuId: id();
    StockMovementId: id();
    OrderId: id();
    PaymentId: id();
    PaymentReturnId: id();
    ReservationId: id();
    StockTransferId: id();
    ProductionBatchId: id();
    LedgerAccountId: id();
    LedgerTransactionId: id();
    LedgerHoldId: id();
    LedgerAdjustmentId: id();
    PointsPoolId: id();
    StoredValueCardId: id();
    Money: like("12.50").description(Some("Yuan with two decimals."));
    Rate: like("0.05").description(Some("A share from 0 to 1, at most six decimals."));
    Zone: like("Asia/Shanghai").description(Some("A time zone of the IANA database."));
    AreaCode: like("330106").description(Some("Six digits of GB/T 2260."));
    Phone: like("13812345678").description(Some("A mainland mobile number."));
}

/// Free text has its bound in the type, so its schema is written where it is used.
macro_rules! bounded_text {
    ($($name:ident),+) => {
        $(
            impl<const MAX: usize> PartialSchema for $name<MAX> {
                fn schema() -> RefOr<Schema> {
                    string().min_length(Some(1)).max_length(Some(MAX)).into()
                }
            }

            impl<const MAX: usize> ToSchema for $name<MAX> {
                fn name() -> Cow<'static, str> {
                    Cow::Owned(format!("{}{MAX}", stringify!($name)))
                }
            }
        )+
    };
}

bounded_text!(Text, Paragraph);

impl PartialSchema for TimeWindow {
    fn schema() -> RefOr<Schema> {
        let moment = || string().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        ObjectBuilder::new()
            .property("starts_at", moment())
            .required("starts_at")
            .property("ends_at", moment())
            .required("ends_at")
            .description(Some("A span of time; the end is the first moment after it."))
            .into()
    }
}

impl ToSchema for TimeWindow {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("TimeWindow")
    }
}
