//! The three column types that the two databases write differently, and the Rust values that go in and out of them.
//!
//! | SQL type | PostgreSQL | SQLite | goes in as | comes out as |
//! |---|---|---|---|---|
//! | [`Id`] | UUID | 16-byte BLOB | [`DbId`] | [`DbId`], [`Uuid`] or any id of the kernel |
//! | [`Micros`] | TIMESTAMPTZ | INTEGER, microseconds since 1970 | [`DbTime`] | [`DbTime`] or `DateTime<Utc>` |
//! | [`Json`] | JSONB | TEXT | [`DbJson`] | [`DbJson`] or `serde_json::Value` |
//!
//! The wrappers exist because Rust's orphan rule lets no crate but the value's own make it an expression of Diesel,
//! and the kernel knows no Diesel. Reading needs no wrapper.

use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow, FromStaticSqlRow, Queryable};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, HasSqlType, SqlOrd, SqlType, Text};
use diesel::sqlite::{Sqlite, SqliteValue};
use huike_kernel::{
    ApiKeyId, AuditId, BlueprintId, CategoryId, ChannelId, CodeBatchId, CouponId, CustomerId, EventId, JobId,
    LedgerAccountId, LedgerAdjustmentId, LedgerHoldId, LedgerTransactionId, NodeId, NoteId, OfferId, OrderId,
    PaymentId, PaymentReturnId, ProductId, ProductionBatchId, RedemptionId, ReservationId, SkuId, SpendingAlarmId,
    StaffId, StockMovementId, StockTransferId, TemplateId, WebhookDeliveryId, WebhookEndpointId, WebhookReplayId,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{MultiBackend, MultiRawValue};

/// How a value travels to and from each database.
trait Wire: Sized {
    fn write_pg(&self, out: &mut Output<'_, '_, Pg>) -> serialize::Result;
    fn read_pg(value: PgValue<'_>) -> deserialize::Result<Self>;
    fn write_sqlite<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result;
    fn read_sqlite(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self>;
}

impl Wire for Uuid {
    fn write_pg(&self, out: &mut Output<'_, '_, Pg>) -> serialize::Result {
        out.write_all(self.as_bytes())?;
        Ok(IsNull::No)
    }

    fn read_pg(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Uuid::from_slice(value.as_bytes())?)
    }

    fn write_sqlite<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_bytes().as_slice());
        Ok(IsNull::No)
    }

    fn read_sqlite(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Uuid::from_slice(value.read_blob())?)
    }
}

/// PostgreSQL counts from 2000-01-01, everybody else from 1970-01-01.
const PG_EPOCH_MICROS: i64 = 946_684_800_000_000;

impl Wire for DateTime<Utc> {
    fn write_pg(&self, out: &mut Output<'_, '_, Pg>) -> serialize::Result {
        let micros = self.timestamp_micros().checked_sub(PG_EPOCH_MICROS).ok_or("time out of range")?;
        out.write_all(&micros.to_be_bytes())?;
        Ok(IsNull::No)
    }

    fn read_pg(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        time_from_micros(micros.checked_add(PG_EPOCH_MICROS))
    }

    fn write_sqlite<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.timestamp_micros());
        Ok(IsNull::No)
    }

    fn read_sqlite(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        time_from_micros(Some(<i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?))
    }
}

fn time_from_micros(micros: Option<i64>) -> deserialize::Result<DateTime<Utc>> {
    micros.and_then(DateTime::from_timestamp_micros).ok_or_else(|| "time out of range".into())
}

/// The first byte of every JSONB value on the wire.
const JSONB_VERSION: u8 = 1;

impl Wire for Value {
    fn write_pg(&self, out: &mut Output<'_, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB_VERSION])?;
        serde_json::to_writer(out, self)?;
        Ok(IsNull::No)
    }

    fn read_pg(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes().split_first() {
            Some((&JSONB_VERSION, document)) => Ok(serde_json::from_slice(document)?),
            _ => Err("unknown JSONB version".into()),
        }
    }

