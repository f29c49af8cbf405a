//! Variants of one base (full, distilled, fewer active parameters, other safeguards): what each is
//! served at, and what evidence says of it. Without evidence nothing is said of how good a variant
//! is. It must not read a file.

mod evidence;

use serde::{Deserialize, Serialize};

use crate::accelerators::Accelerator;
use crate::capacity::peak;
use crate::deployment::{Deployment, Layout, Serving};
use crate::memory::least_tensor;
use crate::model::Model;
use crate::precision::Precision;
use crate::serving::{Bounded, Estimator};
use crate::units::Seconds;

pub use evidence::{Evidence, Mean, NotCounted, Run, Scored, evidence, is_surely_better, of_run};

/// Most variants of a file.
const MOST: usize = 100;

/// Holds the file of variants.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variants {
    /// The base that they share.
    pub base: String,
    /// The variants.
    pub variants: Vec<Variant>,
}

/// Describes one variant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// The model of the price facts by which it is bought.
    pub bought: Option<String>,
    /// The open model, or the sketch, by which it is served.
    pub served: Option<String>,
    /// The model of the configuration as which it was evaluated.
    pub model: Option<String>,
    /// Its safeguard profile.
    pub safeguards: Option<String>,
}

/// Says why variants or scores are none.
#[derive(Debug, thiserror::Error)]
pub enum VariantsFault {
    /// The file of variants does not read.
    #[error("the file of variants does not read")]
    File(#[from] toml::de::Error),
    /// The file of scores does not.
    #[error("the file of scores does not read")]
    Scores(#[from] serde_json::Error),
    /// There are too few or too many.
    #[error("there are {0} variants; from 2 to {MOST} can be compared")]
    Count(usize),
    /// Two have one name.
    #[error("two variants are called `{0}`")]
    Twice(String),
    /// A score is not from 0 to 1, or of no item.
    #[error("the score {score} of {items} items of `{variant}` in `{suite}` is no share of any")]
    Score {
        /// The variant.
        variant: String,
        /// The suite.
        suite: String,
        /// The score.
        score: f64,
        /// The items.
        items: u64,
    },
    /// A score is of a variant that is not in the file.
    #[error("`{suite}` scores `{variant}`, which is no variant of the file")]
    Unknown {
        /// The variant.
        variant: String,
        /// The suite.
        suite: String,
    },
}

/// Says where a variant is served.
#[derive(Clone, Copy, Debug)]
pub struct Place<'f> {
    /// The accelerator.
    pub accelerator: &'f Accelerator,
    /// The engine.
    pub engine: &'f str,
    /// The format of the weights.
    pub precision: Precision,
    /// The longest step that is accepted.
    pub longest: Seconds,
    /// What an accelerator costs for an hour, in USD.
    pub hour_usd: f64,
    /// The share of the hours in which it is busy.
    pub busy: f64,
}

/// States the requests of a load, as they are on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Input tokens.
    pub input: f64,
    /// Output tokens.
    pub output: f64,
    /// The share of the input that is cached.
    pub cached: f64,
}

/// Shows what a variant is served at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Served {
    /// All its parameters.
    pub parameters: f64,
    /// Those that are active for a token.
    pub active_parameters: f64,
    /// Accelerators of a replica.
    pub accelerators: f64,
    /// Requests in flight.
    pub concurrency: f64,
    /// Milliseconds of an output token, and its interval of 80 %.
    pub step_ms: [f64; 3],
    /// Milliseconds to the first token, likewise.
    pub first_ms: [f64; 3],
    /// Output tokens a second of the replica.
    pub tokens_per_second: f64,
    /// What a request costs, in USD.
    pub usd_per_request: f64,
    /// How far the estimate reaches beyond what was measured.
    pub reach: crate::intervals::Reach,
}

