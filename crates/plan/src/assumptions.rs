//! What plans rest on beside measurements: numbers with unit, source and day, which a user changes
//! one by one. It must not hide which were changed.

use serde::{Deserialize, Serialize};

use crate::accelerators::{Accelerator, Accelerators};
use crate::hours::{self, Usual};

const SHIPPED: &str = include_str!("../facts/assumptions.toml");
/// Names the price of an accelerator's hour, which a list may have.
pub const GPU_HOUR: &str = "gpu_hour";
/// Beyond this price of an hour, in USD, a user has mistyped.
const MOST_USD: f64 = 1000.0;

/// Says whether a number was read or is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It stands in its source.
    Fact,
    /// Its source makes it likely.
    Assumption,
    /// The user said it.
    Set,
}

/// Holds one number that a plan rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// Its name.
    pub key: String,
    /// The accelerator that it is about; none for all that have no own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accelerator: Option<String>,
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Whether it was read, is assumed, or was set.
    pub kind: Kind,
    /// What it means.
    pub about: String,
    /// Where it comes from.
    pub source: String,
    /// The day on which that was read.
    pub read_on: String,
    /// The least that makes sense.
    pub least: f64,
    /// The most that makes sense.
    pub most: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    assumptions: Vec<Assumption>,
}

/// Holds the numbers in force.
#[derive(Clone, Debug)]
pub struct Assumptions(Vec<Assumption>);

/// Says why an assumption cannot be set or is missing.
#[derive(Debug, thiserror::Error)]
pub enum AssumptionFault {
    /// It is not written as one.
    #[error("`{0}` sets nothing; write `key=value`, as `busy=0.8` or `gpu_hour.H200=2.5`")]
    Form(String),
    /// There is none of that name.
    #[error("there is no assumption `{key}`; there are {known}")]
    Key {
        /// The name.
        key: String,
        /// Those that there are.
        known: String,
    },
    /// It is about an accelerator that is not known.
    #[error("the assumption `{0}` names an accelerator that is not known; known are {1}")]
    Accelerator(String, String),
    /// It makes no sense.
    #[error("`{key}` cannot be {value}: it is a {unit} from {least} to {most}")]
    Range {
        /// The name.
        key: String,
        /// The number.
        value: f64,
        /// Its unit.
        unit: String,
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
    /// Nobody has said it.
    #[error("no `{key}` is known for {accelerator}; say it by `--set {key}=…`")]
    Absent {
        /// The name.
        key: String,
        /// The accelerator.
        accelerator: String,
    },
}

impl Assumptions {
    /// Reads those that ship, and the list prices of accelerators.
    ///
    /// # Errors
    /// Fails when a file is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(SHIPPED)?;
        let listed = hours::usual(&hours::shipped()?);
        let listed = listed.into_iter().map(of_list);
        Ok(Self(file.assumptions.into_iter().chain(listed).collect()))
    }

    /// Takes a `key=value`, or a `key.ACCELERATOR=value`, in place of what ships.
    ///
    /// # Errors
    /// Fails when it does not read, names nothing that there is, or makes no sense.
    pub fn set(&mut self, text: &str, parts: &Accelerators) -> Result<(), AssumptionFault> {
        let form = || AssumptionFault::Form(text.to_owned());
        let (name, value) = text.split_once('=').ok_or_else(form)?;
        let value: f64 = value.trim().parse().map_err(|_| form())?;
        let (key, part) = match name.trim().split_once('.') {
            None => (name.trim(), None),
            Some((key, part)) => (key, Some(part)),
        };
        let about = |part: &str| {
            let found = parts.find(part).map(|part| part.name.clone());
            found.map_err(|_| AssumptionFault::Accelerator(name.to_owned(), parts.names()))
        };
        self.put(key, part.map(about).transpose()?, value)
    }

    /// Takes a number in place of what ships: of one accelerator, else of all.
    ///
    /// # Errors
    /// Fails when there is no such key or the number makes no sense.
    pub fn put(
        &mut self,
        key: &str,
        accelerator: Option<String>,
        value: f64,
    ) -> Result<(), AssumptionFault> {
        let Some(like) = self.0.iter().find(|row| row.key == key).cloned() else {
            let mut known: Vec<&str> = self.0.iter().map(|row| row.key.as_str()).collect();
            known.dedup();
            let known = known.join(", ");
            let key = key.to_owned();
            return Err(AssumptionFault::Key { key, known });
        };
        if !(like.least..=like.most).contains(&value) {
            let Assumption {
                key,
                unit,
                least,
                most,
                ..
            } = like;
            return Err(AssumptionFault::Range {
                key,
                value,
                unit,
                least,
                most,
            });
        }
        // What is said of all accelerators holds for each that had a number of its own.
        let is_general = accelerator.is_none();
        self.0
            .retain(|row| row.key != key || (!is_general && row.accelerator != accelerator));
        self.0.push(Assumption {
            accelerator,
            value,
            kind: Kind::Set,
            source: "set by the user".to_owned(),
            read_on: "-".to_owned(),
            ..like
        });
        Ok(())
    }

    /// Tells a number: the accelerator's own, else that of all.
    ///
    /// # Errors
    /// Fails when there is neither.
    pub fn value(&self, key: &str, part: &Accelerator) -> Result<f64, AssumptionFault> {
        let found = self.row(key, part).map(|row| row.value);
        found.ok_or_else(|| AssumptionFault::Absent {
            key: key.to_owned(),
            accelerator: part.name.clone(),
        })
    }

    /// Names the accelerators that have a number of their own, in order of their rows.
    pub fn accelerators_of(&self, key: &str) -> impl Iterator<Item = &str> {
        let rows = self.0.iter().filter(move |row| row.key == key);
        rows.filter_map(|row| row.accelerator.as_deref())
    }

    fn row(&self, key: &str, part: &Accelerator) -> Option<&Assumption> {
        let own = |row: &&Assumption| row.accelerator.as_ref() == Some(&part.name);
        let rows = || self.0.iter().filter(|row| row.key == key);
        rows().find(own).or_else(|| {
            let is_general = |row: &&Assumption| row.accelerator.is_none();
            rows().find(is_general)
        })
    }

    /// Lists the rows of some keys that hold for some accelerators, each once.
    #[must_use]
    pub fn in_force(&self, keys: &[&str], parts: &[&Accelerator]) -> Vec<Assumption> {
        let mut found: Vec<Assumption> = Vec::new();
        for (key, part) in keys
            .iter()
            .flat_map(|key| parts.iter().map(move |part| (key, part)))
        {
            if let Some(row) = self.row(key, part)
                && !found.contains(row)
            {
                found.push(row.clone());
            }
        }
        found
    }
}

fn of_list(listed: Usual) -> Assumption {
    Assumption {
        key: GPU_HOUR.to_owned(),
        value: listed.row.usd,
        unit: "USD for an accelerator and hour".to_owned(),
        kind: Kind::Fact,
        about: "rent without a commitment".to_owned(),
        source: listed.source(),
        read_on: listed.row.read_on.clone(),
        least: 0.0,
        most: MOST_USD,
        accelerator: Some(listed.row.accelerator),
    }
}

#[cfg(test)]
mod tests;
