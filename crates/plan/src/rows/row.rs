//! A row of a file, its cells, what it is predicted from, and an answer. It must not know a kind of
//! row.

use domain::{FactFault, Facts};
use serde_json::{Map, Value, json};

use crate::accelerators::Accelerators;
use crate::assumptions::Assumptions;
use crate::models::{Models, ModelsFault};
use crate::serving::Estimator;

/// A row as a file has it.
pub type Row = Map<String, Value>;

/// Holds what predictions are made from.
pub struct Known {
    /// Models.
    pub models: Models,
    /// Accelerators.
    pub accelerators: Accelerators,
    /// Fitted coefficients.
    pub estimator: Estimator,
    /// Prices.
    pub facts: Facts,
    /// What predictions rest on beside.
    pub assumptions: Assumptions,
}

/// Says why the facts that ship do not read.
#[derive(Debug, thiserror::Error)]
pub enum KnownFault {
    /// Models.
    #[error("the models that ship cannot be read")]
    Models(#[from] ModelsFault),
    /// Accelerators, coefficients or assumptions.
    #[error("the facts that ship cannot be read")]
    Facts(#[from] toml::de::Error),
    /// Prices.
    #[error("the prices that ship cannot be read")]
    Prices(#[from] FactFault),
}

/// Holds an answer before it is compared.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// What is predicted.
    pub value: Value,
    /// Between which four fifths of measurements should lie.
    pub interval: Option<[f64; 2]>,
    /// By what.
    pub basis: String,
}

impl Answer {
    /// Answers with a number.
    pub fn number(value: f64, basis: &str) -> Self {
        Self {
            value: json!(value),
            interval: None,
            basis: basis.to_owned(),
        }
    }

    /// States an interval by factors around a number.
    pub fn within(mut self, low: f64, high: f64) -> Self {
        if let Some(value) = self.value.as_f64() {
            self.interval = Some([value * low, value * high]);
        }
        self
    }
}

impl Known {
    /// Reads the facts that ship.
    ///
    /// # Errors
    /// Fails when a file is malformed, which tests rule out.
    pub fn shipped() -> Result<Self, KnownFault> {
        Self::with(Estimator::shipped()?)
    }

    /// Reads the facts that ship, but for the coefficients.
    ///
    /// # Errors
    /// Fails when a file is malformed, which tests rule out.
    pub fn with(estimator: Estimator) -> Result<Self, KnownFault> {
        Ok(Self {
            models: Models::shipped()?,
            accelerators: Accelerators::shipped()?,
            estimator,
            facts: Facts::shipped()?,
            assumptions: Assumptions::shipped()?,
        })
    }
}

/// Reads a number, written as one or as text; an absent or empty cell is none.
#[must_use]
pub fn number(row: &Map<String, Value>, field: &str) -> Option<f64> {
    finite(row.get(field)?)
}

/// Reads a finite number.
pub(super) fn finite(value: &Value) -> Option<f64> {
    read_number(value).filter(|number| number.is_finite())
}

/// Reads a number, written as one or as text, be it beyond all that can be counted.
pub(super) fn read_number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// Reads a text; an absent or empty cell is none.
#[must_use]
pub fn text<'r>(row: &'r Map<String, Value>, field: &str) -> Option<&'r str> {
    let found = row.get(field).and_then(Value::as_str);
    found.map(str::trim).filter(|text| !text.is_empty())
}
