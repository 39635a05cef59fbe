//! A store's page (门店主页): where it is, when it is open, how to reach it.

use std::{fmt, str::FromStr};

use chrono::Weekday;
use huike_kernel::{Paragraph, Text};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::SitesError;

/// What customers see of a store. Every part checks itself, so a page that exists is a sound one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StorePage {
    /// Street and house, as one would tell a driver.
    pub address: Text<200>,
    /// The number to call.
    pub phone: StorePhone,
    /// When it is open.
    #[serde(default)]
    pub opening_hours: OpeningHours,
    /// The point on the map.
    #[serde(default)]
    pub position: Option<Position>,
    /// A few words about it.
    #[serde(default)]
    pub introduction: Option<Paragraph<2000>>,
}

/// A store's public number: mobile, landline (020-8888 6666), or service number (400-800-8820).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct StorePhone(String);

impl StorePhone {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StorePhone {
    type Err = SitesError;

    fn from_str(text: &str) -> Result<Self, SitesError> {
        let phone = text.trim();
        let digits = phone.bytes().filter(u8::is_ascii_digit).count();
        let fits = (5..=16).contains(&digits)
            && phone.len() <= 24
            && phone.bytes().all(|b| b.is_ascii_digit() || b"+- ()".contains(&b))
            && !phone.bytes().skip(1).any(|b| b == b'+');
        if fits {
            Ok(Self(phone.to_owned()))
        } else {
            Err(SitesError::StorePageInvalid { at: "/phone", want: "a phone number" })
        }
    }
}

impl<'de> Deserialize<'de> for StorePhone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The most spans of one day.
const SPANS_MAX: usize = 4;
const MINUTES_OF_DAY: u16 = 24 * 60;

/// Open from one minute of the day up to another, written `["09:00", "21:30"]`; the end of the day is `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "(String, String)", into = "(String, String)")]
pub struct OpenSpan {
    opens_at: u16,
    closes_at: u16,
}

impl OpenSpan {
    /// A span of minutes of the day, half open; refused when empty, backwards, or past the end of the day.
    pub fn new(opens_at: u16, closes_at: u16) -> Result<Self, SitesError> {
        if opens_at >= closes_at || closes_at > MINUTES_OF_DAY {
            return Err(SitesError::StorePageInvalid { at: "/opening_hours", want: "spans that end after they begin" });
        }
        Ok(Self { opens_at, closes_at })
    }

    /// Whether the minute of the day lies inside.
    pub const fn contains(self, minute_of_day: u16) -> bool {
        self.opens_at <= minute_of_day && minute_of_day < self.closes_at
    }
}

impl TryFrom<(String, String)> for OpenSpan {
    type Error = SitesError;

    fn try_from((opens, closes): (String, String)) -> Result<Self, SitesError> {
        let want = SitesError::StorePageInvalid { at: "/opening_hours", want: "times such as 09:00" };
        let (Some(opens_at), Some(closes_at)) = (minute_of_day(&opens), minute_of_day(&closes)) else {
            return Err(want);
        };
        Self::new(opens_at, closes_at)
    }
}

impl From<OpenSpan> for (String, String) {
    fn from(span: OpenSpan) -> Self {
        (clock_face(span.opens_at), clock_face(span.closes_at))
    }
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b':') {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    if minute > 59 {
        return None;
    }
    hour.checked_mul(60)?.checked_add(minute).filter(|minute| *minute <= MINUTES_OF_DAY)
}

fn clock_face(minute_of_day: u16) -> String {
    let (hour, minute) = (minute_of_day.div_euclid(60), minute_of_day.rem_euclid(60));
    format!("{hour:02}:{minute:02}")
}

/// The week of a store (营业时间): for each weekday its spans, none meaning closed. A night that goes past midnight is written as
/// two spans, the second on the next day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OpeningHours {
    /// Monday.
    pub mon: DayHours,
    /// Tuesday.
    pub tue: DayHours,
    /// Wednesday.
    pub wed: DayHours,
    /// Thursday.
    pub thu: DayHours,
    /// Friday.
    pub fri: DayHours,
    /// Saturday.
    pub sat: DayHours,
    /// Sunday.
    pub sun: DayHours,
}

