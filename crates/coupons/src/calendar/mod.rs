//! Public holidays with their make-up workdays, and the hours in which a coupon may be used.
//!
//! [`HolidayCalendar`] knows what kind of day a date is; [`UseTimes`] is the rule document that says on which days and at
//! which hours a coupon may be used, answers for a local moment and describes itself in words. Neither knows a zone or a
//! clock: a local day and minute are arguments (see `huike_kernel::Zone::local`).

mod day;
mod describe;
mod error;
mod holidays;
mod hours;
mod use_times;

pub use day::{DayClass, DayKind, Weekday};
pub use describe::Locale;
pub use error::{CalendarError, NotNow};
pub use holidays::{HolidayCalendar, Notice};
pub use hours::{HourRange, LocalMinute, MinuteOfDay};
pub use use_times::{EXCLUDED_DATES_MAX, HOUR_RANGES_MAX, SEARCH_DAYS_MAX, USE_RULES_MAX, UseRule, UseTimes};
