//! Staff: adding them, changing them, letting them in or not, and new passwords. Roles are in [`crate::roles`].

use huike_access::{
    AccessError, Login, ManageAsk, Permission, PlacedRole, Role, RoleBinding, StaffState, decide_manage_staff,
};
use huike_kernel::{Actor, CustomerId, NodeId, StaffId, Text};
use huike_persistence::{
    Db, Outcome, customers, nodes, roles, scope,
    sessions::{self, TokenHash},
    staff::{self, Staff},
};
use serde_json::{Value, json};

use crate::{
    Act, Caller, UseCaseError,
    caller::admit,
    record::{self, Aggregate, Change},
    roles::give,
    sign_in,
    sites::{check_version, lock_node, place_of},
};

/// What a refusal calls them.
pub(crate) const WHAT: &str = "member of staff";

/// Somebody to add.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// The node that employs them.
    pub site: NodeId,
    /// The name they will sign in with.
    pub login: Login,
    /// The name others see.
    pub name: Text<40>,
    /// The hash of their first password, which they have to change.
    pub password_hash: String,
    /// Who they are as a customer, where that is known.
    pub customer: Option<CustomerId>,
    /// Their first roles.
    pub roles: Vec<RoleBinding>,
}

/// Somebody to change; what is `None` stays.
#[derive(Debug, Clone)]
pub struct StaffEdit {
    /// Whom.
    pub staff: StaffId,
    /// The version the caller saw.
    pub version: i64,
    /// A new name.
    pub name: Option<Text<40>>,
    /// Who they are as a customer.
    pub customer: Option<CustomerId>,
    /// Whether they may sign in.
    pub state: Option<StaffState>,
}

/// Somebody who was changed, and the sessions that ended by it, so that caches can forget them.
#[derive(Debug, Clone)]
pub struct Managed {
    /// Them, as they are now.
    pub staff: Staff,
    /// Sessions that ended.
    pub ended: Vec<TokenHash>,
}

/// The member of staff, if the permission reaches a node where they work or hold a role.
pub fn find_seen(db: &mut Db, caller: &Caller, id: StaffId, permission: Permission) -> Result<Staff, UseCaseError> {
    let person = staff::find(db, id)?.ok_or(UseCaseError::NotFound(WHAT))?;
    admit(staff::sight(db, &caller.scope, &person)?, permission, WHAT)?;
    Ok(person)
}

/// Adds a member of staff with their first roles, or none of it.
pub fn create(db: &mut Db, act: &Act<'_>, ask: &NewStaff) -> Result<Staff, UseCaseError> {
    let employer = lock_node(db, act, ask.site, Permission::StaffManage)?;
    act.reach_afresh(db, employer.id, Permission::StaffManage, "node")?;
    employer.decide_active()?;
    check_customer(db, ask.customer)?;
    let new = Staff {
        id: act.new_id(),
        site: employer.id,
        login: ask.login.clone(),
        name: ask.name.to_string(),
        password_hash: ask.password_hash.clone(),
        must_change_password: true,
        customer: ask.customer,
        state: StaffState::Active,
        version: 1,
        created_at: act.now,
    };
    if staff::insert(db, &new)? == Outcome::Refused {
        return Err(UseCaseError::Taken("login"));
    }
    for binding in &ask.roles {
        give(db, act, new.id, *binding)?;
    }
    emit(db, act, &new, ("staff_created", json!({ "roles": ask.roles })))?;
    let after = json!({ "login": new.login, "name": new.name, "customer_id": new.customer, "roles": ask.roles });
    audit(db, act, &new, ("staff.create", Value::Null, after))?;
    Ok(new)
}

