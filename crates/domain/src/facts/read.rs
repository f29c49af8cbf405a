//! The rows of `facts/*.toml` as they are written, and from them the facts: every source found,
//! every name known. It must not fill in what is not written.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::facts::feature::Feature;
use crate::facts::model::{Efforts, EffortsFact, LifecycleFact, LimitsFact, ModelFact, PriceFact};
use crate::facts::rule::{Basis, Confidence, Effect, Example, Rule, Setting, Source};
use crate::facts::tokenizer::{TokenRatio, TokenizerFact};
use crate::facts::uses::{Used, Uses};
use crate::money::TokenPrices;
use crate::prices::Peak;
use crate::time::Date;

/// Says why the rows that ship cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FactFault {
    /// A file is not what it should be.
    #[error("the facts in {file} cannot be read")]
    File {
        /// The file.
        file: &'static str,
        /// What is wrong.
        source: Box<toml::de::Error>,
    },
    /// A row names a source that its file does not have.
    #[error("{row}: there is no source `{key}` in the file")]
    Source {
        /// The row.
        row: String,
        /// The key.
        key: String,
    },
    /// A row has no source.
    #[error("{row}: there is no source")]
    Unsourced {
        /// The row.
        row: String,
    },
    /// A rule names a model that has no row.
    #[error("{rule}: there is no model `{name}`")]
    Model {
        /// The rule.
        rule: String,
        /// The name.
        name: String,
    },
    /// An example is not written as one.
    #[error(
        "{rule}: `{text}` shows no request; write `at = \"PLATFORM/ID\"` and features in `uses`"
    )]
    Example {
        /// The rule.
        rule: String,
        /// What is written.
        text: String,
    },
    /// Two rows have one id on one platform, two rules one id, or a model two tokenizers.
    #[error("`{id}` stands in two rows")]
    Twice {
        /// The id.
        id: String,
    },
}

