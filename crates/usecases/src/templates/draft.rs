//! Writing drafts: the first version of a new template, and later versions beside the one in force.

use huike_access::Permission;
use huike_coupons::{
    Look, TemplateError, TemplateRules, TemplateState, VersionState,
    rules::RuleProblem,
    template::{decide_edit_draft, decide_new_version},
};
use huike_kernel::{NodeId, StaffId, TemplateId, Text};
use huike_persistence::{
    Db, nodes, scope,
    template_lists::Listed,
    templates::{self, Template, TemplateVersion},
};
use huike_sites::{NodeKind, NodeState, SitesError};
use serde_json::{Value, json};

use super::{AGGREGATE, CardFacts, Held, TemplateAsk, hold, place_of, refuse, show, walk};
use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Change},
};

/// A template to draft.
#[derive(Debug, Clone)]
pub struct NewTemplate {
    /// The node that will own it: a head, a region or a site.
    pub site: NodeId,
    /// Its name.
    pub name: Text<60>,
    /// Its rules.
    pub rules: TemplateRules,
    /// The card's look.
    pub look: Look,
}

/// A change of a draft; what is not named stays.
#[derive(Debug, Clone)]
pub struct DraftEdit {
    /// Which template.
    pub ask: TemplateAsk,
    /// Another name; only before the first version is handed in.
    pub name: Option<Text<60>>,
    /// Other rules, as a whole.
    pub rules: Option<TemplateRules>,
    /// Another look, as a whole.
    pub look: Option<Look>,
}

/// Drafts a template with its first version.
pub fn create(db: &mut Db, act: &Act<'_>, new: &NewTemplate) -> Result<Listed, UseCaseError> {
    act.reach(db, new.site, Permission::CouponCreate, "node")?;
    let maker = act.staff(Permission::CouponCreate)?;
    check_owner(db, new.site)?;
    check_rules(db, new.site, &new.rules)?;
    let id: TemplateId = act.new_id();
    let template = Template {
        id,
        site: new.site,
        name: new.name.as_str().to_owned(),
        kind: new.rules.effect.kind().to_owned(),
        state: TemplateState::Draft,
        live_version: None,
        newest_version: 1,
        killed: None,
        version: 1,
        created_by: maker,
        created_at: act.now,
        updated_at: act.now,
    };
    let version = draft_of(act, (id, 1), new.site, maker, (new.rules.clone(), new.look.clone()));
    templates::insert(db, &template, &version)?;
    let place = place_of(db, &template)?;
    let after = written(&template, &version);
    let aggregate = Aggregate { kind: AGGREGATE, id: id.as_uuid(), seq: 1 };
    record::emit(db, act, place, aggregate, ("template_created", json!({ "kind": template.kind })))?;
    let change = Change {
        action: "coupon_template.create",
        subject_kind: AGGREGATE,
        subject: id.to_string(),
        before: Value::Null,
        after,
    };
    record::audit(db, act, new.site, change)?;
    show(db, id)
}

/// Changes a draft. Whoever does is one of its makers from then on.
pub fn edit_draft(db: &mut Db, act: &Act<'_>, edit: &DraftEdit) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, edit.ask, Permission::CouponCreate)?;
    let maker = act.staff(Permission::CouponCreate)?;
    let step = decide_edit_draft(&held.facts())?;
    let before = written(&held.template, &held.version);
    if let Some(name) = &edit.name {
        rename(&mut held, name)?;
    }
    if let Some(rules) = &edit.rules {
        check_rules(db, held.template.site, rules)?;
        held.version.rules = rules.clone();
    }
    if let Some(look) = &edit.look {
        held.version.look = look.clone();
    }
    if held.template.live_version.is_none() {
        held.template.kind = held.version.rules.effect.kind().to_owned();
    }
    held.add_maker(maker);
    walk(db, act, &mut held, step, ("coupon_template.edit", before))?;
    show(db, edit.ask.template)
}

/// Begins a new version with the rules and the look of the newest one. One that was approved but never published has
/// its place taken.
pub fn open_version(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponCreate)?;
    let maker = act.staff(Permission::CouponCreate)?;
    let step = decide_new_version(&held.facts())?;
    let before = held.trace();
    if held.version.state == VersionState::Approved {
        held.version.state = VersionState::Superseded;
        templates::update_version(db, &held.version)?;
    }
    let number = held.version.number.saturating_add(1);
    let words = (held.version.rules.clone(), held.version.look.clone());
    held.version = draft_of(act, (ask.template, number), held.template.site, maker, words);
    templates::insert_version(db, &held.version)?;
    held.template.newest_version = number;
    walk(db, act, &mut held, step, ("coupon_template.open_version", before))?;
    show(db, ask.template)
}

fn draft_of(
    act: &Act<'_>,
    (template, number): (TemplateId, i64),
    site: NodeId,
    maker: StaffId,
    (rules, look): (TemplateRules, Look),
) -> TemplateVersion {
    TemplateVersion {
        template,
        number,
        site,
        rules,
        look,
        state: VersionState::Draft,
        unreviewed: false,
        makers: vec![maker],
        created: (maker, act.now),
        submitted: None,
        reviewed: None,
        reject_reason: None,
    }
}

/// A name that was reviewed is a promise like the rules, and there is but one for all versions.
fn rename(held: &mut Held, name: &Text<60>) -> Result<(), UseCaseError> {
    if held.template.name == name.as_str() {
        return Ok(());
    }
    if held.template.state != TemplateState::Draft {
        return Err(refuse(TemplateError::NameFrozen));
    }
    held.template.name = name.as_str().to_owned();
    Ok(())
}

fn check_owner(db: &mut Db, site: NodeId) -> Result<(), UseCaseError> {
    let owner = nodes::find(db, site)?.ok_or(UseCaseError::NotFound("node"))?;
    if owner.kind == NodeKind::Store {
        return Err(refuse(TemplateError::OwnerIsStore));
    }
    if owner.state == NodeState::Closed {
        return Err(SitesError::NodeClosed { node: site }.into());
    }
    Ok(())
}

/// Checks rules as if a template of this node were drafted with them, and reads what their rule card names.
pub fn check_draft(db: &mut Db, owner: NodeId, rules: &TemplateRules) -> Result<CardFacts, UseCaseError> {
    check_owner(db, owner)?;
    check_rules(db, owner, rules)?;
    CardFacts::load(db, owner, rules)
}

/// A draft is saved only when it could be handed in: sound in itself, and about units of its owner's.
fn check_rules(db: &mut Db, owner: NodeId, rules: &TemplateRules) -> Result<(), UseCaseError> {
    rules.validate().map_err(|problems| refuse(TemplateError::RulesInvalid(below_rules(problems))))?;
    let lists = [("include_nodes", &rules.scope.include_nodes), ("exclude_nodes", &rules.scope.exclude_nodes)];
    for (list, units) in lists {
        let below = scope::below(db, owner, units)?;
        if let Some(index) = units.iter().position(|unit| !below.contains(unit)) {
            return Err(refuse(TemplateError::ScopeOutsideOwner { list, index }));
        }
    }
    Ok(())
}

/// The document is one member of what the caller sent.
fn below_rules(problems: Vec<RuleProblem>) -> Vec<RuleProblem> {
    let nested = |problem: RuleProblem| RuleProblem { pointer: format!("/rules{}", problem.pointer), ..problem };
    problems.into_iter().map(nested).collect()
}

/// What a draft says, for the audit log.
fn written(template: &Template, version: &TemplateVersion) -> Value {
    json!({ "name": template.name, "version": version.number, "rules": version.rules, "look": version.look })
}
