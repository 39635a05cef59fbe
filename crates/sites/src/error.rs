//! Why something about the tree is refused.

use huike_kernel::{DomainError, ErrorKind, NodeId, UnknownWord};
use serde_json::{Value, json};

use crate::{MerchantCode, NodeKind, SettingKey};

/// A refusal, with a reason a caller can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SitesError {
    /// There is no such node in the caller's scope.
    #[error("there is no such node")]
    NodeNotFound,
    /// That kind does not stand below this one.
    #[error("a {child} does not stand below a {parent}")]
    NodeKindMismatch {
        /// What is above.
        parent: NodeKind,
        /// What was to be below.
        child: NodeKind,
    },
    /// The node is closed.
    #[error("this node is closed")]
    NodeClosed {
        /// Which.
        node: NodeId,
    },
    /// The node is open already.
    #[error("this node is active")]
    NodeActive,
    /// Something active still stands below.
    #[error("{active} active nodes still stand below")]
    NodeHasChildren {
        /// How many, directly below.
        active: usize,
    },
    /// The head is never closed.
    #[error("the head is never closed")]
    NodeIsHead,
    /// The tree would grow too deep.
    #[error("a tree is at most {max} nodes deep")]
    NodeTooDeep {
        /// The most nodes from the head down.
        max: usize,
    },
    /// The code has the wrong shape.
    #[error("a merchant code has 2 to 32 lower-case letters, digits and inner dashes")]
    NodeCodeInvalid,
    /// The code belongs to another node.
    #[error("the merchant code {code} is taken")]
    NodeCodeTaken {
        /// The code.
        code: MerchantCode,
    },
    /// Days are on record in the present zone.
    #[error("the zone stays: days are on record in it")]
    NodeZoneInUse,
    /// Somebody else changed the node in between.
    #[error("the node has changed meanwhile")]
    NodeVersionStale,
    /// The stored way to a node is not one from the head down; a defect, never the caller's fault.
    #[error("the chain of nodes is broken")]
    NodeChainBroken,
    /// A word that belongs to no kind, state, key, block or module.
    #[error(transparent)]
    Word(#[from] UnknownWord),
    /// A node above locked the setting.
    #[error("the setting {key} is locked above")]
    SettingLocked {
        /// Which setting.
        key: SettingKey,
        /// The node that holds the lock.
        by: NodeId,
    },
    /// There is no lock at this node to take off.
    #[error("the setting {key} is not locked here")]
    SettingNotLocked {
        /// Which setting.
        key: SettingKey,
    },
    /// Stores take this setting from above.
    #[error("a store does not decide on the setting {key}")]
    SettingNotForStores {
        /// Which setting.
        key: SettingKey,
    },
    /// The value does not fit the setting.
    #[error("this is no value for the setting {key}: {reason}")]
    SettingInvalid {
        /// Which setting.
        key: SettingKey,
        /// What is wrong with the value.
        reason: String,
    },
    /// A part of the store's page has the wrong shape.
    #[error("the page wants {want}")]
    StorePageInvalid {
        /// JSON pointer inside the page.
        at: &'static str,
        /// What fits there.
        want: &'static str,
    },
    /// Only a store has a page.
    #[error("only a store has a page")]
    StorePageMisplaced,
    /// One form opens only so many stores.
    #[error("one form opens at most {max} stores")]
    LaunchTooManyStores {
        /// The most stores.
        max: usize,
    },
    /// The place does not lie below the node that owns the offer.
    #[error("this place lies outside the offer's own nodes")]
    PlaceOutsideOwner,
    /// The place lies below an excluded node.
    #[error("this place is excluded from the offer")]
    PlaceExcluded,
    /// The offer names its places, and this is none of them.
    #[error("this place is not among those of the offer")]
    PlaceNotIncluded,
}

impl DomainError for SitesError {
    fn code(&self) -> &'static str {
        match self {
            Self::NodeNotFound => "node_not_found",
            Self::NodeKindMismatch { .. } => "node_kind_mismatch",
            Self::NodeClosed { .. } => "node_closed",
            Self::NodeActive => "node_active",
            Self::NodeHasChildren { .. } => "node_has_children",
            Self::NodeIsHead => "node_is_head",
            Self::NodeTooDeep { .. } => "node_too_deep",
            Self::NodeCodeInvalid => "node_code_invalid",
            Self::NodeCodeTaken { .. } => "node_code_taken",
            Self::NodeZoneInUse => "node_zone_in_use",
            Self::NodeVersionStale => "version_conflict",
            Self::NodeChainBroken => "node_chain_broken",
            Self::Word(unknown) => unknown.code(),
            Self::SettingLocked { .. } => "setting_locked",
            Self::SettingNotLocked { .. } => "setting_not_locked",
            Self::SettingNotForStores { .. } => "setting_not_for_stores",
            Self::SettingInvalid { .. } => "setting_invalid",
            Self::StorePageInvalid { .. } => "store_page_invalid",
            Self::StorePageMisplaced => "store_page_misplaced",
            Self::LaunchTooManyStores { .. } => "launch_too_many_stores",
            Self::PlaceOutsideOwner => "place_outside_owner",
            Self::PlaceExcluded => "place_excluded",
            Self::PlaceNotIncluded => "place_not_included",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NodeNotFound => ErrorKind::NotFound,
            Self::NodeChainBroken => ErrorKind::Internal,
            Self::NodeKindMismatch { .. }
            | Self::NodeTooDeep { .. }
            | Self::NodeCodeInvalid
            | Self::Word(_)
            | Self::SettingInvalid { .. }
            | Self::StorePageInvalid { .. }
            | Self::LaunchTooManyStores { .. } => ErrorKind::Invalid,
            Self::NodeClosed { .. }
            | Self::NodeActive
            | Self::NodeHasChildren { .. }
            | Self::NodeIsHead
            | Self::NodeCodeTaken { .. }
            | Self::NodeZoneInUse
            | Self::NodeVersionStale
            | Self::SettingLocked { .. }
            | Self::SettingNotLocked { .. }
            | Self::SettingNotForStores { .. }
            | Self::StorePageMisplaced
            | Self::PlaceOutsideOwner
            | Self::PlaceExcluded
            | Self::PlaceNotIncluded => ErrorKind::Conflict,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::NodeKindMismatch { .. } => Some("/kind".to_owned()),
            Self::NodeCodeInvalid | Self::NodeCodeTaken { .. } => Some("/code".to_owned()),
            Self::NodeZoneInUse => Some("/zone".to_owned()),
            Self::SettingInvalid { .. } => Some("/value".to_owned()),
            Self::StorePageInvalid { at, .. } => Some((*at).to_owned()),
            Self::LaunchTooManyStores { .. } => Some("/stores".to_owned()),
            _ => None,
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::NodeKindMismatch { parent, child } => Some(json!({ "parent": parent, "child": child })),
            Self::NodeClosed { node } => Some(json!({ "node_id": node })),
            Self::NodeHasChildren { active } => Some(json!({ "active": active })),
            Self::NodeTooDeep { max } | Self::LaunchTooManyStores { max } => Some(json!({ "max": max })),
            Self::NodeCodeTaken { code } => Some(json!({ "merchant_code": code })),
            Self::SettingLocked { key, by } => Some(json!({ "key": key, "locked_by": by })),
            Self::SettingNotLocked { key } | Self::SettingNotForStores { key } => Some(json!({ "key": key })),
            Self::SettingInvalid { key, reason } => Some(json!({ "key": key, "reason": reason })),
            _ => None,
        }
    }
}
