//! Figures as staff see them.

use chrono::NaiveDate;
use huike_coupons::tracking::{Band, Verdict};
use huike_kernel::{ChannelId, Money, NodeId, Rate, TemplateId};
use huike_persistence::tracking::{Figures, Moment, Redeemed};
use serde::Serialize;
use utoipa::ToSchema;

use super::spending_alarms::SpendingAlarmView;

/// What became of a template's coupons, in the caller's reach.
#[derive(Serialize, ToSchema)]
pub struct TrackingView {
    /// The template.
    pub(super) template_id: TemplateId,
    /// All time.
    pub(super) totals: FiguresView,
    /// Claimed ÷ the quantity on offer (领取率); null for whoever does not see the whole of it.
    pub(super) claim_rate: Option<Rate>,
    /// Where redemption rates usually lie.
    pub(super) band: BandView,
    /// The newest alarm on what it spends; null without one, and for whoever does not own the template.
    pub(super) last_alarm: Option<SpendingAlarmView>,
    /// All time, by channel.
    pub(super) by_channel: Vec<ChannelFigures>,
    /// All time, by the store that redeemed.
    pub(super) by_store: Vec<StoreFigures>,
    /// The first day that days and hours are counted of.
    pub(super) from: NaiveDate,
    /// The last.
    pub(super) to: NaiveDate,
    /// By local day; days without anything are left out.
    pub(super) by_day: Vec<DayFigures>,
    /// By local hour; hours without anything are left out.
    pub(super) by_hour: Vec<HourFigures>,
}

/// Counts, rates and sums.
#[derive(Serialize, ToSchema)]
pub struct FiguresView {
    /// Coupons that came to be, printed codes included.
    issued: i64,
    /// Those that found an owner.
    claimed: i64,
    /// Those that were redeemed and not undone.
    redeemed: i64,
    /// Those that expired unused.
    expired: i64,
    /// Those that were made void.
    voided: i64,
    /// 核销率: redeemed ÷ issued; null where nothing was issued.
    redemption_rate: Option<Rate>,
    /// Where that lies to the band.
    redemption_verdict: Option<Verdict>,
    /// Redeemed ÷ claimed; null where nothing was claimed.
    redeemed_of_claimed: Option<Rate>,
    /// What the redemptions came to.
    #[serde(flatten)]
    sums: SumsView,
}

/// What redemptions came to.
#[derive(Serialize, ToSchema)]
pub struct SumsView {
    /// What came off the bills.
    discount: Money,
    /// What that cost the merchant.
    cost: Money,
    /// The bills themselves, where they are known (带来的交易额).
    gmv: Money,
}

/// A band that redemption rates are expected in.
#[derive(Serialize, ToSchema)]
pub struct BandView {
    /// The lowest rate within.
    low: Rate,
    /// The highest rate within.
    high: Rate,
}

/// The figures of one channel.
#[derive(Serialize, ToSchema)]
pub struct ChannelFigures {
    /// The channel; null without one: the coupon centre, or staff.
    pub(super) channel_id: Option<ChannelId>,
    /// What staff call it.
    #[schema(example = "天河店门口海报")]
    pub(super) name: Option<String>,
    /// Its figures.
    #[serde(flatten)]
    pub(super) figures: FiguresView,
}

/// What one store redeemed.
#[derive(Serialize, ToSchema)]
pub struct StoreFigures {
    /// The store.
    pub(super) site_id: NodeId,
    /// Its name.
    #[schema(example = "天河店")]
    pub(super) name: Option<String>,
    /// How many it redeemed.
    pub(super) redeemed: i64,
    /// What they came to.
    #[serde(flatten)]
    pub(super) sums: SumsView,
}

/// One local day.
#[derive(Serialize, ToSchema)]
pub struct DayFigures {
    /// The day.
    day: NaiveDate,
    /// Coupons that found an owner.
    claimed: i64,
    /// Coupons that were redeemed.
    redeemed: i64,
    /// What they came to.
    #[serde(flatten)]
    sums: SumsView,
}

/// One local hour, over the days asked for.
#[derive(Serialize, ToSchema)]
pub struct HourFigures {
    /// 0 to 23.
    #[schema(minimum = 0, maximum = 23)]
    hour: i64,
    /// Coupons that found an owner.
    claimed: i64,
    /// Coupons that were redeemed.
    redeemed: i64,
    /// What they came to.
    #[serde(flatten)]
    sums: SumsView,
}

impl From<Redeemed> for SumsView {
    fn from(Redeemed { discount, cost, gmv, count: _ }: Redeemed) -> Self {
        Self { discount, cost, gmv }
    }
}

impl From<Figures> for FiguresView {
    fn from(figures: Figures) -> Self {
        let counts = figures.counts;
        let rate = counts.redemption_rate();
        Self {
            issued: counts.issued,
            claimed: counts.claimed,
            redeemed: counts.redeemed,
            expired: counts.expired,
            voided: figures.voided,
            redemption_rate: rate,
            redemption_verdict: rate.map(|rate| Band::retail().verdict(rate)),
            redeemed_of_claimed: counts.redeemed_of_claimed(),
            sums: figures.redeemed.into(),
        }
    }
}

impl From<Band> for BandView {
    fn from(Band { low, high }: Band) -> Self {
        Self { low, high }
    }
}

impl From<(NaiveDate, Moment)> for DayFigures {
    fn from((day, moment): (NaiveDate, Moment)) -> Self {
        let Moment { claimed, redeemed } = moment;
        Self { day, claimed, redeemed: redeemed.count, sums: redeemed.into() }
    }
}

impl From<(i64, Moment)> for HourFigures {
    fn from((hour, moment): (i64, Moment)) -> Self {
        let Moment { claimed, redeemed } = moment;
        Self { hour, claimed, redeemed: redeemed.count, sums: redeemed.into() }
    }
}
