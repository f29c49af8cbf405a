//! What a public catalogue says of the models that the facts know, as it stood in one release, and
//! where the two disagree. It decides nothing: a disagreement is there to be read and settled.

use serde::Deserialize;

use crate::facts::model::Known;
use crate::facts::read::FactFault;
use crate::time::Date;

const FILE: (&str, &str) = (
    "facts/catalogue.toml",
    include_str!("../../facts/catalogue.toml"),
);

/// Holds what one release of a catalogue says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// What it is called.
    pub name: String,
    /// Where the release is.
    pub url: String,
    /// When it was read.
    pub read_on: Date,
    /// Under which licence it is.
    pub licence: String,
    /// What it says of ids that the facts know.
    pub rows: Vec<CatalogueRow>,
}

/// Holds what it says of one id on one platform. What it leaves out is none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueRow {
    /// The platform.
    pub platform: String,
    /// The id.
    pub id: String,
    /// The price of a million tokens of input, in micro-USD.
    pub input_usd_micros: Option<u64>,
    /// The same for output.
    pub output_usd_micros: Option<u64>,
    /// The same for input that is read from a cache.
    pub cached_usd_micros: Option<u64>,
    /// The most tokens of an answer.
    pub max_output_tokens: Option<u64>,
    /// The day on which it goes. The catalogue has one day and does not say whether that is an
    /// earliest day.
    pub goes_on: Option<Date>,
}

/// States that the catalogue says something else than the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The model's name in the facts.
    pub model: String,
    /// The platform.
    pub platform: String,
    /// The id.
    pub id: String,
    /// What it is about.
    pub about: &'static str,
    /// What the facts say.
    pub facts: String,
    /// What the catalogue says.
    pub catalogue: String,
}

impl Catalogue {
    /// Reads the rows that ship.
    ///
    /// # Errors
    /// Fails when a row is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, FactFault> {
        let (file, text) = FILE;
        toml::from_str(text).map_err(|source| FactFault::File {
            file,
            source: Box::new(source),
        })
    }

    /// Lists where a row says something else than what is known of its model. Where one of them
    /// says nothing there is nothing to disagree on.
    pub(super) fn unlike(&self, row: &CatalogueRow, known: Known<'_>) -> Vec<Disagreement> {
        let prices = known.prices();
        let prices = prices
            .as_ref()
            .and_then(|prices| prices.at(self.read_on.start()));
        let ours = |price: fn(&crate::money::TokenPrices) -> Option<u64>| {
            prices.and_then(|now| price(&now.prices)).map(usd)
        };
        let life = known.lifecycle();
        let goes = life.and_then(|life| life.retires_on.or(life.not_before));
        let goes = goes.map(|day| {
            let is_earliest = life.is_some_and(|life| life.retires_on.is_none());
            let text = if is_earliest {
                format!("not before {day}")
            } else {
                day.to_string()
            };
            (text, day)
        });
        let same_day = goes.as_ref().map(|(_, day)| *day) == row.goes_on;
        let pairs = [
            (
                "input price",
                ours(|one| Some(one.input_usd_micros)),
                row.input_usd_micros.map(usd),
            ),
            (
                "output price",
                ours(|one| Some(one.output_usd_micros)),
                row.output_usd_micros.map(usd),
            ),
            (
                "cached price",
                ours(|one| one.cached_usd_micros),
                row.cached_usd_micros.map(usd),
            ),
            (
                "most output tokens",
                known.max_output_tokens().map(|most| most.to_string()),
                row.max_output_tokens.map(|most| most.to_string()),
            ),
            (
                "retirement",
                goes.map(|(text, _)| text),
                row.goes_on.filter(|_| !same_day).map(|day| day.to_string()),
            ),
        ];
        let unlike = pairs.into_iter().filter_map(|(about, facts, catalogue)| {
            let (facts, catalogue) = facts.zip(catalogue)?;
            (facts != catalogue).then(|| Disagreement {
                model: known.fact().name.clone(),
                platform: row.platform.clone(),
                id: row.id.clone(),
                about,
                facts,
                catalogue,
            })
        });
        unlike.collect()
    }
}

fn usd(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
