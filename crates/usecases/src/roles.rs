//! Giving and taking roles.

use huike_access::{
    GrantAsk, Permission, PlacedRole, RevokeAsk, Role, RoleBinding, Sight, decide_grant, decide_revoke,
};
use huike_kernel::{Actor, StaffId};
use huike_persistence::{
    Db, Outcome, nodes, roles, scope,
    staff::{self, Staff},
};
use huike_sites::NodeKind;
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    staff::{WHAT, audit, emit, roles_of_actor},
};

/// Gives a role.
pub fn grant(db: &mut Db, act: &Act<'_>, id: StaffId, binding: RoleBinding) -> Result<Staff, UseCaseError> {
    let target = open(db, act, id, binding)?;
    give(db, act, id, binding)?;
    close(db, act, target, ("staff.grant_role", "staff_role_granted", binding))
}

/// Takes a role away; never the last owner's.
pub fn revoke(db: &mut Db, act: &Act<'_>, id: StaffId, binding: RoleBinding) -> Result<Staff, UseCaseError> {
    let head = nodes::find_head(db)?.ok_or(UseCaseError::NotFound("head"))?;
    roles::lock_owners(db, head.id)?;
    let target = open(db, act, id, binding)?;
    if let Some(actor_roles) = roles_of_actor(db, act, Permission::RoleGrant)? {
        let path = scope::path_of(db, binding.node)?;
        let taken = PlacedRole { role: binding.role, path: &path };
        let other_owners = roles::count_active_holders(db, &[Role::Owner], head.id, Some(id))?;
        decide_revoke(&RevokeAsk { actor_roles: &actor_roles, taken, other_owners })?;
    }
    if roles::delete(db, id, binding)? == Outcome::Refused {
        return Err(UseCaseError::NotFound("role"));
    }
    close(db, act, target, ("staff.revoke_role", "staff_role_revoked", binding))
}

/// Gives a role to somebody who is being looked at in this transaction, if whoever acts may give it.
pub(crate) fn give(db: &mut Db, act: &Act<'_>, id: StaffId, binding: RoleBinding) -> Result<(), UseCaseError> {
    let node = nodes::lock(db, binding.node)?.ok_or(UseCaseError::NotFound("node"))?;
    act.reach(db, node.id, Permission::RoleGrant, "node")?;
    node.decide_active()?;
    let mut granted_by = None;
    if let (Actor::Staff(actor), Some(actor_roles)) = (act.actor(), roles_of_actor(db, act, Permission::RoleGrant)?) {
        let path = scope::path_of(db, node.id)?;
        let given = PlacedRole { role: binding.role, path: &path };
        let at_store = node.kind == NodeKind::Store;
        decide_grant(&GrantAsk { actor, actor_roles: &actor_roles, grantee: id, given, at_store })?;
        granted_by = Some(actor);
    }
    if staff::insert_role(db, id, binding, granted_by, act.now)? == Outcome::Refused {
        return Err(UseCaseError::Taken("role"));
    }
    Ok(())
}

/// The member of staff, kept for this transaction, if the caller may know of them and reaches the role's node.
fn open(db: &mut Db, act: &Act<'_>, id: StaffId, binding: RoleBinding) -> Result<Staff, UseCaseError> {
    let target = staff::lock(db, id)?.ok_or(UseCaseError::NotFound(WHAT))?;
    if staff::sight(db, &act.caller.scope, &target)? == Sight::Hidden {
        return Err(UseCaseError::NotFound(WHAT));
    }
    act.reach(db, binding.node, Permission::RoleGrant, "node")?;
    Ok(target)
}

fn close(
    db: &mut Db,
    act: &Act<'_>,
    target: Staff,
    (action, event, binding): (&'static str, &'static str, RoleBinding),
) -> Result<Staff, UseCaseError> {
    let next = Staff { version: target.version.saturating_add(1), ..target };
    if staff::update(db, &next, act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    emit(db, act, &next, (event, json!(binding)))?;
    audit(db, act, &next, (action, Value::Null, json!(binding)))?;
    Ok(next)
}
