//! The tables that are copied, in an order in which no row comes before one it refers to. What their columns are is read
//! off `schema.rs`.

use diesel::{
    Column, Table,
    sql_types::{BigInt, Binary, Bool, Nullable, Text},
};

use crate::{
    schema,
    sql_types::{Id, Json, Micros},
};

/// What a column holds, whatever either database calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An id.
    Id,
    /// Bytes.
    Bytes,
    /// A text.
    Text,
    /// A document.
    Json,
    /// A point in time.
    Time,
    /// A number.
    Number,
    /// A flag.
    Flag,
}

/// A table that is copied.
#[derive(Debug, Clone)]
pub struct CopiedTable {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: Vec<(&'static str, Kind)>,
    /// For a table that refers to itself: what its rows are read by, so that parents come first.
    pub(super) parents_first: Option<&'static str>,
}

impl CopiedTable {
    /// Whether its rows are read in an order in which parents come first.
    pub fn reads_parents_first(&self) -> bool {
        self.parents_first.is_some()
    }
}

/// Lists tables by their names in `schema.rs`.
macro_rules! tables {
    ($($name:ident $(by $order:literal)?),+ $(,)?) => {
        vec![$(
            CopiedTable {
                name: stringify!($name),
                columns: columns_of(<schema::$name::table as Table>::all_columns()),
                parents_first: tables!(@order $($order)?),
            }
        ),+]
    };
    (@order $order:literal) => { Some($order) };
    (@order) => { None };
}

/// Every table there is; a test holds the list against the catalogue of both databases.
pub fn tables() -> Vec<CopiedTable> {
    [tables_of_the_brand(), tables_of_goods_and_money()].concat()
}

/// Who there is, what they are offered and what they did with it.
fn tables_of_the_brand() -> Vec<CopiedTable> {
    tables![
        node by "(SELECT max(depth) FROM node_closure WHERE node_id = node.id)",
        node_closure,
        store_page,
        node_setting,
        node_lock,
        blueprint,
        customer,
        customer_identity,
        site_customer,
        staff,
        staff_role,
        session,
        api_key,
        customer_note,
        customer_tag,
        coupon_template,
        coupon_template_version,
        coupon_stock,
        coupon_quota,
        coupon_channel,
        code_batch,
        coupon,
        redemption,
        spending_alarm,
        unredeem_request,
        limit_counter,
        store_day,
        event,
        audit,
        audit_seal,
        audit_unsealed,
        idempotency,
        job,
        secret_key,
        guess_counter,
        outbox,
        webhook_endpoint,
        webhook_secret,
        webhook_replay,
        webhook_delivery,
        webhook_attempt,
        offer,
        offer_version,
        offer_stock,
        offer_revision,
        quoted_cart,
    ]
}

/// The catalogue, the stock and the ledger.
fn tables_of_goods_and_money() -> Vec<CopiedTable> {
    tables![
        category by "depth",
        product,
        sku,
        sku_stock,
        production_batch,
        stock_movement,
        stock_reservation,
        stock_transfer,
        stock_transfer_line,
        ledger_account,
        ledger_balance,
        ledger_transaction by "(CASE WHEN reverses_id IS NULL THEN 0 ELSE 1 END)",
        ledger_entry,
        ledger_hold,
        ledger_reversed,
        ledger_adjustment,
        customer_order,
        order_line,
        order_discount,
        order_allocation,
        order_tender,
        payment,
        payment_notice,
        payment_return,
    ]
}

fn columns_of(columns: impl Columns) -> Vec<(&'static str, Kind)> {
    columns.list()
}

/// The columns of a table, as the tuple that Diesel makes of them.
trait Columns {
    fn list(self) -> Vec<(&'static str, Kind)>;
}

/// Gives tuples of so many columns and of fewer their list.
macro_rules! tuples_of {
    () => {};
    ($first:ident $($rest:ident)*) => {
        impl<$first: Column, $($rest: Column),*> Columns for ($first, $($rest,)*)
        where
            $first::SqlType: Kinded,
            $($rest::SqlType: Kinded),*
        {
            fn list(self) -> Vec<(&'static str, Kind)> {
                vec![
                    ($first::NAME, <$first::SqlType as Kinded>::KIND),
                    $(($rest::NAME, <$rest::SqlType as Kinded>::KIND)),*
                ]
            }
        }
        tuples_of!($($rest)*);
    };
}
tuples_of!(A B C D E F G H I J K L M N O P Q R S T U V W X Y Z AA AB AC AD AE AF);

/// What a type of `schema.rs` stands for.
trait Kinded {
    const KIND: Kind;
}

macro_rules! kinds {
    ($($sql:ty => $kind:ident),+ $(,)?) => {
        $(
            impl Kinded for $sql {
                const KIND: Kind = Kind::$kind;
            }

            impl Kinded for Nullable<$sql> {
                const KIND: Kind = Kind::$kind;
            }
        )+
    };
}
kinds! { Id => Id, Binary => Bytes, Text => Text, Json => Json, Micros => Time, BigInt => Number, Bool => Flag }
