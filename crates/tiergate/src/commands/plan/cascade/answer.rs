//! An answer with what it rests on, as JSON has it. It must not compute.

use plan::cascade::Study;
use plan::cost::assumptions::InForce;
use serde::Serialize;

/// Holds an answer with what it rests on.
#[derive(Serialize)]
pub struct Answer<'s> {
    /// The cheap tier.
    pub cheap: &'s str,
    /// The strong tier.
    pub strong: &'s str,
    /// What the rule goes by.
    pub rule: Option<&'s str>,
    /// What prices are, and where from.
    pub prices: Vec<String>,
    /// The study.
    #[serde(flatten)]
    pub study: &'s Study,
    /// The assumptions in force.
    pub assumptions: Vec<InForce>,
}
