//! The models that ship, read by the same reader as a user's `config.json`, and how a name finds
//! one. It must not guess an architecture from a name.

pub mod config;
pub mod sketch;

use serde::Deserialize;
use serde_json::Value;

use crate::model::Model;
use crate::models::config::ConfigFault;

const SHIPPED: &str = include_str!("../facts/models.toml");

/// Parts of a name that say how a model was tuned or packed, not what it is.
const PACKING: [&str; 21] = [
    "fp8",
    "fp4",
    "nvfp4",
    "mxfp4",
    "bf16",
    "int4",
    "awq",
    "instruct",
    "base",
    "hf",
    "it",
    "static",
    "pertensor",
    "chat",
    "kv",
    "dynamic",
    "terminus",
    "quantized",
    "gptq",
    "int8",
    "w8a8",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    read_on: String,
    models: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    family: String,
    #[serde(default)]
    also: Vec<String>,
    /// Models whose outputs it was trained on.
    #[serde(default)]
    teachers: Vec<String>,
    /// Where its numbers stand, if not where the others' do.
    source: Option<String>,
    config: Value,
}

/// Holds the models that are known.
#[derive(Clone, Debug)]
pub struct Models {
    rows: Vec<Shipped>,
    /// Where their numbers stand.
    pub source: String,
    /// The day on which they were read.
    pub read_on: String,
}

#[derive(Clone, Debug)]
struct Shipped {
    names: Vec<String>,
    teachers: Vec<String>,
    source: Option<String>,
    model: Model,
}

/// Says why the models that ship do not read.
#[derive(Debug, thiserror::Error)]
pub enum ModelsFault {
    /// The file is not what it should be.
    #[error("facts/models.toml cannot be read")]
    File(#[from] toml::de::Error),
    /// A model's configuration is not.
    #[error("the model {0} cannot be read")]
    Model(String, #[source] ConfigFault),
}

/// Says that a model is not known, and which are.
#[derive(Debug, thiserror::Error)]
#[error("there is no model `{name}`; give its config.json or a sketch, or one of {known}")]
pub struct UnknownModel {
    name: String,
    known: String,
}

impl Models {
    /// Reads those that ship.
    ///
    /// # Errors
    /// Fails when a row is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, ModelsFault> {
        let file: File = toml::from_str(SHIPPED)?;
        let rows = file.models.into_iter().map(|row| {
            let read = config::read(&row.name, &row.config);
            let mut model = read.map_err(|fault| ModelsFault::Model(row.name.clone(), fault))?;
            model.family = row.family;
            let names = std::iter::once(&row.name).chain(&row.also);
            Ok(Shipped {
                names: names.map(|name| plain(name)).collect(),
                teachers: row.teachers,
                source: row.source,
                model,
            })
        });
        Ok(Self {
            rows: rows.collect::<Result<_, ModelsFault>>()?,
            source: file.source,
            read_on: file.read_on,
        })
    }

    /// Finds one by its name, whoever published it and however it is packed.
    ///
    /// # Errors
    /// Fails when none is so named.
    pub fn find(&self, name: &str) -> Result<&Model, UnknownModel> {
        self.row(name)
            .map(|row| &row.model)
            .ok_or_else(|| UnknownModel {
                name: name.to_owned(),
                known: self
                    .all()
                    .map(|model| model.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// Tells the models on whose outputs one was trained, as its maker says; none where it is not
    /// known or was taught by none.
    #[must_use]
    pub fn teachers(&self, name: &str) -> Vec<&Model> {
        let names = self.row(name).map(|row| row.teachers.as_slice());
        let found = names.unwrap_or_default().iter();
        found.filter_map(|name| self.find(name).ok()).collect()
    }

    /// Tells where the numbers of one stand.
    #[must_use]
    pub fn source_of(&self, name: &str) -> &str {
        let own = self.row(name).and_then(|row| row.source.as_deref());
        own.unwrap_or(&self.source)
    }

    fn row(&self, name: &str) -> Option<&Shipped> {
        let wanted = plain(name);
        self.rows.iter().find(|row| row.names.contains(&wanted))
    }

    /// Lists them.
    pub fn all(&self) -> impl Iterator<Item = &Model> {
        self.rows.iter().map(|row| &row.model)
    }
}

/// Brings a name to what it says about the architecture: without publisher, packing and case.
fn plain(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let last = if name.contains("/r1") {
        name.to_lowercase()
    } else {
        last
    };
    let all: Vec<&str> = last.split(['-', ' ', '_']).collect();
    let parts = all.iter().enumerate().filter(|(at, part)| {
        // A second packing of the same weights.
        let is_again = part.starts_with('v') && *at > 0 && PACKING.contains(&all[at - 1]);
        let is_version = part.starts_with("v0.") || part.chars().all(|one| one.is_ascii_digit());
        let is_date = part.len() == 4 && is_version;
        let is_tuning = is_date || **part == "meta" || part.starts_with("v0.");
        !PACKING.contains(*part) && !is_tuning && !is_again
    });
    let parts: Vec<&str> = parts.map(|(_, part)| *part).collect();
    parts.join("-")
}

#[cfg(test)]
mod tests;
