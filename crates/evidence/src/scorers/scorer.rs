//! What a scorer is and gives, and the words that several of them use. It must not know a
//! particular scorer.

use serde_json::Value;

use super::parameter::Parameter;
use crate::case::{Case, Message};

/// The most characters of an answer that a reason quotes.
const MOST_QUOTED: usize = 80;

/// Holds what an answer scored, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The score, 0 to 1.
    pub value: f64,
    /// Why, in a sentence.
    pub reason: String,
}

/// One way to score an answer.
pub trait Scorer: Sync {
    /// Names it as a suite does.
    fn name(&self) -> &'static str;

    /// Counts up when the same answer may score otherwise than before.
    fn version(&self) -> u32;

    /// Describes it in a paragraph.
    fn about(&self) -> &'static str;

    /// Lists its parameters.
    fn parameters(&self) -> &'static [Parameter];

    /// Checks what a case expects; the parameters have been checked.
    ///
    /// # Errors
    /// Returns what is wrong with it.
    fn check(&self, case: &Case) -> Result<(), String>;

    /// Scores an answer to a case that has been checked.
    fn score(&self, case: &Case, answer: &str) -> Score;

    /// Scores that the model declined, where the dialect says so and no text has to be read.
    fn declined(&self, _case: &Case) -> Score {
        miss("the model declined")
    }

    /// Lists what a judge is to be asked about an answer; nothing where no judge is needed.
    fn questions(&self, _case: &Case, _answer: &str) -> Vec<Vec<Message>> {
        Vec::new()
    }

    /// Scores an answer by what the judge said to each of those questions; nothing where that
    /// cannot be read as an opinion, which then is none.
    fn judged(&self, _case: &Case, _opinions: &[String]) -> Option<Score> {
        None
    }
}

pub(super) fn hit(reason: impl Into<String>) -> Score {
    Score {
        value: 1.0,
        reason: reason.into(),
    }
}

pub(super) fn miss(reason: impl Into<String>) -> Score {
    Score {
        value: 0.0,
        reason: reason.into(),
    }
}

/// Quotes the beginning of an answer.
pub(super) fn quoted(answer: &str) -> String {
    let answer = answer.trim();
    let mut start: String = answer.chars().take(MOST_QUOTED).collect();
    if start.len() < answer.len() {
        start.push('…');
    }
    format!("`{start}`")
}

/// Checks that a text or a list of texts is expected, none of them empty.
pub(super) fn check_texts(case: &Case) -> Result<(), String> {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let is_right = match &case.expect {
        Value::Array(list) => !list.is_empty() && list.iter().all(is_text),
        one => is_text(one),
    };
    if is_right {
        Ok(())
    } else {
        Err("must be a text, or a list of texts any of which will do; none may be empty".to_owned())
    }
}
