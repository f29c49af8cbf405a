//! The serving recipe: time of an output token and time to the first one at a closed-loop load,
//! with intervals and the rows they rest on. It must not know how coefficients were fitted.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::coefficients::{Coefficients, FOLDS, Fit, Table};
use crate::deployment::Deployment;
use crate::first_token::{FIRST_PARTS, first_parts};
use crate::groups::{Groups, Level, fold, groups, point};
use crate::intervals::{Reach, Spread, near};
use crate::measured::{Axis, Measured};
use crate::replay::{RATES, Rates};
use crate::seen::Seen;
use crate::step::{STEP_PARTS, StepParts, step_parts};
use crate::units::Seconds;

const SHIPPED: &str = include_str!("../facts/serving.toml");

/// Holds the file of coefficients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServingFacts {
    /// What was fitted, from where.
    pub source: String,
    /// The day of the fit.
    pub fitted_on: String,
    /// How many rows.
    pub rows: usize,
    /// SHA-256 of their ids and measurements.
    pub digest: String,
    /// The numbers of the points among them, in hexadecimal digits.
    pub points: BTreeSet<String>,
    /// Between which loads they lie; files of earlier fits do not say.
    #[serde(default)]
    pub loads: Vec<Axis>,
    /// Errors of rows that their fit had not seen, as they were at the fit.
    pub scores: Vec<Score>,
    /// Spreads of the time of an output token.
    pub step_spreads: Vec<Spread>,
    /// Spreads of the time to the first token.
    pub first_spreads: Vec<Spread>,
    /// How many rows of each fold are of an accelerator, a family, a combination, its degrees.
    pub seen: Seen,
    /// Corrections of the parts of a step.
    pub step: Table,
    /// Corrections of the parts of the first token.
    pub first: Table,
}

/// Holds the error of held-out rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// What was predicted.
    pub measure: String,
    /// What was held out.
    pub held_out: String,
    /// Mean of `|predicted / measured − 1|`.
    pub mean: f64,
    /// Its median.
    pub median: f64,
    /// The share of measurements inside the stated interval.
    pub covered: f64,
    /// Median of the interval's half width over the prediction.
    pub half_width: f64,
}

/// Estimates deployments.
#[derive(Clone, Debug)]
pub struct Estimator {
    step: Coefficients,
    first: Coefficients,
    step_spreads: Vec<Spread>,
    first_spreads: Vec<Spread>,
    points: BTreeSet<String>,
    seen: Seen,
    measured: Arc<Measured>,
    /// What it rests on.
    pub source: String,
}

/// Holds an estimated time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounded {
    /// The estimate.
    pub time: Seconds,
    /// Between which four fifths of measurements should lie.
    pub interval: (Seconds, Seconds),
    /// How many rows the interval rests on.
    pub rows: usize,
}

impl Bounded {
    /// Widens the interval so that it holds another's.
    fn holding(self, other: Self) -> Self {
        let least = |one: Seconds, two: Seconds| if one < two { one } else { two };
        let low = least(self.interval.0, other.interval.0);
        Self {
            interval: (low, self.interval.1.max(other.interval.1)),
            ..self
        }
    }

    /// Moves both ends of the interval out by a factor.
    #[must_use]
    pub fn doubted(self, factor: f64) -> Self {
        let (low, high) = self.interval;
        Self {
            interval: (low / factor, high * factor),
            ..self
        }
    }
}

/// Holds the estimate of a deployment.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// Time of an output token after the first.
    pub step: Bounded,
    /// Time to the first token.
    pub first: Bounded,
    /// How far it reaches beyond what was measured.
    pub reach: Reach,
    /// The groups that it belongs to.
    pub groups: Groups,
}

impl Estimate {
    /// Tells the tokens a second that come out of the replica.
    #[must_use]
    pub fn tokens_per_second(&self, of: &Deployment<'_>) -> f64 {
        let round = self.first.time.get() + self.step.time.get() * (of.output - 1.0).max(0.0);
        of.concurrency * of.output / round
    }
}

