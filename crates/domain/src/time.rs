//! Points in time and calendar days as values. It must not read a clock: the caller brings the
//! time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const MS_PER_HOUR: i64 = 3_600_000;
/// The milliseconds of a day.
pub const MS_PER_DAY: i64 = 24 * MS_PER_HOUR;

/// Counts milliseconds since the Unix epoch, UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Tells the calendar day in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date {
            days: self.0.div_euclid(MS_PER_DAY),
        }
    }

    /// Tells the hour of the day in UTC.
    pub(crate) fn hour(self) -> u8 {
        let hour = self.0.rem_euclid(MS_PER_DAY) / MS_PER_HOUR;
        u8::try_from(hour).unwrap_or_default()
    }

    /// Adds whole days.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self(
            self.0
                .saturating_add(i64::from(days).saturating_mul(MS_PER_DAY)),
        )
    }

    /// Counts the milliseconds from `earlier` to here; negative when `earlier` is later.
    #[must_use]
    pub fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// Says that a text is no time or day of the expected form.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct NotATime {
    text: String,
    expected: &'static str,
}

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        text.parse::<jiff::Timestamp>()
            .map(|time| Self(time.as_millisecond()))
            .map_err(|_| NotATime {
                text: text.to_owned(),
                expected: "a time such as 2026-11-24T09:30:00Z",
            })
    }
}

/// Names a calendar day, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    days: i64,
}

impl Date {
    /// Tells the first instant of the day.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp(self.days.saturating_mul(MS_PER_DAY))
    }

    /// Tells whether it is a Saturday or a Sunday.
    pub(crate) fn is_weekend(self) -> bool {
        // Day 0, the first of 1970, was a Thursday.
        matches!(self.days.rem_euclid(7), 2 | 3)
    }
}

impl FromStr for Date {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let wrong = || NotATime {
            text: text.to_owned(),
            expected: "a day such as 2027-03-01",
        };
        let date = text.parse::<jiff::civil::Date>().map_err(|_| wrong())?;
        let midnight = date.to_datetime(jiff::civil::Time::midnight());
        let start = jiff::tz::TimeZone::UTC
            .to_timestamp(midnight)
            .map_err(|_| wrong())?;
        Ok(Timestamp(start.as_millisecond()).date())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let full = self.start().to_string();
        f.write_str(full.split('T').next().unwrap_or(&full))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
