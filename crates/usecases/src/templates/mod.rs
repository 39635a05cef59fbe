//! The life of coupon templates (券模板): drafting, review, publication, and the switches afterwards.
//!
//! Every act locks the template's row first, which makes it the one place where acts on a template queue up; then come
//! quota rows and the stock row, in the lock order of the house. What may follow what is decided in
//! `huike_coupons::template`, who may let a version pass in `huike_access`.

mod channels;
mod draft;
mod publish;
mod quotas;
mod read;
mod review;
mod spending;
mod switch;

pub use channels::{NewChannel, close_channel, create_channel};
pub use draft::{DraftEdit, NewTemplate, check_draft, create, edit_draft, open_version};
pub use publish::publish;
pub use quotas::{SetQuotas, SiteQuota, set_quotas};
pub use read::{CardFacts, find_readable, is_readable, list_versions};
pub use review::{approve, reject, self_publish, submit, withdraw};
pub use spending::{FastTemplate, list_fast, raise_alarm};
pub use switch::{end, exhaust, kill, lift_kill, pause, resume};

use huike_access::Permission;
use huike_coupons::{
    CouponError, TemplateError, TemplateState,
    template::{Step, TemplateFacts},
};
use huike_kernel::{StaffId, TemplateId};
use huike_persistence::{
    Db, Outcome, StoreError, nodes, stock,
    template_lists::{self, Listed},
    templates::{self, Template, TemplateVersion},
};
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Change, Place},
};

/// How a template is called in answers and in the audit log.
const TEMPLATE: &str = "coupon template";
const AGGREGATE: &str = "coupon_template";

/// An act on a template.
#[derive(Debug, Clone, Copy)]
pub struct TemplateAsk {
    /// Which one.
    pub template: TemplateId,
    /// The version of the row that the caller has seen: the act is refused when it has changed since.
    pub seen: Option<i64>,
}

/// A template that is locked for an act, with its newest version.
struct Held {
    template: Template,
    version: TemplateVersion,
    place: Place,
}

impl Held {
    fn facts(&self) -> TemplateFacts<'_> {
        TemplateFacts {
            template: self.template.state,
            version: self.version.state,
            killed: self.template.killed.as_ref().map(|(_, reason)| reason),
        }
    }

    /// What the audit log says of it.
    fn trace(&self) -> Value {
        json!({
            "state": self.template.state,
            "live_version": self.template.live_version,
            "newest_version": self.template.newest_version,
            "newest_version_state": self.version.state,
            "unreviewed": self.version.unreviewed,
            "killed": self.template.killed.as_ref().map(|(_, reason)| reason),
        })
    }

    fn aggregate(&self) -> Aggregate {
        Aggregate { kind: AGGREGATE, id: self.template.id.as_uuid(), seq: self.template.version }
    }

    fn change(&self, action: &'static str, before: Value, after: Value) -> Change {
        Change { action, subject_kind: AGGREGATE, subject: self.template.id.to_string(), before, after }
    }

    /// Whoever wrote on a version cannot be the one who reviews it.
    fn add_maker(&mut self, maker: StaffId) {
        if !self.version.makers.contains(&maker) {
            self.version.makers.push(maker);
        }
    }
}

/// Locks the template for an act of somebody who may do it, and who has seen it as it is.
fn hold(db: &mut Db, act: &Act<'_>, ask: TemplateAsk, permission: Permission) -> Result<Held, UseCaseError> {
    let template = templates::lock(db, ask.template)?.ok_or(UseCaseError::NotFound(TEMPLATE))?;
    act.reach(db, template.site, permission, TEMPLATE)?;
    if ask.seen.is_some_and(|seen| seen != template.version) {
        return Err(UseCaseError::VersionConflict);
    }
    load(db, template)
}

/// What an act needs to know besides the locked row.
fn load(db: &mut Db, template: Template) -> Result<Held, UseCaseError> {
    let version = templates::get_version(db, template.id, template.newest_version)?;
    let place = place_of(db, &template)?;
    Ok(Held { template, version, place })
}

fn place_of(db: &mut Db, template: &Template) -> Result<Place, UseCaseError> {
    let owner = nodes::find(db, template.site)?.ok_or_else(|| StoreError::corrupt(AGGREGATE, "its owner is gone"))?;
    Ok(Place { site: owner.id, zone: owner.zone })
}

/// Writes a decided step down: the rows, the stock's door, the event, the audit row.
fn walk(
    db: &mut Db,
    act: &Act<'_>,
    held: &mut Held,
    step: Step,
    (action, before): (&'static str, Value),
) -> Result<(), UseCaseError> {
    held.template.state = step.template;
    held.version.state = step.version;
    templates::update_version(db, &held.version)?;
    save(db, act, held)?;
    follow_with_stock(db, held)?;
    let mut payload = held.trace();
    if let (Some(reason), Some(members)) = (&step.reason, payload.as_object_mut()) {
        members.insert("reason".to_owned(), json!(reason));
    }
    record::emit(db, act, held.place, held.aggregate(), (step.event.as_str(), payload.clone()))?;
    record::audit(db, act, held.place.site, held.change(action, before, payload))?;
    Ok(())
}

/// Saves the template's row; its version goes up by one.
fn save(db: &mut Db, act: &Act<'_>, held: &mut Held) -> Result<(), UseCaseError> {
    held.template.updated_at = act.now;
    match templates::update(db, &mut held.template)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(UseCaseError::VersionConflict),
    }
}

/// Claims are taken exactly while the template is live and not stopped. What was never published has no stock.
fn follow_with_stock(db: &mut Db, held: &Held) -> Result<(), StoreError> {
    let template = &held.template;
    if template.live_version.is_none() {
        return Ok(());
    }
    let accepting = template.state == TemplateState::Live && template.killed.is_none();
    match stock::set_accepting(db, template.id, accepting)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(StoreError::corrupt("coupon_stock", "a published template has no stock")),
    }
}

/// The template as a list shows it, after an act.
fn show(db: &mut Db, template: TemplateId) -> Result<Listed, UseCaseError> {
    let found = template_lists::find(db, template)?;
    Ok(found.ok_or_else(|| StoreError::corrupt(AGGREGATE, "a template that was written is gone"))?)
}

fn refuse(error: TemplateError) -> UseCaseError {
    CouponError::from(error).into()
}
