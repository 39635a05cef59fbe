//! Cards as customers read them.

use chrono::NaiveDate;
use huike_kernel::Zone;

use super::*;
use crate::{
    limits::{LimitCap, LimitRule, Metric, Period, Subject},
    rules::{Effect, OfferClass, ReturnPolicy, Validity},
    samples,
};

const NOBODY: &[String] = &[];

fn context() -> CardContext<'static> {
    CardContext {
        zone: Zone::default(),
        today: NaiveDate::from_ymd_opt(2026, 6, 2).unwrap(),
        usable: None,
        included: NOBODY,
        excluded: NOBODY,
    }
}

/// The card as text, restrictions between asterisks.
fn written(rules: &TemplateRules, context: &CardContext<'_>, locale: Locale) -> String {
    let card = rule_card(rules, context, locale);
    let lines = card.lines.iter().map(|line| if line.strong { format!("*{}*", line.text) } else { line.text.clone() });
    std::iter::once(card.title.clone()).chain(lines).collect::<Vec<_>>().join("\n")
}

#[test]
fn amount_off_from_a_threshold() {
    let mut rules = samples::amount_off("30", "200");
    rules.validity = Validity::Fixed {
        starts_at: "2026-05-31T16:00:00Z".parse().unwrap(),
        ends_at: "2026-12-31T16:00:00Z".parse().unwrap(),
    };
    rules.limits.push(LimitRule {
        metric: Metric::Claims,
        subject: Subject::Customer,
        period: Period::Ever,
        cap: LimitCap::Count(2),
    });
    assert_eq!(
        written(&rules, &context(), Locale::Zh),
        "满¥200.00减¥30.00\n\
         *订单满¥200.00可用*\n\
         有效期：06-01 00:00 至 12-31 23:59\n\
         可用时段：不限使用时段\n\
         *每人限领2张*\n\
         适用门店：全部门店\n\
         *不可与其他优惠叠加*\n\
         *不可转赠*\n\
         订单全额退款后，本券未过期则退还"
    );
    assert_eq!(
        written(&rules, &context(), Locale::En),
        "¥30.00 off ¥200.00 or more\n\
         *For orders of ¥200.00 or more*\n\
         Valid: 06-01 00:00 to 12-31 23:59\n\
         Use at: any time\n\
         *Claims: at most 2 per customer*\n\
         Stores: all\n\
         *Not combinable with other offers*\n\
         *Cannot be given away*\n\
         Given back when the whole order is refunded before the coupon expires"
    );
}

#[test]
fn percent_off_with_every_restriction() {
    let mut rules = samples::percent_off("0.05", Some("1234"));
    rules.validity = Validity::Relative { delay_minutes: 120, days: 7 };
    rules.use_times = serde_json::from_str(r#"{"rules":[{"weekdays":["tuesday"]}]}"#).unwrap();
    rules.audience.new_customer_only = true;
    rules.limits.push(LimitRule {
        metric: Metric::Discount,
        subject: Subject::Store,
        period: Period::Day,
        cap: LimitCap::Amount(samples::yuan("500")),
    });
    rules.scope.include_nodes = vec!["00000000-0000-7000-8000-000000000001".parse().unwrap()];
    rules.scope.categories = vec!["diapers".try_into().unwrap()];
    rules.combination.exclusive = true;
    rules.return_policy = ReturnPolicy::Keep;
    let included = ["华东大区".to_owned()];
    let context = CardContext { included: &included, ..context() };
    assert_eq!(
        written(&rules, &context, Locale::Zh),
        "9.5折\n\
         无门槛，优惠以订单金额为限\n\
         *最多优惠¥1,234.00*\n\
         *领取2小时后生效*\n\
         有效期：至生效后第7天 23:59\n\
         *可用时段：周二*\n\
         *仅限新客*\n\
         *每家门店每天优惠合计不超过¥500.00*\n\
         *仅限门店：华东大区*\n\
         *仅限指定品类*\n\
         *仅限线上订单使用，门店柜台不可核销*\n\
         *不可与任何其他优惠同享*\n\
         *不可转赠*\n\
         *订单退款后不退还本券*"
    );
    assert_eq!(
        written(&rules, &context, Locale::En),
        "5% off\n\
         No minimum; never more than the order amount\n\
         *At most ¥1,234.00 off*\n\
         *Usable 2 hours after the claim*\n\
         Valid until 23:59 on day 7 after becoming usable\n\
         *Use at: Tue*\n\
         *New customers only*\n\
         *Discounts: at most ¥500.00 per store per day*\n\
         *Only at: 华东大区*\n\
         *Selected categories only*\n\
         *For online orders only, not at the counter of a store*\n\
         *Not together with any other offer or special price*\n\
         *Cannot be given away*\n\
         *Not given back when the order is refunded*"
    );
}

#[test]
fn a_held_coupon_shows_its_own_window_and_the_year_when_it_is_another() {
    let rules = samples::amount_off("10", "0");
    let usable = TimeWindow {
        starts_at: "2026-12-27T16:00:00Z".parse().unwrap(),
        ends_at: "2027-01-31T16:00:00Z".parse().unwrap(),
    };
    let card = rule_card(&rules, &CardContext { usable: Some(usable), ..context() }, Locale::Zh);
    assert_eq!(card.title, "立减¥10.00");
    assert!(card.lines.iter().any(|line| line.text == "有效期：12-28 00:00 至 2027-01-31 23:59"));
}

#[test]
fn titles_of_the_other_kinds() {
    let exchange = |price: &str| Effect::Exchange {
        item: "婴儿湿巾一包".try_into().unwrap(),
        sku: None,
        price: samples::yuan(price),
    };
    for (effect, zh, en) in [
        (exchange("0"), "免费兑换婴儿湿巾一包", "婴儿湿巾一包 for free"),
        (exchange("9.9"), "¥9.90换购婴儿湿巾一包", "婴儿湿巾一包 for ¥9.90"),
        (Effect::DeliveryFeeOff { amount: None }, "免运费", "Free delivery"),
        (Effect::DeliveryFeeOff { amount: Some(samples::yuan("8")) }, "运费立减¥8.00", "¥8.00 off delivery"),
    ] {
        let rules = samples::with_effect(effect);
        assert_eq!(rule_card(&rules, &context(), Locale::Zh).title, zh);
        assert_eq!(rule_card(&rules, &context(), Locale::En).title, en);
    }
}

#[test]
fn classes_a_coupon_combines_with_are_named() {
    let mut rules = samples::amount_off("10", "0");
    rules.combination.combines_with = vec![OfferClass::Item, OfferClass::Shipping];
    let card = rule_card(&rules, &context(), Locale::Zh);
    assert!(card.lines.iter().any(|line| line.text == "可与单品优惠、运费优惠叠加" && !line.strong));
}
