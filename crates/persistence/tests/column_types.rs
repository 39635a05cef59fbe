//! Ids, times and documents go in and come out the same on both databases, and can be asked for in every way that
//! repositories ask.
#![expect(clippy::unwrap_used, reason = "test")]

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{dsl::max, prelude::*};
use huike_kernel::{NodeId, StaffId};
use huike_persistence::{
    Db, db_test,
    schema::{node, node_lock, node_setting, session},
    sql_types::{DbId, DbJson, DbTime},
};
use serde_json::{Value, json};
use support::open;
use uuid::Uuid;

/// A row as a repository writes it: wrappers go in, and kernel ids, times and documents come out.
#[derive(Insertable)]
#[diesel(table_name = node, treat_none_as_default_value = false)]
struct NewNode {
    id: DbId,
    kind: &'static str,
    parent_id: Option<DbId>,
    code: String,
    name: &'static str,
    zone: &'static str,
    area: Option<&'static str>,
    state: &'static str,
    version: i64,
    created_at: DbTime,
    updated_at: DbTime,
}

#[derive(Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = node)]
struct NodeRow {
    id: NodeId,
    parent_id: Option<NodeId>,
    code: String,
    area: Option<String>,
    created_at: DateTime<Utc>,
}

fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_800_000_000_123_456 + micros).unwrap()
}

fn new_node(number: u128, parent: Option<u128>) -> NewNode {
    NewNode {
        id: DbId(id(number)),
        kind: if parent.is_some() { "site" } else { "head" },
        parent_id: parent.map(|number| DbId(id(number))),
        code: format!("c{number}"),
        name: "惠客",
        zone: "Asia/Shanghai",
        area: None,
        state: "active",
        version: 1,
        created_at: time(i64::try_from(number).unwrap()).into(),
        updated_at: time(0).into(),
    }
}

/// What the two-database connection cannot express runs on the concrete one.
macro_rules! each {
    ($db:expr, |$connection:ident| $body:expr) => {
        match $db {
            Db::Sqlite($connection) => $body,
            Db::Postgres($connection) => $body,
        }
    };
}

fn insert(db: &mut Db, number: u128, parent: Option<u128>) -> NodeRow {
    let row = new_node(number, parent);
    let insert = diesel::insert_into(node::table).values(&row);
    each!(db, |connection| insert.returning(NodeRow::as_select()).get_result(connection)).unwrap()
}

