//! The life of one coupon (券): its states, its edges, and the one table of who may lead where.
//!
//! One machine serves all channels, so a coupon locked by an unpaid order can be neither redeemed in a store nor
//! voided, transferred or expired meanwhile. Every edge is one event row.

use crate::{error::CouponError, redeem::RedeemError};
use huike_kernel::words;

words!(
    /// Where a coupon stands.
    CouponState, "coupon state" {
        /// 未领取: a printed or generated code without an owner.
        Unclaimed = "unclaimed",
        /// 待使用: somebody holds it and may use it.
        Issued = "issued",
        /// 占用中: held by an unpaid order.
        Locked = "locked",
        /// 已核销.
        Redeemed = "redeemed",
        /// 已过期.
        Expired = "expired",
        /// 已作废.
        Voided = "voided",
        /// 已转赠: given away; the receiver holds another instance.
        Transferred = "transferred",
        /// 已退回: its order was refunded.
        Returned = "returned",
    }
);

words!(
    /// What can happen to a coupon.
    CouponEdge, "coupon edge" {
        /// A code is printed or generated: an instance without an owner is born.
        Print = "print",
        /// A merchant gives one to a customer (发放): an instance with an owner is born.
        Issue = "issue",
        /// A customer takes one (领取): born with an owner, or an unclaimed code finds its owner.
        Claim = "claim",
        /// An order takes hold of it.
        Lock = "lock",
        /// The order closed unpaid and lets go.
        Release = "release",
        /// 核销, at a counter or by the order that holds it.
        Redeem = "redeem",
        /// Its validity passed unused.
        Expire = "expire",
        /// 作废.
        Void = "void",
        /// 转赠.
        Transfer = "transfer",
        /// 撤销核销.
        Unredeem = "unredeem",
        /// The order it was used in was refunded.
        Return = "return",
        /// The template's policy gives a returned coupon back.
        Reissue = "reissue",
    }
);

/// An edge of the graph: from where (`None`: birth), by what, to where.
pub type Edge = (Option<CouponState>, CouponEdge, CouponState);

/// Every edge there is. What is not listed here is refused.
pub const EDGES: &[Edge] = {
    use CouponEdge as E;
    use CouponState::{Expired, Issued, Locked, Redeemed, Returned, Transferred, Unclaimed, Voided};
    &[
        (None, E::Print, Unclaimed),
        (None, E::Issue, Issued),
        (None, E::Claim, Issued),
        (Some(Unclaimed), E::Claim, Issued),
        (Some(Unclaimed), E::Redeem, Redeemed),
        (Some(Unclaimed), E::Expire, Expired),
        (Some(Unclaimed), E::Void, Voided),
        (Some(Issued), E::Lock, Locked),
        (Some(Issued), E::Redeem, Redeemed),
        (Some(Issued), E::Expire, Expired),
        (Some(Issued), E::Void, Voided),
        (Some(Issued), E::Transfer, Transferred),
        (Some(Locked), E::Release, Issued),
        (Some(Locked), E::Redeem, Redeemed),
        (Some(Redeemed), E::Unredeem, Issued),
        (Some(Redeemed), E::Unredeem, Unclaimed),
        (Some(Redeemed), E::Return, Returned),
        (Some(Returned), E::Reissue, Issued),
    ]
};

impl CouponEdge {
    /// The kind of the event that records this edge.
    pub const fn event_kind(self) -> &'static str {
        match self {
            Self::Print => "coupon_printed",
            Self::Issue => "coupon_issued",
            Self::Claim => "coupon_claimed",
            Self::Lock => "coupon_locked",
            Self::Release => "coupon_released",
            Self::Redeem => "coupon_redeemed",
            Self::Expire => "coupon_expired",
            Self::Void => "coupon_voided",
            Self::Transfer => "coupon_transferred",
            Self::Unredeem => "coupon_unredeemed",
            Self::Return => "coupon_returned",
            Self::Reissue => "coupon_reissued",
        }
    }

    /// The edge an event of this kind records.
    pub fn from_event_kind(kind: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|edge| edge.event_kind() == kind)
    }
}

