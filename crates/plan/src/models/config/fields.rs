//! The fields of a configuration, each a whole number within reason, or absent. It must not take
//! what it cannot read for what is not there.

use serde_json::{Map, Value};

/// Says why a configuration is no model that can be costed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// It is no JSON object.
    #[error("the configuration is no JSON object; give the config.json of the model")]
    Shape,
    /// A field is missing.
    #[error("the configuration has no number `{0}`; add it, or give a sketch of the model")]
    Missing(&'static str),
    /// Its layers are of a kind that is not known here.
    #[error("`{0}` layers are not known here; give a sketch of the model instead")]
    Kind(String),
    /// A field holds something else than a number.
    #[error("`{field}` is {value}, which is no number; correct it")]
    Type {
        /// The field.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// A list has fewer rows than the model has layers.
    #[error("`{field}` lists {listed} layers of {layers}; correct either")]
    Few {
        /// The list.
        field: &'static str,
        /// How many it has.
        listed: usize,
        /// How many there are.
        layers: usize,
    },
    /// A number is out of all proportion.
    #[error("`{field}` is {value}, which no model has; correct it")]
    Size {
        /// The field.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// Two numbers do not go together.
    #[error("`{field}` is {value}, and `{beside}` is {other}; correct either")]
    Pair {
        /// The field.
        field: &'static str,
        /// Its value.
        value: f64,
        /// The other field.
        beside: &'static str,
        /// Its value.
        other: f64,
    },
}

/// Most of anything that a configuration may count; beyond it stands a slip.
const MOST: f64 = 1e9;

/// Holds the fields of a configuration.
pub(super) struct Fields<'c>(pub(super) &'c Map<String, Value>);

impl<'c> Fields<'c> {
    /// Reads a count; absent and `null` are none.
    pub(super) fn maybe(&self, field: &'static str) -> Result<Option<f64>, ConfigFault> {
        let Some(found) = self.0.get(field).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let Some(value) = found.as_f64() else {
            let value = found.to_string();
            return Err(ConfigFault::Type { field, value });
        };
        if !(0.0..=MOST).contains(&value) || value.fract() != 0.0 {
            return Err(ConfigFault::Size { field, value });
        }
        Ok(Some(value))
    }

    /// Reads a count of at least one, where there is one.
    pub(super) fn some(&self, field: &'static str) -> Result<Option<f64>, ConfigFault> {
        match self.maybe(field)? {
            Some(value) if value < 1.0 => Err(ConfigFault::Size { field, value }),
            other => Ok(other),
        }
    }

    /// Reads a count of at least one.
    pub(super) fn needs(&self, field: &'static str) -> Result<f64, ConfigFault> {
        self.some(field)?.ok_or(ConfigFault::Missing(field))
    }

    /// Reads the first of several fields that is there.
    pub(super) fn first(&self, fields: &[&'static str]) -> Result<Option<f64>, ConfigFault> {
        for field in fields {
            if let Some(value) = self.maybe(field)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    pub(super) fn says(&self, field: &str) -> Option<bool> {
        self.0.get(field).and_then(Value::as_bool)
    }

    pub(super) fn text(&self, field: &str) -> Option<&'c str> {
        self.0.get(field).and_then(Value::as_str)
    }

    pub(super) fn list(&self, field: &str) -> Option<&'c Vec<Value>> {
        self.0.get(field).and_then(Value::as_array)
    }

    /// Takes the row of a layer out of a list with one for each.
    pub(super) fn of_layer(
        &self,
        field: &'static str,
        (at, layers): (usize, usize),
    ) -> Result<Option<&'c Value>, ConfigFault> {
        let Some(list) = self.list(field) else {
            return Ok(None);
        };
        // Layers that guess tokens ahead may be listed, too.
        let listed = list.len();
        let few = ConfigFault::Few {
            field,
            listed,
            layers,
        };
        if listed < layers {
            return Err(few);
        }
        list.get(at).map(Some).ok_or(few)
    }
}
