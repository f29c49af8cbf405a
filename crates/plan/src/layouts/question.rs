//! What a search for layouts is asked: a model, accelerators, a load, an aim for latency, and what
//! is assumed. It must not know a layout.

use serde::{Deserialize, Serialize};

use crate::accelerators::Accelerator;
use crate::assumptions::{AssumptionFault, Assumptions};
use crate::deployment::Speculation;
use crate::layouts::shape::Shape;
use crate::model::Model;
use crate::precision::Precision;
use crate::units::Seconds;

/// Names the assumptions that a plan of serving rests on.
pub const SERVING_KEYS: [&str; 11] = [
    "gpu_hour",
    "node",
    "usable_memory",
    "most_sequences",
    "busy",
    "prefill_busy",
    "pipeline_busy",
    "pipeline_doubt",
    "guessed",
    "kept",
    "node_power",
];
/// Names those that power rests on beside them.
pub const POWER_KEYS: [&str; 2] = ["node_power", "pue"];

/// Asks which layouts serve a model.
#[derive(Clone, Copy, Debug)]
pub struct Question<'f> {
    /// The model.
    pub model: &'f Model,
    /// The accelerators to choose from.
    pub accelerators: &'f [&'f Accelerator],
    /// The engines to choose from, by name.
    pub engines: &'f [&'f str],
    /// The formats of weights to choose from.
    pub precisions: &'f [Precision],
    /// Whether pools that prefill apart are tried.
    pub pools: Pools,
    /// What comes in.
    pub traffic: Traffic,
    /// How late it may be answered.
    pub aim: Aim,
    /// The only layout that is tried; none for all.
    pub only: Option<Shape>,
    /// What is assumed.
    pub assumptions: &'f Assumptions,
}

/// Says which ways of serving are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pools {
    /// Both.
    Either,
    /// Prefill and decode on the same accelerators.
    Together,
    /// Each in a pool of its own.
    Apart,
}

/// Describes requests.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Traffic {
    /// Tokens of a request.
    pub input: f64,
    /// Tokens of an answer.
    pub output: f64,
    /// The share of the input that a prefix cache already holds.
    pub cached: f64,
    /// How many there are.
    pub load: Load,
}

/// Says how many requests there are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    /// As many as whole nodes carry.
    Full,
    /// So many in flight at any time.
    Flight(f64),
    /// So many a second.
    Rate(f64),
}

/// Says how late requests may be answered; none is however late.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Aim {
    /// The longest time to a first token.
    pub first: Option<Seconds>,
    /// The longest time of a token after it.
    pub step: Option<Seconds>,
}

/// Holds what is assumed of one accelerator.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Price of an accelerator and hour, in USD.
    pub gpu_hour: f64,
    /// Accelerators of the least unit that is reserved.
    pub node: f64,
    /// The share of memory for weights and caches.
    pub usable: f64,
    /// Most sequences of one accelerator.
    pub most_sequences: f64,
    /// The share of reserved hours with the load.
    pub busy: f64,
    /// How far a prefill pool is filled, at most.
    pub prefill_busy: f64,
    /// How much of its time a pipeline stage works.
    pub pipeline_busy: f64,
    /// The factor by which intervals of pipelines are widened.
    pub pipeline_doubt: f64,
    /// Guesses ahead.
    pub speculation: Option<Speculation>,
    /// Power of a building over that of its accelerators.
    pub power: f64,
}

/// Says why no terms can be had.
#[derive(Debug, thiserror::Error)]
pub enum TermsFault {
    /// A number is missing.
    #[error(transparent)]
    Absent(#[from] AssumptionFault),
    /// Guesses contradict each other.
    #[error(
        "a step that guesses {guessed} tokens cannot yield {kept}: `kept` is from 1 to `guessed` \
         and one more"
    )]
    Guesses {
        /// Tokens guessed.
        guessed: f64,
        /// Tokens kept.
        kept: f64,
    },
}

impl Terms {
    /// Gathers what is assumed of an accelerator.
    ///
    /// # Errors
    /// Fails when a number is missing, or guesses contradict each other.
    pub fn of(part: &Accelerator, assumptions: &Assumptions) -> Result<Self, TermsFault> {
        let value = |key: &str| assumptions.value(key, part);
        let (guessed, kept) = (value("guessed")?, value("kept")?);
        if kept > guessed + 1.0 {
            return Err(TermsFault::Guesses { guessed, kept });
        }
        Ok(Self {
            gpu_hour: value("gpu_hour")?,
            node: value("node")?,
            usable: value("usable_memory")?,
            most_sequences: value("most_sequences")?,
            busy: value("busy")?,
            prefill_busy: value("prefill_busy")?,
            pipeline_busy: value("pipeline_busy")?,
            pipeline_doubt: value("pipeline_doubt")?,
            speculation: (guessed > 0.0).then_some(Speculation { guessed, kept }),
            power: value("node_power")? * value("pue")?,
        })
    }
}
