//! The card in English.

use super::phrase::Phrase;
use super::words::{Unit, delay, money_on_screen as money, percentage, span};
use super::{CardContext, Locale};
use crate::{
    limits::{LimitCap, LimitRule, Metric, Period, Subject},
    rules::{Effect, OfferClass, ReturnPolicy},
};

pub(super) fn title(effect: &Effect) -> String {
    match effect {
        Effect::AmountOff { amount, threshold } if threshold.is_zero() => format!("{} off", money(*amount)),
        Effect::AmountOff { amount, threshold } => format!("{} off {} or more", money(*amount), money(*threshold)),
        Effect::PercentOff { rate_off, threshold, .. } if threshold.is_zero() => {
            format!("{} off", percentage(*rate_off))
        }
        Effect::PercentOff { rate_off, threshold, .. } => {
            format!("{} off {} or more", percentage(*rate_off), money(*threshold))
        }
        Effect::Exchange { item, price, .. } if price.is_zero() => format!("{item} for free"),
        Effect::Exchange { item, price, .. } => format!("{item} for {}", money(*price)),
        Effect::DeliveryFeeOff { amount: Some(amount) } => format!("{} off delivery", money(*amount)),
        Effect::DeliveryFeeOff { amount: None } => "Free delivery".to_owned(),
        Effect::Unsupported => "Coupon".to_owned(),
    }
}

pub(super) fn say(phrase: &Phrase<'_>, context: &CardContext<'_>) -> String {
    match phrase {
        Phrase::Threshold(threshold) => format!("For orders of {} or more", money(*threshold)),
        Phrase::NoThreshold => "No minimum; never more than the order amount".to_owned(),
        Phrase::Cap(cap) => format!("At most {} off", money(*cap)),
        Phrase::ClaimWindow(window) => {
            let (first, last) = span(window, context);
            format!("Claim: {first} to {last}")
        }
        Phrase::Usable(window) => {
            let (first, last) = span(window, context);
            format!("Valid: {first} to {last}")
        }
        Phrase::Delay { minutes } => say_delay(*minutes),
        Phrase::UsableDays { days, after_delay } => say_days(*days, *after_delay),
        Phrase::UseTimes(times) => format!("Use at: {}", times.describe(Locale::En)),
        Phrase::NewCustomersOnly => "New customers only".to_owned(),
        Phrase::SegmentOnly => "Selected customers only".to_owned(),
        Phrase::Limit(limit) => say_limit(limit),
        Phrase::EverywhereInScope => "Stores: all".to_owned(),
        Phrase::OnlyAt([]) => "Selected stores only".to_owned(),
        Phrase::OnlyAt(names) => format!("Only at: {}", names.join(", ")),
        Phrase::NotAt([]) => "Not at some stores".to_owned(),
        Phrase::NotAt(names) => format!("Not at: {}", names.join(", ")),
        Phrase::OnlyProducts => "Selected products only".to_owned(),
        Phrase::OnlyCategories => "Selected categories only".to_owned(),
        Phrase::OnlyBrands => "Selected product brands only".to_owned(),
        Phrase::OnlyDeliveryAreas => "Selected delivery areas only".to_owned(),
        Phrase::OnlyInOrders => "For online orders only, not at the counter of a store".to_owned(),
        Phrase::Exclusive => "Not together with any other offer or special price".to_owned(),
        Phrase::CombinesWithNothing => "Not combinable with other offers".to_owned(),
        Phrase::CombinesWith(classes) => {
            let names: Vec<_> = classes.iter().map(|class| class_name(*class)).collect();
            format!("Combinable with {}", names.join(", "))
        }
        Phrase::NotTransferable => "Cannot be given away".to_owned(),
        Phrase::Transferable => "May be given away".to_owned(),
        Phrase::Refund(ReturnPolicy::Return) => "Given back when the whole order is refunded".to_owned(),
        Phrase::Refund(ReturnPolicy::ReturnIfNotExpired) => {
            "Given back when the whole order is refunded before the coupon expires".to_owned()
        }
        Phrase::Refund(ReturnPolicy::Keep) => "Not given back when the order is refunded".to_owned(),
    }
}

fn say_delay(minutes: u32) -> String {
    let (count, unit) = delay(minutes);
    let unit = match unit {
        Unit::Day => "day",
        Unit::Hour => "hour",
        Unit::Minute => "minute",
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("Usable {count} {unit}{plural} after the claim")
}

fn say_days(days: u16, after_delay: bool) -> String {
    let from = if after_delay { "becoming usable" } else { "the claim" };
    match days {
        0 => format!("Valid until 23:59 on the day of {from}"),
        1 => format!("Valid until 23:59 on the day after {from}"),
        _ => format!("Valid until 23:59 on day {days} after {from}"),
    }
}

fn say_limit(limit: &LimitRule) -> String {
    let subject = match limit.subject {
        Subject::Template => "in all",
        Subject::Code => "per code",
        Subject::Customer => "per customer",
        Subject::Site => "per site",
        Subject::Store => "per store",
    };
    let period = match limit.period {
        Period::Day => " per day",
        Period::Week => " per week",
        Period::Month => " per month",
        Period::Ever => "",
    };
    let cap = match limit.cap {
        LimitCap::Count(count) => count.to_string(),
        LimitCap::Amount(amount) => money(amount),
    };
    match limit.metric {
        Metric::Claims => format!("Claims: at most {cap} {subject}{period}"),
        Metric::Uses => format!("Uses: at most {cap} {subject}{period}"),
        Metric::Discount => format!("Discounts: at most {cap} {subject}{period}"),
        Metric::OrderValue => format!("Orders with this coupon: at most {cap} {subject}{period}"),
    }
}

fn class_name(class: OfferClass) -> &'static str {
    match class {
        OfferClass::Item => "item offers",
        OfferClass::Order => "order offers",
        OfferClass::Shipping => "shipping offers",
    }
}
