//! What staff do about customers: note, tag, block. A node only ever touches what it keeps itself; a block in the whole
//! brand is for the head.

use huike_access::Permission;
use huike_kernel::{CustomerId, NodeId, NoteId, Paragraph, Text};
use huike_persistence::{
    Db, Outcome,
    customer_notes::{self, Note, Tag},
    site_customers::{self, CustomerRecord, SiteCustomer},
};
use serde_json::{Value, json};

use crate::{
    Act, Caller, UseCaseError,
    caller::admit,
    record::{self, Aggregate, Change},
    sites::place_of,
};

/// The most tags a node gives one customer.
pub const TAGS_MAX: i64 = 50;

const WHAT: &str = "customer";

/// A customer as far as the caller may see: the nodes of theirs where the customer has been, and the tags given there.
#[derive(Debug, Clone)]
pub struct CustomerFile {
    /// The customer.
    pub customer: CustomerRecord,
    /// Where they have been.
    pub sites: Vec<SiteCustomer>,
    /// Their tags.
    pub tags: Vec<Tag>,
}

/// Everything the caller may see of a customer. Notes are a list of their own.
pub fn read_file(db: &mut Db, caller: &Caller, id: CustomerId) -> Result<CustomerFile, UseCaseError> {
    admit(site_customers::sight(db, &caller.scope, id)?, Permission::CustomerRead, WHAT)?;
    let customer = site_customers::find(db, id)?.ok_or(UseCaseError::NotFound(WHAT))?;
    let roots = &caller.scope.permitted;
    let sites = site_customers::list_sites(db, roots, id)?;
    Ok(CustomerFile { customer, sites, tags: customer_notes::list_tags(db, roots, id)? })
}

/// The notes that the caller may see of a customer, newest first, `limit` of them before `before`.
pub fn list_notes(
    db: &mut Db,
    caller: &Caller,
    id: CustomerId,
    (before, limit): (Option<NoteId>, i64),
) -> Result<Vec<Note>, UseCaseError> {
    admit(site_customers::sight(db, &caller.scope, id)?, Permission::CustomerRead, WHAT)?;
    Ok(customer_notes::list(db, &caller.scope.permitted, id, before, limit)?)
}

/// Writes a note on a customer of the node.
pub fn add_note(
    db: &mut Db,
    act: &Act<'_>,
    (site, customer): (NodeId, CustomerId),
    body: &Paragraph<1000>,
) -> Result<Note, UseCaseError> {
    let staff = act.staff(Permission::CustomerNote)?;
    lock_site(db, act, (site, customer), Permission::CustomerNote)?;
    let note = Note { id: act.new_id(), site, customer, body: body.to_string(), staff, created_at: act.now };
    customer_notes::insert(db, &note)?;
    // What was written is personal and can be deleted; the log says only that it was.
    audit(db, act, (site, customer), ("customer.note", Value::Null, json!({ "note_id": note.id })))?;
    Ok(note)
}

/// Deletes a note.
pub fn delete_note(db: &mut Db, act: &Act<'_>, customer: CustomerId, id: NoteId) -> Result<(), UseCaseError> {
    let note = customer_notes::find(db, customer, id)?.ok_or(UseCaseError::NotFound("note"))?;
    act.reach(db, note.site, Permission::CustomerNote, "note")?;
    if customer_notes::delete(db, id, act.now)? == Outcome::Refused {
        return Err(UseCaseError::NotFound("note"));
    }
    audit(db, act, (note.site, customer), ("customer.delete_note", json!({ "note_id": id }), Value::Null))
}