/// Changes a member of staff. Whoever is disabled is signed out at once; the last owner of the brand is never disabled.
pub fn update(db: &mut Db, act: &Act<'_>, edit: &StaffEdit) -> Result<Managed, UseCaseError> {
    let disables = edit.state == Some(StaffState::Disabled);
    let before = open(db, act, edit.staff, disables)?;
    check_version(before.version, edit.version)?;
    check_customer(db, edit.customer)?;
    let mut next = before.clone();
    next.version = before.version.saturating_add(1);
    next.name = edit.name.as_ref().map_or(next.name, ToString::to_string);
    next.customer = edit.customer.or(next.customer);
    next.state = edit.state.unwrap_or(next.state);
    if staff::update(db, &next, act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    let ended = match disables {
        true => sessions::revoke_others(db, next.id.as_uuid(), None, act.now)?,
        false => Vec::new(),
    };
    emit(db, act, &next, ("staff_updated", json!({ "state": next.state })))?;
    audit(db, act, &next, ("staff.update", facts(&before), facts(&next)))?;
    Ok(Managed { staff: next, ended })
}

/// Gives a member of staff a new password, which they have to change, and signs them out everywhere.
pub fn reset_password(db: &mut Db, act: &Act<'_>, id: StaffId, password_hash: &str) -> Result<Managed, UseCaseError> {
    let target = open(db, act, id, false)?;
    let ended = sign_in::reset_password(db, act, &target, password_hash)?;
    let staff = staff::find(db, id)?.ok_or(UseCaseError::NotFound(WHAT))?;
    emit(db, act, &staff, ("staff_password_reset", json!({})))?;
    Ok(Managed { staff, ended })
}

/// The member of staff, kept for this transaction, if the caller may manage them.
fn open(db: &mut Db, act: &Act<'_>, id: StaffId, disables: bool) -> Result<Staff, UseCaseError> {
    let head = nodes::find_head(db)?.ok_or(UseCaseError::NotFound("head"))?;
    if disables {
        roles::lock_owners(db, head.id)?;
    }
    let target = staff::lock(db, id)?.ok_or(UseCaseError::NotFound(WHAT))?;
    act.reach_afresh(db, target.site, Permission::StaffManage, WHAT)?;
    let Some(actor_roles) = roles_of_actor(db, act, Permission::StaffManage)? else {
        return Ok(target);
    };
    let mut placed = Vec::new();
    for binding in staff::list_roles(db, id)? {
        placed.push((binding.role, scope::path_of(db, binding.node)?));
    }
    let target_roles: Vec<PlacedRole<'_>> =
        placed.iter().map(|(role, path)| PlacedRole { role: *role, path }).collect();
    let other_owners = roles::count_active_holders(db, &[Role::Owner], head.id, Some(id))?;
    decide_manage_staff(&ManageAsk { actor_roles: &actor_roles, target_roles: &target_roles, other_owners, disables })?;
    Ok(target)
}

/// The roles of whoever acts, read anew: what their credential was given at sign-in may be gone by now. `None` for
/// Huike itself, that is for whoever runs the machine, who needs no role.
pub(crate) fn roles_of_actor(
    db: &mut Db,
    act: &Act<'_>,
    permission: Permission,
) -> Result<Option<Vec<RoleBinding>>, UseCaseError> {
    match act.actor() {
        Actor::System => Ok(None),
        Actor::Staff(id) => {
            let actor = staff::find(db, id)?.ok_or(AccessError::PermissionDenied { permission })?;
            actor.state.decide_sign_in()?;
            Ok(Some(staff::list_roles(db, id)?))
        }
        Actor::Customer(_) | Actor::Integration(_) => Err(AccessError::PermissionDenied { permission }.into()),
    }
}

fn check_customer(db: &mut Db, id: Option<CustomerId>) -> Result<(), UseCaseError> {
    match id {
        Some(id) if customers::find(db, id)?.is_none() => Err(UseCaseError::NotFound("customer")),
        _ => Ok(()),
    }
}

/// Appends the event of a change to a member of staff.
pub(crate) fn emit(db: &mut Db, act: &Act<'_>, of: &Staff, what: (&'static str, Value)) -> Result<(), UseCaseError> {
    let employer = nodes::find(db, of.site)?.ok_or(UseCaseError::NotFound("node"))?;
    let aggregate = Aggregate { kind: "staff", id: of.id.as_uuid(), seq: of.version };
    record::emit(db, act, place_of(&employer), aggregate, what)?;
    Ok(())
}

/// Appends the audit row of a change to a member of staff.
pub(crate) fn audit(
    db: &mut Db,
    act: &Act<'_>,
    of: &Staff,
    (action, before, after): (&'static str, Value, Value),
) -> Result<(), UseCaseError> {
    let change = Change { action, subject_kind: "staff", subject: of.id.to_string(), before, after };
    record::audit(db, act, of.site, change)?;
    Ok(())
}

fn facts(of: &Staff) -> Value {
    json!({ "name": of.name, "customer_id": of.customer, "state": of.state })
}