    fn write_sqlite<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(self)?);
        Ok(IsNull::No)
    }

    fn read_sqlite(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(serde_json::from_str(&text)?)
    }
}

/// Ties an SQL type to its wrapper on both databases and on the connection over both, and lets `$plain` and `$more` be
/// read from such a column directly.
macro_rules! column_type {
    ($sql:ident, $wrapper:ident($plain:ty) $(, $more:ty)* $(,)?) => {
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }

        impl ToSql<$sql, Pg> for $wrapper {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                self.0.write_pg(out)
            }
        }

        impl ToSql<$sql, Sqlite> for $wrapper {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                self.0.write_sqlite(out)
            }
        }

        impl ToSql<$sql, MultiBackend> for $wrapper {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql, Pg> for $wrapper {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Wire::read_pg(value).map(Self)
            }
        }

        impl FromSql<$sql, Sqlite> for $wrapper {
            fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                Wire::read_sqlite(value).map(Self)
            }
        }

        impl FromSql<$sql, MultiBackend> for $wrapper {
            fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<Self, $sql>()
            }
        }

        impl From<$plain> for $wrapper {
            fn from(value: $plain) -> Self {
                Self(value)
            }
        }

        impl From<$wrapper> for $plain {
            fn from(value: $wrapper) -> Self {
                value.0
            }
        }

        column_type!(@read $sql, $wrapper, $plain);
        $(
            impl From<$more> for $wrapper {
                fn from(value: $more) -> Self {
                    Self(value.as_uuid())
                }
            }

            impl From<&$more> for $wrapper {
                fn from(value: &$more) -> Self {
                    Self(value.as_uuid())
                }
            }

            impl From<$wrapper> for $more {
                fn from(value: $wrapper) -> Self {
                    value.0.into()
                }
            }

            column_type!(@read $sql, $wrapper, $more);
        )*
    };
    (@read $sql:ident, $wrapper:ident, $target:ty) => {
        impl<DB: Backend> FromSql<$sql, DB> for $target
        where
            $wrapper: FromSql<$sql, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                <$wrapper as FromSql<$sql, DB>>::from_sql(value).map(Into::into)
            }
        }

        impl<DB: Backend> Queryable<$sql, DB> for $target
        where
            $target: FromStaticSqlRow<$sql, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

/// SQL type of ids.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct Id;

/// An id on its way to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub struct DbId(pub Uuid);

column_type!(
    Id,
    DbId(Uuid),
    ApiKeyId,
    AuditId,
    BlueprintId,
    CategoryId,
    ChannelId,
    CodeBatchId,
    CouponId,
    CustomerId,
    EventId,
    JobId,
    NodeId,
    NoteId,
    OfferId,
    OrderId,
    PaymentId,
    PaymentReturnId,
    ProductId,
    ProductionBatchId,
    RedemptionId,
    ReservationId,
    SkuId,
    SpendingAlarmId,
    LedgerAccountId,
    LedgerAdjustmentId,
    LedgerHoldId,
    LedgerTransactionId,
    StaffId,
    StockMovementId,
    StockTransferId,
    TemplateId,
    WebhookDeliveryId,
    WebhookEndpointId,
    WebhookReplayId,
);

impl DbId {
    /// Wraps many ids, as `eq_any` wants them.
    pub fn list<T: Into<DbId>>(ids: impl IntoIterator<Item = T>) -> Vec<DbId> {
        ids.into_iter().map(Into::into).collect()
    }
}

/// SQL type of points in time, in microseconds.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct Micros;

impl SqlOrd for Micros {}

/// A point in time on its way to the database; anything below the microsecond is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Micros)]
pub struct DbTime(pub DateTime<Utc>);

column_type!(Micros, DbTime(DateTime<Utc>));

/// SQL type of documents.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
pub struct Json;

/// A document on its way to the database.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Json)]
pub struct DbJson(pub Value);

column_type!(Json, DbJson(Value));

impl DbJson {
    /// The document of a value.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_value(value).map(Self)
    }

    /// The value that a document describes.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T, serde_json::Error> {
        serde_json::from_value(self.0)
    }
}