/// Tags a customer of the node. Tagging again changes nothing.
pub fn add_tag(
    db: &mut Db,
    act: &Act<'_>,
    (site, customer): (NodeId, CustomerId),
    tag: &Text<20>,
) -> Result<Tag, UseCaseError> {
    let staff = act.staff(Permission::CustomerTag)?;
    lock_site(db, act, (site, customer), Permission::CustomerTag)?;
    let new = Tag { site, customer, tag: tag.to_string(), staff, created_at: act.now };
    if customer_notes::insert_tag(db, &new)? == Outcome::Refused {
        return Ok(new);
    }
    if customer_notes::count_tags(db, site, customer)? > TAGS_MAX {
        return Err(UseCaseError::TooMany { what: "tags", max: TAGS_MAX });
    }
    audit(db, act, (site, customer), ("customer.tag", Value::Null, json!({ "tag": new.tag })))?;
    Ok(new)
}

/// Takes a tag off.
pub fn remove_tag(
    db: &mut Db,
    act: &Act<'_>,
    (site, customer): (NodeId, CustomerId),
    tag: &str,
) -> Result<(), UseCaseError> {
    lock_site(db, act, (site, customer), Permission::CustomerTag)?;
    if customer_notes::delete_tag(db, site, customer, tag)? == Outcome::Refused {
        return Err(UseCaseError::NotFound("tag"));
    }
    audit(db, act, (site, customer), ("customer.untag", json!({ "tag": tag }), Value::Null))
}

/// Blocks a customer at the node (拉黑), or with `None` lifts that.
pub fn set_site_block(
    db: &mut Db,
    act: &Act<'_>,
    (site, customer): (NodeId, CustomerId),
    reason: Option<&Text<200>>,
) -> Result<(), UseCaseError> {
    let kept = lock_site(db, act, (site, customer), Permission::CustomerBlock)?;
    if reason.is_none() && kept.block_reason.is_none() {
        return Err(UseCaseError::NotFound("block"));
    }
    if site_customers::set_site_block(db, &kept, reason.map(Text::as_str), act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    let action = if reason.is_some() { "customer.block" } else { "customer.unblock" };
    audit(db, act, (site, customer), (action, block_of(kept.block_reason), block_of(reason)))
}

/// Blocks a customer in the whole brand, or with `None` lifts that.
pub fn set_brand_block(
    db: &mut Db,
    act: &Act<'_>,
    id: CustomerId,
    reason: Option<&Text<200>>,
) -> Result<(), UseCaseError> {
    let known = site_customers::lock(db, id)?;
    let head = act.reach_head(db, Permission::CustomerBlockBrand)?;
    let known = known.filter(|known| !known.is_erased).ok_or(UseCaseError::NotFound(WHAT))?;
    if reason.is_none() && known.block_reason.is_none() {
        return Err(UseCaseError::NotFound("block"));
    }
    if site_customers::set_brand_block(db, &known, reason.map(Text::as_str), act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    let (action, event) = match reason {
        Some(_) => ("customer.block_brand", "customer_blocked"),
        None => ("customer.unblock_brand", "customer_unblocked"),
    };
    let aggregate = Aggregate { kind: "customer", id: id.as_uuid(), seq: known.version.saturating_add(1) };
    record::emit(db, act, place_of(&head), aggregate, (event, json!({})))?;
    audit(db, act, (head.id, id), (action, block_of(known.block_reason), block_of(reason)))
}

/// What the node keeps of the customer, kept for this transaction, if the permission reaches the node.
fn lock_site(
    db: &mut Db,
    act: &Act<'_>,
    (site, customer): (NodeId, CustomerId),
    permission: Permission,
) -> Result<SiteCustomer, UseCaseError> {
    let kept = site_customers::lock_site(db, site, customer)?;
    act.reach(db, site, permission, WHAT)?;
    kept.ok_or(UseCaseError::NotFound(WHAT))
}

fn block_of<T: serde::Serialize>(reason: Option<T>) -> Value {
    reason.map_or(Value::Null, |reason| json!({ "reason": reason }))
}

fn audit(
    db: &mut Db,
    act: &Act<'_>,
    (site, customer): (NodeId, CustomerId),
    (action, before, after): (&'static str, Value, Value),
) -> Result<(), UseCaseError> {
    let change = Change { action, subject_kind: "customer", subject: customer.to_string(), before, after };
    record::audit(db, act, site, change)?;
    Ok(())
}
