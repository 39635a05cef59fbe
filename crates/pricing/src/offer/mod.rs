//! The offer document (优惠): what it gives, on what, to whom, and together with what. One type for domain, storage and
//! API.

mod condition;
mod effect;
mod scope;
mod validate;

pub use huike_kernel::OfferId;
use huike_kernel::{Money, OfferClass, TimeWindow, words};
use serde::{Deserialize, Serialize};

pub use condition::{Bounds, Condition, CountBounds};
pub use effect::{Effect, Select, Tier, TierGift, UnitLimit};
pub use scope::{LineKeys, LineScope};
pub use validate::{
    CONDITION_DEPTH_MAX, CONDITION_NODES_MAX, LIST_MAX, OfferFault, OfferProblem, TIERS_MAX, TIMES_MAX,
};

/// The version of the shape of [`Offer`].
pub const OFFER_VERSION: i32 = 1;

words!(
    /// What makes an offer come into play.
    #[derive(Default)]
    Trigger, "trigger" {
        /// It is there for everybody who meets its conditions.
        #[default]
        Automatic = "automatic",
        /// It takes a coupon in the customer's hand.
        Coupon = "coupon",
    }
);

words!(
    /// Which price a condition or an effect looks at (计算基准).
    Base, "base" {
        /// List prices.
        List = "list",
        /// Unit prices before any discount.
        Before = "before",
        /// What earlier offers left.
        After = "after",
    }
);

/// An offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offer {
    /// Its id; the last word where order is a tie.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: OfferId,
    /// What makes it come into play.
    #[serde(default)]
    pub trigger: Trigger,
    /// What it reduces. Items go before the order, the order before shipping.
    pub class: OfferClass,
    /// When it holds; always when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<TimeWindow>,
    /// The lines it reduces.
    #[serde(default)]
    pub scope: LineScope,
    /// What must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// The prices that amounts in the condition are measured on.
    #[serde(default = "before")]
    pub condition_base: Base,
    /// What it gives.
    pub effect: Effect,
    /// The prices that the effect is reckoned on.
    #[serde(default = "after")]
    pub effect_base: Base,
    /// How many units it reduces.
    #[serde(default)]
    pub units: UnitLimit,
    /// The most it takes off an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "50.00"))]
    pub cap: Option<Money>,
    /// What is left of its budget: an order that would take more is refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub budget_left: Option<Money>,
    /// How often it may still be used, by this customer or in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<u32>,
    /// 不可同享: nothing else applies beside it.
    #[serde(default)]
    pub exclusive: bool,
    /// Of a group only the best one applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Classes of offers it goes together with (可叠加); it must be said on both sides.
    #[serde(default = "all_classes")]
    pub combines_with: Vec<OfferClass>,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i32,
}

impl Offer {
    /// An automatic offer that combines with everything, on every line, without conditions.
    pub fn new(id: OfferId, class: OfferClass, effect: Effect) -> Self {
        Self {
            id,
            trigger: Trigger::Automatic,
            class,
            window: None,
            scope: LineScope::default(),
            condition: None,
            condition_base: Base::Before,
            effect,
            effect_base: Base::After,
            units: UnitLimit::default(),
            cap: None,
            budget_left: None,
            uses_left: None,
            exclusive: false,
            group: None,
            combines_with: all_classes(),
            priority: 0,
        }
    }

    /// Whether it goes together with every offer that says the same of itself.
    pub(crate) fn is_open_to_all(&self) -> bool {
        !self.exclusive
            && self.group.is_none()
            && OfferClass::ALL.iter().all(|class| self.combines_with.contains(class))
    }

    /// Whether the two may apply to one order.
    pub fn combines(&self, other: &Self) -> bool {
        let same_group = self.group.is_some() && self.group == other.group;
        !self.exclusive
            && !other.exclusive
            && !same_group
            && self.id != other.id
            && self.combines_with.contains(&other.class)
            && other.combines_with.contains(&self.class)
    }
}

fn before() -> Base {
    Base::Before
}

fn after() -> Base {
    Base::After
}

fn all_classes() -> Vec<OfferClass> {
    OfferClass::ALL.to_vec()
}
