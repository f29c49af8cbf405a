//! How money and assumptions are shown, alike in all questions. It must not compute.

use plan::cost::assumptions::InForce;

use crate::output;

/// Writes USD with as many digits as tell something.
#[must_use]
pub fn usd(usd: f64) -> String {
    match usd.abs() {
        size if size >= 1e3 => format!("{usd:.0}"),
        size if size >= 1.0 || size == 0.0 => format!("{usd:.2}"),
        size if size >= 1e-2 => format!("{usd:.4}"),
        _ => format!("{usd:.3e}"),
    }
}

/// Writes the table of assumptions in force.
pub fn assumptions(rows: &[InForce]) {
    let header = ["assumption", "value", "unit", "what it says", "from"];
    let row = |one: &InForce| {
        vec![
            one.key.clone(),
            one.value.to_string(),
            one.unit.clone(),
            one.about.clone(),
            one.source.clone(),
        ]
    };
    output::table(&header, &rows.iter().map(row).collect::<Vec<_>>());
    output::note("change an assumption with --set key=value");
}
