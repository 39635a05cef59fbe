//! What is on offer, and where.

use huike_coupons::{TemplateRules, template::Reason};
use huike_kernel::{Actor, NodeId, TemplateId};
use huike_persistence::{
    Db, StoreError, nodes, quotas, scope,
    templates::{self, Template, TemplateVersion},
};
use huike_sites::{NodeState, decide_place};

use crate::{UseCaseError, record::Place};

/// A template with the rules coupons are issued under.
pub(crate) struct Offer {
    pub(crate) template: Template,
    pub(crate) version: TemplateVersion,
    /// From the head to the owner.
    owner_path: Vec<NodeId>,
    /// The nodes among which the total is split.
    quota_holders: Vec<NodeId>,
}

/// A place somebody claims at.
pub(crate) struct ClaimPlace {
    pub(crate) at: Place,
    /// From the head to the place.
    pub(crate) path: Vec<NodeId>,
    /// Whether it is open, lies below the template's owner and in the scope of the rules.
    pub(crate) in_scope: bool,
}

impl Offer {
    /// The template under its live version.
    pub(crate) fn load(db: &mut Db, id: TemplateId, actor: Actor) -> Result<Self, UseCaseError> {
        let template = templates::find(db, id)?.ok_or(UseCaseError::NotFound("template"))?;
        let number = template.live_version.ok_or_else(|| Self::not_live(actor))?;
        Ok(Self::under(db, template, number)?)
    }

    /// The template under one of its versions.
    pub(crate) fn under(db: &mut Db, template: Template, number: i64) -> Result<Self, StoreError> {
        let version = templates::get_version(db, template.id, number)?;
        let owner_path = scope::path_of(db, template.site)?;
        let quota_holders = quotas::list(db, template.id)?.into_iter().map(|row| row.node).collect();
        Ok(Self { template, version, owner_path, quota_holders })
    }

    pub(crate) fn rules(&self) -> &TemplateRules {
        &self.version.rules
    }

    /// Why the kill switch is on, if it is.
    pub(crate) fn killed(&self) -> Option<&Reason> {
        self.template.killed.as_ref().map(|(_, reason)| reason)
    }

    /// The place, if there is such a node.
    pub(crate) fn place(&self, db: &mut Db, site: NodeId) -> Result<Option<ClaimPlace>, StoreError> {
        let Some(node) = nodes::find(db, site)? else {
            return Ok(None);
        };
        let path = scope::path_of(db, site)?;
        let scope = &self.rules().scope;
        let lawful = decide_place(&self.owner_path, &path, &scope.include_nodes, &scope.exclude_nodes).is_ok();
        let in_scope = lawful && node.state == NodeState::Active;
        Ok(Some(ClaimPlace { at: Place { site, zone: node.zone }, path, in_scope }))
    }

    /// Whose share a claim at the place counts on: the nearest node above it that has one. `None` where the total is not
    /// split.
    pub(crate) fn quota_holder(&self, place: &ClaimPlace) -> Option<NodeId> {
        place.path.iter().rev().find(|node| self.quota_holders.contains(node)).copied()
    }
}
