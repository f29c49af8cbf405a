//! The nouns of tidy: a rule and what it finds.
//! It must not know any rule.

use std::fmt;

use crate::tree::Tree;

/// Is one rule of `STYLE.md` that a machine can hold.
pub struct Rule {
    /// Its name, as findings show it.
    pub name: &'static str,
    /// What it holds, in one line.
    pub about: &'static str,
    /// Finds what breaks it.
    pub check: fn(&Tree) -> Vec<Finding>,
}

/// Is one place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and how to mend it.
    pub what: String,
}

impl Finding {
    /// Makes a finding.
    pub fn new(path: &str, line: usize, what: impl fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.to_string(),
        }
    }
}
