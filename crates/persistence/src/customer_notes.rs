//! Notes and tags of staff on customers, each kept by a node where the customer has been.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{CustomerId, NodeId, NoteId, StaffId};

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::{customer_note, customer_tag},
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// A note (备注).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The node that keeps it.
    pub site: NodeId,
    /// Whom it is about.
    pub customer: CustomerId,
    /// What it says.
    pub body: String,
    /// Who wrote it.
    pub staff: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A tag (标签).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The node that keeps it.
    pub site: NodeId,
    /// Whom it is about.
    pub customer: CustomerId,
    /// The word.
    pub tag: String,
    /// Who gave it.
    pub staff: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = customer_note)]
struct Row {
    id: NoteId,
    site_id: NodeId,
    customer_id: CustomerId,
    body: Option<String>,
    staff_id: StaffId,
    created_at: DateTime<Utc>,
}

impl From<Row> for Note {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            site: row.site_id,
            customer: row.customer_id,
            body: row.body.unwrap_or_default(),
            staff: row.staff_id,
            created_at: row.created_at,
        }
    }
}

/// Keeps a note.
pub fn insert(db: &mut Db, new: &Note) -> Result<(), StoreError> {
    diesel::insert_into(customer_note::table)
        .values((
            customer_note::id.eq(DbId::from(new.id)),
            customer_note::site_id.eq(DbId::from(new.site)),
            customer_note::customer_id.eq(DbId::from(new.customer)),
            customer_note::body.eq(Some(new.body.as_str())),
            customer_note::staff_id.eq(DbId::from(new.staff)),
            customer_note::created_at.eq(DbTime::from(new.created_at)),
        ))
        .execute(db)?;
    Ok(())
}

/// The note with that id about that customer, unless it was deleted.
pub fn find(db: &mut Db, customer: CustomerId, id: NoteId) -> Result<Option<Note>, StoreError> {
    let row: Option<Row> = customer_note::table
        .find(DbId::from(id))
        .filter(customer_note::customer_id.eq(DbId::from(customer)))
        .filter(customer_note::deleted_at.is_null())
        .select(Row::as_select())
        .first(db)
        .optional()?;
    Ok(row.map(Note::from))
}

/// Notes about the customer kept at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    customer: CustomerId,
    before: Option<NoteId>,
    limit: i64,
) -> Result<Vec<Note>, StoreError> {
    let rows: Vec<Row> = each!(db, |c| {
        let mut query = customer_note::table
            .filter(customer_note::customer_id.eq(DbId::from(customer)))
            .filter(customer_note::deleted_at.is_null())
            .filter(customer_note::site_id.eq_any(subtree(roots)))
            .select(Row::as_select())
            .order(customer_note::id.desc())
            .limit(limit)
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(customer_note::id.lt(DbId::from(before)));
        }
        query.load(c)
    })?;
    Ok(rows.into_iter().map(Note::from).collect())
}

/// Deletes a note: its text goes, that there was one stays. Refused when it was deleted before.
pub fn delete(db: &mut Db, id: NoteId, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(customer_note::table.find(DbId::from(id)))
        .filter(customer_note::deleted_at.is_null())
        .set((customer_note::body.eq(None::<String>), customer_note::deleted_at.eq(Some(DbTime::from(now)))))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Tags the customer. Refused when the node tagged them so before.
pub fn insert_tag(db: &mut Db, new: &Tag) -> Result<Outcome, StoreError> {
    let row = (
        customer_tag::site_id.eq(DbId::from(new.site)),
        customer_tag::customer_id.eq(DbId::from(new.customer)),
        customer_tag::tag.eq(&new.tag),
        customer_tag::staff_id.eq(DbId::from(new.staff)),
        customer_tag::created_at.eq(DbTime::from(new.created_at)),
    );
    let rows = each!(db, |c| diesel::insert_into(customer_tag::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// Takes a tag off. Refused when there was none.
pub fn delete_tag(db: &mut Db, site: NodeId, customer: CustomerId, tag: &str) -> Result<Outcome, StoreError> {
    let rows = diesel::delete(customer_tag::table.find((DbId::from(site), DbId::from(customer), tag))).execute(db)?;
    Ok(Outcome::of(rows))
}

/// The tags that nodes at or below the roots gave the customer.
pub fn list_tags(db: &mut Db, roots: &[NodeId], customer: CustomerId) -> Result<Vec<Tag>, StoreError> {
    let rows: Vec<(NodeId, CustomerId, String, StaffId, DateTime<Utc>)> = customer_tag::table
        .filter(customer_tag::customer_id.eq(DbId::from(customer)))
        .filter(customer_tag::site_id.eq_any(subtree(roots)))
        .order((customer_tag::tag, customer_tag::site_id))
        .select((
            customer_tag::site_id,
            customer_tag::customer_id,
            customer_tag::tag,
            customer_tag::staff_id,
            customer_tag::created_at,
        ))
        .load(db)?;
    let read = |(site, customer, tag, staff, created_at)| Tag { site, customer, tag, staff, created_at };
    Ok(rows.into_iter().map(read).collect())
}

/// How many tags the node gave the customer.
pub fn count_tags(db: &mut Db, site: NodeId, customer: CustomerId) -> Result<i64, StoreError> {
    Ok(customer_tag::table
        .filter(customer_tag::site_id.eq(DbId::from(site)).and(customer_tag::customer_id.eq(DbId::from(customer))))
        .count()
        .get_result(db)?)
}
