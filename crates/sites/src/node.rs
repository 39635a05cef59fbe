//! The tree (站点树): what may stand below what, and what may be done to a node.

use std::{fmt, str::FromStr};

use huike_kernel::{AreaCode, NodeId, Text, Zone};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::SitesError;

/// The most nodes on a way from the head to a store, both included.
pub const NODE_DEPTH_MAX: usize = 8;

huike_kernel::words! {
    /// What a node is (机构类型).
    NodeKind, "node kind" {
        /// The head of the brand (总站); exactly one.
        Head = "head",
        /// A region (大区).
        Region = "region",
        /// A sub-site (分站).
        Site = "site",
        /// A store (门店).
        Store = "store",
    }
}

impl NodeKind {
    /// What may stand directly below.
    pub const fn children(self) -> &'static [Self] {
        match self {
            Self::Head | Self::Region => &[Self::Region, Self::Site],
            Self::Site => &[Self::Store],
            Self::Store => &[],
        }
    }

    /// Whether the kind may stand directly below this one.
    pub fn may_hold(self, child: Self) -> bool {
        self.children().contains(&child)
    }
}

huike_kernel::words! {
    /// Whether a node takes part.
    NodeState, "node state" {
        /// It does.
        Active = "active",
        /// It is history: readable, unchanged, no new business.
        Closed = "closed",
    }
}

/// The short code a node is known by (商户号): 2 to 32 of `a-z`, `0-9` and `-`, unique in the brand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MerchantCode(String);

impl MerchantCode {
    /// The code, lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MerchantCode {
    type Err = SitesError;

    fn from_str(text: &str) -> Result<Self, SitesError> {
        let code = text.trim().to_ascii_lowercase();
        let fits = (2..=32).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !code.starts_with('-')
            && !code.ends_with('-');
        if fits { Ok(Self(code)) } else { Err(SitesError::NodeCodeInvalid) }
    }
}

impl fmt::Display for MerchantCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MerchantCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// One element of the tree (机构).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// What it is.
    pub kind: NodeKind,
    /// What it stands below; the head alone has none.
    pub parent: Option<NodeId>,
    /// Its name on screen.
    pub name: Text<60>,
    /// The code it is known by.
    pub code: MerchantCode,
    /// The zone that cuts its days.
    pub zone: Zone,
    /// Where it is, for routing.
    pub area: Option<AreaCode>,
    /// Whether it takes part.
    pub state: NodeState,
    /// How often it changed; guards against lost updates.
    pub version: i64,
}

/// A wanted change of a node; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeChange {
    /// A new name.
    pub name: Option<Text<60>>,
    /// A new area.
    pub area: Option<AreaCode>,
    /// A new zone.
    pub zone: Option<Zone>,
}

impl Node {
    /// Refused when the node is closed: the guard of every change at or below a node.
    pub fn decide_active(&self) -> Result<(), SitesError> {
        match self.state {
            NodeState::Active => Ok(()),
            NodeState::Closed => Err(SitesError::NodeClosed { node: self.id }),
        }
    }

    /// Decides whether a child of that kind may be made. `depth` counts the nodes from the head to this one, both included.
    pub fn decide_create_child(&self, child: NodeKind, depth: usize) -> Result<(), SitesError> {
        self.decide_active()?;
        if !self.kind.may_hold(child) {
            return Err(SitesError::NodeKindMismatch { parent: self.kind, child });
        }
        if depth >= NODE_DEPTH_MAX {
            return Err(SitesError::NodeTooDeep { max: NODE_DEPTH_MAX });
        }
        Ok(())
    }

    /// Decides a new name, on its own the commonest change.
    pub fn decide_rename(&self, name: Text<60>) -> Result<Self, SitesError> {
        self.decide_update(NodeChange { name: Some(name), ..NodeChange::default() }, false)
    }

    /// Decides a change and gives the node as it will be.
    ///
    /// The zone cuts days, and days are on record with every claim and redemption: once there is such a record at the node
    /// (`has_history`), the zone stays, or two days would overlap.
    pub fn decide_update(&self, change: NodeChange, has_history: bool) -> Result<Self, SitesError> {
        self.decide_active()?;
        let zone = change.zone.unwrap_or(self.zone);
        if zone != self.zone && has_history {
            return Err(SitesError::NodeZoneInUse);
        }
        let mut next = self.next();
        next.zone = zone;
        next.name = change.name.unwrap_or(next.name);
        next.area = change.area.or(next.area);
        Ok(next)
    }

    /// Decides whether the node may be closed: not the head, and only once nothing active stands below.
    pub fn decide_close(&self, active_children: usize) -> Result<Self, SitesError> {
        if self.kind == NodeKind::Head {
            return Err(SitesError::NodeIsHead);
        }
        self.decide_active()?;
        if active_children > 0 {
            return Err(SitesError::NodeHasChildren { active: active_children });
        }
        Ok(Self { state: NodeState::Closed, ..self.next() })
    }