/// Says why a variant is not served there.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotServed {
    /// The weights do not fit.
    #[error(
        "{weights_gb:.0} GB of weights do not fit into {accelerators} × {name}; take a smaller \
         format or an accelerator with more memory"
    )]
    Memory {
        /// The weights.
        weights_gb: f64,
        /// The most accelerators that were tried.
        accelerators: f64,
        /// Their name.
        name: String,
    },
    /// No load keeps the longest step.
    #[error("even one request has steps of {step_ms:.0} ms, longer than {longest_ms:.0} ms")]
    Slow {
        /// The step of one request.
        step_ms: f64,
        /// The longest that is accepted.
        longest_ms: f64,
    },
}

impl Variants {
    /// Reads a file.
    ///
    /// # Errors
    /// Fails when it does not read, has fewer than two variants, or two of one name.
    pub fn read(text: &str) -> Result<Self, VariantsFault> {
        let file: Self = toml::from_str(text)?;
        let count = file.variants.len();
        if !(2..=MOST).contains(&count) {
            return Err(VariantsFault::Count(count));
        }
        for (at, variant) in file.variants.iter().enumerate() {
            if file
                .variants
                .iter()
                .take(at)
                .any(|other| other.name == variant.name)
            {
                return Err(VariantsFault::Twice(variant.name.clone()));
            }
        }
        Ok(file)
    }

    /// Reads scores of these variants.
    ///
    /// # Errors
    /// Fails when a score is no share, or of a variant that is not among these.
    pub fn scores(&self, text: &str) -> Result<Vec<Scored>, VariantsFault> {
        let scores: Vec<Scored> = serde_json::from_str(text)?;
        for scored in &scores {
            let Scored {
                variant,
                suite,
                score,
                items,
            } = scored.clone();
            if !(0.0..=1.0).contains(&score) || items == 0 {
                return Err(VariantsFault::Score {
                    variant,
                    suite,
                    score,
                    items,
                });
            }
            if !self.variants.iter().any(|one| one.name == variant) {
                return Err(VariantsFault::Unknown { variant, suite });
            }
        }
        Ok(scores)
    }
}

/// Estimates what a model is served at: on as few accelerators as hold it, at the load of most
/// tokens whose steps are not too long.
///
/// # Errors
/// Fails when it does not fit, or every load has longer steps.
pub fn serve(
    model: &Model,
    place: &Place<'_>,
    shape: Shape,
    estimator: &Estimator,
) -> Result<Served, NotServed> {
    let mut of = Deployment {
        model,
        accelerator: place.accelerator,
        engine: place.engine,
        version: None,
        precision: place.precision,
        serving: Serving::Together(Layout::tensor(1.0)),
        concurrency: 1.0,
        input: shape.input.max(1.0),
        output: shape.output.max(1.0),
        cached: shape.cached,
        speculation: None,
    };
    let layout = Layout::tensor(least_tensor(&of));
    let found = peak(&of, layout, Some(place.longest), estimator);
    let found = found.ok_or_else(|| NotServed::Memory {
        weights_gb: crate::memory::weights(&of, Layout::tensor(1.0)).get() / 1e9,
        accelerators: layout.accelerators(),
        name: place.accelerator.name.clone(),
    })?;
    of.concurrency = found.concurrency;
    of.serving = Serving::Together(layout);
    let estimate = estimator.estimate(&of);
    if estimate.step.time > place.longest {
        return Err(NotServed::Slow {
            step_ms: estimate.step.time.ms(),
            longest_ms: place.longest.ms(),
        });
    }
    let rate = estimate.tokens_per_second(&of);
    let second_usd = place.hour_usd * layout.accelerators() / 3_600.0 / place.busy;
    let times = |of: Bounded| [of.time, of.interval.0, of.interval.1].map(Seconds::ms);
    Ok(Served {
        parameters: model.parameters(),
        active_parameters: model.active_parameters(),
        accelerators: layout.accelerators(),
        concurrency: found.concurrency,
        step_ms: times(estimate.step),
        first_ms: times(estimate.first),
        tokens_per_second: rate,
        usd_per_request: second_usd / rate * of.output,
        reach: estimate.reach,
    })
}

#[cfg(test)]
mod tests;
