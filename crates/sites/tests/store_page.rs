//! A store's page: what fits and what does not.

use chrono::Weekday;
use huike_kernel::DomainError;
use huike_sites::{Datum, DayHours, OpenSpan, OpeningHours, Position, SitesError, StorePage, StorePhone};
use proptest::prelude::*;
use serde_json::{Value, json};

fn day(spans: Value) -> Result<DayHours, serde_json::Error> {
    serde_json::from_value(spans)
}

#[test]
fn a_page_reads_back_as_written() {
    let page = json!({
        "address": "广州市天河区体育西路 1 号",
        "phone": "020-8888 6666",
        "opening_hours": {
            "mon": [["09:00", "12:00"], ["13:30", "21:30"]], "tue": [["09:00", "21:30"]], "wed": [], "thu": [],
            "fri": [["18:00", "24:00"]], "sat": [["00:00", "02:00"]], "sun": [],
        },
        "position": { "latitude_udeg": 23_129_110, "longitude_udeg": 113_264_385, "datum": "gcj02" },
        "introduction": "一楼母婴室\n二楼玩具",
    });
    let read: StorePage = serde_json::from_value(page.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), page);
    assert!(read.opening_hours.is_open(Weekday::Sat, 119), "open past midnight");
    assert!(!read.opening_hours.is_open(Weekday::Sat, 120), "the end is not inside");
    assert!(!read.opening_hours.is_open(Weekday::Mon, 12 * 60 + 30), "closed at noon");
}

#[test]
fn a_page_needs_an_address_and_a_phone_and_takes_no_unknown_members() {
    assert!(serde_json::from_value::<StorePage>(json!({ "address": "x", "phone": "10086" })).is_ok());
    assert!(serde_json::from_value::<StorePage>(json!({ "phone": "10086" })).is_err());
    assert!(serde_json::from_value::<StorePage>(json!({ "address": "x", "phone": "10086", "fax": "1" })).is_err());
}

#[test]
fn phones_of_stores_are_landlines_mobiles_and_service_numbers() {
    for phone in ["13812345678", "020-88886666", "(020) 8888 6666", "400-800-8820", "+86 20 8888 6666", "10086"] {
        assert_eq!(phone.parse::<StorePhone>().unwrap().as_str(), phone);
    }
    for phone in ["", "1234", "020-8888x", "8888+6666", "call me", "１３８１２３４５６７８"] {
        let refused = phone.parse::<StorePhone>().unwrap_err();
        assert_eq!((refused.code(), refused.pointer().as_deref()), ("store_page_invalid", Some("/phone")));
    }
}

#[test]
fn hours_are_in_order_apart_and_within_the_day() {
    assert_eq!(day(json!([["09:00", "12:00"], ["13:00", "24:00"]])).unwrap().spans().len(), 2);
    for spans in [
        json!([["12:00", "09:00"]]),
        json!([["09:00", "09:00"]]),
        json!([["09:00", "24:01"]]),
        json!([["9:00", "10:00"]]),
        json!([["09:60", "10:00"]]),
        json!([["+9:00", "10:00"]]),
        json!([["13:00", "14:00"], ["09:00", "12:00"]]),
        json!([["09:00", "12:00"], ["11:00", "14:00"]]),
        json!([["09:00", "12:00"], ["12:00", "14:00"]]),
        json!([["01:00", "02:00"], ["03:00", "04:00"], ["05:00", "06:00"], ["07:00", "08:00"], ["09:00", "10:00"]]),
    ] {
        assert!(day(spans.clone()).is_err(), "{spans}");
    }
}

#[test]
fn the_same_hours_hold_every_day() {
    let hours = OpeningHours::daily(&day(json!([["10:00", "22:00"]])).unwrap());
    for weekday in [Weekday::Mon, Weekday::Wed, Weekday::Sun] {
        assert!(hours.is_open(weekday, 600));
        assert!(!hours.is_open(weekday, 599));
    }
}

#[test]
fn a_position_lies_on_the_globe() {
    assert!(Position::new(90_000_000, -180_000_000, Datum::Wgs84).is_ok());
    for (latitude, longitude) in [(90_000_001, 0), (-90_000_001, 0), (0, 180_000_001), (0, -180_000_001)] {
        let refused = Position::new(latitude, longitude, Datum::Gcj02).unwrap_err();
        assert!(matches!(refused, SitesError::StorePageInvalid { at: "/position", .. }));
    }
    let float = json!({ "latitude_udeg": 23.1, "longitude_udeg": 113.2, "datum": "gcj02" });
    assert!(serde_json::from_value::<Position>(float).is_err());
}

proptest! {
    #[test]
    fn every_span_reads_back_and_contains_exactly_its_minutes(from in 0u16..1440, minutes in 1u16..1440, at in 0u16..1500) {
        prop_assume!(from + minutes <= 1440);
        let span = OpenSpan::new(from, from + minutes).unwrap();
        let json = serde_json::to_value(span).unwrap();
        prop_assert_eq!(serde_json::from_value::<OpenSpan>(json).unwrap(), span);
        prop_assert_eq!(span.contains(at), (from..from + minutes).contains(&at));
    }
}