impl Estimator {
    /// Reads the coefficients that ship.
    ///
    /// # Errors
    /// Fails when the file is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        Ok(Self::new(&toml::from_str(SHIPPED)?))
    }

    /// Takes coefficients.
    #[must_use]
    pub fn new(facts: &ServingFacts) -> Self {
        Self {
            step: Coefficients::new(&STEP_PARTS, &facts.step),
            first: Coefficients::new(&FIRST_PARTS, &facts.first),
            step_spreads: facts.step_spreads.clone(),
            first_spreads: facts.first_spreads.clone(),
            points: facts.points.clone(),
            seen: facts.seen.clone(),
            measured: Arc::new(Measured::new(&facts.loads)),
            source: format!("{}, fitted {}", facts.source, facts.fitted_on),
        }
    }

    /// Estimates with all that was measured.
    #[must_use]
    pub fn estimate(&self, of: &Deployment<'_>) -> Estimate {
        self.with(of, Fit::All)
    }

    /// Estimates by the fit from which a deployment's point was held out, and by all that was
    /// measured where its point was not: for comparison with a measurement of it.
    #[must_use]
    pub fn held_out(&self, of: &Deployment<'_>) -> Estimate {
        self.with(of, self.unseen_fit(of))
    }

    /// Estimates a deployment of which a part is assumed: as `held_out`, with an interval that
    /// holds that of what was never measured, too.
    #[must_use]
    pub fn guessed(&self, of: &Deployment<'_>) -> Estimate {
        let own = self.held_out(of);
        let far = self.reaching(of, self.unseen_fit(of), groups(of), Reach::NewBoth);
        Estimate {
            step: own.step.holding(far.step),
            first: own.first.holding(far.first),
            ..own
        }
    }

    /// Widens an estimate of a deployment of which nobody states how many requests are in flight:
    /// there may be one, and as many again as are served may wait until an answer ends.
    #[must_use]
    pub fn at_any_load(&self, of: &Deployment<'_>, estimate: Estimate) -> Estimate {
        let alone = Deployment {
            concurrency: 1.0,
            ..of.clone()
        };
        let alone = self.with(&alone, self.unseen_fit(of));
        let step = estimate.step.holding(alone.step);
        let first = estimate.first.holding(alone.first);
        let (soon, late) = first.interval;
        Estimate {
            step,
            first: Bounded {
                interval: (soon, late + step.interval.1 * of.output),
                ..first
            },
            ..estimate
        }
    }

    /// Says whether a measurement of a deployment's point is among those that were fitted.
    #[must_use]
    pub fn has_measured(&self, of: &Deployment<'_>) -> bool {
        self.points.contains(&point_name(of))
    }

    /// Names what of a deployment's load lies beyond what was measured, with the ends of that.
    #[must_use]
    pub fn beyond(&self, of: &Deployment<'_>) -> Vec<String> {
        let words = self.measured.beyond(of).map(|one| {
            let Axis {
                name, least, most, ..
            } = one.axis;
            format!("{} {name} ({least} to {most} were measured)", one.value)
        });
        words.collect()
    }

    /// Says whether measurements of an engine are among those that were fitted.
    #[must_use]
    pub fn has_engine(&self, engine: &str) -> bool {
        self.seen.has_engine(engine)
    }

    /// Tells the rates that are expected of an engine's steps on an accelerator that was not
    /// measured: those that the engine has on others.
    #[must_use]
    pub fn expected_rates(&self, engine: &str) -> Rates {
        let logs = self.step.common(Level::Engine, engine);
        let named = |rate: &str| {
            // Products of prefill are corrected as prefill; those of a decode step hardly count.
            // Links have their measured rates.
            let part = match rate {
                "compute" | "attention" => "prefill",
                other => other,
            };
            STEP_PARTS
                .iter()
                .position(|one| *one == part)
                .map_or(0.0, |place| logs[place])
        };
        RATES.map(named)
    }

    fn unseen_fit(&self, of: &Deployment<'_>) -> Fit {
        if self.has_measured(of) {
            Fit::Without(fold(of, FOLDS))
        } else {
            Fit::All
        }
    }

    /// Gathers what holds for a deployment at any load, so that many loads are estimated quickly.
    #[must_use]
    pub fn prepare(&self, of: &Deployment<'_>) -> Prepared {
        let groups = groups(of);
        self.prepared(&groups, Fit::All, self.seen.reach(&groups, Fit::All))
    }

    /// Tells by how much each part of a deployment's step is scaled, so that steps of other loads
    /// of it can be worked out alike.
    #[must_use]
    pub fn step_scales(&self, of: &Deployment<'_>) -> StepParts {
        let prepared = self.prepare(of);
        // The estimate is shifted as a whole beside the corrections of its parts.
        let whole = scaled(&[1.0; STEP_PARTS.len()], &prepared.step);
        let mut found = [prepared.step_range.middle; STEP_PARTS.len()];
        for (part, scale) in found.iter_mut().zip(whole) {
            *part *= scale;
        }
        found
    }

    fn with(&self, of: &Deployment<'_>, fit: Fit) -> Estimate {
        let groups = groups(of);
        let reach = self.seen.reach(&groups, fit);
        self.reaching(of, fit, groups, reach)
    }

    fn reaching(&self, of: &Deployment<'_>, fit: Fit, groups: Groups, reach: Reach) -> Estimate {
        let prepared = self.prepared(&groups, fit, reach);
        Estimate {
            step: prepared.step(of),
            first: prepared.first(of),
            reach: prepared.reach,
            groups,
        }
    }

    fn prepared(&self, groups: &Groups, fit: Fit, reach: Reach) -> Prepared {
        Prepared {
            step: self.step.scales(groups, fit),
            step_range: range(groups, reach, &self.step_spreads),
            first: self.first.scales(groups, fit),
            first_range: range(groups, reach, &self.first_spreads),
            measured: self.measured.clone(),
            reach,
        }
    }
}

