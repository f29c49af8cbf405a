//! The scorer `regex`: the answer matches a pattern. It must not run a pattern that could take
//! more than linear time, which the engine used here has none of.

use regex::RegexBuilder;

use super::parameter::{IGNORE_CASE, Parameter};
use super::scorer::{Score, Scorer, hit, miss, quoted};
use crate::case::{Case, Switch};

/// Scores 1 where the answer matches the expected pattern.
pub(super) struct Regex;

/// The most memory that a compiled pattern may take.
const MOST_PATTERN_BYTES: usize = 1 << 20;

impl Scorer for Regex {
    fn name(&self) -> &'static str {
        "regex"
    }

    fn version(&self) -> u32 {
        1
    }

    fn about(&self) -> &'static str {
        "Scores 1 where the expected pattern matches somewhere in the answer, white space around \
         it cut off, and 0 elsewhere. Write `^…$` to match the whole. The syntax is that of the \
         Rust crate `regex`: no look-around, no back-references."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[IGNORE_CASE]
    }

    fn check(&self, case: &Case) -> Result<(), String> {
        compiled(case).map(|_| ())
    }

    fn score(&self, case: &Case, answer: &str) -> Score {
        match compiled(case) {
            Err(what) => miss(what),
            Ok(pattern) if pattern.is_match(answer.trim()) => {
                hit(format!("the answer matches `{pattern}`"))
            }
            Ok(pattern) => miss(format!("{} does not match `{pattern}`", quoted(answer))),
        }
    }
}

fn compiled(case: &Case) -> Result<regex::Regex, String> {
    let pattern = case.expect.as_str().filter(|text| !text.is_empty());
    let pattern = pattern.ok_or("must be a pattern: a text that is not empty")?;
    RegexBuilder::new(pattern)
        .case_insensitive(case.switch("ignore_case", Switch::Off))
        .size_limit(MOST_PATTERN_BYTES)
        .build()
        .map_err(|fault| {
            let last = fault.to_string();
            let last = last.lines().last().unwrap_or_default().to_owned();
            format!("`{pattern}` is no pattern: {last}")
        })
}
