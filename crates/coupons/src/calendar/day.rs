//! What a day can be.

use serde::{Deserialize, Serialize};

/// What kind of day a date is in mainland China.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayKind<'a> {
    /// Monday to Friday, and no holiday.
    Workday,
    /// Saturday or Sunday, neither holiday nor worked.
    Weekend,
    /// A day off by the yearly notice, weekends inside it included (法定节假日放假调休).
    Holiday {
        /// Its name in Chinese, such as 春节.
        name: &'a str,
        /// Its name in English.
        name_en: &'a str,
    },
    /// A Saturday or Sunday that is worked by the yearly notice (调休上班).
    MakeUpWorkday,
}

impl DayKind<'_> {
    /// The kind without the name, as rules speak of it.
    pub fn class(self) -> DayClass {
        match self {
            Self::Workday => DayClass::Workday,
            Self::Weekend => DayClass::Weekend,
            Self::Holiday { .. } => DayClass::Holiday,
            Self::MakeUpWorkday => DayClass::MakeUpWorkday,
        }
    }
}

/// A kind of day in a rule. Each day is of exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DayClass {
    /// Monday to Friday, and no holiday.
    Workday,
    /// Saturday or Sunday, neither holiday nor worked.
    Weekend,
    /// A day off by the yearly notice.
    Holiday,
    /// A Saturday or Sunday that is worked by the yearly notice.
    MakeUpWorkday,
}

impl DayClass {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Workday, Self::Weekend, Self::Holiday, Self::MakeUpWorkday];

    /// Whether a day of that weekday can be of this kind at all.
    pub(super) fn can_fall_on(self, weekday: Weekday) -> bool {
        match self {
            Self::Holiday => true,
            Self::Workday => !weekday.is_weekend(),
            Self::Weekend | Self::MakeUpWorkday => weekday.is_weekend(),
        }
    }
}

/// A day of the week, as documents spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Weekday {
    /// 周一
    Monday,
    /// 周二
    Tuesday,
    /// 周三
    Wednesday,
    /// 周四
    Thursday,
    /// 周五
    Friday,
    /// 周六
    Saturday,
    /// 周日
    Sunday,
}

impl Weekday {
    /// Monday to Sunday.
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// Whether it is Saturday or Sunday.
    pub fn is_weekend(self) -> bool {
        matches!(self, Self::Saturday | Self::Sunday)
    }
}

impl From<chrono::Weekday> for Weekday {
    fn from(weekday: chrono::Weekday) -> Self {
        match weekday {
            chrono::Weekday::Mon => Self::Monday,
            chrono::Weekday::Tue => Self::Tuesday,
            chrono::Weekday::Wed => Self::Wednesday,
            chrono::Weekday::Thu => Self::Thursday,
            chrono::Weekday::Fri => Self::Friday,
            chrono::Weekday::Sat => Self::Saturday,
            chrono::Weekday::Sun => Self::Sunday,
        }
    }
}
