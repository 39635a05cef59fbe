//! The laws of use times.

use super::*;
use huike_kernel::DomainError;
use proptest::prelude::*;

fn times(json: &str) -> UseTimes {
    serde_json::from_str(json).unwrap()
}

fn at(text: &str) -> LocalMinute {
    let (day, time) = text.split_once(' ').unwrap();
    let minute: crate::calendar::MinuteOfDay = time.parse().unwrap();
    LocalMinute { day: day.parse().unwrap(), minute_of_day: minute.minutes() }
}

fn calendar() -> HolidayCalendar {
    HolidayCalendar::embedded().unwrap()
}

fn next(times: &UseTimes, text: &str) -> Option<String> {
    times.next_allowed(at(text), &calendar()).map(|minute| minute.to_string())
}

#[test]
fn empty_use_times_allow_every_moment() {
    let always = times("{}");
    assert!(always.is_always());
    assert!(always.allows(at("2026-02-17 03:00"), &calendar()).is_ok());
}

#[test]
fn hours_are_half_open() {
    let lunch = times(r#"{"rules":[{"hours":[{"from":"10:00","to":"14:00"}]}]}"#);
    assert!(lunch.allows(at("2026-03-02 09:59"), &calendar()).is_err());
    assert!(lunch.allows(at("2026-03-02 10:00"), &calendar()).is_ok());
    assert!(lunch.allows(at("2026-03-02 13:59"), &calendar()).is_ok());
    assert!(lunch.allows(at("2026-03-02 14:00"), &calendar()).is_err());
}

#[test]
fn a_refusal_says_when_the_coupon_may_next_be_used() {
    let weekday_lunch = times(
        r#"{"rules":[{"weekdays":["monday","tuesday","wednesday","thursday","friday"],
            "exclude":["holiday"],"hours":[{"from":"10:00","to":"14:00"}]}]}"#,
    );
    // 30 September 2026 is a Wednesday; the holiday lasts from 1 to 7 October.
    let refused = weekday_lunch.allows(at("2026-09-30 14:00"), &calendar()).unwrap_err();
    assert_eq!(refused.next_allowed, Some(at("2026-10-08 10:00")));
    assert_eq!(refused.code(), "coupon_not_now");
    assert_eq!(refused.details(), Some(serde_json::json!({ "next_allowed_local": "2026-10-08T10:00" })));
}

