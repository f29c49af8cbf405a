//! Parameters of gates: their kinds, and the check of a spec against them. It must not know a
//! particular gate.

use domain::{GateSpec, MS_PER_DAY};
use serde_json::Value;

/// Describes one parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Its value where none is written, in words; none means that it must be written.
    pub default: Option<&'static str>,
    /// What it means.
    pub about: &'static str,
}

/// Says what values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name.
    Name,
    /// A list of names, not empty.
    Names,
    /// A number from 0 to 1.
    Fraction,
    /// A whole number from 1.
    Count,
    /// A number from 0.
    Amount,
}

/// Says what is wrong with a gate's spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFault {
    /// The parameter, or none for the gate itself.
    pub parameter: Option<String>,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

impl Kind {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Name => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::Names => value.as_array().is_some_and(|list| {
                !list.is_empty() && list.iter().all(|item| Self::Name.takes(item))
            }),
            Self::Fraction => value
                .as_f64()
                .is_some_and(|number| (0.0..=1.0).contains(&number)),
            Self::Count => value.as_u64().is_some_and(|number| number >= 1),
            Self::Amount => value.as_f64().is_some_and(|number| number >= 0.0),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Name => "a name in quotes",
            Self::Names => "a list of names, such as [\"security\"]",
            Self::Fraction => "a number from 0 to 1",
            Self::Count => "a whole number from 1",
            Self::Amount => "a number from 0",
        }
    }
}

/// Checks that a spec has what the gate needs and nothing that it does not know.
pub(super) fn check(parameters: &[Parameter], spec: &GateSpec) -> Result<(), SpecFault> {
    let fault = |name: &str, what: String, mend: String| SpecFault {
        parameter: Some(name.to_owned()),
        what,
        mend,
    };
    for name in spec.params.keys() {
        if !parameters.iter().any(|parameter| parameter.name == name) {
            let known: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
            return Err(fault(
                name,
                format!("gate `{}` has no parameter `{name}`", spec.gate),
                format!("use those it has: {}", known.join(", ")),
            ));
        }
    }
    for parameter in parameters {
        let words = parameter.kind.words();
        match spec.params.get(parameter.name) {
            None if parameter.default.is_none() => {
                return Err(SpecFault {
                    parameter: Some("gate".to_owned()),
                    what: format!("gate `{}` needs `{}`", spec.gate, parameter.name),
                    mend: format!("add {} = {words}", parameter.name),
                });
            }
            Some(value) if !parameter.kind.takes(value) => {
                return Err(fault(
                    parameter.name,
                    format!("`{value}` is no value for `{}`", parameter.name),
                    format!("write {words}"),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads a fraction, or its default.
pub(super) fn fraction(spec: &GateSpec, name: &str, default: f64) -> f64 {
    spec.params
        .get(name)
        .and_then(Value::as_f64)
        .unwrap_or(default)
}

/// Reads a count, or its default.
pub(super) fn count(spec: &GateSpec, name: &str, default: u64) -> u64 {
    spec.params
        .get(name)
        .and_then(Value::as_u64)
        .unwrap_or(default)
}

/// Counts the milliseconds of so many days.
pub(super) fn ms_of_days(days: u64) -> i64 {
    i64::try_from(days).map_or(i64::MAX, |days| days.saturating_mul(MS_PER_DAY))
}

/// Reads a name; empty where none is written, which matches nothing.
pub(super) fn name<'s>(spec: &'s GateSpec, name: &str) -> &'s str {
    spec.params
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Reads a list of names.
pub(super) fn names<'s>(spec: &'s GateSpec, name: &str) -> Vec<&'s str> {
    let list = spec.params.get(name).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