db_test! {
    fn a_row_comes_back_as_it_went_in(database) {
        let db = &mut open(database);
        let head = insert(db, 1, None);
        assert_eq!(head, NodeRow { id: id(1), parent_id: None, code: "c1".into(), area: None, created_at: time(1) });
        let site = insert(db, 2, Some(1));
        assert_eq!(site.parent_id, Some(head.id));
        let found: NodeRow = node::table.find(DbId::from(site.id)).select(NodeRow::as_select()).first(db).unwrap();
        assert_eq!(found, site);
    }

    fn ids_and_times_filter_and_order(database) {
        let db = &mut open(database);
        insert(db, 1, None);
        for number in 2..6 {
            insert(db, number, Some(1));
        }
        let children = node::table.filter(node::parent_id.eq(DbId::from(id::<NodeId>(1))));
        let newest: Vec<NodeId> = children.order(node::created_at.desc()).select(node::id).limit(2).load(db).unwrap();
        assert_eq!(newest, [id(5), id(4)]);
        let since: i64 = node::table.filter(node::created_at.ge(DbTime(time(4)))).count().get_result(db).unwrap();
        assert_eq!(since, 2);
        let after: Vec<NodeId> =
            node::table.filter(node::id.gt(DbId(id(3)))).order(node::id).select(node::id).load(db).unwrap();
        assert_eq!(after, [id(4), id(5)]);
        let wanted: Vec<NodeId> = vec![id(2), id(5), id(99)];
        let some: Vec<DbId> =
            node::table.filter(node::id.eq_any(DbId::list(wanted))).order(node::id).select(node::id).load(db).unwrap();
        assert_eq!(some, [DbId(id(2)), DbId(id(5))]);
        let none: i64 = node::table.filter(node::id.eq_any(Vec::<DbId>::new())).count().get_result(db).unwrap();
        assert_eq!(none, 0);
        let last: Option<DateTime<Utc>> = node::table.select(max(node::created_at)).first(db).unwrap();
        assert_eq!(last, Some(time(5)));
    }

    fn an_absent_value_is_null_and_not_a_default(database) {
        let db = &mut open(database);
        insert(db, 1, None);
        insert(db, 2, Some(1));
        let roots: Vec<Option<NodeId>> =
            node::table.filter(node::parent_id.is_null()).select(node::parent_id).load(db).unwrap();
        assert_eq!(roots, [None]);
        let changed = diesel::update(node::table.find(DbId(id(2))))
            .set((node::area.eq(None::<String>), node::updated_at.eq(DbTime(time(9)))))
            .execute(db);
        assert_eq!(changed, Ok(1));
    }

    fn a_batch_leaves_out_what_is_there_already(database) {
        let db = &mut open(database);
        insert(db, 1, None);
        insert(db, 3, Some(1));
        let rows: Vec<NewNode> = (2..5).map(|number| new_node(number, Some(1))).collect();
        let batch = diesel::insert_into(node::table).values(&rows).on_conflict_do_nothing();
        assert_eq!(each!(db, |connection| batch.execute(connection)), Ok(2));
    }

    fn documents_come_back_equal(database) {
        let db = &mut open(database);
        insert(db, 1, None);
        for document in [json!({"b": [1, 2.5, null, "惠客 \"\\"], "a": {}}), json!("text"), json!(null), json!(-7)] {
            diesel::delete(node_setting::table).execute(db).unwrap();
            let row = (
                node_setting::site_id.eq(DbId(id(1))),
                node_setting::setting_key.eq("k"),
                node_setting::value.eq(DbJson(document.clone())),
                node_setting::updated_by.eq(None::<DbId>),
                node_setting::updated_at.eq(DbTime(time(0))),
            );
            diesel::insert_into(node_setting::table).values(row).execute(db).unwrap();
            let found: (Value, Option<StaffId>) =
                node_setting::table.select((node_setting::value, node_setting::updated_by)).first(db).unwrap();
            assert_eq!(found, (document, None));
        }
    }

    fn flags_and_bytes_need_no_types_of_ours(database) {
        let db = &mut open(database);
        insert(db, 1, None);
        let lock = (
            node_lock::site_id.eq(DbId(id(1))),
            node_lock::setting_key.eq("k"),
            node_lock::locked.eq(true),
            node_lock::updated_by.eq(Some(DbId::from(id::<StaffId>(7)))),
            node_lock::updated_at.eq(DbTime(time(0))),
        );
        diesel::insert_into(node_lock::table).values(lock).execute(db).unwrap();
        let found: (bool, Option<StaffId>) = node_lock::table
            .filter(node_lock::locked.eq(true))
            .select((node_lock::locked, node_lock::updated_by))
            .first(db)
            .unwrap();
        assert_eq!(found, (true, Some(id(7))));

        let before_1970 = DateTime::from_timestamp_micros(-1).unwrap();
        let token = (
            session::token_hash.eq(vec![0_u8, 255, 10]),
            session::principal_kind.eq("staff"),
            session::principal_id.eq(DbId(id(7))),
            session::created_at.eq(DbTime(before_1970)),
            session::expires_at.eq(DbTime(before_1970 + TimeDelta::days(365_000))),
            session::revoked_at.eq(Some(DbTime(time(0)))),
        );
        diesel::insert_into(session::table).values(token).execute(db).unwrap();
        let found: (Vec<u8>, DateTime<Utc>, Option<DateTime<Utc>>) = session::table
            .filter(session::expires_at.gt(DbTime(time(0))))
            .select((session::token_hash, session::created_at, session::revoked_at))
            .first(db)
            .unwrap();
        assert_eq!(found, (vec![0, 255, 10], before_1970, Some(time(0))));
    }
}
