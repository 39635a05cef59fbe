//! Accounts: what they hold, whose they are, and which may stand below or above zero.
//!
//! A balance is what was credited less what was debited. What the house owes somebody is above zero on that somebody's
//! account, and below zero where it came from.

use std::{fmt, str::FromStr};

use huike_kernel::{CustomerId, Money, NodeId, PointsPoolId, StoredValueCardId};
use uuid::Uuid;

use crate::{Amount, LedgerError};

huike_kernel::words! {
    /// What an account is for (科目).
    AccountKind, "account kind" {
        /// Points a customer may spend (积分).
        Points = "points",
        /// What was paid for stored value and is not used up (储值本金).
        StoredValuePrincipal = "stored_value_principal",
        /// What was given on top of stored value and is not used up (储值赠金).
        StoredValueBonus = "stored_value_bonus",
        /// Commission of orders that may still be refunded (待结算佣金).
        CommissionPending = "commission_pending",
        /// Commission that may be paid out (可提现佣金).
        CommissionPayable = "commission_payable",
        /// What a customer owes: spent already when it had to be given back (应收).
        Receivable = "receivable",
        /// Where points come from, and go to when they are spent or expire (积分发行).
        IssuerPoints = "issuer_points",
        /// Where bonus comes from, and goes to when it is used up (赠金发行).
        IssuerBonus = "issuer_bonus",
        /// Where commission comes from (佣金计提).
        IssuerCommission = "issuer_commission",
        /// Money on its way in, through a provider of payments or the till (收款清算).
        ClearingPayment = "clearing_payment",
        /// What stored value has paid for (消费清算).
        ClearingSales = "clearing_sales",
        /// Money on its way out: refunds of stored value, commission (付款清算).
        ClearingPayout = "clearing_payout",
        /// The other side of what finance put right by hand (调账清算).
        ClearingAdjustment = "clearing_adjustment",
    }
}

huike_kernel::words! {
    /// On which side of zero an account may stand.
    Bound, "bound" {
        /// Never below zero: nobody spends what they have not got. What is held counts as gone.
        NotNegative = "not_negative",
        /// Never above zero: a debt, which nobody pays off twice.
        NotPositive = "not_positive",
        /// Either: where value comes from, goes to, or passes through on its way.
        Free = "free",
    }
}

impl AccountKind {
    /// On which side of zero accounts of this kind may stand.
    ///
    /// What people hold never falls below zero. What they owe has an account of its own, `receivable`, which never rises
    /// above zero, so that a shortfall shows under its name and nowhere else. Accounts of the house are the far end of
    /// every such movement: those of issuers stand as far below zero as there is value about, and those of clearing
    /// follow money whose own books are elsewhere.
    pub const fn bound(self) -> Bound {
        match self {
            Self::Points
            | Self::StoredValuePrincipal
            | Self::StoredValueBonus
            | Self::CommissionPending
            | Self::CommissionPayable => Bound::NotNegative,
            Self::Receivable => Bound::NotPositive,
            Self::IssuerPoints
            | Self::IssuerBonus
            | Self::IssuerCommission
            | Self::ClearingPayment
            | Self::ClearingSales
            | Self::ClearingPayout
            | Self::ClearingAdjustment => Bound::Free,
        }
    }

    /// Whether accounts of this kind are the house's own.
    pub const fn is_of_house(self) -> bool {
        matches!(self.bound(), Bound::Free)
    }

    const fn may_belong_to(self, owner: Owner) -> bool {
        match owner {
            Owner::House => self.is_of_house(),
            Owner::Card(_) => matches!(self, Self::StoredValuePrincipal | Self::StoredValueBonus),
            Owner::Customer(_) => !self.is_of_house(),
        }
    }

    const fn may_count(self, unit: Unit) -> bool {
        match self {
            Self::Points | Self::IssuerPoints => matches!(unit, Unit::Points(_)),
            Self::Receivable | Self::ClearingAdjustment => true,
            _ => matches!(unit, Unit::Cny),
        }
    }
}

/// Whose an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The node it stands at.
    House,
    /// A customer.
    Customer(CustomerId),
    /// Whoever has the card.
    Card(StoredValueCardId),
}

impl Owner {
    /// The word for what kind of owner it is: `house`, `customer`, `card`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Customer(_) => "customer",
            Self::Card(_) => "card",
        }
    }

    /// Its id; the house's is that of the node.
    pub const fn id(&self, node: NodeId) -> Uuid {
        match self {
            Self::House => node.as_uuid(),
            Self::Customer(id) => id.as_uuid(),
            Self::Card(id) => id.as_uuid(),
        }
    }

    /// The owner that [`Owner::kind`] and [`Owner::id`] told of. `None` for a word that is none.
    pub fn read(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "house" => Some(Self::House),
            "customer" => Some(Self::Customer(id.into())),
            "card" => Some(Self::Card(id.into())),
            _ => None,
        }
    }
}

/// What an account counts. Accounts of different units never exchange anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Fen of yuan.
    Cny,
    /// Points of a pool.
    Points(PointsPoolId),
}

