//! The calendar of public holidays: a data file with a source for each year, never a guess.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::day::{DayKind, Weekday};
use super::error::CalendarError;

const EMBEDDED: &str = include_str!("../../data/holidays.json");
/// No holiday of the yearly notices was ever longer; more is a slip of the pen.
const HOLIDAY_DAYS_MAX: i64 = 15;

/// Where the days of a year come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Number of the State Council General Office notice, such as 国办发明电〔2025〕7号.
    pub notice: String,
    /// Its title.
    pub title: String,
    /// The day it was published.
    pub published_on: NaiveDate,
}

/// What kind of day each date is, for the years whose notice is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HolidayCalendar {
    years: BTreeMap<i32, Year>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Year {
    source: Notice,
    holidays: Vec<Holiday>,
    make_up_workdays: BTreeSet<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "about")]
    _about: String,
    years: Vec<FileYear>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileYear {
    year: i32,
    source: Notice,
    holidays: Vec<Holiday>,
    make_up_workdays: Vec<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    name_en: String,
    first_day: NaiveDate,
    last_day: NaiveDate,
}

impl Holiday {
    fn contains(&self, day: NaiveDate) -> bool {
        (self.first_day..=self.last_day).contains(&day)
    }
}

impl HolidayCalendar {
    /// The calendar shipped with this crate (`data/holidays.json`).
    pub fn embedded() -> Result<Self, CalendarError> {
        Self::from_json(EMBEDDED)
    }

    /// A calendar without any year: weekends are all it knows.
    pub fn weekends_only() -> Self {
        Self::default()
    }

    /// Reads a file of the same form, for instance one an operator supplies when the next notice is out.
    pub fn from_json(text: &str) -> Result<Self, CalendarError> {
        let file: File = serde_json::from_str(text).map_err(|error| refuse(error.to_string()))?;
        let mut years = BTreeMap::new();
        for entry in file.years {
            let year = entry.year;
            if years.insert(year, check_year(entry)?).is_some() {
                return Err(refuse(format!("{year} appears twice")));
            }
        }
        Ok(Self { years })
    }

    /// This calendar with the years of a newer one put over it.
    #[must_use]
    pub fn overlaid(mut self, newer: Self) -> Self {
        self.years.extend(newer.years);
        self
    }

    /// Whether the holidays of that year are known. For other years only weekends are.
    pub fn is_year_known(&self, year: i32) -> bool {
        self.years.contains_key(&year)
    }

    /// The known years with their sources.
    pub fn sources(&self) -> impl Iterator<Item = (i32, &Notice)> {
        self.years.iter().map(|(year, entry)| (*year, &entry.source))
    }

    /// What kind of day a date is.
    pub fn day_kind(&self, day: NaiveDate) -> DayKind<'_> {
        // The notice of the next year may begin in December: 2023 began on 31 December 2022.
        let notices = [Some(day.year()), day.year().checked_add(1)];
        for year in notices.into_iter().flatten().filter_map(|year| self.years.get(&year)) {
            if let Some(holiday) = year.holidays.iter().find(|holiday| holiday.contains(day)) {
                return DayKind::Holiday { name: &holiday.name, name_en: &holiday.name_en };
            }
            if year.make_up_workdays.contains(&day) {
                return DayKind::MakeUpWorkday;
            }
        }
        if Weekday::from(day.weekday()).is_weekend() { DayKind::Weekend } else { DayKind::Workday }
    }
}

fn refuse(reason: String) -> CalendarError {
    CalendarError::HolidayFile { reason }
}

fn check_year(entry: FileYear) -> Result<Year, CalendarError> {
    let FileYear { year, source, mut holidays, make_up_workdays } = entry;
    if source.notice.trim().is_empty() || source.title.trim().is_empty() {
        return Err(refuse(format!("{year} names no source")));
    }
    if holidays.is_empty() {
        return Err(refuse(format!("{year} has no holidays")));
    }
    holidays.sort_by_key(|holiday| holiday.first_day);
    for holiday in &holidays {
        check_holiday(year, holiday)?;
    }
    let neighbours = holidays.iter().zip(holidays.iter().skip(1));
    if let Some((_, second)) = neighbours.into_iter().find(|(first, second)| second.first_day <= first.last_day) {
        return Err(refuse(format!("{} overlaps another holiday on {}", second.name, second.first_day)));
    }
    let mut worked = BTreeSet::new();
    for day in make_up_workdays {
        check_make_up_workday(year, day, &holidays)?;
        if !worked.insert(day) {
            return Err(refuse(format!("make-up workday {day} appears twice")));
        }
    }
    Ok(Year { source, holidays, make_up_workdays: worked })
}

fn check_holiday(year: i32, holiday: &Holiday) -> Result<(), CalendarError> {
    let Holiday { name, name_en, first_day, last_day } = holiday;
    if name.trim().is_empty() || name_en.trim().is_empty() {
        return Err(refuse(format!("the holiday on {first_day} needs a name in both languages")));
    }
    if last_day < first_day {
        return Err(refuse(format!("{name} ends on {last_day}, before it begins")));
    }
    if last_day.signed_duration_since(*first_day).num_days() >= HOLIDAY_DAYS_MAX {
        return Err(refuse(format!("{name} is longer than {HOLIDAY_DAYS_MAX} days")));
    }
    if !belongs(year, *first_day) || last_day.year() != year {
        return Err(refuse(format!("{name} from {first_day} to {last_day} is not in {year}")));
    }
    Ok(())
}

