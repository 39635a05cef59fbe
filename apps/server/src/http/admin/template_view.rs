//! What staff see of a template.

use actix_web::web::Json;
use chrono::{DateTime, Utc};
use huike_coupons::{
    CouponError, Effect, Locale, Look, RuleCard, TemplateError, TemplateRules, TemplateState, VersionState,
};
use huike_kernel::{Money, NodeId, StaffId, TemplateId};
use huike_persistence::{
    Db, Store,
    stock::Stock,
    template_lists::Listed,
    templates::{Template, TemplateVersion},
};
use huike_usecases::{Act, Caller, UseCaseError, templates::CardFacts};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{FieldError, Problem};

/// A template with one of its versions: the newest for its owner's staff, the live one for nodes below.
#[derive(Serialize, ToSchema)]
pub struct TemplateView {
    /// Its id.
    id: TemplateId,
    /// The node that owns it.
    site_id: NodeId,
    /// Its name.
    #[schema(example = "满200减30")]
    name: String,
    /// The kind of its effect.
    #[schema(example = "amount_off")]
    kind: String,
    /// Where it stands.
    state: TemplateState,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
    /// The version coupons are issued under, once it was published.
    live_version: Option<i64>,
    /// Why the kill switch is on, if it is.
    kill: Option<KillView>,
    /// The version that is shown.
    shown_version: VersionView,
    /// What is left, once it was published.
    stock: Option<StockView>,
    /// What one coupon can cost at most; null where nothing bounds it.
    worst_case_cost: Option<Money>,
    /// What all coupons together can cost at most; null where nothing bounds it.
    worst_case_total: Option<Money>,
    /// The rules in plain words.
    rule_card: RuleCards,
    /// Who made it.
    created_by: StaffId,
    /// When.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// The kill switch.
#[derive(Serialize, ToSchema)]
pub struct KillView {
    /// Since when.
    since: DateTime<Utc>,
    /// Why, as holders are told.
    #[schema(example = "券码泄露")]
    reason: String,
}

/// One version of a template.
#[derive(Serialize, ToSchema)]
pub struct VersionView {
    /// 1, 2, 3, ….
    #[schema(minimum = 1)]
    number: i64,
    /// Where it stands.
    state: VersionState,
    /// Let pass without a second person (未经复核).
    unreviewed: bool,
    /// The rules.
    rules: TemplateRules,
    /// The card's look.
    look: Look,
    /// Everybody who wrote on it; none of them reviews it.
    makers: Vec<StaffId>,
    /// Who handed it in for review.
    submitted_by: Option<StaffId>,
    /// When.
    submitted_at: Option<DateTime<Utc>>,
    /// Who let it pass.
    reviewed_by: Option<StaffId>,
    /// When.
    reviewed_at: Option<DateTime<Utc>>,
    /// Why it was rejected, the last time.
    reject_reason: Option<String>,
}

/// What is issued, promised and spent.
#[derive(Serialize, ToSchema)]
pub struct StockView {
    /// How many may ever be issued.
    quantity: i64,
    /// How many ever were.
    issued: i64,
    /// How many of them found an owner.
    claimed: i64,
    /// The money budget, if there is one.
    budget: Option<Money>,
    /// Promised to coupons that may still be redeemed.
    committed: Money,
    /// Given away by redemptions.
    spent: Money,
}

/// The rules in plain words, in each language; what restricts is to be shown in bold.
#[derive(Serialize, ToSchema)]
pub struct RuleCards {
    /// 简体中文
    zh: RuleCard,
    /// English
    en: RuleCard,
}

/// A template in a list.
#[derive(Serialize, ToSchema)]
pub struct TemplateSummary {
    /// Its id.
    id: TemplateId,
    /// The node that owns it.
    site_id: NodeId,
    /// Its name.
    #[schema(example = "满200减30")]
    name: String,
    /// What it gives.
    effect: Effect,
    /// Where it stands.
    state: TemplateState,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
    /// The version that is shown: the newest for its owner's staff, the live one for nodes below.
    version_number: i64,
    /// Where that version stands.
    version_state: VersionState,
    /// Let pass without a second person (未经复核).
    unreviewed: bool,
    /// Why the kill switch is on, if it is.
    kill: Option<KillView>,
    /// What is left, once it was published.
    stock: Option<StockView>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl RuleCards {
    /// The cards of these rules at this moment.
    pub(super) fn of(facts: &CardFacts, rules: &TemplateRules, now: DateTime<Utc>) -> Self {
        Self { zh: facts.card(rules, now, Locale::Zh), en: facts.card(rules, now, Locale::En) }
    }
}

fn kill_of(template: &Template) -> Option<KillView> {
    template.killed.as_ref().map(|(since, reason)| KillView { since: *since, reason: reason.to_string() })
}

impl From<TemplateVersion> for VersionView {
    fn from(version: TemplateVersion) -> Self {
        Self {
            number: version.number,
            state: version.state,
            unreviewed: version.unreviewed,
            rules: version.rules,
            look: version.look,
            makers: version.makers,
            submitted_by: version.submitted.map(|(by, _)| by),
            submitted_at: version.submitted.map(|(_, at)| at),
            reviewed_by: version.reviewed.map(|(by, _)| by),
            reviewed_at: version.reviewed.map(|(_, at)| at),
            reject_reason: version.reject_reason,
        }
    }
}

impl From<Stock> for StockView {
    fn from(stock: Stock) -> Self {
        Self {
            quantity: stock.quantity,
            issued: stock.issued,
            claimed: stock.claimed,
            budget: stock.budget_fen.map(Money::from_fen),
            committed: Money::from_fen(stock.committed_fen),
            spent: Money::from_fen(stock.spent_fen),
        }
    }
}

impl From<Listed> for TemplateSummary {
    fn from(Listed { template, version, stock }: Listed) -> Self {
        Self {
            kill: kill_of(&template),
            id: template.id,
            site_id: template.site,
            name: template.name,
            effect: version.rules.effect,
            state: template.state,
            version: template.version,
            version_number: version.number,
            version_state: version.state,
            unreviewed: version.unreviewed,
            stock: stock.map(Into::into),
            updated_at: template.updated_at,
        }
    }
}

impl TemplateView {
    /// The view, with the names that the rule card needs read in the same transaction.
    pub(super) fn load(db: &mut Db, listed: Listed, now: DateTime<Utc>) -> Result<Self, UseCaseError> {
        let Listed { template, version, stock } = listed;
        let facts = CardFacts::load(db, template.site, &version.rules)?;
        Ok(Self {
            kill: kill_of(&template),
            worst_case_cost: version.rules.worst_case_cost(),
            worst_case_total: version.rules.worst_case_total(),
            rule_card: RuleCards::of(&facts, &version.rules, now),
            id: template.id,
            site_id: template.site,
            name: template.name,
            kind: template.kind,
            state: template.state,
            version: template.version,
            live_version: template.live_version,
            shown_version: version.into(),
            stock: stock.map(Into::into),
            created_by: template.created_by,
            created_at: template.created_at,
            updated_at: template.updated_at,
        })
    }
}

impl TemplateView {
    /// Its id.
    pub(super) fn id(&self) -> TemplateId {
        self.id
    }
}

/// One act on a template in one transaction, and the template after it.
pub(super) async fn change(
    store: &Store,
    caller: Caller,
    body: impl Fn(&mut Db, &Act<'_>) -> Result<Listed, UseCaseError> + Send + 'static,
) -> Result<Json<TemplateView>, Problem> {
    let changed = store.write(move |db, now| {
        let listed = body(db, &caller.act(now))?;
        TemplateView::load(db, listed, now)
    });
    Ok(Json(changed.await.map_err(explain)?))
}

/// Of rules that are not sound every fault is told, each at its place.
pub(super) fn explain(error: UseCaseError) -> Problem {
    let UseCaseError::Coupons(CouponError::Template(TemplateError::RulesInvalid(problems))) = &error else {
        return error.into();
    };
    let faults = problems.iter();
    let faults = faults.map(|it| FieldError::new(it.pointer.clone(), it.fault.code(), it.fault.to_string())).collect();
    Problem::from(error).with_errors(faults)
}
