//! The card in Chinese.

use super::phrase::Phrase;
use super::words::{Unit, delay, discount_in_zhe, money_on_screen as money, span};
use super::{CardContext, Locale};
use crate::{
    limits::{LimitCap, LimitRule, Metric, Period, Subject},
    rules::{Effect, OfferClass, ReturnPolicy},
};

pub(super) fn title(effect: &Effect) -> String {
    match effect {
        Effect::AmountOff { amount, threshold } if threshold.is_zero() => format!("立减{}", money(*amount)),
        Effect::AmountOff { amount, threshold } => format!("满{}减{}", money(*threshold), money(*amount)),
        Effect::PercentOff { rate_off, threshold, .. } if threshold.is_zero() => discount_in_zhe(*rate_off),
        Effect::PercentOff { rate_off, threshold, .. } => {
            format!("满{}享{}", money(*threshold), discount_in_zhe(*rate_off))
        }
        Effect::Exchange { item, price, .. } if price.is_zero() => format!("免费兑换{item}"),
        Effect::Exchange { item, price, .. } => format!("{}换购{item}", money(*price)),
        Effect::DeliveryFeeOff { amount: Some(amount) } => format!("运费立减{}", money(*amount)),
        Effect::DeliveryFeeOff { amount: None } => "免运费".to_owned(),
        Effect::Unsupported => "卡券".to_owned(),
    }
}

pub(super) fn say(phrase: &Phrase<'_>, context: &CardContext<'_>) -> String {
    match phrase {
        Phrase::Threshold(threshold) => format!("订单满{}可用", money(*threshold)),
        Phrase::NoThreshold => "无门槛，优惠以订单金额为限".to_owned(),
        Phrase::Cap(cap) => format!("最多优惠{}", money(*cap)),
        Phrase::ClaimWindow(window) => {
            let (first, last) = span(window, context);
            format!("领取时间：{first} 至 {last}")
        }
        Phrase::Usable(window) => {
            let (first, last) = span(window, context);
            format!("有效期：{first} 至 {last}")
        }
        Phrase::Delay { minutes } => say_delay(*minutes),
        Phrase::UsableDays { days, after_delay } => say_days(*days, *after_delay),
        Phrase::UseTimes(times) => format!("可用时段：{}", times.describe(Locale::Zh)),
        Phrase::NewCustomersOnly => "仅限新客".to_owned(),
        Phrase::SegmentOnly => "仅限指定人群".to_owned(),
        Phrase::Limit(limit) => say_limit(limit),
        Phrase::EverywhereInScope => "适用门店：全部门店".to_owned(),
        Phrase::OnlyAt([]) => "仅限指定门店".to_owned(),
        Phrase::OnlyAt(names) => format!("仅限门店：{}", names.join("、")),
        Phrase::NotAt([]) => "部分门店不可用".to_owned(),
        Phrase::NotAt(names) => format!("不可用门店：{}", names.join("、")),
        Phrase::OnlyProducts => "仅限指定商品".to_owned(),
        Phrase::OnlyCategories => "仅限指定品类".to_owned(),
        Phrase::OnlyBrands => "仅限指定品牌".to_owned(),
        Phrase::OnlyDeliveryAreas => "仅限指定配送地区".to_owned(),
        Phrase::OnlyInOrders => "仅限线上订单使用，门店柜台不可核销".to_owned(),
        Phrase::Exclusive => "不可与任何其他优惠同享".to_owned(),
        Phrase::CombinesWithNothing => "不可与其他优惠叠加".to_owned(),
        Phrase::CombinesWith(classes) => {
            let names: Vec<_> = classes.iter().map(|class| class_name(*class)).collect();
            format!("可与{}叠加", names.join("、"))
        }
        Phrase::NotTransferable => "不可转赠".to_owned(),
        Phrase::Transferable => "可以转赠".to_owned(),
        Phrase::Refund(ReturnPolicy::Return) => "订单全额退款后退还本券".to_owned(),
        Phrase::Refund(ReturnPolicy::ReturnIfNotExpired) => "订单全额退款后，本券未过期则退还".to_owned(),
        Phrase::Refund(ReturnPolicy::Keep) => "订单退款后不退还本券".to_owned(),
    }
}

fn say_delay(minutes: u32) -> String {
    let (count, unit) = delay(minutes);
    let unit = match unit {
        Unit::Day => "天",
        Unit::Hour => "小时",
        Unit::Minute => "分钟",
    };
    format!("领取{count}{unit}后生效")
}

fn say_days(days: u16, after_delay: bool) -> String {
    let from = if after_delay { "生效" } else { "领取" };
    match days {
        0 => format!("有效期：至{from}当日 23:59"),
        1 => format!("有效期：至{from}次日 23:59"),
        _ => format!("有效期：至{from}后第{days}天 23:59"),
    }
}

fn say_limit(limit: &LimitRule) -> String {
    let subject = match limit.subject {
        Subject::Template => "本券",
        Subject::Code => "每个券码",
        Subject::Customer => "每人",
        Subject::Site => "每个分站",
        Subject::Store => "每家门店",
    };
    let period = match limit.period {
        Period::Day => "每天",
        Period::Week => "每周",
        Period::Month => "每月",
        Period::Ever => "",
    };
    let cap = match limit.cap {
        LimitCap::Count(count) => count.to_string(),
        LimitCap::Amount(amount) => money(amount),
    };
    match limit.metric {
        Metric::Claims => format!("{subject}{period}限领{cap}张"),
        Metric::Uses => format!("{subject}{period}限用{cap}次"),
        Metric::Discount => format!("{subject}{period}优惠合计不超过{cap}"),
        Metric::OrderValue => format!("{subject}{period}用券订单合计不超过{cap}"),
    }
}

fn class_name(class: OfferClass) -> &'static str {
    match class {
        OfferClass::Item => "单品优惠",
        OfferClass::Order => "订单优惠",
        OfferClass::Shipping => "运费优惠",
    }
}
