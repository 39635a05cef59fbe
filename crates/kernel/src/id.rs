//! Ids: one newtype per entity over a time-ordered UUID (version 7, RFC 9562), and where new ones come from.

use uuid::Uuid;

/// Where new ids come from. The shell owns one; a demo or a test gives a seeded one.
pub trait IdSource: Send + Sync {
    /// A new UUID of version 7.
    fn next_uuid(&self) -> Uuid;
}

/// Where random bytes come from. Codes and tokens take it as an argument.
pub trait RandomSource: Send + Sync {
    /// Fills the slice with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// A new id of the wanted kind.
pub fn new_id<T: From<Uuid>>(source: &dyn IdSource) -> T {
    T::from(source.next_uuid())
}

/// Defines an id: a newtype over [`Uuid`] that cannot be mistaken for another entity's.
#[macro_export]
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Wraps a UUID that is known to name this entity.
            pub const fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            pub const fn as_uuid(&self) -> uuid::Uuid {
                self.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id_type!(
    /// An element of the site tree (机构): head, region, site or store.
    NodeId
);
id_type!(
    /// A member of staff (员工).
    StaffId
);
id_type!(
    /// A customer (客户), one per brand.
    CustomerId
);
id_type!(
    /// An integration's key (对接系统密钥).
    ApiKeyId
);
id_type!(
    /// A coupon template (券模板).
    TemplateId
);
id_type!(
    /// One coupon (券), held by a person or printed.
    CouponId
);
id_type!(
    /// A channel a template is issued through (发放渠道).
    ChannelId
);
id_type!(
    /// A batch of codes (券码批次).
    CodeBatchId
);
id_type!(
    /// One redemption (核销).
    RedemptionId
);
id_type!(
    /// An event: a row of the history and outbox.
    EventId
);
id_type!(
    /// A row of the audit log (操作日志).
    AuditId
);
id_type!(
    /// A job: time-driven work.
    JobId
);
id_type!(
    /// A note of staff on a customer (备注).
    NoteId
);
id_type!(
    /// An offer (优惠): what takes something off a cart's price.
    OfferId
);
id_type!(
    /// A blueprint that sites are launched from (建站模板).
    BlueprintId
);
id_type!(
    /// An endpoint that an integration is told of events at.
    WebhookEndpointId
);
id_type!(
    /// One message to one endpoint.
    WebhookDeliveryId
);
id_type!(
    /// A window of past events that is sent once more.
    WebhookReplayId
);
id_type!(
    /// An alarm on the rate of spending (支出异常提醒).
    SpendingAlarmId
);
id_type!(
    /// A category of goods (商品分类).
    CategoryId
);
id_type!(
    /// A product (商品).
    ProductId
);
id_type!(
    /// What is sold of a product and kept in stock (规格).
    SkuId
);
id_type!(
    /// One change of a stock (库存流水).
    StockMovementId
);
id_type!(
    /// Goods kept for somebody (库存预占).
    ReservationId
);
id_type!(
    /// Goods on their way from one place to another (调拨单).
    StockTransferId
);
id_type!(
    /// An order of a customer (订单).
    OrderId
);
id_type!(
    /// A payment of an order (支付单).
    PaymentId
);
id_type!(
    /// Money on its way back to whoever paid too much, or in vain (退回).
    PaymentReturnId
);
id_type!(
    /// A production batch (生产批次).
    ProductionBatchId
);
id_type!(
    /// An account of the ledger (账户).
    LedgerAccountId
);
id_type!(
    /// A transaction of the ledger (记账凭证): transfers that happen together.
    LedgerTransactionId
);
id_type!(
    /// A hold on an account (冻结).
    LedgerHoldId
);
id_type!(
    /// A manual adjustment of an account (手工调账).
    LedgerAdjustmentId
);
id_type!(
    /// A pool of points (积分池): what points of one kind are worth the same in.
    PointsPoolId
);
id_type!(
    /// A stored-value card (储值卡), which may be nobody's by name.
    StoredValueCardId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = NodeId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string().parse::<NodeId>().unwrap(), id);
        assert_eq!(serde_json::from_str::<NodeId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }

    #[test]
    fn text_that_is_no_uuid_is_refused() {
        assert!("1 OR 1=1".parse::<NodeId>().is_err());
    }
}