    /// Decides whether a closed node may be opened again: only below an active parent.
    pub fn decide_reopen(&self, parent: &Self) -> Result<Self, SitesError> {
        if self.state == NodeState::Active {
            return Err(SitesError::NodeActive);
        }
        parent.decide_active()?;
        Ok(Self { state: NodeState::Active, ..self.next() })
    }

    fn next(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(kind: NodeKind) -> Node {
        Node {
            id: "00000000-0000-7000-8000-000000000001".parse().unwrap(),
            kind,
            parent: None,
            name: Text::new("华南").unwrap(),
            code: "south".parse().unwrap(),
            zone: Zone::default(),
            area: None,
            state: NodeState::Active,
            version: 1,
        }
    }

    fn closed(kind: NodeKind) -> Node {
        Node { state: NodeState::Closed, ..node(kind) }
    }

    #[test]
    fn the_tree_is_head_regions_site_store() {
        let lawful = [
            (NodeKind::Head, NodeKind::Region),
            (NodeKind::Head, NodeKind::Site),
            (NodeKind::Region, NodeKind::Region),
            (NodeKind::Region, NodeKind::Site),
            (NodeKind::Site, NodeKind::Store),
        ];
        for parent in NodeKind::ALL {
            for child in NodeKind::ALL {
                let expected = if lawful.contains(&(*parent, *child)) {
                    Ok(())
                } else {
                    Err(SitesError::NodeKindMismatch { parent: *parent, child: *child })
                };
                assert_eq!(node(*parent).decide_create_child(*child, 1), expected);
            }
        }
    }

    #[test]
    fn nothing_grows_below_a_closed_node_or_too_deep() {
        let closed = closed(NodeKind::Region);
        assert_eq!(closed.decide_create_child(NodeKind::Site, 2), Err(SitesError::NodeClosed { node: closed.id }));
        let region = node(NodeKind::Region);
        assert_eq!(region.decide_create_child(NodeKind::Region, 7), Ok(()));
        assert_eq!(region.decide_create_child(NodeKind::Region, 8), Err(SitesError::NodeTooDeep { max: 8 }));
    }

    #[test]
    fn a_node_closes_once_nothing_active_stands_below() {
        let site = node(NodeKind::Site);
        assert_eq!(site.decide_close(2), Err(SitesError::NodeHasChildren { active: 2 }));
        let after = site.decide_close(0).unwrap();
        assert_eq!((after.state, after.version), (NodeState::Closed, 2));
        assert_eq!(after.decide_close(0), Err(SitesError::NodeClosed { node: site.id }));
        assert_eq!(node(NodeKind::Head).decide_close(0), Err(SitesError::NodeIsHead));
    }

    #[test]
    fn a_node_opens_again_only_below_an_active_parent() {
        let site = closed(NodeKind::Site);
        assert_eq!(site.decide_reopen(&node(NodeKind::Region)).unwrap().state, NodeState::Active);
        assert!(site.decide_reopen(&closed(NodeKind::Region)).is_err());
        assert_eq!(node(NodeKind::Site).decide_reopen(&node(NodeKind::Head)), Err(SitesError::NodeActive));
    }

    #[test]
    fn the_zone_stays_once_days_are_on_record() {
        let site = node(NodeKind::Site);
        let change = NodeChange { zone: Some("Asia/Urumqi".parse().unwrap()), ..NodeChange::default() };
        assert_eq!(site.decide_update(change.clone(), true), Err(SitesError::NodeZoneInUse));
        assert_eq!(site.decide_update(change, false).unwrap().zone, "Asia/Urumqi".parse().unwrap());
        let same = NodeChange { zone: Some(site.zone), ..NodeChange::default() };
        assert!(site.decide_update(same, true).is_ok());
    }

    #[test]
    fn a_closed_node_keeps_its_name() {
        let name = Text::new("新名").unwrap();
        assert_eq!(node(NodeKind::Site).decide_rename(name.clone()).unwrap().name, name);
        assert!(closed(NodeKind::Site).decide_rename(name).is_err());
    }

    #[test]
    fn a_merchant_code_has_one_spelling() {
        let code: MerchantCode = " GZ-Tianhe ".parse().unwrap();
        assert_eq!(code.as_str(), "gz-tianhe");
        for text in ["", "a", "-gz", "gz-", "gz_01", "广州", &"a".repeat(33)] {
            assert_eq!(text.parse::<MerchantCode>(), Err(SitesError::NodeCodeInvalid), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_change_raises_the_version_by_one(version in 0i64..1_000_000, children in 0usize..2) {
            let site = Node { version, ..node(NodeKind::Site) };
            if let Ok(after) = site.decide_close(children) {
                prop_assert_eq!(after.version, version + 1);
            }
            prop_assert_eq!(site.decide_rename(Text::new("x").unwrap()).unwrap().version, version + 1);
        }
    }
}