/// Writes a deployment's point as the file of coefficients does.
#[must_use]
pub fn point_name(of: &Deployment<'_>) -> String {
    format!("{:x}", point(of))
}

/// Holds what an estimator knows of deployments that differ in their load alone.
#[derive(Clone, Debug)]
pub struct Prepared {
    step: Vec<f64>,
    step_range: Range,
    first: Vec<f64>,
    first_range: Range,
    measured: Arc<Measured>,
    /// How far estimates reach beyond what was measured.
    pub reach: Reach,
}

/// Holds the factors between which measurements lay around a sum of parts.
#[derive(Clone, Copy, Debug)]
struct Range {
    low: f64,
    middle: f64,
    high: f64,
    rows: usize,
}

impl Prepared {
    /// Estimates the time of an output token.
    #[must_use]
    pub fn step(&self, of: &Deployment<'_>) -> Bounded {
        let sum = scaled(&step_parts(of), &self.step).iter().sum();
        self.step_range.around(sum).doubted(self.measured.doubt(of))
    }

    /// Estimates the time to the first token.
    #[must_use]
    pub fn first(&self, of: &Deployment<'_>) -> Bounded {
        let sum = scaled(&first_parts(of), &self.first).iter().sum();
        self.first_range
            .around(sum)
            .doubted(self.measured.doubt(of))
    }

    /// Divides the estimated time of an output token into its parts, in seconds, in the order of
    /// `STEP_PARTS`.
    #[must_use]
    pub fn parts(&self, of: &Deployment<'_>) -> Vec<f64> {
        let parts = scaled(&step_parts(of), &self.step);
        parts
            .iter()
            .map(|part| part * self.step_range.middle)
            .collect()
    }

    /// Tells by how much longer than its bare formula the products of prefill take.
    #[must_use]
    pub fn prefill_scale(&self) -> f64 {
        let place = STEP_PARTS.iter().position(|part| *part == "prefill");
        place
            .and_then(|place| self.step.get(place))
            .copied()
            .unwrap_or(1.0)
    }
}

/// Scales parts, the last scale being that of all.
fn scaled(parts: &[f64], scales: &[f64]) -> Vec<f64> {
    let whole = scales.get(parts.len()).copied().unwrap_or(1.0);
    parts
        .iter()
        .zip(scales)
        .map(|(part, scale)| part * scale * whole)
        .collect()
}

impl Range {
    fn around(self, time: f64) -> Bounded {
        let at = |factor: f64| Seconds::new(time * factor);
        Bounded {
            time: at(self.middle),
            interval: (at(self.low), at(self.high)),
            rows: self.rows,
        }
    }
}

fn range(groups: &Groups, reach: Reach, spreads: &[Spread]) -> Range {
    // Without any spread the interval is open to both sides.
    near(groups, reach, spreads).map_or(
        Range {
            low: 0.0,
            middle: 1.0,
            high: f64::INFINITY,
            rows: 0,
        },
        |one| Range {
            low: one.low.exp(),
            middle: one.shift.exp(),
            high: one.high.exp(),
            rows: one.rows,
        },
    )
}
