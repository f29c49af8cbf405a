//! Several futures: each moves dates, chances, availability and price, and counts by its weight. It
//! must not say which of them comes.

use serde::Serialize;

use super::days;
use super::families::{By, Family, FamilyFault};

/// Holds one future.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What happens in it.
    pub about: String,
    /// The chance that it is this one; all of them sum to one.
    pub weight: f64,
    /// How many days later releases come; earlier below 0.
    pub release_days: i64,
    /// What the probability of each release is multiplied with.
    pub release_factor: f64,
    /// How many days later we are ready.
    pub ready_days: i64,
    /// How many days later retirements come.
    pub retirement_days: i64,
    /// The share of our use that may go to what is released.
    pub available: f64,
    /// What its use costs over what the use of today costs.
    pub price_factor: f64,
}

impl Scenario {
    /// The one future in which all is as said.
    #[must_use]
    pub fn as_said() -> Self {
        Self {
            name: "as said".to_owned(),
            about: String::new(),
            weight: 1.0,
            release_days: 0,
            release_factor: 1.0,
            ready_days: 0,
            retirement_days: 0,
            available: 1.0,
            price_factor: 1.0,
        }
    }

    /// Changes a release's probabilities. What would come on `today` or before comes on the day
    /// after it.
    ///
    /// # Errors
    /// A probability leaves 0 to 1.
    pub fn family(&self, family: &Family, today: domain::Date) -> Result<Family, FamilyFault> {
        let earliest = days::after(today, 1);
        let mut points: Vec<By> = Vec::new();
        for one in family.points() {
            let row = By {
                day: days::after(one.day, self.release_days).max(earliest),
                probability: one.probability * self.release_factor,
                ..*one
            };
            // Rows that meet on the first day are one, and the later of them says the most.
            match points.last_mut().filter(|last| last.day == row.day) {
                Some(last) => *last = row,
                None => points.push(row),
            }
        }
        Family::new(family.event(), points)
    }

    /// Tells what use costs a day once it is released, of what it costs today.
    #[must_use]
    pub fn usage(&self, usage_usd_per_day: f64) -> f64 {
        usage_usd_per_day * (1.0 - self.available + self.available * self.price_factor)
    }
}

#[cfg(test)]
mod tests;
