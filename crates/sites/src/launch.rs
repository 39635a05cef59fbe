//! Launching a site from a blueprint (建站模板) in one form: what to create and what to set, nothing done yet.

use huike_kernel::{AreaCode, NodeId, Text, Zone};
use serde::{Deserialize, Serialize};

use crate::{
    Chain, MerchantCode, NODE_DEPTH_MAX, Node, NodeKind, SettingKey, SettingValue, SiteLook, SitesError, StorePage,
};

/// The most stores one form opens.
pub const LAUNCH_STORES_MAX: usize = 50;

/// A look prepared once, for many sites (建站模板).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// Its name in the list.
    pub name: Text<60>,
    /// What it proposes.
    #[serde(default)]
    pub look: SiteLook,
}

/// What a form says about a node to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NodeForm {
    /// Its name on screen.
    pub name: Text<60>,
    /// The code it will be known by.
    pub code: MerchantCode,
    /// Where it is; a store without one takes its site's.
    #[serde(default)]
    pub area: Option<AreaCode>,
    /// The zone that cuts its days; without one it takes that of the node above.
    #[serde(default)]
    pub zone: Option<Zone>,
}

/// What a form says about a store to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StoreForm {
    /// The store itself.
    pub store: NodeForm,
    /// Its page.
    pub page: StorePage,
}

/// The one form a site is launched with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LaunchForm {
    /// The site itself.
    pub site: NodeForm,
    /// Its look; where silent, the blueprint's.
    #[serde(default)]
    pub look: SiteLook,
    /// Its first stores.
    #[serde(default)]
    pub stores: Vec<StoreForm>,
}

/// A node to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedNode {
    /// What it will be.
    pub kind: NodeKind,
    /// Its name on screen.
    pub name: Text<60>,
    /// The code it will be known by; whether it is free, the database decides.
    pub code: MerchantCode,
    /// The zone that cuts its days.
    pub zone: Zone,
    /// Where it is.
    pub area: Option<AreaCode>,
}

/// A store to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStore {
    /// The store itself.
    pub node: PlannedNode,
    /// Its page.
    pub page: StorePage,
}

/// What launching comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchPlan {
    /// The site to create.
    pub site: PlannedNode,
    /// The stores to create below it.
    pub stores: Vec<PlannedStore>,
    /// The settings to write at the site.
    pub settings: Vec<(SettingKey, SettingValue)>,
    /// What the blueprint proposed but a node above has locked since: shown, not written.
    pub left_out: Vec<(SettingKey, NodeId)>,
}

/// Decides whether a site may be launched below `parent` and what that comes to. `chain` is that of the parent.
///
/// A locked key that the form itself asks for is refused with the lock's node; one that only the blueprint proposes is left out, so
/// that an old blueprint does not stand in the way.
pub fn decide_launch(
    parent: &Node,
    chain: &Chain,
    blueprint: Option<&Blueprint>,
    form: LaunchForm,
) -> Result<LaunchPlan, SitesError> {
    if chain.here() != parent.id {
        return Err(SitesError::NodeChainBroken);
    }
    parent.decide_create_child(NodeKind::Site, chain.depth())?;
    decide_stores(&form, chain.depth())?;
    let (settings, left_out) = decide_settings(chain, blueprint, &form.look)?;
    let site = plan_node(NodeKind::Site, form.site, parent.zone, None);
    let stores = form.stores.into_iter().map(|asked| PlannedStore {
        node: plan_node(NodeKind::Store, asked.store, site.zone, site.area.clone()),
        page: asked.page,
    });
    Ok(LaunchPlan { stores: stores.collect(), site, settings, left_out })
}

fn decide_stores(form: &LaunchForm, depth: usize) -> Result<(), SitesError> {
    if form.stores.len() > LAUNCH_STORES_MAX {
        return Err(SitesError::LaunchTooManyStores { max: LAUNCH_STORES_MAX });
    }
    if !form.stores.is_empty() && depth.saturating_add(1) >= NODE_DEPTH_MAX {
        return Err(SitesError::NodeTooDeep { max: NODE_DEPTH_MAX });
    }
    let mut codes = vec![&form.site.code];
    for asked in &form.stores {
        if codes.contains(&&asked.store.code) {
            return Err(SitesError::NodeCodeTaken { code: asked.store.code.clone() });
        }
        codes.push(&asked.store.code);
    }
    Ok(())
}

type Settings = (Vec<(SettingKey, SettingValue)>, Vec<(SettingKey, NodeId)>);

fn decide_settings(chain: &Chain, blueprint: Option<&Blueprint>, asked: &SiteLook) -> Result<Settings, SitesError> {
    for key in asked.keys() {
        if let Some(by) = chain.locked_for_children(key) {
            return Err(SitesError::SettingLocked { key, by });
        }
    }
    let look = blueprint.map_or_else(|| asked.clone(), |blueprint| asked.over(&blueprint.look));
    let (mut settings, mut left_out) = (Vec::new(), Vec::new());
    for key in look.keys() {
        if let Some(by) = chain.locked_for_children(key) {
            left_out.push((key, by));
        } else if let Some(value) = look.value(key)? {
            settings.push((key, value));
        }
    }
    Ok((settings, left_out))
}

fn plan_node(kind: NodeKind, form: NodeForm, zone: Zone, area: Option<AreaCode>) -> PlannedNode {
    PlannedNode { kind, name: form.name, code: form.code, zone: form.zone.unwrap_or(zone), area: form.area.or(area) }
}
