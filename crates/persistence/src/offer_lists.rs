//! Lists of offers: for staff by scope, and what is in force at a site.

use diesel::prelude::*;
use huike_kernel::{LifeState, NodeId, OfferClass, OfferId};
use huike_pricing::{Offer, OfferRules, managed::Used};

use crate::{
    Db, StoreError,
    offer_stock::OfferStock,
    offers::{ManagedOffer, OfferVersion, Row, VersionRow},
    schema::{offer, offer_stock, offer_version},
    scope::{ancestors, subtree},
    sql_types::{DbId, DbJson},
    template_lists::{containing, lower},
};

/// An offer with the version a list speaks of, and its stock once it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedOffer {
    /// The offer.
    pub offer: ManagedOffer,
    /// The version: the newest for staff of the owner, the live one for everybody else.
    pub version: OfferVersion,
    /// What is left.
    pub stock: Option<OfferStock>,
}

/// What narrows a list for staff.
#[derive(Debug, Clone, Default)]
pub struct OfferFilter {
    /// Only in this state.
    pub state: Option<LifeState>,
    /// Only those that reduce this.
    pub class: Option<OfferClass>,
    /// Only those whose effect is of this kind.
    pub kind: Option<String>,
    /// Only those whose name holds this text.
    pub text: Option<String>,
    /// Only those that this node owns.
    pub owner: Option<NodeId>,
}

/// One page of a list: newest first, `limit` of them before `before`.
#[derive(Debug, Clone, Copy)]
pub struct OfferPage {
    /// The last one of the page before.
    pub before: Option<OfferId>,
    /// The most on the page.
    pub limit: i64,
}

type Joined = (Row, VersionRow, Option<OfferStock>);

fn listed((offer, version, stock): Joined) -> Result<ListedOffer, StoreError> {
    Ok(ListedOffer { offer: offer.try_into()?, version: version.try_into()?, stock })
}

/// Offers at or below the roots with their newest version, and those above them that are live with the live one.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &OfferFilter,
    page: OfferPage,
) -> Result<Vec<ListedOffer>, StoreError> {
    use offer::dsl;
    let number = offer_version::number;
    let own = dsl::site_id.eq_any(subtree(roots)).and(number.eq(dsl::newest_version));
    // Of what belongs to others only the live version is theirs to read, not the next one in the making.
    let above = dsl::state
        .eq(LifeState::Live.as_str())
        .and(number.nullable().eq(dsl::live_version))
        .and(dsl::site_id.eq_any(ancestors(roots)))
        .and(dsl::site_id.ne_all(subtree(roots)));
    let mut query = offer::table
        .inner_join(offer_version::table)
        .left_join(offer_stock::table)
        .filter(own.or(above))
        .order(dsl::id.desc())
        .limit(page.limit)
        .select((Row::as_select(), VersionRow::as_select(), Option::<OfferStock>::as_select()))
        .into_boxed();
    if let Some(before) = page.before {
        query = query.filter(dsl::id.lt(DbId::from(before)));
    }
    if let Some(state) = filter.state {
        query = query.filter(dsl::state.eq(state.as_str()));
    }
    if let Some(class) = filter.class {
        query = query.filter(dsl::class.eq(class.as_str()));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(dsl::kind.eq(kind));
    }
    if let Some(text) = &filter.text {
        query = query.filter(lower(dsl::name).like(containing(text)).escape('\\'));
    }
    if let Some(owner) = filter.owner {
        query = query.filter(dsl::site_id.eq(DbId::from(owner)));
    }
    let rows: Vec<Joined> = query.load(db)?;
    rows.into_iter().map(listed).collect()
}

/// One offer with its newest version and stock.
pub fn find(db: &mut Db, id: OfferId) -> Result<Option<ListedOffer>, StoreError> {
    let row: Option<Joined> = offer::table
        .inner_join(offer_version::table)
        .left_join(offer_stock::table)
        .filter(offer_version::number.eq(offer::newest_version))
        .filter(offer::id.eq(DbId::from(id)))
        .select((Row::as_select(), VersionRow::as_select(), Option::<OfferStock>::as_select()))
        .first(db)
        .optional()?;
    row.map(listed).transpose()
}

/// Every version of an offer, newest first.
pub fn list_versions(db: &mut Db, id: OfferId) -> Result<Vec<OfferVersion>, StoreError> {
    let rows: Vec<VersionRow> = offer_version::table
        .filter(offer_version::offer_id.eq(DbId::from(id)))
        .order(offer_version::number.desc())
        .select(VersionRow::as_select())
        .load(db)?;
    rows.into_iter().map(OfferVersion::try_from).collect()
}

/// What is in force for carts at a node: the live versions of the node's own offers and of those above it, with what is
/// left of budgets and uses at this moment. `path` leads from the head to the node. When each holds the engine decides.
pub fn list_live(db: &mut Db, path: &[NodeId]) -> Result<Vec<Offer>, StoreError> {
    let rows: Vec<(OfferId, DbJson, OfferStock)> = offer::table
        .inner_join(offer_version::table)
        .inner_join(offer_stock::table)
        .filter(offer_version::number.nullable().eq(offer::live_version))
        .filter(offer::site_id.eq_any(DbId::list(path)))
        .filter(offer_stock::accepting.eq(true))
        .order(offer::id)
        .select((offer::id, offer_version::rules, OfferStock::as_select()))
        .load(db)?;
    rows.into_iter().map(|(id, rules, stock)| in_force(id, rules, &stock)).collect()
}

/// The rules as they were approved, under the budget and the uses that hold now.
fn in_force(id: OfferId, rules: DbJson, stock: &OfferStock) -> Result<Offer, StoreError> {
    let rules: OfferRules = rules.parse().map_err(|error| StoreError::corrupt("offer_version", error))?;
    Ok(stock.rules_now(rules).offer(id, stock.used()))
}

impl OfferStock {
    /// The rules with the budget and the uses of the stock, which may have been changed since they were approved.
    pub fn rules_now(&self, rules: OfferRules) -> OfferRules {
        OfferRules { budget: self.budget_fen.map(huike_kernel::Money::from_fen), uses: self.uses_max, ..rules }
    }
}

impl ListedOffer {
    /// What orders took of it so far.
    pub fn used(&self) -> Used {
        self.stock.map(|stock| stock.used()).unwrap_or_default()
    }
}
