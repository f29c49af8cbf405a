//! What is known of one model: ids, limits, efforts, prices, life. It must not hold a fact without
//! its basis, nor take an earliest day for a day.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::rule::{Basis, Confidence, Rule};
use crate::money::TokenPrices;
use crate::prices::{Peak, PricePeriod, Prices};
use crate::time::Date;

/// States what is known of one model, platform by platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFact {
    /// What people call it.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// Its line, such as `opus`.
    pub line: String,
    /// Its ids by platform, each spelling of its own.
    pub ids: BTreeMap<String, Vec<String>>,
    /// Its limits.
    pub limits: Vec<LimitsFact>,
    /// The words of effort that it takes.
    pub efforts: Vec<EffortsFact>,
    /// Its list prices over time.
    pub prices: Vec<PriceFact>,
    /// When it is deprecated and retired.
    pub lifecycle: Vec<LifecycleFact>,
}

/// States limits of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsFact {
    /// Where they hold.
    pub platforms: Vec<String>,
    /// The longest context in tokens.
    pub context_tokens: Option<u64>,
    /// The most output tokens.
    pub max_output_tokens: Option<u64>,
    /// Why.
    pub basis: Basis,
}

/// States which efforts a model knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffortsFact {
    /// Where they hold.
    pub platforms: Vec<String>,
    /// The words.
    pub efforts: Efforts,
    /// Why.
    pub basis: Basis,
}

/// Lists the words of effort that a model takes, and the one it has where none is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Efforts {
    /// The words, from the least; none where it takes no effort at all.
    pub takes: Vec<String>,
    /// The word that holds where none is said.
    pub default: Option<String>,
}

/// States a list price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceFact {
    /// Where it holds.
    pub platforms: Vec<String>,
    /// The first day; none for the earliest known.
    pub from: Option<Date>,
    /// The prices.
    pub prices: TokenPrices,
    /// Other hours, other prices.
    pub peak: Option<Peak>,
    /// What a batch costs, in percent.
    pub batch_percent: Option<u64>,
    /// Why.
    pub basis: Basis,
}

/// States when a model goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleFact {
    /// Where.
    pub platforms: Vec<String>,
    /// Since when it is not recommended.
    pub deprecated_on: Option<Date>,
    /// The day after which it does not answer.
    pub retires_on: Option<Date>,
    /// The earliest day on which it could be retired. It says nothing of the day on which it is.
    pub not_before: Option<Date>,
    /// What its vendor recommends instead.
    pub replacement: Option<String>,
    /// Why.
    pub basis: Basis,
}

/// Holds what is known of what a model takes; by default nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Takes {
    /// What it refuses or changes.
    pub rules: Vec<Arc<Rule>>,
    /// The words of effort that it knows, where they are known.
    pub efforts: Option<Efforts>,
}

/// Shows what is known of one model on one platform.
#[derive(Clone, Copy, Debug)]
pub struct Known<'f> {
    pub(super) fact: &'f ModelFact,
    pub(super) platform: &'f str,
}

impl<'f> Known<'f> {
    /// Shows the whole row.
    #[must_use]
    pub fn fact(&self) -> &'f ModelFact {
        self.fact
    }

    /// Lists its prices here over time; none where none is known.
    #[must_use]
    pub fn prices(&self) -> Option<Prices> {
        let here = |fact: &&PriceFact| holds(&fact.platforms, self.platform);
        let period = |fact: &PriceFact| PricePeriod {
            from: fact.from,
            prices: fact.prices,
            peak: fact.peak.clone(),
            basis: basis(&fact.basis).into(),
        };
        let periods: Vec<_> = self.fact.prices.iter().filter(here).map(period).collect();
        (!periods.is_empty()).then(|| Prices::new(periods))
    }

    /// Tells the most output tokens here, where known.
    #[must_use]
    pub fn max_output_tokens(&self) -> Option<u64> {
        self.limits()?.max_output_tokens
    }

    /// Tells the longest context here, where known.
    #[must_use]
    pub fn context_tokens(&self) -> Option<u64> {
        self.limits()?.context_tokens
    }

    /// Shows its limits here with their basis, where known.
    #[must_use]
    pub fn limits(&self) -> Option<&'f LimitsFact> {
        let mut limits = self.fact.limits.iter();
        limits.find(|fact| holds(&fact.platforms, self.platform))
    }

    /// Lists the words of effort that it takes here, where known.
    #[must_use]
    pub fn efforts(&self) -> Option<&'f Efforts> {
        self.efforts_fact().map(|fact| &fact.efforts)
    }

    /// Shows the words of effort that it takes here with their basis, where known.
    #[must_use]
    pub fn efforts_fact(&self) -> Option<&'f EffortsFact> {
        let mut efforts = self.fact.efforts.iter();
        efforts.find(|fact| holds(&fact.platforms, self.platform))
    }

    /// Names the platform.
    #[must_use]
    pub fn platform(&self) -> &'f str {
        self.platform
    }

    /// Tells when it goes from here, where known.
    #[must_use]
    pub fn lifecycle(&self) -> Option<&'f LifecycleFact> {
        let mut rows = self.fact.lifecycle.iter();
        rows.find(|fact| holds(&fact.platforms, self.platform))
    }
}

pub(super) fn holds(platforms: &[String], platform: &str) -> bool {
    platforms.iter().any(|named| named == platform)
}

/// Names the basis of a price in a usage row: short, as it stands in each.
fn basis(basis: &Basis) -> String {
    let read = basis.sources.iter().map(|source| source.read_on).max();
    let read = read.map_or_else(String::new, |day| format!(" {day}"));
    match basis.confidence {
        Confidence::Documented => format!("facts{read}"),
        other => format!("facts{read} ({})", other.as_str()),
    }
}
