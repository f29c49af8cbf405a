//! The scorer `exact`: the answer is the expected text. It must not look inside it.

use super::parameter::{IGNORE_CASE, Kind, Parameter};
use super::scorer::{Score, Scorer, check_texts, hit, miss, quoted};
use crate::case::{Case, Switch};

/// Scores 1 where the answer is the expected text.
pub(super) struct Exact;

impl Scorer for Exact {
    fn name(&self) -> &'static str {
        "exact"
    }

    fn version(&self) -> u32 {
        1
    }

    fn about(&self) -> &'static str {
        "Scores 1 where the answer is the expected text, or one of several, and 0 elsewhere. \
         White space around the answer does not count unless `trim` is false."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            IGNORE_CASE,
            Parameter {
                name: "trim",
                kind: Kind::Switch,
                default: "true",
                about: "whether white space around the answer is cut off",
            },
            Parameter {
                name: "ignore_punctuation",
                kind: Kind::Switch,
                default: "false",
                about: "whether punctuation and quotes around the answer are cut off",
            },
        ]
    }

    fn check(&self, case: &Case) -> Result<(), String> {
        check_texts(case)
    }

    fn score(&self, case: &Case, answer: &str) -> Score {
        let found = formed(case, answer);
        let texts = case.texts();
        match texts.iter().find(|text| formed(case, text) == found) {
            Some(text) => hit(format!("the answer is `{text}`")),
            None => miss(format!(
                "{} is not `{}`",
                quoted(answer),
                texts.join("` or `")
            )),
        }
    }
}

fn formed(case: &Case, text: &str) -> String {
    let mut text = text;
    if case.switch("trim", Switch::On) {
        text = text.trim();
    }
    if case.switch("ignore_punctuation", Switch::Off) {
        let is_edge =
            |letter: char| letter.is_whitespace() || (!letter.is_alphanumeric() && letter != '-');
        text = text.trim_matches(is_edge);
    }
    if case.switch("ignore_case", Switch::Off) {
        text.to_lowercase()
    } else {
        text.to_owned()
    }
}