impl CouponState {
    /// Whether the graph holds this edge.
    pub fn allows(from: Option<Self>, edge: CouponEdge, to: Self) -> bool {
        EDGES.contains(&(from, edge, to))
    }

    /// Where the edge leads. Undoing the redemption of a coupon that nobody owns leads to `unclaimed`, all else is the
    /// same for owned and ownerless coupons.
    pub fn after(self, edge: CouponEdge, owned: bool) -> Result<Self, CouponError> {
        if edge == CouponEdge::Unredeem && self == Self::Redeemed {
            return Ok(if owned { Self::Issued } else { Self::Unclaimed });
        }
        EDGES
            .iter()
            .find(|(from, by, _)| *from == Some(self) && *by == edge)
            .map(|(_, _, to)| *to)
            .ok_or_else(|| RedeemError::StateRefuses { state: self, edge }.into())
    }

    /// Whether somebody can still use it, now or after an order lets go.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unclaimed | Self::Issued | Self::Locked)
    }
}

#[cfg(test)]
mod tests {
    use super::{CouponEdge as E, CouponState as S};

    /// The graph of docs/domain, written out by hand a second time: two copies must agree before an edge is added.
    const BOOK: &[(&str, &str, &str)] = &[
        ("unclaimed", "claim", "issued"),
        ("unclaimed", "redeem", "redeemed"),
        ("unclaimed", "expire", "expired"),
        ("unclaimed", "void", "voided"),
        ("issued", "lock", "locked"),
        ("locked", "redeem", "redeemed"),
        ("locked", "release", "issued"),
        ("issued", "redeem", "redeemed"),
        ("issued", "expire", "expired"),
        ("issued", "void", "voided"),
        ("issued", "transfer", "transferred"),
        ("redeemed", "unredeem", "issued"),
        ("redeemed", "unredeem", "unclaimed"),
        ("redeemed", "return", "returned"),
        ("returned", "reissue", "issued"),
    ];

    #[test]
    fn the_table_is_exactly_the_graph_of_the_book() {
        for from in S::ALL {
            for edge in E::ALL {
                for to in S::ALL {
                    let lawful = BOOK.contains(&(from.as_str(), edge.as_str(), to.as_str()));
                    assert_eq!(S::allows(Some(*from), *edge, *to), lawful, "{from} -{edge}-> {to}");
                }
            }
        }
    }

    #[test]
    fn a_coupon_is_born_unclaimed_or_issued_and_no_other_way() {
        for edge in E::ALL {
            for to in S::ALL {
                let lawful = matches!((*edge, *to), (E::Print, S::Unclaimed) | (E::Issue | E::Claim, S::Issued));
                assert_eq!(S::allows(None, *edge, *to), lawful, "-{edge}-> {to}");
            }
        }
    }

    #[test]
    fn following_an_edge_never_leaves_the_table() {
        for from in S::ALL {
            for edge in E::ALL {
                for owned in [true, false] {
                    match from.after(*edge, owned) {
                        Ok(to) => assert!(S::allows(Some(*from), *edge, to)),
                        Err(_) => assert!(S::ALL.iter().all(|to| !S::allows(Some(*from), *edge, *to))),
                    }
                }
            }
        }
    }

    #[test]
    fn undoing_an_ownerless_redemption_leads_back_to_unclaimed() {
        assert_eq!(S::Redeemed.after(E::Unredeem, false).unwrap(), S::Unclaimed);
        assert_eq!(S::Redeemed.after(E::Unredeem, true).unwrap(), S::Issued);
    }

    #[test]
    fn a_locked_coupon_is_released_or_redeemed_and_nothing_else() {
        let ways: Vec<_> = E::ALL.iter().filter(|edge| S::Locked.after(**edge, true).is_ok()).collect();
        assert_eq!(ways, [&E::Release, &E::Redeem]);
    }

    #[test]
    fn event_kinds_name_edges_one_to_one() {
        for edge in E::ALL {
            assert_eq!(E::from_event_kind(edge.event_kind()), Some(*edge));
        }
    }
}
