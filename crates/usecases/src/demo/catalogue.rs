//! The head's offers.

use huike_coupons::{
    ChannelKind, Effect, TemplateRules,
    calendar::UseTimes,
    limits::{Metric, Period, Subject},
    rules::Validity,
};
use huike_kernel::TimeWindow;

use super::{
    dates::Dates,
    plan::{ChannelPlan, Life, OfferPlan, Way, days, off, offer, share_off},
    stage::{mistake, read, text},
};
use crate::UseCaseError;

const fn through(kind: ChannelKind, name: &'static str, share: u32) -> ChannelPlan {
    ChannelPlan { kind, name, share, code: None }
}

/// The channels of an offer that is advertised everywhere.
pub(super) const EVERYWHERE: &[ChannelPlan] = &[
    through(ChannelKind::Community, "宝妈社群", 26),
    through(ChannelKind::LandingPage, "小程序首页", 24),
    through(ChannelKind::Message, "服务通知", 14),
    through(ChannelKind::Poster, "门店海报", 10),
    through(ChannelKind::TillReceipt, "购物小票", 8),
];

const NEWCOMERS: &[ChannelPlan] =
    &[through(ChannelKind::LandingPage, "新客落地页", 45), through(ChannelKind::Community, "老带新社群", 30)];

const POSTER: &[ChannelPlan] =
    &[ChannelPlan { kind: ChannelKind::Poster, name: "孕婴展海报", share: 100, code: Some("XIAOXIANG-BAOBAO") }];

/// The hours a coupon may be used at, as the rule document spells them.
pub(super) fn use_times(json: &str) -> Result<UseTimes, UseCaseError> {
    serde_json::from_str(json).map_err(|error| mistake(json, &error))
}

pub(super) fn exchange(item: &str) -> Result<Effect, UseCaseError> {
    Ok(Effect::Exchange { item: text(item)?, sku: None, price: read("0")? })
}

/// Everything the head offers, or means to.
pub(super) fn of_head(dates: &Dates) -> Result<Vec<OfferPlan>, UseCaseError> {
    let mut offers = evergreens()?;
    offers.extend(occasions(dates)?);
    offers.extend(special_ways()?);
    offers.extend(not_live(dates)?);
    Ok(offers)
}

