//! Staff and the roles they hold.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_access::{Login, Role, RoleBinding, Scope, Sight, StaffState};
use huike_kernel::{CustomerId, NodeId, StaffId};

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{staff, staff_role},
    scope::{self, subtree},
    sql_types::{DbId, DbTime},
};

/// A member of staff (员工).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Their id.
    pub id: StaffId,
    /// The node that employs them.
    pub site: NodeId,
    /// The name they sign in with.
    pub login: Login,
    /// The name others see.
    pub name: String,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// Whether somebody else set the password, so that it has to be changed first.
    pub must_change_password: bool,
    /// Who they are as a customer, where that is known.
    pub customer: Option<CustomerId>,
    /// Whether they may sign in.
    pub state: StaffState,
    /// How often the row changed; guards against lost updates.
    pub version: i64,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = staff)]
struct Row {
    id: StaffId,
    site_id: NodeId,
    login: String,
    name: String,
    password_hash: String,
    must_change_password: bool,
    customer_id: Option<DbId>,
    state: String,
    version: i64,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Staff {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            site: row.site_id,
            login: row.login.parse().map_err(|error| StoreError::corrupt("staff", error))?,
            name: row.name,
            password_hash: row.password_hash,
            must_change_password: row.must_change_password,
            customer: row.customer_id.map(Into::into),
            state: row.state.parse().map_err(|error| StoreError::corrupt("staff", error))?,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

/// Adds a member of staff. Refused when the login is taken.
pub fn insert(db: &mut Db, new: &Staff) -> Result<Outcome, StoreError> {
    let row = (
        staff::id.eq(DbId::from(new.id)),
        staff::site_id.eq(DbId::from(new.site)),
        staff::login.eq(new.login.as_str()),
        staff::name.eq(&new.name),
        staff::password_hash.eq(&new.password_hash),
        staff::must_change_password.eq(new.must_change_password),
        staff::customer_id.eq(new.customer.map(DbId::from)),
        staff::state.eq(new.state.as_str()),
        staff::version.eq(new.version),
        staff::created_at.eq(DbTime::from(new.created_at)),
        staff::updated_at.eq(DbTime::from(new.created_at)),
    );
    let rows = each!(db, |c| {
        diesel::insert_into(staff::table).values(row).on_conflict(staff::login).do_nothing().execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// The member of staff with that id.
pub fn find(db: &mut Db, id: StaffId) -> Result<Option<Staff>, StoreError> {
    let row = staff::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Staff::try_from).transpose()
}

/// The member of staff who signs in with that name.
pub fn find_by_login(db: &mut Db, login: &Login) -> Result<Option<Staff>, StoreError> {
    let row = staff::table.filter(staff::login.eq(login.as_str())).select(Row::as_select()).first(db).optional()?;
    row.map(Staff::try_from).transpose()
}

/// The member of staff with that id, kept for this transaction.
pub fn lock(db: &mut Db, id: StaffId) -> Result<Option<Staff>, StoreError> {
    let row = lock_row!(db, staff::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Staff::try_from).transpose()
}

/// What narrows a list of staff.
#[derive(Debug, Clone, Copy, Default)]
pub struct StaffFilter {
    /// Only those who may sign in, or may not.
    pub state: Option<StaffState>,
    /// Only holders of this role at a node in scope.
    pub role: Option<Role>,
    /// Only those employed by this very node.
    pub site: Option<NodeId>,
}

/// Staff who are employed or hold a role at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: StaffFilter,
    before: Option<StaffId>,
    limit: i64,
) -> Result<Vec<Staff>, StoreError> {
    let bound = || staff_role::table.filter(staff_role::site_id.eq_any(subtree(roots)));
    let rows: Vec<Row> = each!(db, |c| {
        let employed_or_bound =
            staff::site_id.eq_any(subtree(roots)).or(staff::id.eq_any(bound().select(staff_role::staff_id)));
        let mut query = staff::table
            .filter(employed_or_bound)
            .select(Row::as_select())
            .order(staff::id.desc())
            .limit(limit)
            .into_boxed();
        if let Some(state) = filter.state {
            query = query.filter(staff::state.eq(state.as_str()));
        }
        if let Some(role) = filter.role {
            let holders = bound().filter(staff_role::role.eq(role.as_str())).select(staff_role::staff_id);
            query = query.filter(staff::id.eq_any(holders));
        }
        if let Some(site) = filter.site {
            query = query.filter(staff::site_id.eq(DbId::from(site)));
        }
        if let Some(before) = before {
            query = query.filter(staff::id.lt(DbId::from(before)));
        }
        query.load(c)
    })?;
    rows.into_iter().map(Staff::try_from).collect()
}

/// What the caller may know of a member of staff: the most that one of their nodes allows, the employer's or a role's.
pub fn sight(db: &mut Db, scope: &Scope, of: &Staff) -> Result<Sight, StoreError> {
    let mut best = scope::sight(db, scope, of.site)?;
    for binding in list_roles(db, of.id)? {
        best = match (best, scope::sight(db, scope, binding.node)?) {
            (Sight::Permitted, _) | (_, Sight::Permitted) => Sight::Permitted,
            (Sight::Visible, _) | (_, Sight::Visible) => Sight::Visible,
            (Sight::Hidden, Sight::Hidden) => Sight::Hidden,
        };
    }
    Ok(best)
}

/// Writes a changed name, state or link to a customer. Refused unless the row still has the version before.
pub fn update(db: &mut Db, next: &Staff, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(staff::table.find(DbId::from(next.id)))
        .filter(staff::version.eq(next.version - 1))
        .set((
            staff::name.eq(&next.name),
            staff::customer_id.eq(next.customer.map(DbId::from)),
            staff::state.eq(next.state.as_str()),
            staff::version.eq(next.version),
            staff::updated_at.eq(DbTime::from(now)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Sets a password, unless the row changed since the caller read it.
pub fn set_password(
    db: &mut Db,
    read: &Staff,
    hash: &str,
    must_change: bool,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(staff::table.find(DbId::from(read.id)))
        .filter(staff::version.eq(read.version))
        .set((
            staff::password_hash.eq(hash),
            staff::must_change_password.eq(must_change),
            staff::version.eq(read.version + 1),
            staff::updated_at.eq(DbTime::from(now)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Every role they hold.
pub fn list_roles(db: &mut Db, id: StaffId) -> Result<Vec<RoleBinding>, StoreError> {
    let rows: Vec<(String, NodeId)> = staff_role::table
        .filter(staff_role::staff_id.eq(DbId::from(id)))
        .order((staff_role::site_id, staff_role::role))
        .select((staff_role::role, staff_role::site_id))
        .load(db)?;
    let parse = |(role, node): (String, NodeId)| {
        let role = role.parse().map_err(|error| StoreError::corrupt("staff_role", error))?;
        Ok(RoleBinding { role, node })
    };
    rows.into_iter().map(parse).collect()
}

/// Gives a role. Refused when they hold it already.
pub fn insert_role(
    db: &mut Db,
    id: StaffId,
    binding: RoleBinding,
    granted_by: Option<StaffId>,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let row = (
        staff_role::staff_id.eq(DbId::from(id)),
        staff_role::site_id.eq(DbId::from(binding.node)),
        staff_role::role.eq(binding.role.as_str()),
        staff_role::granted_by.eq(granted_by.map(DbId::from)),
        staff_role::granted_at.eq(DbTime::from(now)),
    );
    let rows = each!(db, |c| diesel::insert_into(staff_role::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// Whether anybody works here yet.
pub fn is_empty(db: &mut Db) -> Result<bool, StoreError> {
    let any: i64 = staff::table.count().get_result(db)?;
    Ok(any == 0)
}
