//! Whole calendar days between and beside dates. It must not know weekends or hours.

use domain::{Date, MS_PER_DAY, Timestamp};

/// Counts the days from one date to another; negative where the second is the earlier.
#[must_use]
pub fn between(from: Date, to: Date) -> i64 {
    to.start().ms_since(from.start()) / MS_PER_DAY
}

/// Finds the date so many days after another; before it where the number is negative.
#[must_use]
pub fn after(day: Date, days: i64) -> Date {
    let moved = days.saturating_mul(MS_PER_DAY);
    Timestamp(day.start().0.saturating_add(moved)).date()
}
