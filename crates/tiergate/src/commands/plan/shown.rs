//! Numbers as a table shows them. It must not round what JSON carries.

use plan::layouts::Ranged;

/// Writes a number in about four digits.
#[must_use]
pub fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e7).contains(&size) => format!("{value:.3e}"),
        size if size >= 1e3 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 1e2 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Writes a number with the range in which it lies.
#[must_use]
pub fn ranged(of: Ranged) -> String {
    let [value, low, high] = [of.value, of.low, of.high].map(number);
    format!("{value} [{low}–{high}]")
}
