//! What each setting takes as a value.

use huike_kernel::DomainError;
use huike_sites::{
    Colour, Module, Modules, OrderRules, PriceSelection, PricingRules, SettingKey, SitesError, UnredeemWindow,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn accepts(key: SettingKey, value: Value) {
    assert!(key.read(&value).is_ok(), "{key} should take {value}");
}

fn refuses(key: SettingKey, value: Value) {
    let answer = key.read(&value);
    let is_refused = matches!(&answer, Err(SitesError::SettingInvalid { key: at_fault, .. }) if *at_fault == key);
    assert!(is_refused, "{key} should refuse {value}, answered {answer:?}");
}

#[test]
fn every_default_passes_its_own_check_unchanged() {
    for key in SettingKey::ALL {
        assert_eq!(key.read(key.default_value().as_json()).unwrap(), key.default_value(), "{key}");
    }
}

#[test]
fn a_colour_is_six_hexadecimal_digits_in_one_spelling() {
    assert_eq!(SettingKey::AccentColour.read(&json!("#ff7a00")).unwrap().as_json(), &json!("#FF7A00"));
    for value in [json!("red"), json!("#fff"), json!("#GG0000"), json!("ff7a00"), json!(7), json!(null)] {
        refuses(SettingKey::AccentColour, value);
    }
    assert!("#12345６".parse::<Colour>().is_err());
}

#[test]
fn a_link_is_https_or_a_path_here_and_nothing_else() {
    for link in ["https://cdn.example.com/logo.svg?v=2", "/assets/logo.svg", "https://example.com:8443/"] {
        accepts(SettingKey::Logo, json!(link));
    }
    accepts(SettingKey::Logo, json!(null));
    let long = format!("/{}", "a".repeat(500));
    for link in [
        "http://example.com/logo.svg",
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/logo.svg",
        "/\\evil.example",
        "https://",
        "https:///logo.svg",
        "https://brand.cn@evil.example/",
        "https://ex ample.com/",
        "/a\"onload=\"x",
        "logo.svg",
        "",
        &long,
    ] {
        refuses(SettingKey::Logo, json!(link));
    }
}

#[test]
fn a_font_cannot_smuggle_a_style() {
    accepts(SettingKey::Font, json!("PingFang SC, 思源黑体, sans-serif"));
    for font in ["a;background:url(x)", "a}body{", "\"Arial\"", "", "  "] {
        refuses(SettingKey::Font, json!(font));
    }
}

#[test]
fn texts_have_bounds_and_no_hidden_characters() {
    accepts(SettingKey::BrandName, json!("小熊母婴"));
    refuses(SettingKey::BrandName, json!("熊".repeat(31)));
    refuses(SettingKey::BrandName, json!(null));
    refuses(SettingKey::Slogan, json!("safe\u{202e}text"));
    accepts(SettingKey::LegalTerms, json!("第一条\n第二条"));
    refuses(SettingKey::LegalTerms, json!("字".repeat(10_001)));
}

#[test]
fn blocks_come_from_the_list_and_once_each() {
    accepts(SettingKey::Blocks, json!(["coupons", "banner"]));
    accepts(SettingKey::Blocks, json!([]));
    refuses(SettingKey::Blocks, json!(["coupons", "coupons"]));
    refuses(SettingKey::Blocks, json!(["guestbook"]));
}

#[test]
fn a_module_that_is_not_mentioned_is_off() {
    let value = SettingKey::Modules.read(&json!({ "coupons": true, "points": false })).unwrap();
    let modules: Modules = value.decode().unwrap();
    assert!(modules.is_on(Module::Coupons));
    assert!(!modules.is_on(Module::Points));
    assert!(!modules.is_on(Module::GroupBuy));
    refuses(SettingKey::Modules, json!({ "teleport": true }));
    refuses(SettingKey::Modules, json!({ "coupons": "yes" }));
}

#[test]
fn a_banner_has_a_picture_and_no_unknown_members() {
    accepts(SettingKey::Banner, json!({ "image": "/b.jpg", "link": "/campaigns/1", "alt": "周年庆" }));
    refuses(SettingKey::Banner, json!({ "link": "/campaigns/1" }));
    refuses(SettingKey::Banner, json!({ "image": "/b.jpg", "onclick": "x" }));
}

#[test]
fn a_review_policy_has_exactly_its_members() {
    accepts(SettingKey::ReviewPolicy, json!({ "kind": "required" }));
    accepts(SettingKey::ReviewPolicy, json!({ "kind": "above_amount", "amount": "500.00" }));
    accepts(SettingKey::ReviewPolicy, json!({ "kind": "self_publish", "budget_cap": "2000" }));
    for value in [
        json!({ "kind": "self_publish" }),
        json!({ "kind": "above_amount", "amount": 500 }),
        json!({ "kind": "above_amount", "amount": "-1.00" }),
        json!({ "kind": "required", "except": "me" }),
        json!({ "kind": "above_amount", "amount": "500.00", "except": "me" }),
        json!({ "kind": "never" }),
        json!("required"),
        json!(null),
    ] {
        refuses(SettingKey::ReviewPolicy, value);
    }
}

#[test]
fn an_undo_window_is_the_day_or_some_minutes() {
    let value = SettingKey::UnredeemWindow.read(&json!({ "kind": "minutes", "minutes": 30 })).unwrap();
    assert_eq!(value.decode::<UnredeemWindow>().unwrap(), UnredeemWindow::Minutes { minutes: 30 });
    for minutes in [json!(0), json!(10_081), json!(-5), json!(1.5), json!("30")] {
        refuses(SettingKey::UnredeemWindow, json!({ "kind": "minutes", "minutes": minutes }));
    }
    refuses(SettingKey::UnredeemWindow, json!({ "kind": "same_day", "minutes": 30 }));
}

#[test]
fn pricing_rules_say_only_what_they_change() {
    let read = |value: Value| SettingKey::Pricing.read(&value).unwrap().decode::<PricingRules>().unwrap();
    assert_eq!(read(json!({})), PricingRules::default());
    let rules = read(json!({ "selection": "priority", "points_per_yuan": 2, "points_share_max": "0.3" }));
    assert_eq!((rules.selection, rules.points_per_yuan), (PriceSelection::Priority, 2));
    assert_eq!(rules.points_share_max.to_string(), "0.3");
    for value in [
        json!({ "selection": "worst" }),
        json!({ "points_per_yuan": 1_001 }),
        json!({ "points_per_yuan": -1 }),
        json!({ "points_share_max": "1.1" }),
        json!({ "points_share_max": 0.5 }),
        json!({ "free": true }),
        json!(null),
    ] {
        refuses(SettingKey::Pricing, value);
    }
}

#[test]
fn a_refusal_points_at_the_value() {
    let refused = SettingKey::Font.read(&json!(7)).unwrap_err();
    assert_eq!((refused.code(), refused.pointer().as_deref()), ("setting_invalid", Some("/value")));
    assert_eq!(refused.details().unwrap()["key"], "font");
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused_and_reading_twice_is_reading_once(
        key in prop::sample::select(SettingKey::ALL), text in ".{0,80}",
    ) {
        if let Ok(value) = key.read(&json!(text)) {
            prop_assert_eq!(key.read(value.as_json()).unwrap(), value);
        }
    }
}

#[test]
fn an_order_waits_for_its_payment_from_a_minute_to_a_day() {
    let read = |value: Value| SettingKey::Orders.read(&value).unwrap().decode::<OrderRules>().unwrap();
    assert_eq!(read(json!({})).unpaid_minutes, 30);
    assert_eq!(read(json!({ "unpaid_minutes": 1_440 })).unpaid_minutes, 1_440);
    for value in
        [json!({ "unpaid_minutes": 0 }), json!({ "unpaid_minutes": 1_441 }), json!({ "minutes": 5 }), json!(30)]
    {
        refuses(SettingKey::Orders, value);
    }
}
