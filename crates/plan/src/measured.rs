//! Between which loads points were measured, and how much less is known beyond them. It must not
//! know how to predict.

use serde::Deserialize;

use crate::deployment::Deployment;

const SHIPPED: &str = include_str!("../facts/measured.toml");

/// Holds between which loads points were measured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Where that stands.
    pub source: String,
    /// The day on which it was read.
    pub read_on: String,
    axes: [Axis; 4],
}

/// Holds between which values one property of a load was measured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// What it counts.
    pub name: String,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
    /// By how much the log of an interval's ends moves for each doubling beyond.
    doubt: f64,
}

/// Holds a value that lies beyond what was measured.
#[derive(Clone, Copy, Debug)]
pub struct Beyond<'m> {
    /// Of what.
    pub axis: &'m Axis,
    /// The value.
    pub value: f64,
}

impl Measured {
    /// Reads what ships.
    ///
    /// # Errors
    /// Fails when the file is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        toml::from_str(SHIPPED)
    }

    /// Lists what of a deployment lies beyond what was measured.
    pub fn beyond(&self, of: &Deployment<'_>) -> impl Iterator<Item = Beyond<'_>> {
        let (decode, _) = of.pools();
        let values = [
            of.input,
            of.output,
            of.concurrency,
            decode.layout.accelerators(),
        ];
        let all = self.axes.iter().zip(values);
        all.filter_map(|(axis, value)| {
            let is_within = (axis.least..=axis.most).contains(&value);
            (!is_within).then_some(Beyond { axis, value })
        })
    }

    /// Tells the factor by which both ends of an interval are moved out: one where all of a
    /// deployment lies within what was measured.
    #[must_use]
    pub fn doubt(&self, of: &Deployment<'_>) -> f64 {
        let logs = self.beyond(of).map(|one| one.axis.doubt * one.doublings());
        logs.sum::<f64>().exp()
    }
}

impl Beyond<'_> {
    fn doublings(&self) -> f64 {
        let Axis { least, most, .. } = *self.axis;
        (self.value / most).max(least / self.value).log2().max(0.0)
    }
}

#[cfg(test)]
mod tests;
