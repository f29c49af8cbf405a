//! Terms of price that the facts of `domain` have no field for: regional and fast percents, and
//! list prices of models without a row there. It must not fill in what no row says.

use domain::TokenPrices;
use serde::Deserialize;

const SHIPPED: &str = include_str!("../../facts/terms.toml");

/// Names what a percent is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// The request is kept to one region.
    Regional,
    /// It is served faster than usual.
    Fast,
}

/// Says where requests may be served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// Wherever the vendor likes.
    #[default]
    Anywhere,
    /// In one region.
    One,
}

/// Holds the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    percents: Vec<Percent>,
    offers: Vec<OfferRow>,
}

/// States what a term costs, in percent of the list price.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Percent {
    term: Term,
    platforms: Vec<String>,
    models: Vec<String>,
    /// The price in percent of the usual one.
    pub percent: u64,
    /// Where that is said.
    pub source: String,
    /// When it was read.
    pub read_on: String,
    /// How well it is known.
    pub confidence: String,
}

/// States a list price.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferRow {
    /// What people call the model.
    pub name: String,
    /// Where it is served.
    pub platform: String,
    /// Its ids there.
    pub ids: Vec<String>,
    /// For which region the price is.
    #[serde(default)]
    pub region: Region,
    /// The price.
    pub usd_micros_per_million: TokenPrices,
    /// Where that is said.
    pub source: String,
    /// When it was read.
    pub read_on: String,
    /// How well it is known.
    pub confidence: String,
}

impl Terms {
    /// Reads the rows that ship.
    ///
    /// # Errors
    /// Fails when a row is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        toml::from_str(SHIPPED)
    }

    /// Finds what a term costs for a model, by the name of its row, on a platform.
    #[must_use]
    pub fn percent(&self, term: Term, platform: &str, model: &str) -> Option<&Percent> {
        let has = |all: &[String], one: &str| all.iter().any(|name| name == one);
        let is_it = |row: &&Percent| {
            row.term == term && has(&row.platforms, platform) && has(&row.models, model)
        };
        self.percents.iter().find(is_it)
    }

    /// Finds a list price of exactly this id, on exactly this platform where one is named.
    #[must_use]
    pub fn offer(&self, platform: Option<&str>, id: &str) -> Option<&OfferRow> {
        let is_it = |row: &&OfferRow| {
            platform.is_none_or(|platform| row.platform == platform)
                && row.ids.iter().any(|one| one == id)
        };
        self.offers.iter().find(is_it)
    }

    /// Lists the offers.
    #[must_use]
    pub fn offers(&self) -> &[OfferRow] {
        &self.offers
    }

    /// Lists the percents' model names, for a check that the facts know them.
    #[must_use]
    pub fn named(&self) -> Vec<&str> {
        self.percents
            .iter()
            .flat_map(|row| &row.models)
            .map(String::as_str)
            .collect()
    }
}
