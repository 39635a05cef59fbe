//! Blueprints (建站模板): kept by the head, for launching sites.

use huike_access::Permission;
use huike_kernel::BlueprintId;
use huike_persistence::{
    Db, Outcome,
    blueprints::{self, StoredBlueprint},
};
use huike_sites::Blueprint;
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{self, Change},
    sites::check_version,
};

/// Makes a blueprint.
pub fn create(db: &mut Db, act: &Act<'_>, blueprint: &Blueprint) -> Result<StoredBlueprint, UseCaseError> {
    let head = act.reach_head(db, Permission::BlueprintManage)?;
    let new =
        StoredBlueprint { id: act.new_id(), site: head.id, blueprint: blueprint.clone(), is_closed: false, version: 1 };
    blueprints::insert(db, &new, act.now)?;
    audit(db, act, ("blueprint.create", None), &new)?;
    Ok(new)
}

/// Changes what a blueprint says. Sites that were launched from it keep what they have.
pub fn update(
    db: &mut Db,
    act: &Act<'_>,
    (id, version): (BlueprintId, i64),
    blueprint: &Blueprint,
) -> Result<StoredBlueprint, UseCaseError> {
    let before = open(db, act, id, version)?;
    let next = StoredBlueprint { blueprint: blueprint.clone(), version: version.saturating_add(1), ..before.clone() };
    write(db, act, ("blueprint.update", &before), next)
}

/// Closes a blueprint: nothing is launched from it any more.
pub fn close(db: &mut Db, act: &Act<'_>, id: BlueprintId, version: i64) -> Result<StoredBlueprint, UseCaseError> {
    let before = open(db, act, id, version)?;
    let next = StoredBlueprint { is_closed: true, version: version.saturating_add(1), ..before.clone() };
    write(db, act, ("blueprint.close", &before), next)
}

/// A closed blueprint is as good as gone.
fn open(db: &mut Db, act: &Act<'_>, id: BlueprintId, version: i64) -> Result<StoredBlueprint, UseCaseError> {
    let stored = blueprints::lock(db, id)?;
    act.reach_head(db, Permission::BlueprintManage)?;
    let stored = stored.filter(|stored| !stored.is_closed).ok_or(UseCaseError::NotFound("blueprint"))?;
    check_version(stored.version, version)?;
    Ok(stored)
}

fn write(
    db: &mut Db,
    act: &Act<'_>,
    (action, before): (&'static str, &StoredBlueprint),
    next: StoredBlueprint,
) -> Result<StoredBlueprint, UseCaseError> {
    if blueprints::update(db, &next, act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    audit(db, act, (action, Some(before)), &next)?;
    Ok(next)
}

fn audit(
    db: &mut Db,
    act: &Act<'_>,
    (action, before): (&'static str, Option<&StoredBlueprint>),
    after: &StoredBlueprint,
) -> Result<(), UseCaseError> {
    let change = Change {
        action,
        subject_kind: "blueprint",
        subject: after.id.to_string(),
        before: before.map_or(Value::Null, facts),
        after: facts(after),
    };
    record::audit(db, act, after.site, change)?;
    Ok(())
}

fn facts(stored: &StoredBlueprint) -> Value {
    json!({ "name": stored.blueprint.name, "look": stored.blueprint.look, "closed": stored.is_closed })
}
