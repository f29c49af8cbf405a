//! The scorer `contains`: the expected text stands somewhere in the answer. It must not know
//! what the rest of the answer says.

use super::parameter::{IGNORE_CASE, Kind, Parameter};
use super::scorer::{Score, Scorer, check_texts, hit, miss, quoted};
use crate::case::{Case, Switch};

/// Scores 1 where the expected text stands in the answer.
pub(super) struct Contains;

impl Scorer for Contains {
    fn name(&self) -> &'static str {
        "contains"
    }

    fn version(&self) -> u32 {
        1
    }

    fn about(&self) -> &'static str {
        "Scores 1 where the expected text, or any of several, stands in the answer as whole \
         words, and 0 elsewhere."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            IGNORE_CASE,
            Parameter {
                name: "whole_words",
                kind: Kind::Switch,
                default: "true",
                about: "whether `42` does not stand in `142`",
            },
        ]
    }

    fn check(&self, case: &Case) -> Result<(), String> {
        check_texts(case)
    }

    fn score(&self, case: &Case, answer: &str) -> Score {
        let is_any = case.switch("ignore_case", Switch::Off);
        let cased = |text: &str| {
            if is_any {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        };
        let (found, texts) = (cased(answer), case.texts());
        let is_whole = case.switch("whole_words", Switch::On);
        let stands = |text: &&&str| {
            let text = cased(text.trim());
            found
                .match_indices(&text)
                .any(|(at, _)| !is_whole || is_word(&found, at, at + text.len()))
        };
        match texts.iter().find(stands) {
            Some(text) => hit(format!("`{text}` stands in the answer")),
            None => miss(format!(
                "`{}` does not stand in {}",
                texts.join("` or `"),
                quoted(answer)
            )),
        }
    }
}

/// Tells whether no letter or digit continues the text at either end.
fn is_word(answer: &str, start: usize, end: usize) -> bool {
    let before = answer
        .get(..start)
        .and_then(|text| text.chars().next_back());
    let after = answer.get(end..).and_then(|text| text.chars().next());
    ![before, after]
        .into_iter()
        .flatten()
        .any(char::is_alphanumeric)
}
