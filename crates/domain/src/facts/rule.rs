//! What a model refuses or changes, as a rule that a gateway and a scanner read alike. It must not
//! know how a dialect spells a feature.

use serde::Deserialize;

use crate::facts::feature::Feature;
use crate::facts::uses::Uses;
use crate::time::Date;

/// Says what happens to a request that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The provider refuses it.
    Error,
    /// It is answered, and something of it has no effect or another one.
    Silent,
    /// It costs more or less.
    Cost,
    /// The answer is another one, or has another form.
    Behaviour,
}

impl Effect {
    /// Names it as the facts do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Silent => "silent",
            Self::Cost => "cost",
            Self::Behaviour => "behaviour",
        }
    }
}

/// Says how well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A third party says so.
    Reported,
    /// Somebody asked the provider's API and published its answer.
    Probed,
    /// The vendor's own page says so, and was read.
    Documented,
}

impl Confidence {
    /// Names it as the facts do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Probed => "probed",
            Self::Documented => "documented",
        }
    }
}

/// Names a page and the day it was read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Where it is.
    pub url: String,
    /// When it was read.
    pub read_on: Date,
    /// How it was read, where not at its own address: a mirror, an excerpt.
    #[serde(default)]
    pub via: Option<String>,
}

/// Says why a fact is held to be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The pages that say so; never none.
    pub sources: Vec<Source>,
    /// How well it is known.
    pub confidence: Confidence,
    /// What another source says instead.
    pub disputed: Option<String>,
}

/// Names a feature and those of its values that are meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The feature.
    pub feature: Feature,
    /// Its values; none means any.
    #[serde(default)]
    pub values: Vec<String>,
}

/// Shows a request to one model, by what it uses: an example of a rule, which the tests ask of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The platform.
    pub platform: String,
    /// The model's id there.
    pub id: String,
    /// What the request uses.
    pub uses: Uses,
}

/// States one thing that a model, or a version of its API, refuses or changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Names it, in findings and reports.
    pub id: String,
    /// Any of these sets it off; all of them where `together`.
    pub features: Vec<Feature>,
    /// Whether only all of the features at once set it off.
    pub together: bool,
    /// The only values that set it off; none means any.
    pub only: Vec<String>,
    /// Values that do not set it off, such as a default.
    pub except: Vec<String>,
    /// What the request must set as well, all of it.
    pub with: Vec<Setting>,
    /// What the request may not set. What it leaves unsaid has the model's default.
    pub unless: Vec<Setting>,
    /// Names of the models' rows; none means every model under the API version.
    pub models: Vec<String>,
    /// The platforms on which it holds.
    pub platforms: Vec<String>,
    /// The dialects in which it holds; none means every one.
    pub dialects: Vec<String>,
    /// The version of the API under which it holds; none means every one.
    pub api_version: Option<String>,
    /// What happens.
    pub effect: Effect,
    /// What happens, in a sentence.
    pub says: String,
    /// What to do about it, in a sentence.
    pub remedy: String,
    /// What to write instead, where a word can be named.
    pub replacement: Option<String>,
    /// A request that sets it off.
    pub example: Example,
    /// A request that is near to that and does not.
    pub counter: Example,
    /// Why it is held to be true.
    pub basis: Basis,
}
