//! Assumptions with a usual value, bounds and a source, which a user may set. It must not know what
//! is computed from them.

use serde::{Deserialize, Serialize};

use crate::assumptions::{Assumption as Shared, Kind};

const SHIPPED: &str = include_str!("../../facts/bought.toml");

/// States one assumption.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Assumption {
    key: String,
    /// The questions that rest on it.
    of: Vec<String>,
    usual: f64,
    least: f64,
    most: f64,
    unit: String,
    about: String,
    source: String,
    read_on: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    assumptions: Vec<Assumption>,
}

/// Shows an assumption as it is in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InForce {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: f64,
    /// The unit of the value.
    pub unit: String,
    /// What it says.
    pub about: String,
    /// Where the value is from.
    pub source: String,
}

impl InForce {
    /// Shows an assumption that plans of serving have, too.
    #[must_use]
    pub fn shared(row: &Shared) -> Self {
        Self {
            key: row.key.clone(),
            value: row.value,
            unit: row.unit.clone(),
            about: row.about.clone(),
            source: match row.kind {
                Kind::Set => "set by hand".to_owned(),
                Kind::Fact | Kind::Assumption => format!("{} ({})", row.source, row.read_on),
            },
        }
    }
}

/// Holds the assumptions of one question.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumptions {
    rows: Vec<(Assumption, Option<f64>)>,
}

/// Says why an assumption cannot be set or found.
#[derive(Debug, thiserror::Error)]
pub enum AssumptionFault {
    /// The file that ships is malformed, which a test rules out.
    #[error("the assumptions that ship cannot be read")]
    File(#[from] toml::de::Error),
    /// There are none of that name, which a test rules out.
    #[error("there are no assumptions for `{0}`")]
    Question(String),
    /// The text is not `key=value`.
    #[error("`{0}` sets nothing; write key=value")]
    Form(String),
    /// There is no such key.
    #[error("there is no assumption `{key}`; there are {known}")]
    Key {
        /// What was asked.
        key: String,
        /// What there is.
        known: String,
    },
    /// The value is no number, or out of bounds.
    #[error("`{key}` takes a number of {least} to {most} ({unit}), not `{value}`")]
    Value {
        /// The key.
        key: String,
        /// What was written.
        value: String,
        /// The least.
        least: f64,
        /// The most.
        most: f64,
        /// The unit.
        unit: String,
    },
}

impl Assumptions {
    /// Reads those of a question that ship, with their usual values.
    ///
    /// # Errors
    /// Fails when there are none, which a test rules out.
    pub fn shipped(question: &str) -> Result<Self, AssumptionFault> {
        let mut rows = toml::from_str::<File>(SHIPPED)?.assumptions;
        rows.retain(|row| row.of.iter().any(|one| one == question));
        if rows.is_empty() {
            return Err(AssumptionFault::Question(question.to_owned()));
        }
        Ok(Self {
            rows: rows.into_iter().map(|row| (row, None)).collect(),
        })
    }

    /// Sets one by `key=value`.
    ///
    /// # Errors
    /// Fails when there is no such key or the value is out of bounds.
    pub fn set(&mut self, text: &str) -> Result<(), AssumptionFault> {
        let parts = text.split_once('=');
        let (key, written) = parts.ok_or_else(|| AssumptionFault::Form(text.to_owned()))?;
        let known: Vec<&str> = self.rows.iter().map(|(row, _)| row.key.as_str()).collect();
        let missing = AssumptionFault::Key {
            key: key.to_owned(),
            known: known.join(", "),
        };
        let mut rows = self.rows.iter_mut();
        let found = rows.find(|(row, _)| row.key == key.trim());
        let (row, value) = found.ok_or(missing)?;
        let number = written.trim().parse::<f64>().ok();
        let number = number.filter(|number| (row.least..=row.most).contains(number));
        *value = Some(number.ok_or_else(|| AssumptionFault::Value {
            key: row.key.clone(),
            value: written.to_owned(),
            least: row.least,
            most: row.most,
            unit: row.unit.clone(),
        })?);
        Ok(())
    }

    /// Tells the value in force.
    ///
    /// # Errors
    /// Fails when there is no such key.
    pub fn value(&self, key: &str) -> Result<f64, AssumptionFault> {
        let found = self.rows.iter().find(|(row, _)| row.key == key);
        let missing = || AssumptionFault::Key {
            key: key.to_owned(),
            known: "others".to_owned(),
        };
        let (row, value) = found.ok_or_else(missing)?;
        Ok(value.unwrap_or(row.usual))
    }

    /// Lists those in force.
    #[must_use]
    pub fn in_force(&self) -> Vec<InForce> {
        let shown = |(row, value): &(Assumption, Option<f64>)| InForce {
            key: row.key.clone(),
            value: value.unwrap_or(row.usual),
            unit: row.unit.clone(),
            about: row.about.clone(),
            source: match value {
                Some(_) => "set by hand".to_owned(),
                None => format!("{} ({})", row.source, row.read_on),
            },
        };
        self.rows.iter().map(shown).collect()
    }
}

#[cfg(test)]
mod tests;
