//! What a request uses, in the facts' words. It must not know how a dialect spells a feature.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use crate::facts::feature::Feature;

/// Names one thing that a request uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// What it is.
    pub feature: Feature,
    /// Its value as JSON text, a word without quotes; none where it has none or it is not known.
    pub value: Option<String>,
}

/// Holds what a request uses, as far as it can be seen. What is not here is left unsaid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// What is used.
    pub used: Vec<Used>,
    /// The dialect that is spoken, where it is known.
    pub dialect: Option<String>,
    /// The version of the API that is asked for, where one is.
    pub api_version: Option<String>,
}

/// Says that a text names nothing that a request could use.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not a feature of the facts, with its value behind a space")]
pub struct NotUsed {
    text: String,
}

impl FromStr for Used {
    type Err = NotUsed;

    /// Reads a feature and its value, such as `temperature 0.2`.
    fn from_str(text: &str) -> Result<Self, NotUsed> {
        let (word, value) = match text.split_once(' ') {
            Some((word, value)) => (word, Some(value.to_owned())),
            None => (text, None),
        };
        let word: StrDeserializer<'_, Error> = word.into_deserializer();
        let feature = Feature::deserialize(word).map_err(|_| NotUsed {
            text: text.to_owned(),
        })?;
        Ok(Self { feature, value })
    }
}