const POINTS: &str = "points:";

impl Unit {
    /// A count of this unit as people write it: `12.50` yuan, `1250` points.
    pub fn show(self, count: i64) -> String {
        match self {
            Self::Cny => Money::from_fen(count).to_string(),
            Self::Points(_) => count.to_string(),
        }
    }

    /// The amount that people wrote so.
    pub fn read_amount(self, text: &str) -> Result<Amount, LedgerError> {
        let count = match self {
            Self::Cny => text.parse::<Money>().ok().map(Money::fen),
            Self::Points(_) => text.parse().ok(),
        };
        Amount::new(count.ok_or(LedgerError::AmountInvalid)?)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cny => f.write_str("cny"),
            Self::Points(pool) => write!(f, "{POINTS}{pool}"),
        }
    }
}

impl FromStr for Unit {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self, LedgerError> {
        if text == "cny" {
            return Ok(Self::Cny);
        }
        let pool = text.strip_prefix(POINTS).and_then(|pool| pool.parse().ok());
        pool.map(Self::Points).ok_or(LedgerError::UnitUnknown)
    }
}

/// What makes an account that account and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    kind: AccountKind,
    owner: Owner,
    node: NodeId,
    unit: Unit,
}

impl AccountKey {
    /// An account of that kind at the node, unless such an owner or such a unit makes no sense there.
    pub fn new(kind: AccountKind, owner: Owner, node: NodeId, unit: Unit) -> Result<Self, LedgerError> {
        if !kind.may_belong_to(owner) {
            return Err(LedgerError::OwnerWrong { kind });
        }
        if !kind.may_count(unit) {
            return Err(LedgerError::UnitWrong { kind });
        }
        Ok(Self { kind, owner, node, unit })
    }

    /// What it is for.
    pub const fn kind(&self) -> AccountKind {
        self.kind
    }

    /// Whose it is.
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// The node that keeps it.
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// What it counts.
    pub const fn unit(&self) -> Unit {
        self.unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node() -> NodeId {
        NodeId::from_uuid(Uuid::from_u128(1))
    }

    fn pool() -> Unit {
        Unit::Points(Uuid::from_u128(9).into())
    }

    #[test]
    fn only_the_house_may_stand_on_either_side_of_zero() {
        for kind in AccountKind::ALL {
            let key = |owner| {
                AccountKey::new(*kind, owner, node(), Unit::Cny)
                    .or_else(|_| AccountKey::new(*kind, owner, node(), pool()))
            };
            assert_eq!(key(Owner::House).is_ok(), kind.bound() == Bound::Free, "{kind}");
            assert_eq!(key(Owner::Customer(Uuid::from_u128(2).into())).is_err(), kind.is_of_house(), "{kind}");
        }
        let debts = AccountKind::ALL.iter().filter(|kind| kind.bound() == Bound::NotPositive);
        assert_eq!(debts.collect::<Vec<_>>(), [&AccountKind::Receivable]);
    }

    #[test]
    fn a_card_holds_stored_value_and_nothing_else() {
        let card = Owner::Card(Uuid::from_u128(3).into());
        let holds = |kind: &&AccountKind| AccountKey::new(**kind, card, node(), Unit::Cny).is_ok();
        let held: Vec<_> = AccountKind::ALL.iter().filter(holds).collect();
        assert_eq!(held, [&AccountKind::StoredValuePrincipal, &AccountKind::StoredValueBonus]);
    }

    #[test]
    fn points_are_counted_in_points_and_money_in_fen() {
        let customer = Owner::Customer(Uuid::from_u128(2).into());
        let refused = |kind, unit| AccountKey::new(kind, customer, node(), unit).unwrap_err();
        assert_eq!(refused(AccountKind::Points, Unit::Cny), LedgerError::UnitWrong { kind: AccountKind::Points });
        let kind = AccountKind::CommissionPayable;
        assert_eq!(refused(kind, pool()), LedgerError::UnitWrong { kind });
        assert!(AccountKey::new(AccountKind::Receivable, customer, node(), pool()).is_ok());
    }

    #[test]
    fn a_unit_reads_back_from_its_text_and_writes_counts_its_own_way() {
        for unit in [Unit::Cny, pool()] {
            assert_eq!(unit.to_string().parse::<Unit>().unwrap(), unit);
        }
        assert_eq!("points:".parse::<Unit>(), Err(LedgerError::UnitUnknown));
        assert_eq!((Unit::Cny.show(-1_250), pool().show(1_250)), ("-12.50".to_owned(), "1250".to_owned()));
        assert_eq!(Unit::Cny.read_amount("12.50").unwrap(), pool().read_amount("1250").unwrap());
        for text in ["", "0", "-1", "12.5", "x"] {
            assert!(pool().read_amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_owner_reads_back_from_kind_and_id() {
        let id = Uuid::from_u128(4);
        for owner in [Owner::House, Owner::Customer(id.into()), Owner::Card(id.into())] {
            assert_eq!(Owner::read(owner.kind(), owner.id(node())), Some(owner));
        }
        assert_eq!(Owner::read("god", id), None);
    }
}
