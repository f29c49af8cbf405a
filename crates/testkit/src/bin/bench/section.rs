//! What a section of the bench is. It must not know which ones there are.

use std::time::Duration;

use crate::bed::Bench;
use crate::fault::BenchError;
use crate::report::Table;

/// Names one section and how it is measured.
pub struct Section {
    /// The name, as in `--section`.
    pub name: &'static str,
    /// What it measures.
    pub about: &'static str,
    /// Measures it.
    pub measure: fn(&mut Bench) -> Result<Table, BenchError>,
}

/// Tells a time in microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Tells a time in milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