impl OpeningHours {
    /// The same hours every day.
    pub fn daily(day: &DayHours) -> Self {
        let [mon, tue, wed, thu, fri, sat, sun] = [(); 7].map(|()| day.clone());
        Self { mon, tue, wed, thu, fri, sat, sun }
    }

    /// The hours of one weekday.
    pub const fn on(&self, weekday: Weekday) -> &DayHours {
        match weekday {
            Weekday::Mon => &self.mon,
            Weekday::Tue => &self.tue,
            Weekday::Wed => &self.wed,
            Weekday::Thu => &self.thu,
            Weekday::Fri => &self.fri,
            Weekday::Sat => &self.sat,
            Weekday::Sun => &self.sun,
        }
    }

    /// Whether the store is open at that minute of its own local time.
    pub fn is_open(&self, weekday: Weekday, minute_of_day: u16) -> bool {
        self.on(weekday).0.iter().any(|span| span.contains(minute_of_day))
    }
}

/// The spans of one day: at most four, in order, none touching the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<OpenSpan>")]
pub struct DayHours(Vec<OpenSpan>);

impl DayHours {
    /// The spans, in order.
    pub fn spans(&self) -> &[OpenSpan] {
        &self.0
    }
}

impl TryFrom<Vec<OpenSpan>> for DayHours {
    type Error = SitesError;

    fn try_from(spans: Vec<OpenSpan>) -> Result<Self, SitesError> {
        let apart = spans.iter().zip(spans.iter().skip(1)).all(|(one, next)| one.closes_at < next.opens_at);
        if spans.len() > SPANS_MAX || !apart {
            let want = "at most four spans a day, in order and apart";
            return Err(SitesError::StorePageInvalid { at: "/opening_hours", want });
        }
        Ok(Self(spans))
    }
}

huike_kernel::words! {
    /// What the numbers of a position mean. Maps in mainland China use GCJ-02, which is some hundred metres off WGS 84.
    Datum, "datum" {
        /// GCJ-02 (火星坐标), as Chinese map services and phones' WeChat give it.
        Gcj02 = "gcj02",
        /// WGS 84, as satellites give it.
        Wgs84 = "wgs84",
    }
}

/// A point on the map in whole micro-degrees (about 0.1 m): no float ever decides which store is nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawPosition")]
pub struct Position {
    latitude_udeg: i32,
    longitude_udeg: i32,
    datum: Datum,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPosition {
    latitude_udeg: i32,
    longitude_udeg: i32,
    datum: Datum,
}

impl TryFrom<RawPosition> for Position {
    type Error = SitesError;

    fn try_from(raw: RawPosition) -> Result<Self, SitesError> {
        Self::new(raw.latitude_udeg, raw.longitude_udeg, raw.datum)
    }
}

impl Position {
    /// A point on the globe, or a refusal.
    pub fn new(latitude_udeg: i32, longitude_udeg: i32, datum: Datum) -> Result<Self, SitesError> {
        let fits = (-90_000_000..=90_000_000).contains(&latitude_udeg)
            && (-180_000_000..=180_000_000).contains(&longitude_udeg);
        if !fits {
            return Err(SitesError::StorePageInvalid { at: "/position", want: "micro-degrees on the globe" });
        }
        Ok(Self { latitude_udeg, longitude_udeg, datum })
    }

    /// North is positive.
    pub const fn latitude_udeg(self) -> i32 {
        self.latitude_udeg
    }

    /// East is positive.
    pub const fn longitude_udeg(self) -> i32 {
        self.longitude_udeg
    }

    /// What the numbers mean.
    pub const fn datum(self) -> Datum {
        self.datum
    }
}

impl fmt::Display for StorePhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
