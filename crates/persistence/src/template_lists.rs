//! Lists of templates: for staff by scope, for customers by site.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::{TemplateState, rules::Validity};
use huike_kernel::{NodeId, TemplateId};

use crate::{
    Db, StoreError,
    schema::{coupon_stock, coupon_template, coupon_template_version},
    scope::{ancestors, subtree},
    sql_types::DbId,
    stock::Stock,
    templates::{Row, Template, TemplateVersion, VersionRow},
};

diesel::define_sql_function! {
    /// Small letters; of those beyond ASCII only PostgreSQL knows more, so both sides are asked for ASCII alone.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// A template with the version a list speaks of, and its stock once it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The template.
    pub template: Template,
    /// The version: the newest for staff of the owner, the live one for everybody else.
    pub version: TemplateVersion,
    /// What is left.
    pub stock: Option<Stock>,
}

/// What narrows a list for staff.
#[derive(Debug, Clone, Default)]
pub struct TemplateFilter {
    /// Only in this state.
    pub state: Option<TemplateState>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only those whose name holds this text.
    pub text: Option<String>,
    /// Only those that this node owns.
    pub owner: Option<NodeId>,
}

/// One page of a list: newest first, `limit` of them before `before`.
#[derive(Debug, Clone, Copy)]
pub struct TemplatePage {
    /// The last one of the page before.
    pub before: Option<TemplateId>,
    /// The most on the page.
    pub limit: i64,
}

type Joined = (Row, VersionRow, Option<Stock>);

fn listed((template, version, stock): Joined) -> Result<Listed, StoreError> {
    Ok(Listed { template: template.try_into()?, version: version.try_into()?, stock })
}

/// Templates at or below the roots with their newest version, and those above them that are live with the live one.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &TemplateFilter,
    page: TemplatePage,
) -> Result<Vec<Listed>, StoreError> {
    use coupon_template::dsl;
    let live = dsl::state.eq(TemplateState::Live.as_str());
    let number = coupon_template_version::number;
    let own = dsl::site_id.eq_any(subtree(roots)).and(number.eq(dsl::newest_version));
    // Of what belongs to others only the live version is theirs to read, not the next one in the making.
    let above = live
        .and(number.nullable().eq(dsl::live_version))
        .and(dsl::site_id.eq_any(ancestors(roots)))
        .and(dsl::site_id.ne_all(subtree(roots)));
    let mut query = coupon_template::table
        .inner_join(coupon_template_version::table)
        .left_join(coupon_stock::table)
        .filter(own.or(above))
        .order(dsl::id.desc())
        .limit(page.limit)
        .select((Row::as_select(), VersionRow::as_select(), Option::<Stock>::as_select()))
        .into_boxed();
    if let Some(before) = page.before {
        query = query.filter(dsl::id.lt(DbId::from(before)));
    }
    if let Some(state) = filter.state {
        query = query.filter(dsl::state.eq(state.as_str()));
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

/// A pattern for texts that hold this one, whose own wildcards are taken by the letter.
pub(crate) fn containing(text: &str) -> String {
    let escaped: String = text
        .to_ascii_lowercase()
        .chars()
        .flat_map(|c| ['\\'].into_iter().filter(move |_| "\\%_".contains(c)).chain([c]))
        .collect();
    format!("%{escaped}%")
}

/// One template with its newest version and stock.
pub fn find(db: &mut Db, id: TemplateId) -> Result<Option<Listed>, StoreError> {
    let row: Option<Joined> = coupon_template::table
        .inner_join(coupon_template_version::table)
        .left_join(coupon_stock::table)
        .filter(coupon_template_version::number.eq(coupon_template::newest_version))
        .filter(coupon_template::id.eq(DbId::from(id)))
        .select((Row::as_select(), VersionRow::as_select(), Option::<Stock>::as_select()))
        .first(db)
        .optional()?;
    row.map(listed).transpose()
}

/// Every version of a template, newest first.
pub fn list_versions(db: &mut Db, id: TemplateId) -> Result<Vec<TemplateVersion>, StoreError> {
    let rows: Vec<VersionRow> = coupon_template_version::table
        .filter(coupon_template_version::template_id.eq(DbId::from(id)))
        .order(coupon_template_version::number.desc())
        .select(VersionRow::as_select())
        .load(db)?;
    rows.into_iter().map(TemplateVersion::try_from).collect()
}

/// Rows read at once while looking for what a site offers.
const OFFERS_READ: i64 = 100;

/// What customers may claim at a site at this moment: live, within its claim window, and good at the site or somewhere
/// below it. `path` leads from the head to the site. Whether any are left is on the stock.
pub fn list_claimable(
    db: &mut Db,
    path: &[NodeId],
    now: DateTime<Utc>,
    page: TemplatePage,
) -> Result<Vec<Listed>, StoreError> {
    let wanted = usize::try_from(page.limit).unwrap_or(0);
    let (mut found, mut before) = (Vec::new(), page.before);
    // Windows and scopes are in the rule documents, so rows are read on until the page is full.
    loop {
        let rows = list_accepting(db, path, before)?;
        let Some(last) = rows.last().map(|offer| offer.template.id) else { break };
        let more = i64::try_from(rows.len()).is_ok_and(|read| read == OFFERS_READ);
        found.extend(rows.into_iter().filter(|offer| is_claimable(offer, path, now)));
        before = Some(last);
        if !more || found.len() >= wanted {
            break;
        }
    }
    found.truncate(wanted);
    Ok(found)
}

fn list_accepting(db: &mut Db, path: &[NodeId], before: Option<TemplateId>) -> Result<Vec<Listed>, StoreError> {
    use coupon_template::dsl;
    let mut query = coupon_template::table
        .inner_join(coupon_template_version::table)
        .inner_join(coupon_stock::table)
        .filter(coupon_template_version::number.nullable().eq(dsl::live_version))
        .filter(dsl::site_id.eq_any(DbId::list(path)))
        .filter(coupon_stock::accepting.eq(true))
        .order(dsl::id.desc())
        .limit(OFFERS_READ)
        .select((Row::as_select(), VersionRow::as_select(), Stock::as_select()))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(dsl::id.lt(DbId::from(before)));
    }
    let rows: Vec<(Row, VersionRow, Stock)> = query.load(db)?;
    rows.into_iter().map(|(template, version, stock)| listed((template, version, Some(stock)))).collect()
}

/// What SQL does not see of a rule document. The rule itself is `huike_coupons::decide_claim`.
fn is_claimable(offer: &Listed, path: &[NodeId], now: DateTime<Utc>) -> bool {
    let rules = &offer.version.rules;
    let open = rules.claim_window.is_none_or(|window| window.contains(now));
    let over = matches!(rules.validity, Validity::Fixed { ends_at, .. } if ends_at <= now);
    open && !over && rules.scope.covers(path)
}
