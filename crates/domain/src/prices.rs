//! A model's prices over time: which hold at an instant, and by whose word. It must not guess a
//! price for a time before the first that is known.

use std::sync::Arc;

use serde::Deserialize;

use crate::money::TokenPrices;
use crate::time::{Date, Timestamp};

/// Holds what a model costs, period by period; the last that has begun is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    periods: Vec<PricePeriod>,
}

/// Holds the prices from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricePeriod {
    /// The first day, UTC; none for the earliest known.
    pub from: Option<Date>,
    /// The prices.
    pub prices: TokenPrices,
    /// When they are higher or lower, by the time of day.
    pub peak: Option<Peak>,
    /// By whose word: the configuration, or the facts and the day they were read.
    pub basis: Arc<str>,
}

/// Says at which hours a price is another one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peak {
    /// The price at these hours, in percent of the usual one.
    pub percent: u64,
    /// Spans of whole hours, UTC: the first that counts, and the first that does not any more.
    pub utc_hours: Vec<[u8; 2]>,
    /// Whether Saturdays and Sundays are exempt.
    pub weekdays_only: bool,
    /// Further days that are exempt, UTC.
    #[serde(default)]
    pub days_off: Vec<Date>,
}

/// Shows the prices of one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceNow<'p> {
    /// The prices.
    pub prices: TokenPrices,
    /// By whose word.
    pub basis: &'p Arc<str>,
}

impl Prices {
    /// Makes a list of periods, in the order of their first days.
    #[must_use]
    pub fn new(mut periods: Vec<PricePeriod>) -> Self {
        periods.sort_by_key(|period| period.from);
        Self { periods }
    }

    /// Makes a price that holds always, by whose word.
    #[must_use]
    pub fn always(prices: TokenPrices, basis: &str) -> Self {
        Self::new(vec![PricePeriod {
            from: None,
            prices,
            peak: None,
            basis: basis.into(),
        }])
    }

    /// Finds the prices at an instant: that of the answer's end, where a vendor bills by hours.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Option<PriceNow<'_>> {
        let has_begun = |period: &&PricePeriod| period.from.is_none_or(|from| from.start() <= now);
        let period = self.periods.iter().rev().find(has_begun)?;
        let percent = match &period.peak {
            Some(peak) if peak.holds_at(now) => peak.percent,
            _ => 100,
        };
        Some(PriceNow {
            prices: period.prices.at_percent(percent),
            basis: &period.basis,
        })
    }

    /// Lists the periods, the earliest first.
    #[must_use]
    pub fn periods(&self) -> &[PricePeriod] {
        &self.periods
    }
}

impl Peak {
    fn holds_at(&self, now: Timestamp) -> bool {
        let day = now.date();
        let is_exempt = self.weekdays_only && day.is_weekend() || self.days_off.contains(&day);
        let is_in = |[from, until]: &[u8; 2]| (*from..*until).contains(&now.hour());
        !is_exempt && self.utc_hours.iter().any(is_in)
    }
}

impl From<TokenPrices> for Prices {
    fn from(prices: TokenPrices) -> Self {
        Self::always(prices, "configuration")
    }
}

#[cfg(test)]
mod tests;