fn check_make_up_workday(year: i32, day: NaiveDate, holidays: &[Holiday]) -> Result<(), CalendarError> {
    if !belongs(year, day) {
        return Err(refuse(format!("make-up workday {day} is not in {year}")));
    }
    if !Weekday::from(day.weekday()).is_weekend() {
        return Err(refuse(format!("make-up workday {day} is neither Saturday nor Sunday")));
    }
    if holidays.iter().any(|holiday| holiday.contains(day)) {
        return Err(refuse(format!("make-up workday {day} is also a holiday")));
    }
    Ok(())
}

/// In the year, or in the last days of the one before, which a New Year's notice may reach into.
fn belongs(year: i32, day: NaiveDate) -> bool {
    day.year() == year || (day.month() == 12 && day.year().checked_add(1) == Some(year))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::DayClass;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn class(calendar: &HolidayCalendar, text: &str) -> DayClass {
        calendar.day_kind(day(text)).class()
    }

    #[test]
    fn the_shipped_file_is_valid_and_names_its_sources() {
        let calendar = HolidayCalendar::embedded().unwrap();
        let sources: Vec<_> = calendar.sources().map(|(year, source)| (year, source.notice.as_str())).collect();
        assert_eq!(sources, [(2025, "国办发明电〔2024〕12号"), (2026, "国办发明电〔2025〕7号")]);
    }

    #[test]
    fn days_of_the_notices_are_what_the_notices_say() {
        let calendar = HolidayCalendar::embedded().unwrap();
        let spring = calendar.day_kind(day("2026-02-17"));
        assert_eq!(spring, DayKind::Holiday { name: "春节", name_en: "Spring Festival" });
        assert_eq!(class(&calendar, "2026-02-14"), DayClass::MakeUpWorkday);
        assert_eq!(class(&calendar, "2026-02-24"), DayClass::Workday);
        assert_eq!(class(&calendar, "2026-10-10"), DayClass::MakeUpWorkday);
        assert_eq!(class(&calendar, "2026-10-11"), DayClass::Weekend);
        assert_eq!(class(&calendar, "2025-10-08"), DayClass::Holiday);
        assert_eq!(class(&calendar, "2025-01-02"), DayClass::Workday);
    }

    #[test]
    fn each_notice_announces_its_known_number_of_days() {
        let calendar = HolidayCalendar::embedded().unwrap();
        for (year, wanted) in [(2025, (28, 5)), (2026, (33, 6))] {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let days: Vec<_> = first.iter_days().take_while(|day| day.year() == year).collect();
            let count = |class| days.iter().filter(|day| calendar.day_kind(**day).class() == class).count();
            assert_eq!((count(DayClass::Holiday), count(DayClass::MakeUpWorkday)), wanted, "{year}");
        }
    }

    #[test]
    fn a_year_without_data_knows_weekends_only_and_says_so() {
        let calendar = HolidayCalendar::embedded().unwrap();
        assert!(calendar.is_year_known(2026));
        assert!(!calendar.is_year_known(2027));
        assert_eq!(class(&calendar, "2027-10-01"), DayClass::Workday);
        assert_eq!(class(&calendar, "2027-10-02"), DayClass::Weekend);
    }

    fn file(holidays: &str, worked: &str) -> String {
        format!(
            r#"{{"years":[{{"year":2023,"source":{{"notice":"n","title":"t","published_on":"2022-12-08"}},
            "holidays":[{holidays}],"make_up_workdays":[{worked}]}}]}}"#
        )
    }

    const NEW_YEAR: &str = r#"{"name":"元旦","name_en":"New Year","first_day":"2022-12-31","last_day":"2023-01-02"}"#;

    #[test]
    fn a_newer_file_adds_years_and_may_begin_in_december() {
        let newer = HolidayCalendar::from_json(&file(NEW_YEAR, r#""2023-01-28""#)).unwrap();
        let calendar = HolidayCalendar::embedded().unwrap().overlaid(newer);
        assert!(calendar.is_year_known(2023) && calendar.is_year_known(2025));
        assert_eq!(class(&calendar, "2022-12-31"), DayClass::Holiday);
        assert_eq!(class(&calendar, "2023-01-28"), DayClass::MakeUpWorkday);
    }

    #[test]
    fn files_that_contradict_themselves_are_refused() {
        let backwards = NEW_YEAR.replace("2023-01-02", "2022-12-30");
        let long = NEW_YEAR.replace("2023-01-02", "2023-01-20");
        let other_year = NEW_YEAR.replace("2022-12-31", "2022-11-30");
        let twice = format!("{NEW_YEAR},{NEW_YEAR}");
        for holidays in [&backwards, &long, &other_year, &twice, ""] {
            assert!(HolidayCalendar::from_json(&file(holidays, "")).is_err(), "{holidays}");
        }
        for worked in [r#""2023-01-27""#, r#""2023-01-01""#, r#""2024-01-27""#, r#""2023-01-28","2023-01-28""#] {
            assert!(HolidayCalendar::from_json(&file(NEW_YEAR, worked)).is_err(), "{worked}");
        }
        let unknown_field = file(NEW_YEAR, "").replace("\"year\"", "\"extra\":1,\"year\"");
        assert!(HolidayCalendar::from_json(&unknown_field).is_err());
    }
}
