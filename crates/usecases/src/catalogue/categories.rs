//! The tree of categories.

use huike_kernel::{CategoryId, Text};
use huike_orders::catalogue::{
    ArticleState, CATEGORIES_MAX, CategoryCode, decide_category_archive, decide_category_below,
};
use huike_persistence::{
    Db,
    categories::{self, Category},
};
use huike_sites::Node;
use serde_json::{Value, json};

use super::{Seen, current, head, place, told_category, written};
use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Change},
};

/// A category to make.
#[derive(Debug, Clone)]
pub struct NewCategory {
    /// What it lies in; at the root without.
    pub parent: Option<CategoryId>,
    /// What offers name it by.
    pub code: CategoryCode,
    /// Its name.
    pub name: Text<60>,
    /// Where it stands among its siblings.
    pub position: i64,
}

/// What a category is called and where it stands from now on.
#[derive(Debug, Clone)]
pub struct CategoryEdit {
    /// Which one.
    pub seen: Seen<CategoryId>,
    /// Its name.
    pub name: Text<60>,
    /// Where it stands among its siblings.
    pub position: i64,
}

/// Makes a category.
pub fn create_category(db: &mut Db, act: &Act<'_>, new: &NewCategory) -> Result<Category, UseCaseError> {
    let head = head(db, act)?;
    let parent = match new.parent {
        Some(id) => Some(categories::lock(db, id)?.ok_or(UseCaseError::NotFound("category"))?),
        None => None,
    };
    let depth = decide_category_below(parent.map(|parent| (parent.depth, parent.state)))?;
    if categories::count(db)? >= CATEGORIES_MAX {
        return Err(UseCaseError::TooMany { what: "categories", max: CATEGORIES_MAX });
    }
    let made = Category {
        id: act.new_id(),
        site: head.id,
        parent: new.parent,
        code: new.code.clone(),
        name: new.name.clone(),
        depth,
        position: new.position,
        state: ArticleState::Active,
        version: 1,
        created_at: act.now,
        updated_at: act.now,
    };
    written(categories::insert(db, &made)?, UseCaseError::Taken("code"))?;
    note(db, act, &head, (&made, Value::Null), ("category_created", "category.create"))?;
    Ok(made)
}

/// Renames a category, or puts it elsewhere among its siblings.
pub fn edit_category(db: &mut Db, act: &Act<'_>, edit: &CategoryEdit) -> Result<Category, UseCaseError> {
    let (head, mut held) = hold(db, act, edit.seen)?;
    let before = told_category(&held);
    held.name = edit.name.clone();
    held.position = edit.position;
    save(db, act, &head, (&mut held, before), ("category_edited", "category.edit"))?;
    Ok(held)
}

/// Archives a category that holds nothing on sale.
pub fn archive_category(db: &mut Db, act: &Act<'_>, seen: Seen<CategoryId>) -> Result<Category, UseCaseError> {
    let (head, mut held) = hold(db, act, seen)?;
    decide_category_archive(held.state, categories::count_active_inside(db, seen.id)?)?;
    let before = told_category(&held);
    held.state = ArticleState::Archived;
    save(db, act, &head, (&mut held, before), ("category_archived", "category.archive"))?;
    Ok(held)
}

fn hold(db: &mut Db, act: &Act<'_>, seen: Seen<CategoryId>) -> Result<(Node, Category), UseCaseError> {
    let head = head(db, act)?;
    let held = categories::lock(db, seen.id)?.ok_or(UseCaseError::NotFound("category"))?;
    current(held.version, seen.version)?;
    Ok((head, held))
}

fn save(
    db: &mut Db,
    act: &Act<'_>,
    head: &Node,
    (held, before): (&mut Category, Value),
    words: (&'static str, &'static str),
) -> Result<(), UseCaseError> {
    held.updated_at = act.now;
    written(categories::update(db, held)?, UseCaseError::VersionConflict)?;
    note(db, act, head, (held, before), words)
}

fn note(
    db: &mut Db,
    act: &Act<'_>,
    head: &Node,
    (held, before): (&Category, Value),
    (event, action): (&'static str, &'static str),
) -> Result<(), UseCaseError> {
    let aggregate = Aggregate { kind: "category", id: held.id.as_uuid(), seq: held.version };
    let payload = json!({ "code": held.code, "parent_id": held.parent, "state": held.state });
    record::emit(db, act, place(head), aggregate, (event, payload))?;
    let after = told_category(held);
    let change = Change { action, subject_kind: "category", subject: held.id.to_string(), before, after };
    Ok(record::audit(db, act, head.id, change)?)
}
