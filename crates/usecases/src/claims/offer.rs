//! What is on offer, and where.

use std::collections::{BTreeMap, BTreeSet};

use huike_coupons::{ClaimError, TemplateRules, template::Reason};
use huike_kernel::{Actor, NodeId, TemplateId};
use huike_persistence::{
    Db, StoreError, nodes, quotas, scope,
    templates::{self, Template, TemplateVersion},
};
use huike_sites::{Node, NodeState, decide_place};

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

/// Why nothing is on offer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Absent {
    /// There is no such template.
    Unknown,
    /// It was never published.
    NotLive,
}

impl Absent {
    /// A template that was never published is refused with a reason to those who may know of it.
    pub(super) fn refusal(self, actor: Actor) -> UseCaseError {
        match (self, actor) {
            (Self::NotLive, Actor::Staff(_)) => UseCaseError::Coupons(ClaimError::NotLive.into()),
            (Self::NotLive, Actor::Customer(_) | Actor::Integration(_) | Actor::System) | (Self::Unknown, _) => {
                UseCaseError::NotFound("template")
            }
        }
    }
}

impl Offer {
    /// The template under its live version.
    pub(crate) fn load(db: &mut Db, id: TemplateId, actor: Actor) -> Result<Self, UseCaseError> {
        Self::find(db, id)?.map_err(|absent| absent.refusal(actor))
    }

    /// The template under its live version, if it has one.
    pub(super) fn find(db: &mut Db, id: TemplateId) -> Result<Result<Self, Absent>, StoreError> {
        let Some(template) = templates::find(db, id)? else {
            return Ok(Err(Absent::Unknown));
        };
        match template.live_version {
            Some(number) => Self::under(db, template, number).map(Ok),
            None => Ok(Err(Absent::NotLive)),
        }
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
        Ok(Some(self.place_of(&node, scope::path_of(db, site)?)))
    }

    /// The places, as far as there are such nodes.
    pub(super) fn places(
        &self,
        db: &mut Db,
        sites: &BTreeSet<NodeId>,
    ) -> Result<BTreeMap<NodeId, ClaimPlace>, StoreError> {
        let mut paths = scope::paths_of(db, sites)?;
        let found = nodes::find_many(db, sites)?.into_iter();
        Ok(found.map(|(id, node)| (id, self.place_of(&node, paths.remove(&id).unwrap_or_default()))).collect())
    }

    fn place_of(&self, node: &Node, path: Vec<NodeId>) -> ClaimPlace {
        let scope = &self.rules().scope;
        let lawful = decide_place(&self.owner_path, &path, &scope.include_nodes, &scope.exclude_nodes).is_ok();
        let in_scope = lawful && node.state == NodeState::Active;
        ClaimPlace { at: Place { site: node.id, zone: node.zone }, path, in_scope }
    }

    /// Whose share a claim at the place counts on: the nearest node above it that has one. `None` where the total is not
    /// split.
    pub(crate) fn quota_holder(&self, place: &ClaimPlace) -> Option<NodeId> {
        place.path.iter().rev().find(|node| self.quota_holders.contains(node)).copied()
    }
}
