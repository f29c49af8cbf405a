//! What is fitted: measured rows with their parts and groups, and the sets that are held out
//! together. It must not fit.

use crate::coefficients::FOLDS;
use crate::deployment::Deployment;
use crate::first_token::first_parts;
use crate::groups::{Groups, Level, at, fold, groups};
use crate::intervals::Reach;
use crate::measured::{Load, load_of};
use crate::serving::point_name;
use crate::step::step_parts;
use crate::units::Seconds;
use crate::waiting::Waiting;

/// Names what is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Time of an output token after the first.
    Step,
    /// Time to the first token.
    First,
}

/// Holds a measured row.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its id.
    pub id: String,
    /// Its point, as the file of coefficients names it.
    pub point: String,
    /// The fold in which it lies.
    pub fold: usize,
    /// Its load.
    pub load: Load,
    /// The parts of its step.
    pub step: Vec<f64>,
    /// The parts of its first token.
    pub first: Vec<f64>,
    /// How many requests were in flight, and for how many there was room.
    pub waiting: Waiting,
    /// Its groups.
    pub groups: Groups,
    /// Seconds of an output token after the first.
    pub observed_step: f64,
    /// Seconds to the first token.
    pub observed_first: f64,
}

/// Says how the rows of a score are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldOut {
    /// A fifth of the points at a time: other points of the combination are known.
    Points,
    /// A fifth of the degrees of parallelism at a time: others of the combination are known.
    Degrees,
    /// A fifth of the combinations at a time.
    Combinations,
    /// One accelerator at a time.
    Systems,
    /// One model family at a time.
    Families,
    /// One model family and one accelerator at a time; what is of both is scored.
    Both,
}

/// Holds the log error of a row by a fit that has not seen it.
#[derive(Clone, Debug)]
pub struct Residual {
    /// Which row.
    pub row: usize,
    /// Log of observed over predicted.
    pub log: f64,
    /// How far the fit reached for it.
    pub reach: Reach,
}

impl Measured {
    /// Takes what a deployment of the requests that are served at once was measured to do: seconds
    /// of an output token and to the first.
    #[must_use]
    pub fn new(
        id: &str,
        of: &Deployment<'_>,
        waiting: Waiting,
        [observed_step, observed_first]: [f64; 2],
    ) -> Self {
        Self {
            id: id.to_owned(),
            point: point_name(of),
            fold: fold(of, FOLDS),
            load: load_of(of),
            step: step_parts(of).to_vec(),
            first: first_parts(of).to_vec(),
            waiting,
            groups: groups(of),
            observed_step,
            observed_first,
        }
    }

    /// Says whether its time is fitted: where requests wait for room, the time to the first token
    /// is that of the wait.
    pub(super) fn is_fitted(&self, measure: Measure) -> bool {
        measure == Measure::Step || !self.waiting.is_any()
    }

    /// Adds the wait for room to the time to a first token of those that are served.
    pub(super) fn waited(&self, first: f64, step: f64) -> f64 {
        let [_, output, ..] = self.load;
        let steps = Seconds::new(step) * (output - 1.0).max(0.0);
        self.waiting.added(Seconds::new(first), steps).get()
    }

    pub(super) fn parts(&self, measure: Measure) -> (&[f64], f64) {
        match measure {
            Measure::Step => (&self.step, self.observed_step),
            Measure::First => (&self.first, self.observed_first),
        }
    }
}

/// Names the sets with which a row is held out; where there is one, twice.
#[must_use]
pub fn held_with(row: &Measured, hold_out: HoldOut) -> [String; 2] {
    let at = |level| at(&row.groups, level).to_owned();
    let twice = |one: String| [one.clone(), one];
    match hold_out {
        HoldOut::Points => twice(row.fold.to_string()),
        HoldOut::Degrees => twice(fifth(&at(Level::Degrees))),
        HoldOut::Combinations => twice(fifth(&at(Level::Combination))),
        HoldOut::Systems => twice(at(Level::System)),
        HoldOut::Families => twice(at(Level::Family)),
        HoldOut::Both => [at(Level::System), at(Level::Family)],
    }
}

fn fifth(name: &str) -> String {
    let sum: u64 = name.bytes().map(u64::from).sum();
    (sum % FOLDS).to_string()
}
