//! An answer: ways, what they come to, and how well they were predicted. It must not compute.

use serde::Serialize;

use crate::cascade::measure::Measured;
use crate::cascade::part::Way;
use crate::cascade::splits::Held;

/// Shows one way and what it comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The way.
    pub way: Way,
    /// Its family.
    pub family: &'static str,
    /// What it comes to; of a control the mean of its shuffles.
    #[serde(flatten)]
    pub measured: Measured,
}

/// Answers a question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Study {
    /// How many items were measured.
    pub items: usize,
    /// Shares of items, by who was right: both, the cheap tier alone, the strong tier alone,
    /// neither.
    pub right: [f64; 4],
    /// The ways.
    pub points: Vec<Point>,
    /// How well ways are predicted from one half of the items for the other.
    pub held_out: Vec<Held>,
}