fn evergreens() -> Result<Vec<OfferPlan>, UseCaseError> {
    let newcomers_only = |rules: &mut TemplateRules| rules.audience.new_customer_only = true;
    let per_customer = |period| (Metric::Claims, Subject::Customer, period);
    Ok(vec![
        offer(("首单立减10", "第一次见面，先省 10 元"), off("10", "0")?, 20_000, days(30))
            .with(newcomers_only)
            .each(1)
            .fares(70, 62)
            .through(NEWCOMERS),
        offer(("满200减30", "囤货更划算"), off("30", "200")?, 20_000, days(15))
            .at_most(2, per_customer(Period::Month))
            .fares(42, 46)
            .through(EVERYWHERE),
        offer(("满99减10", "天天都能用"), off("10", "99")?, 40_000, days(7))
            .at_most(1, per_customer(Period::Week))
            .at_most(40, (Metric::Uses, Subject::Store, Period::Day))
            .fares(46, 50)
            .through(EVERYWHERE),
        offer(("周末满150减25", "周末带娃来逛逛"), off("25", "150")?, 10_000, days(14))
            .with_times(r#"{"rules":[{"weekdays":["saturday","sunday"]}]}"#)?
            .each(4)
            .fares(26, 48)
            .through(EVERYWHERE),
        offer(("会员9折", "会员专享，最高减 40 元"), share_off("0.10", "0", "40")?, 8_000, days(20))
            .budget("60000", Some("900"))?
            .each(3)
            .fares(24, 55)
            .through(EVERYWHERE),
        offer(("新客满59减15", "新朋友的见面礼"), off("15", "59")?, 10_000, days(10))
            .with(newcomers_only)
            .each(1)
            .fares(26, 56)
            .through(NEWCOMERS),
        offer(("孕期关怀满168减28", "领取 24 小时后可用，孕期慢慢挑"), off("28", "168")?, 5_000, after_a_day(45))
            .each(2)
            .fares(14, 44)
            .through(EVERYWHERE),
    ])
}

const fn after_a_day(days: u16) -> Validity {
    Validity::Relative { delay_minutes: 24 * 60, days }
}

/// The sites' shares of the milk powder festival.
const FESTIVAL_SHARES: &[(&str, i64)] = &[
    ("guangzhou", 150),
    ("shenzhen", 130),
    ("shanghai", 140),
    ("hangzhou", 70),
    ("nanjing", 50),
    ("beijing", 120),
    ("tianjin", 40),
];

fn occasions(dates: &Dates) -> Result<Vec<OfferPlan>, UseCaseError> {
    Ok(vec![
        offer(("奶粉节满300减50", "口粮节，一年两次"), off("50", "300")?, 900, dates.fixed(-60, 12))
            .life(Life::Live(-60))
            .each(2)
            .split(FESTIVAL_SHARES)
            .fares(30, 58)
            .through(EVERYWHERE),
        offer(("婴儿湿巾兑换券", "到店领一包，柔软亲肤"), exchange("婴儿手口湿巾 80 抽一包")?, 2_000, days(21))
            .life(Life::Live(-75))
            .with_unit_cost("8.80")?
            .budget("12000", None)?
            .each(1)
            .fares(18, 66)
            .through(EVERYWHERE),
        offer(("免运费券", "送货到家不加价"), Effect::DeliveryFeeOff { amount: Some(read("8")?) }, 3_000, days(10))
            .life(Life::Live(-40))
            .each(3)
            .fares(6, 0),
        offer(("节假日满188减38", "放假啦，一家人出门"), off("38", "188")?, 5_000, days(60))
            .life(Life::Live(-55))
            .with_times(r#"{"rules":[{"include":["holiday"]},{"include":["weekend"],"hours":[{"from":"10:00","to":"22:00"}]}]}"#)?
            .each(2)
            .fares(8, 40),
        offer(("全场立减20·限额抢", "手快有，手慢无"), off("20", "0")?, 500, days(60))
            .life(Life::Exhausted(-45))
            .budget("2400", None)?
            .each(1)
            .fares(34, 60),
    ])
}

fn special_ways() -> Result<Vec<OfferPlan>, UseCaseError> {
    Ok(vec![
        offer(("宝宝生日券满100减20", "生日快乐，小寿星"), off("20", "100")?, 10_000, days(30))
            .each(1)
            .way(Way::Given)
            .fares(0, 58),
        offer(("孕婴展口令券满79减12", "输入海报口令领取"), off("12", "79")?, 3_000, days(14))
            .life(Life::Live(-50))
            .each(1)
            .fares(12, 52)
            .through(POSTER),
        offer(("商场传单减5元", "凭传单上的券码到店立减"), off("5", "0")?, 1_000, days(60))
            .life(Life::Live(-70))
            .way(Way::Printed { codes: 360, pattern: None })
            .fares(0, 45),
        offer(("异业合作满120减20", "影楼合作专享码"), off("20", "120")?, 500, days(45))
            .life(Life::Live(-58))
            .way(Way::Printed { codes: 160, pattern: Some("YINGLOU-####-@@@") })
            .fares(0, 50),
    ])
}

fn not_live(dates: &Dates) -> Result<Vec<OfferPlan>, UseCaseError> {
    Ok(vec![
        offer(("纸尿裤囤货满400减60", "一次囤够一个月"), off("60", "400")?, 2_000, days(20))
            .life(Life::Paused(-80, -12))
            .each(2)
            .fares(16, 42)
            .through(EVERYWHERE),
        offer(("早教体验课兑换券", "小象早教，先上一节"), exchange("早教体验课一节（45 分钟）")?, 600, days(90))
            .life(Life::Killed(-65, -18, "合作机构停业整顿，券暂停使用，已领取的客户请联系客服换券"))
            .with_unit_cost("35")?
            .each(1)
            .fares(8, 45),
        offer(("跨年囤货满500减80", "下月上线，敬请期待"), off("80", "500")?, 2_000, dates.fixed(20, 50))
            .life(Life::Approved)
            .with_claim_window(dates.window(10, 45))
            .each(1),
        offer(("年货节满266减36", "带着小象回家过年"), off("36", "266")?, 5_000, days(15)).life(Life::InReview).each(2),
        offer(("春季新品9.5折", "春装上新"), share_off("0.05", "0", "30")?, 3_000, days(15)).life(Life::Draft).each(2),
        offer(("满50减45", "试试看"), off("45", "50")?, 10_000, days(30))
            .life(Life::Rejected("面额接近门槛，毛利为负，请改为满 150 减 25 后再提交")),
    ])
}

impl OfferPlan {
    pub(super) fn with_times(self, json: &str) -> Result<Self, UseCaseError> {
        let times = use_times(json)?;
        Ok(self.with(|rules| rules.use_times = times))
    }

    pub(super) fn with_unit_cost(self, cost: &str) -> Result<Self, UseCaseError> {
        let cost = read(cost)?;
        Ok(self.with(|rules| rules.unit_cost = Some(cost)))
    }

    fn with_claim_window(self, window: TimeWindow) -> Self {
        self.with(|rules| rules.claim_window = Some(window))
    }
}
