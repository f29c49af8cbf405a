//! Dated, sourced facts about models: prices and limits, keyed by the id that a provider serves.
//! Unknown stays unknown. It must not guess from a name's prefix.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::money::TokenPrices;
use crate::time::Date;

/// The rows that ship with Tiergate.
const ROWS: &str = include_str!("../facts/models.toml");

/// Holds the facts that ship, by model id.
#[derive(Clone, Debug)]
pub struct Facts {
    models: BTreeMap<String, ModelFact>,
}

/// Says that the rows cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the facts that ship with this program cannot be read")]
pub struct FactFault(#[from] toml::de::Error);

/// States what is known of one model id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFact {
    /// Who serves it under this id.
    pub platform: String,
    /// Its list price, where known.
    #[serde(default)]
    pub price: Option<Price>,
    /// The most output tokens it takes, where known.
    #[serde(default)]
    pub max_output_tokens: Option<u64>,
}

/// States a list price with its source and the day it was read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The prices.
    pub usd_micros_per_million: TokenPrices,
    /// Where it was read.
    pub source: String,
    /// When it was read.
    pub read_on: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    models: BTreeMap<String, ModelFact>,
}

impl Facts {
    /// Reads the rows that ship.
    ///
    /// # Errors
    /// Fails when a row is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, FactFault> {
        let rows: Rows = toml::from_str(ROWS)?;
        Ok(Self {
            models: rows.models,
        })
    }

    /// Finds what is known of exactly this id.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&ModelFact> {
        self.models.get(id)
    }

    /// Lists every id about which something is known.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.models.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::Facts;

    #[test]
    fn every_shipped_row_reads_and_has_a_source() {
        let facts = Facts::shipped().unwrap();
        assert!(facts.ids().count() > 20);
        for id in facts.ids() {
            let price = facts
                .model(id)
                .and_then(|fact| fact.price.as_ref())
                .unwrap();
            assert!(!price.source.is_empty(), "{id}");
        }
        assert!(facts.model("claude-opus-5-5-unheard-of").is_none());
    }
}
