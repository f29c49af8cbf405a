//! Autoscaling: how many replicas a load wants, by a rule over the requests in flight. It must not
//! start or stop one.

use super::clock::Picos;

/// Holds the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// Fewest replicas.
    pub least: u32,
    /// Most replicas.
    pub most: u32,
    /// Requests in flight that one replica is meant to have.
    pub each: u32,
    /// How often it is looked.
    pub every: Picos,
    /// From the start of a replica until it takes requests: the loading of the weights.
    pub cold_start: Picos,
    /// How long fewer must have been enough before one is let go.
    pub patience: Picos,
}

impl Scaling {
    /// Tells how many replicas a load wants.
    #[must_use]
    pub fn wanted(&self, in_flight: u64) -> u32 {
        let wanted = in_flight.div_ceil(u64::from(self.each.max(1)));
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        wanted.clamp(self.least, self.most)
    }
}