#[test]
fn a_range_over_midnight_belongs_to_the_day_it_begins_on() {
    let late = times(r#"{"rules":[{"weekdays":["friday"],"hours":[{"from":"22:00","to":"02:00"}]}]}"#);
    // 6 March 2026 is a Friday.
    for allowed in ["2026-03-06 22:00", "2026-03-06 23:59", "2026-03-07 00:00", "2026-03-07 01:59"] {
        assert!(late.allows(at(allowed), &calendar()).is_ok(), "{allowed}");
    }
    for refused in ["2026-03-06 01:00", "2026-03-06 21:59", "2026-03-07 02:00", "2026-03-07 22:00"] {
        assert!(late.allows(at(refused), &calendar()).is_err(), "{refused}");
    }
    assert_eq!(next(&late, "2026-03-07 02:00").as_deref(), Some("2026-03-13T22:00"));
}

#[test]
fn make_up_workdays_are_no_weekend_and_holidays_no_workday() {
    let weekend = times(r#"{"rules":[{"include":["weekend"]}]}"#);
    assert!(weekend.allows(at("2026-10-10 12:00"), &calendar()).is_err());
    assert!(weekend.allows(at("2026-10-11 12:00"), &calendar()).is_ok());
    let working = times(r#"{"rules":[{"include":["workday","make_up_workday"]}]}"#);
    assert!(working.allows(at("2026-10-10 12:00"), &calendar()).is_ok());
    assert!(working.allows(at("2026-10-01 12:00"), &calendar()).is_err());
}

#[test]
fn one_rule_of_several_is_enough_and_excluded_dates_beat_them_all() {
    let either = times(
        r#"{"rules":[{"weekdays":["saturday","sunday"]},{"include":["holiday"]}],"excluded_dates":["2026-10-01"]}"#,
    );
    assert!(either.allows(at("2026-10-02 12:00"), &calendar()).is_ok());
    assert!(either.allows(at("2026-10-10 12:00"), &calendar()).is_ok());
    assert!(either.allows(at("2026-10-01 12:00"), &calendar()).is_err());
    assert_eq!(next(&either, "2026-10-01 12:00").as_deref(), Some("2026-10-02T00:00"));
}

#[test]
fn excluded_dates_alone_leave_every_other_day() {
    let but_one = times(r#"{"excluded_dates":["2026-06-18"]}"#);
    assert!(but_one.allows(at("2026-06-17 23:59"), &calendar()).is_ok());
    assert_eq!(next(&but_one, "2026-06-18 08:00").as_deref(), Some("2026-06-19T00:00"));
}

#[test]
fn a_search_that_finds_nothing_ends() {
    let holidays = times(r#"{"rules":[{"include":["holiday"]}]}"#);
    let unknown = HolidayCalendar::weekends_only();
    assert_eq!(holidays.next_allowed(at("2026-03-01 00:00"), &unknown), None);
}

#[test]
fn rules_about_holidays_name_the_years_nobody_knows_yet() {
    let (first, last) = ("2026-12-01".parse().unwrap(), "2028-01-31".parse().unwrap());
    let holidays = times(r#"{"rules":[{"exclude":["holiday"]}]}"#);
    let weekdays = times(r#"{"rules":[{"weekdays":["monday"]}]}"#);
    assert_eq!(holidays.unknown_years(first, last, &calendar()), [2027, 2028]);
    assert!(weekdays.unknown_years(first, last, &calendar()).is_empty());
}

#[test]
fn documents_that_contradict_themselves_are_refused_with_a_pointer() {
    let cases = [
        (r#"{"rules":[{}]}"#, "/rules/0"),
        (r#"{"rules":[{"include":["holiday"],"exclude":["holiday"]}]}"#, "/rules/0/exclude"),
        (r#"{"rules":[{"weekdays":["monday"],"include":["weekend"]}]}"#, "/rules/0"),
        (r#"{"rules":[{"exclude":["workday","weekend","holiday","make_up_workday"]}]}"#, "/rules/0"),
        (r#"{"rules":[{"hours":[{"from":"10:00","to":"10:00"}]}]}"#, "/rules/0/hours/0"),
        (r#"{"rules":[{"hours":[{"from":"24:00","to":"10:00"}]}]}"#, "/rules/0/hours/0"),
    ];
    for (json, pointer) in cases {
        let error = times(json).validate().unwrap_err();
        assert_eq!((error.code(), error.pointer().as_deref()), ("use_times_invalid", Some(pointer)), "{json}");
    }
    let many = UseTimes { rules: vec![UseRule::default(); USE_RULES_MAX + 1], ..UseTimes::default() };
    assert!(many.validate().is_err());
}

#[test]
fn unknown_fields_and_words_are_refused() {
    for json in [r#"{"rule":[]}"#, r#"{"rules":[{"days":[]}]}"#, r#"{"rules":[{"weekdays":["Mon"]}]}"#] {
        assert!(serde_json::from_str::<UseTimes>(json).is_err(), "{json}");
    }
}

#[test]
fn a_document_reads_back_as_written() {
    let json = r#"{"rules":[{"weekdays":["monday"],"hours":[{"from":"22:00","to":"24:00"}]}],"excluded_dates":["2026-10-01"]}"#;
    assert_eq!(serde_json::to_string(&times(json)).unwrap(), json);
}

fn any_range() -> impl Strategy<Value = HourRange> {
    (0_u16..1_440, 0_u16..=1_440).prop_filter("not empty", |(from, to)| from != to).prop_map(|(from, to)| {
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60).parse().unwrap();
        HourRange { from: text(from), to: text(to) }
    })
}

fn any_rule() -> impl Strategy<Value = UseRule> {
    let weekdays = proptest::collection::btree_set(proptest::sample::select(Weekday::ALL.to_vec()), 0..4);
    let exclude = proptest::collection::btree_set(proptest::sample::select(DayClass::ALL.to_vec()), 0..3);
    let hours = proptest::collection::vec(any_range(), 0..3);
    (weekdays, exclude, hours).prop_map(|(weekdays, exclude, hours)| UseRule {
        weekdays,
        include: BTreeSet::new(),
        exclude,
        hours,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_next_allowed_minute_is_the_first_that_is_allowed(
        rules in proptest::collection::vec(any_rule(), 0..3),
        offset in 0_u64..360,
        minute_of_day in 0_u16..1_440,
    ) {
        let times = UseTimes { rules, excluded_dates: BTreeSet::new() };
        let calendar = calendar();
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(offset);
        let from = LocalMinute { day, minute_of_day };
        let mut walk = from;
        let next = times.next_allowed(from, &calendar);
        prop_assert_eq!(times.allows(from, &calendar).is_ok(), is_covered(&times, from, &calendar));
        // Minute by minute for three days: nothing before the answer is covered, and the answer is.
        for _ in 0..3 * 1_440 {
            prop_assert_eq!(is_covered(&times, walk, &calendar), Some(walk) == next, "{} of {:?}", walk, next);
            if Some(walk) == next {
                break;
            }
            walk.minute_of_day += 1;
            if walk.minute_of_day == 1_440 {
                walk = LocalMinute { day: walk.day.succ_opt().unwrap(), minute_of_day: 0 };
            }
        }
    }
}

/// The definition, said again in the plainest way: some range that began today or yesterday covers the minute.
fn is_covered(times: &UseTimes, at: LocalMinute, calendar: &HolidayCalendar) -> bool {
    if times.rules.is_empty() {
        return true;
    }
    let starts = [(at.day, at.minute_of_day), (at.day.pred_opt().unwrap(), at.minute_of_day + 1_440)];
    starts.into_iter().any(|(day, minute)| {
        let class = calendar.day_kind(day).class();
        let rules = times.rules.iter().filter(|rule| rule.covers_day(day.weekday().into(), class));
        rules.into_iter().any(|rule| {
            if rule.hours.is_empty() {
                return minute < 1_440;
            }
            rule.hours.iter().any(|range| {
                let (from, to) = (range.from.minutes(), range.to.minutes());
                let end = if to <= from { to + 1_440 } else { to };
                (from..end).contains(&minute)
            })
        })
    })
}