/// Holds one file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    vendor: String,
    sources: BTreeMap<String, Source>,
    models: Vec<Model>,
    #[serde(default)]
    tokenizers: Vec<WrittenTokenizer>,
    #[serde(default)]
    rules: Vec<WrittenRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    name: String,
    line: String,
    ids: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    limits: Vec<Limits>,
    #[serde(default)]
    efforts: Vec<WrittenEfforts>,
    #[serde(default)]
    prices: Vec<Price>,
    #[serde(default)]
    lifecycle: Vec<Lifecycle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    platforms: Vec<String>,
    context_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    sources: Vec<String>,
    confidence: Confidence,
    disputed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEfforts {
    platforms: Vec<String>,
    takes: Vec<String>,
    default: Option<String>,
    sources: Vec<String>,
    confidence: Confidence,
    disputed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    platforms: Vec<String>,
    from: Option<Date>,
    usd_micros_per_million: TokenPrices,
    peak: Option<Peak>,
    batch_percent: Option<u64>,
    sources: Vec<String>,
    confidence: Confidence,
    disputed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifecycle {
    platforms: Vec<String>,
    deprecated_on: Option<Date>,
    retires_on: Option<Date>,
    not_before: Option<Date>,
    replacement: Option<String>,
    sources: Vec<String>,
    confidence: Confidence,
    disputed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTokenizer {
    name: String,
    models: Vec<String>,
    #[serde(default)]
    against: Vec<WrittenRatio>,
    sources: Vec<String>,
    confidence: Confidence,
    disputed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRatio {
    tokenizer: String,
    percent: u64,
    least_percent: u64,
    most_percent: u64,
    sources: Vec<String>,
    confidence: Confidence,
    disputed: Option<String>,
}

/// Writes a request to one model: `{ at = "anthropic/claude-opus-5", uses = ["top_k 5"] }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenExample {
    at: String,
    uses: Vec<String>,
    dialect: Option<String>,
    api_version: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    id: String,
    features: Vec<Feature>,
    #[serde(default)]
    together: bool,
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
    #[serde(default)]
    with: Vec<Setting>,
    #[serde(default)]
    unless: Vec<Setting>,
    #[serde(default)]
    models: Vec<String>,
    platforms: Vec<String>,
    #[serde(default)]
    dialects: Vec<String>,
    api_version: Option<String>,
    effect: Effect,
    says: String,
    remedy: String,
    replacement: Option<String>,
    example: WrittenExample,
    counter: WrittenExample,
    sources: Vec<String>,
    confidence: Confidence,
    disputed: Option<String>,
}

/// Reads a file's text.
pub(super) fn parse(file: &'static str, text: &str) -> Result<File, FactFault> {
    toml::from_str(text).map_err(|source| FactFault::File {
        file,
        source: Box::new(source),
    })
}

impl File {
    /// Gives the rows, each with its sources in full.
    pub(super) fn resolve(self) -> Result<Rows, FactFault> {
        let sources = Sources(self.sources);
        let models = self.models.into_iter();
        let models = models.map(|model| model.resolve(&self.vendor, &sources));
        let tokenizers = self.tokenizers.into_iter();
        let tokenizers = tokenizers.map(|one| one.resolve(&sources));
        let rules = self.rules.into_iter();
        let rules = rules.map(|rule| rule.resolve(&sources).map(Arc::new));
        Ok(Rows {
            models: models.collect::<Result<_, _>>()?,
            tokenizers: tokenizers.collect::<Result<_, _>>()?,
            rules: rules.collect::<Result<_, _>>()?,
        })
    }
}

/// Holds what one file says.
pub(super) struct Rows {
    pub(super) models: Vec<ModelFact>,
    pub(super) tokenizers: Vec<TokenizerFact>,
    pub(super) rules: Vec<Arc<Rule>>,
}

struct Sources(BTreeMap<String, Source>);

impl Sources {
    fn basis(
        &self,
        row: &str,
        keys: &[String],
        confidence: Confidence,
        disputed: Option<String>,
    ) -> Result<Basis, FactFault> {
        let find = |key: &String| {
            self.0.get(key).cloned().ok_or_else(|| FactFault::Source {
                row: row.to_owned(),
                key: key.clone(),
            })
        };
        let sources: Vec<_> = keys.iter().map(find).collect::<Result<_, _>>()?;
        if sources.is_empty() {
            let row = row.to_owned();
            return Err(FactFault::Unsourced { row });
        }
        Ok(Basis {
            sources,
            confidence,
            disputed,
        })
    }
}

impl Model {
    fn resolve(self, vendor: &str, sources: &Sources) -> Result<ModelFact, FactFault> {
        let row = self.name;
        let limits = self.limits.into_iter().map(|one| {
            Ok(LimitsFact {
                platforms: one.platforms,
                context_tokens: one.context_tokens,
                max_output_tokens: one.max_output_tokens,
                basis: sources.basis(&row, &one.sources, one.confidence, one.disputed)?,
            })
        });
        let efforts = self.efforts.into_iter().map(|one| {
            Ok(EffortsFact {
                platforms: one.platforms,
                efforts: Efforts {
                    takes: one.takes,
                    default: one.default,
                },
                basis: sources.basis(&row, &one.sources, one.confidence, one.disputed)?,
            })
        });
        let prices = self.prices.into_iter().map(|one| {
            Ok(PriceFact {
                platforms: one.platforms,
                from: one.from,
                prices: one.usd_micros_per_million,
                peak: one.peak,
                batch_percent: one.batch_percent,
                basis: sources.basis(&row, &one.sources, one.confidence, one.disputed)?,
            })
        });
        let lifecycle = self.lifecycle.into_iter().map(|one| {
            Ok(LifecycleFact {
                platforms: one.platforms,
                deprecated_on: one.deprecated_on,
                retires_on: one.retires_on,
                not_before: one.not_before,
                replacement: one.replacement,
                basis: sources.basis(&row, &one.sources, one.confidence, one.disputed)?,
            })
        });
        Ok(ModelFact {
            limits: limits.collect::<Result<_, _>>()?,
            efforts: efforts.collect::<Result<_, _>>()?,
            prices: prices.collect::<Result<_, _>>()?,
            lifecycle: lifecycle.collect::<Result<_, _>>()?,
            vendor: vendor.to_owned(),
            line: self.line,
            ids: self.ids,
            name: row,
        })
    }
}

impl WrittenTokenizer {
    fn resolve(self, sources: &Sources) -> Result<TokenizerFact, FactFault> {
        let row = self.name;
        let against = self.against.into_iter().map(|one| {
            Ok(TokenRatio {
                against: one.tokenizer,
                percent: one.percent,
                least_percent: one.least_percent,
                most_percent: one.most_percent,
                basis: sources.basis(&row, &one.sources, one.confidence, one.disputed)?,
            })
        });
        Ok(TokenizerFact {
            against: against.collect::<Result<_, _>>()?,
            basis: sources.basis(&row, &self.sources, self.confidence, self.disputed)?,
            models: self.models,
            name: row,
        })
    }
}

impl WrittenExample {
    fn resolve(self, rule: &str) -> Result<Example, FactFault> {
        let fault = |text: &str| FactFault::Example {
            rule: rule.to_owned(),
            text: text.to_owned(),
        };
        let place = self.at.split_once('/');
        let (platform, id) = place.ok_or_else(|| fault(&self.at))?;
        let used = self.uses.iter();
        let used = used.map(|text| text.parse::<Used>().map_err(|_| fault(text)));
        Ok(Example {
            platform: platform.to_owned(),
            id: id.to_owned(),
            uses: Uses {
                used: used.collect::<Result<_, _>>()?,
                dialect: self.dialect,
                api_version: self.api_version,
            },
        })
    }
}

impl WrittenRule {
    fn resolve(self, sources: &Sources) -> Result<Rule, FactFault> {
        let basis = sources.basis(&self.id, &self.sources, self.confidence, self.disputed)?;
        let example = self.example.resolve(&self.id)?;
        let counter = self.counter.resolve(&self.id)?;
        Ok(Rule {
            id: self.id,
            features: self.features,
            together: self.together,
            only: self.only,
            except: self.except,
            with: self.with,
            unless: self.unless,
            models: self.models,
            platforms: self.platforms,
            dialects: self.dialects,
            api_version: self.api_version,
            effect: self.effect,
            says: self.says,
            remedy: self.remedy,
            replacement: self.replacement,
            example,
            counter,
            basis,
        })
    }
}
