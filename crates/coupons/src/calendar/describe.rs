//! Use times in plain words, for the rule card: `周一至周五 10:00–14:00，法定节假日除外`.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::day::{DayClass, Weekday};
use super::hours::HourRange;
use super::use_times::{UseRule, UseTimes};

/// The language of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Locale {
    /// 简体中文
    #[serde(rename = "zh-CN")]
    Zh,
    /// English
    #[serde(rename = "en")]
    En,
}

/// The words of one language, so that the sentence is built once.
struct Words {
    always: &'static str,
    every_day: &'static str,
    weekdays: [&'static str; 7],
    weekday_to: &'static str,
    date_to: &'static str,
    and: &'static str,
    but: &'static str,
    or: &'static str,
    only: (&'static str, &'static str),
    except: (&'static str, &'static str),
    next_day: &'static str,
}

const ZH: Words = Words {
    always: "不限使用时段",
    every_day: "每天",
    weekdays: ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    weekday_to: "至",
    date_to: "至",
    and: "、",
    but: "，",
    or: "；",
    only: ("（仅限", "）"),
    except: ("", "除外"),
    next_day: "次日",
};

const EN: Words = Words {
    always: "any time",
    every_day: "every day",
    weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    weekday_to: "–",
    date_to: " to ",
    and: ", ",
    but: ", ",
    or: "; ",
    only: (" (", " only)"),
    except: ("except ", ""),
    next_day: "next day ",
};

impl Words {
    fn except(&self, what: &str) -> String {
        let (before, after) = self.except;
        format!("{before}{what}{after}")
    }
}

impl Locale {
    fn words(self) -> &'static Words {
        match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        }
    }

    fn class(self, class: DayClass) -> &'static str {
        match (self, class) {
            (Self::Zh, DayClass::Workday) => "工作日",
            (Self::Zh, DayClass::Weekend) => "周末",
            (Self::Zh, DayClass::Holiday) => "法定节假日",
            (Self::Zh, DayClass::MakeUpWorkday) => "调休上班日",
            (Self::En, DayClass::Workday) => "working days",
            (Self::En, DayClass::Weekend) => "weekends",
            (Self::En, DayClass::Holiday) => "public holidays",
            (Self::En, DayClass::MakeUpWorkday) => "make-up working days",
        }
    }
}

impl UseTimes {
    /// The use times in plain words.
    pub fn describe(&self, locale: Locale) -> String {
        let words = locale.words();
        if self.is_always() {
            return words.always.to_owned();
        }
        let rules: Vec<String> = self.rules.iter().map(|rule| describe_rule(rule, locale)).collect();
        let mut text = if rules.is_empty() { words.every_day.to_owned() } else { rules.join(words.or) };
        if !self.excluded_dates.is_empty() {
            // After several rules a comma would tie the dates to the last rule alone.
            text.push_str(if rules.len() > 1 { words.or } else { words.but });
            text.push_str(&words.except(&describe_dates(&self.excluded_dates, words)));
        }
        text
    }
}

fn describe_rule(rule: &UseRule, locale: Locale) -> String {
    let words = locale.words();
    let classes =
        |set: &BTreeSet<DayClass>| set.iter().map(|class| locale.class(*class)).collect::<Vec<_>>().join(words.and);
    let mut text = match (rule.weekdays.is_empty(), rule.include.is_empty()) {
        (true, true) => words.every_day.to_owned(),
        (true, false) => classes(&rule.include),
        (false, true) => describe_weekdays(&rule.weekdays, words),
        (false, false) => {
            let (before, after) = words.only;
            format!("{}{before}{}{after}", describe_weekdays(&rule.weekdays, words), classes(&rule.include))
        }
    };
    if !rule.hours.is_empty() {
        let hours: Vec<String> = rule.hours.iter().map(|range| describe_hours(*range, words)).collect();
        text = format!("{text} {}", hours.join(words.and));
    }
    if !rule.exclude.is_empty() {
        text.push_str(words.but);
        text.push_str(&words.except(&classes(&rule.exclude)));
    }
    text
}

