//! Between which loads points were measured, and how much less is known beyond them. It must not
//! know how to predict.

use serde::{Deserialize, Serialize};

use crate::deployment::Deployment;

/// Names what of a load is looked at.
const NAMES: [&str; 4] = [
    "input tokens",
    "output tokens",
    "requests in flight",
    "accelerators that decode together",
];

/// By how much the log of an interval's ends moves for each doubling beyond what was measured. No
/// calibration row tells apart what is far and what is near, so it is an assumption: eight times
/// beyond, an estimate is held to be uncertain by a further factor of 1.6.
const DOUBT: f64 = 0.15;

/// Holds the values of a deployment's load, in the order of their names.
pub type Load = [f64; NAMES.len()];

/// Holds between which values one property of a load was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// What it counts.
    pub name: String,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

/// Holds between which loads points were measured.
#[derive(Clone, Debug)]
pub struct Measured {
    axes: Vec<Axis>,
}

/// Holds a value that lies beyond what was measured.
#[derive(Clone, Copy, Debug)]
pub struct Beyond<'m> {
    /// Of what.
    pub axis: &'m Axis,
    /// The value.
    pub value: f64,
}

/// Tells the values of a deployment's load.
#[must_use]
pub fn load_of(of: &Deployment<'_>) -> Load {
    let (decode, _) = of.pools();
    [
        of.input,
        of.output,
        of.concurrency,
        decode.layout.accelerators(),
    ]
}

/// Tells between which values measured loads lie.
#[must_use]
pub fn axes(loads: &[Load]) -> Vec<Axis> {
    let axis = |(place, name): (usize, &&str)| {
        let values = loads.iter().map(|load| load[place]);
        Axis {
            name: (*name).to_owned(),
            least: values.clone().fold(f64::INFINITY, f64::min),
            most: values.fold(0.0, f64::max),
        }
    };
    NAMES.iter().enumerate().map(axis).collect()
}

impl Measured {
    /// Takes between which loads points were measured; of what is not named nothing is known, and
    /// no load lies beyond it.
    #[must_use]
    pub fn new(axes: &[Axis]) -> Self {
        Self {
            axes: axes.to_vec(),
        }
    }

    /// Lists what of a deployment lies beyond what was measured.
    pub fn beyond(&self, of: &Deployment<'_>) -> impl Iterator<Item = Beyond<'_>> {
        let values = NAMES.into_iter().zip(load_of(of));
        values.filter_map(|(name, value)| {
            let axis = self.axes.iter().find(|axis| axis.name == name)?;
            let is_within = (axis.least..=axis.most).contains(&value);
            (!is_within).then_some(Beyond { axis, value })
        })
    }

    /// Tells the factor by which both ends of an interval are moved out: one where all of a
    /// deployment lies within what was measured.
    #[must_use]
    pub fn doubt(&self, of: &Deployment<'_>) -> f64 {
        let logs = self.beyond(of).map(|one| DOUBT * one.doublings());
        logs.sum::<f64>().exp()
    }
}

impl Beyond<'_> {
    fn doublings(&self) -> f64 {
        let Axis { least, most, .. } = self.axis;
        (self.value / most).max(least / self.value).log2().max(0.0)
    }
}

#[cfg(test)]
mod tests;
