//! Reading a template: in one's own tree, and above it what is live.

use chrono::{DateTime, Utc};
use huike_access::{Permission, Scope, Sight};
use huike_coupons::{CardContext, Locale, RuleCard, TemplateRules, TemplateState, rule_card};
use huike_kernel::{NodeId, TemplateId, Zone};
use huike_persistence::{
    Db, nodes, scope,
    template_lists::{self, Listed},
    templates::{self, Template, TemplateVersion},
};

use super::TEMPLATE;
use crate::{UseCaseError, caller::admit};

/// The template, if the caller may read it: with its newest version where it is theirs, with the live one where it
/// belongs to a node above.
pub fn find_readable(
    db: &mut Db,
    reach: &Scope,
    permission: Permission,
    id: TemplateId,
) -> Result<Listed, UseCaseError> {
    let found = template_lists::find(db, id)?.ok_or(UseCaseError::NotFound(TEMPLATE))?;
    match (scope::sight(db, reach, found.template.site)?, found.template.live_version) {
        (Sight::Permitted, _) => Ok(found),
        (_, Some(live)) if is_readable(db, reach, &found.template)? => {
            Ok(Listed { version: templates::get_version(db, id, live)?, ..found })
        }
        (sight, _) => Err(admit(sight, permission, TEMPLATE).err().unwrap_or(UseCaseError::NotFound(TEMPLATE))),
    }
}

/// Whether the caller may read the template: it is theirs, or it is live and belongs to a node above theirs.
pub fn is_readable(db: &mut Db, reach: &Scope, template: &Template) -> Result<bool, UseCaseError> {
    if scope::sight(db, reach, template.site)? == Sight::Permitted {
        return Ok(true);
    }
    Ok(template.state == TemplateState::Live && scope::is_above_any(db, template.site, &reach.permitted)?)
}

/// Every version of a template of the caller's own tree, newest first.
pub fn list_versions(
    db: &mut Db,
    reach: &Scope,
    permission: Permission,
    id: TemplateId,
) -> Result<Vec<TemplateVersion>, UseCaseError> {
    let found = templates::find(db, id)?.ok_or(UseCaseError::NotFound(TEMPLATE))?;
    admit(scope::sight(db, reach, found.site)?, permission, TEMPLATE)?;
    Ok(template_lists::list_versions(db, id)?)
}

/// The most units a rule card names; more are counted.
const NAMES_MAX: usize = 20;

/// What the words of a rule card depend on besides the rules.
#[derive(Debug, Clone)]
pub struct CardFacts {
    /// The zone of the owner.
    pub zone: Zone,
    /// Names of the units in the scope, in its order; none when they are too many to name.
    pub included: Vec<String>,
    /// Names of the units taken out again.
    pub excluded: Vec<String>,
}

impl CardFacts {
    /// Reads them for the rules of a template that this node owns.
    pub fn load(db: &mut Db, owner: NodeId, rules: &TemplateRules) -> Result<Self, UseCaseError> {
        let node = nodes::find(db, owner)?.ok_or(UseCaseError::NotFound("node"))?;
        let included = names_of(db, &rules.scope.include_nodes)?;
        let excluded = names_of(db, &rules.scope.exclude_nodes)?;
        Ok(Self { zone: node.zone, included, excluded })
    }

    /// The rule card at this moment, in one language.
    pub fn card(&self, rules: &TemplateRules, now: DateTime<Utc>, locale: Locale) -> RuleCard {
        let context = CardContext {
            zone: self.zone,
            today: self.zone.local(now).day,
            usable: None,
            included: &self.included,
            excluded: &self.excluded,
        };
        rule_card(rules, &context, locale)
    }
}

fn names_of(db: &mut Db, units: &[NodeId]) -> Result<Vec<String>, UseCaseError> {
    if units.is_empty() || units.len() > NAMES_MAX {
        return Ok(Vec::new());
    }
    let names = nodes::list_names(db, units)?;
    Ok(units.iter().filter_map(|unit| names.get(unit).cloned()).collect())
}