fn describe_weekdays(weekdays: &BTreeSet<Weekday>, words: &Words) -> String {
    if weekdays.len() == Weekday::ALL.len() {
        return words.every_day.to_owned();
    }
    let named: Vec<(bool, &str)> =
        Weekday::ALL.iter().zip(words.weekdays).map(|(day, name)| (weekdays.contains(day), name)).collect();
    let runs = named.chunk_by(|left, right| left.0 == right.0).filter(|run| run.first().is_some_and(|day| day.0));
    let parts: Vec<String> = runs
        .map(|run| match run {
            [(_, first), _, .., (_, last)] => format!("{first}{}{last}", words.weekday_to),
            _ => run.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(words.and),
        })
        .collect();
    parts.join(words.and)
}

fn describe_hours(range: HourRange, words: &Words) -> String {
    let next_day = if range.is_over_midnight() { words.next_day } else { "" };
    let to = if range.to.minutes() == 0 { "24:00".to_owned() } else { range.to.to_string() };
    format!("{}–{next_day}{to}", range.from)
}

/// Dates in order, runs of three and more as first to last.
fn describe_dates(dates: &BTreeSet<NaiveDate>, words: &Words) -> String {
    let dates: Vec<NaiveDate> = dates.iter().copied().collect();
    let runs = dates.chunk_by(|left, right| left.succ_opt() == Some(*right));
    let parts: Vec<String> = runs
        .map(|run| match run {
            [first, _, .., last] => format!("{first}{}{last}", words.date_to),
            _ => run.iter().map(NaiveDate::to_string).collect::<Vec<_>>().join(words.and),
        })
        .collect();
    parts.join(words.and)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(json: &str) -> (String, String) {
        let times: UseTimes = serde_json::from_str(json).unwrap();
        (times.describe(Locale::Zh), times.describe(Locale::En))
    }

    fn said(json: &str, zh: &str, en: &str) {
        assert_eq!(both(json), (zh.to_owned(), en.to_owned()));
    }

    #[test]
    fn use_times_read_as_people_say_them() {
        said("{}", "不限使用时段", "any time");
        said(
            r#"{"rules":[{"weekdays":["monday","tuesday","wednesday","thursday","friday"],"exclude":["holiday"],
                "hours":[{"from":"10:00","to":"14:00"},{"from":"17:00","to":"00:00"}]}]}"#,
            "周一至周五 10:00–14:00、17:00–24:00，法定节假日除外",
            "Mon–Fri 10:00–14:00, 17:00–24:00, except public holidays",
        );
        said(
            r#"{"rules":[{"include":["workday","make_up_workday"]}]}"#,
            "工作日、调休上班日",
            "working days, make-up working days",
        );
        said(
            r#"{"rules":[{"weekdays":["friday","saturday"],"hours":[{"from":"22:00","to":"02:00"}]}]}"#,
            "周五、周六 22:00–次日02:00",
            "Fri, Sat 22:00–next day 02:00",
        );
    }

    #[test]
    fn rules_are_alternatives_and_dates_bind_them_all() {
        said(
            r#"{"rules":[{"weekdays":["saturday","sunday"],"include":["weekend"]},{"include":["holiday"]}],
                "excluded_dates":["2026-10-01","2026-10-02","2026-10-03","2026-12-31"]}"#,
            "周六、周日（仅限周末）；法定节假日；2026-10-01至2026-10-03、2026-12-31除外",
            "Sat, Sun (weekends only); public holidays; except 2026-10-01 to 2026-10-03, 2026-12-31",
        );
        said(r#"{"excluded_dates":["2026-06-18"]}"#, "每天，2026-06-18除外", "every day, except 2026-06-18");
    }
}
