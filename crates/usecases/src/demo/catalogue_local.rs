//! Offers of regions and of sites.

use huike_coupons::{
    ChannelKind,
    limits::{Metric, Period, Subject},
};

use super::{
    catalogue::exchange,
    geography::RESTAURANT,
    plan::{ChannelPlan, Life, OfferPlan, Owner, days, off, offer, share_off},
};
use crate::UseCaseError;

const NEARBY: &[ChannelPlan] = &[
    ChannelPlan { kind: ChannelKind::Community, name: "门店社群", share: 40, code: None },
    ChannelPlan { kind: ChannelKind::Poster, name: "店内立牌", share: 25, code: None },
];

/// Everything that is offered somewhere only.
pub(super) fn of_places() -> Result<Vec<OfferPlan>, UseCaseError> {
    let mut offers = of_regions()?;
    offers.extend(of_sites()?);
    offers.extend(of_restaurant()?);
    Ok(offers)
}

fn of_regions() -> Result<Vec<OfferPlan>, UseCaseError> {
    let regional = |name, amount, threshold, region, colour| -> Result<OfferPlan, UseCaseError> {
        let plan = offer((name, "本区专享"), off(amount, threshold)?, 6_000, days(12));
        Ok(plan.owned_by(Owner::Region(region), colour).each(4).fares(24, 50).through(NEARBY))
    };
    Ok(vec![
        regional("华南专享满120减15", "15", "120", "south", "#2F8F83")?,
        regional("华东专享满180减28", "28", "180", "east", "#3B6FB6")?.life(Life::Live(-70)),
        regional("华北专享满160减25", "25", "160", "north", "#A8553A")?.life(Life::Live(-64)),
    ])
}

fn of_sites() -> Result<Vec<OfferPlan>, UseCaseError> {
    Ok(vec![
        offer(("深圳店庆8.8折", "生日请你来"), share_off("0.12", "100", "30")?, 1_500, days(10))
            .owned_by(Owner::Site("shenzhen"), "#7A4FA3")
            .life(Life::Ended(-60, -30))
            .budget("20000", Some("600"))?
            .each(2)
            .fares(34, 52)
            .through(NEARBY),
        offer(("上海会员日满138减22", "每周都有会员日"), off("22", "138")?, 4_000, days(14))
            .owned_by(Owner::Site("shanghai"), "#3B6FB6")
            .life(Life::Revised(-85, -30))
            .at_most(1, (Metric::Claims, Subject::Customer, Period::Week))
            .revised(|rules| rules.quantity = 6_000)
            .fares(22, 50)
            .through(NEARBY),
    ])
}

/// A local restaurant has offers of another kind, and decides on small ones alone.
fn of_restaurant() -> Result<Vec<OfferPlan>, UseCaseError> {
    let owner = Owner::Site(RESTAURANT);
    Ok(vec![
        offer(("满100减20", "一家三口，吃顿好的"), off("20", "100")?, 6_000, days(10))
            .owned_by(owner, "#3E7C59")
            .at_most(2, (Metric::Claims, Subject::Customer, Period::Week))
            .at_most(1, (Metric::Uses, Subject::Customer, Period::Day))
            .fares(60, 57)
            .through(NEARBY),
        offer(("午市亲子套餐减15", "工作日午市，安静用餐"), off("15", "88")?, 3_000, days(14))
            .owned_by(owner, "#3E7C59")
            .with_times(r#"{"rules":[{"weekdays":["monday","tuesday","wednesday","thursday","friday"],"hours":[{"from":"11:00","to":"14:00"}]}]}"#)?
            .each(4)
            .fares(26, 45),
        offer(("小食拼盘兑换券", "孩子先垫垫肚子"), exchange("儿童小食拼盘一份")?, 200, days(21))
            .owned_by(owner, "#3E7C59")
            .life(Life::Alone(-33))
            .with_unit_cost("9")?
            .budget("1800", None)?
            .each(1)
            .fares(20, 62),
    ])
}
