//! Numbers as a table shows them. It must not round what JSON carries.

use plan::layouts::Ranged;
pub use plan::page::number;

/// Writes a number with the range in which it lies.
#[must_use]
pub fn ranged(of: Ranged) -> String {
    let [value, low, high] = [of.value, of.low, of.high].map(number);
    format!("{value} [{low}–{high}]")
}
