//! Parameters of scorers: their kinds, and the check of a case's options against them. It must
//! not know a particular scorer.

use std::collections::BTreeMap;

use serde_json::Value;

/// Describes one parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Its value where none is written, in words.
    pub default: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// Says what values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A number that is not negative.
    Amount,
    /// One of some words.
    Word(&'static [&'static str]),
    /// A text that is not empty.
    Text,
}

impl Kind {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Switch => value.is_boolean(),
            Self::Amount => value.as_f64().is_some_and(|number| number >= 0.0),
            Self::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Text => value.as_str().is_some_and(|text| !text.trim().is_empty()),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Switch => "true or false".to_owned(),
            Self::Amount => "a number from 0".to_owned(),
            Self::Text => "a text that is not empty".to_owned(),
            Self::Word(words) => format!("one of \"{}\"", words.join("\", \"")),
        }
    }
}

/// Checks that the options are ones that the scorer knows, with values that it takes.
pub(super) fn check(
    scorer: &str,
    parameters: &[Parameter],
    options: &BTreeMap<String, Value>,
) -> Result<(), String> {
    for (name, value) in options {
        let Some(known) = parameters.iter().find(|one| one.name == name) else {
            let names: Vec<&str> = parameters.iter().map(|one| one.name).collect();
            return Err(format!(
                "scorer `{scorer}` has no option `{name}`: use those it has: {}",
                names.join(", ")
            ));
        };
        if !known.kind.takes(value) {
            return Err(format!(
                "`{value}` is no value for `{name}`: write {}",
                known.kind.words()
            ));
        }
    }
    Ok(())
}

/// The switch that several scorers have.
pub(super) const IGNORE_CASE: Parameter = Parameter {
    name: "ignore_case",
    kind: Kind::Switch,
    default: "false",
    about: "whether capital and small letters are the same",
};
