//! Dated, sourced facts about models: what they refuse, their limits, prices and retirements, keyed
//! by the exact id on a platform. Unknown stays unknown. It must not guess from a name's prefix.

mod catalogue;
mod feature;
mod matching;
mod model;
mod read;
mod rule;
mod tokenizer;
mod uses;

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

pub use catalogue::{Catalogue, CatalogueRow, Disagreement};
pub use feature::Feature;
pub use matching::{Cause, SetOff};
pub use model::{
    Efforts, EffortsFact, Known, LifecycleFact, LimitsFact, ModelFact, PriceFact, Takes,
};
pub use read::FactFault;
pub use rule::{Basis, Confidence, Effect, Example, Rule, Setting, Source};
pub use tokenizer::{TokenRatio, TokenizerFact};
pub use uses::{NotUsed, Used, Uses};

/// The rows that ship with Tiergate, a file for each vendor.
const FILES: [(&str, &str); 4] = [
    (
        "facts/anthropic.toml",
        include_str!("../facts/anthropic.toml"),
    ),
    ("facts/openai.toml", include_str!("../facts/openai.toml")),
    ("facts/google.toml", include_str!("../facts/google.toml")),
    (
        "facts/deepseek.toml",
        include_str!("../facts/deepseek.toml"),
    ),
];

/// The hosts by which a platform is known, beside those files.
const PLATFORMS: (&str, &str) = (
    "facts/platforms.toml",
    include_str!("../facts/platforms.toml"),
);

/// Holds the facts that ship.
#[derive(Clone, Debug)]
pub struct Facts {
    platforms: Vec<Platform>,
    models: Vec<ModelFact>,
    tokenizers: Vec<TokenizerFact>,
    rules: Vec<Arc<Rule>>,
    /// Places of the models by platform and id.
    places: HashMap<(String, String), usize>,
}

/// Names a platform and the hosts that are its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Its name, as rows and configuration write it.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Hosts that are the platform's; a `*` stands for any text.
    pub hosts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Platforms {
    platforms: Vec<Platform>,
}

impl Facts {
    /// Reads the rows that ship.
    ///
    /// # Errors
    /// Fails when a row is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, FactFault> {
        let (file, text) = PLATFORMS;
        let platforms: Platforms = toml::from_str(text).map_err(|source| FactFault::File {
            file,
            source: Box::new(source),
        })?;
        let mut facts = Self {
            platforms: platforms.platforms,
            models: Vec::new(),
            tokenizers: Vec::new(),
            rules: Vec::new(),
            places: HashMap::new(),
        };
        for (file, text) in FILES {
            let rows = read::parse(file, text)?.resolve()?;
            facts.models.extend(rows.models);
            facts.tokenizers.extend(rows.tokenizers);
            facts.rules.extend(rows.rules);
        }
        facts.index()?;
        facts.check_tokenizers()?;
        facts.check_rules()?;
        Ok(facts)
    }

    fn index(&mut self) -> Result<(), FactFault> {
        for (place, model) in self.models.iter().enumerate() {
            for (platform, ids) in &model.ids {
                for id in ids {
                    let key = (platform.clone(), id.clone());
                    if self.places.insert(key, place).is_some() {
                        return Err(FactFault::Twice { id: id.clone() });
                    }
                }
            }
        }
        Ok(())
    }

    fn check_tokenizers(&self) -> Result<(), FactFault> {
        let mut named: Vec<&String> = Vec::new();
        for tokenizer in &self.tokenizers {
            for name in &tokenizer.models {
                if !self.models.iter().any(|row| row.name == *name) {
                    return Err(FactFault::Model {
                        rule: tokenizer.name.clone(),
                        name: name.clone(),
                    });
                }
                if named.contains(&name) {
                    return Err(FactFault::Twice { id: name.clone() });
                }
                named.push(name);
            }
        }
        Ok(())
    }

    fn check_rules(&self) -> Result<(), FactFault> {
        for (at, rule) in self.rules.iter().enumerate() {
            let mut earlier = self.rules.iter().take(at);
            if earlier.any(|other| other.id == rule.id) {
                let id = rule.id.clone();
                return Err(FactFault::Twice { id });
            }
            let is_unknown = |name: &&String| !self.models.iter().any(|row| row.name == **name);
            if let Some(name) = rule.models.iter().find(is_unknown) {
                return Err(FactFault::Model {
                    rule: rule.id.clone(),
                    name: name.clone(),
                });
            }
        }
        Ok(())
    }

    /// Finds what is known of exactly this id on exactly this platform.
    #[must_use]
    pub fn known(&self, platform: &str, id: &str) -> Option<Known<'_>> {
        let key = (platform.to_owned(), id.to_owned());
        let ((platform, _), place) = self.places.get_key_value(&key)?;
        let fact = self.models.get(*place)?;
        Some(Known { fact, platform })
    }

    /// Gathers what is known of what a model takes: the rules of its row, and those of the
    /// platform's API versions, which hold for every model.
    #[must_use]
    pub fn takes(&self, platform: &str, id: &str) -> Takes {
        let known = self.known(platform, id);
        let name = known.map(|known| known.fact.name.as_str());
        let is_about = |rule: &&Arc<Rule>| {
            let holds_here = model::holds(&rule.platforms, platform);
            let is_named = name.is_some_and(|name| rule.models.iter().any(|one| one == name));
            holds_here && (is_named || rule.models.is_empty())
        };
        Takes {
            rules: self.rules.iter().filter(is_about).cloned().collect(),
            efforts: known.and_then(|known| known.efforts().cloned()),
        }
    }

    /// Finds how many tokens one model makes of a text, in percent of what another makes of it, by
    /// the names of their rows; none where no row says so.
    #[must_use]
    pub fn token_ratio(&self, from: &str, to: &str) -> Option<TokenRatio> {
        tokenizer::ratio(&self.tokenizers, from, to)
    }

    /// Lists where a catalogue says something else, in the order of its rows.
    #[must_use]
    pub fn disagreements(&self, catalogue: &Catalogue) -> Vec<Disagreement> {
        let known = catalogue.rows.iter().filter_map(|row| {
            let known = self.known(&row.platform, &row.id)?;
            Some(catalogue.unlike(row, known))
        });
        known.flatten().collect()
    }

    /// Names the platform that a host belongs to.
    #[must_use]
    pub fn platform_at(&self, host: &str) -> Option<&str> {
        let host = host.to_ascii_lowercase();
        let is_own = |own: &String| match own.split_once('*') {
            Some((front, back)) => {
                let is_long_enough = host.len() > front.len() + back.len();
                is_long_enough && host.starts_with(front) && host.ends_with(back)
            }
            None => host == *own,
        };
        let mut platforms = self.platforms.iter();
        let found = platforms.find(|platform| platform.hosts.iter().any(is_own));
        found.map(|platform| platform.name.as_str())
    }

    /// Lists the platforms.
    #[must_use]
    pub fn platforms(&self) -> &[Platform] {
        &self.platforms
    }

    /// Lists the models.
    #[must_use]
    pub fn models(&self) -> &[ModelFact] {
        &self.models
    }

    /// Lists the tokenizers.
    #[must_use]
    pub fn tokenizers(&self) -> &[TokenizerFact] {
        &self.tokenizers
    }

    /// Lists the rules.
    #[must_use]
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }
}

#[cfg(test)]
mod tests;
