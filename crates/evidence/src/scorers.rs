//! The scorers: one file and one row each; help and the checks of suites follow from the rows.
//! They must not know a suite or a model.

mod contains;
mod exact;
mod json_schema;
mod judge;
mod numeric;
mod parameter;
mod refusal;
mod regex;
mod scorer;

use crate::case::{Case, Message};

use scorer::miss;

pub use parameter::{Kind, Parameter};
pub use scorer::{Score, Scorer};

/// The longest answer that is scored; a longer one scores nothing.
const MOST_ANSWER_BYTES: usize = 1 << 20;
/// Lists the scorers.
pub static SCORERS: &[&dyn Scorer] = &[
    &exact::Exact,
    &contains::Contains,
    &regex::Regex,
    &numeric::Numeric,
    &json_schema::JsonSchema,
    &refusal::Refusal,
    &judge::Judge,
];

/// Finds a scorer by name.
#[must_use]
pub fn find_scorer(name: &str) -> Option<&'static dyn Scorer> {
    SCORERS.iter().copied().find(|one| one.name() == name)
}

/// Scores an answer to a case of a parsed suite. A scorer that is not there scores nothing.
#[must_use]
pub fn score(case: &Case, answer: &str) -> Score {
    if answer.len() > MOST_ANSWER_BYTES {
        return miss(format!(
            "the answer has {} bytes, more than the {MOST_ANSWER_BYTES} that are scored",
            answer.len()
        ));
    }
    find_scorer(case.scorer).map_or_else(
        || miss(format!("there is no scorer `{}`", case.scorer)),
        |scorer| scorer.score(case, answer),
    )
}

/// Scores a model that declined, where the dialect says so.
#[must_use]
pub fn score_declined(case: &Case) -> Score {
    find_scorer(case.scorer).map_or_else(
        || miss(format!("there is no scorer `{}`", case.scorer)),
        |scorer| scorer.declined(case),
    )
}

/// Lists what a judge is to be asked about an answer; nothing where its case needs none, or where
/// the answer is longer than what is scored.
#[must_use]
pub fn questions(case: &Case, answer: &str) -> Vec<Vec<Message>> {
    if answer.len() > MOST_ANSWER_BYTES {
        return Vec::new();
    }
    find_scorer(case.scorer).map_or_else(Vec::new, |scorer| scorer.questions(case, answer))
}

/// Scores an answer by what a judge said to each of those questions, in their order; nothing where
/// that is no opinion.
#[must_use]
pub fn score_judged(case: &Case, opinions: &[String]) -> Option<Score> {
    find_scorer(case.scorer)?.judged(case, opinions)
}

/// Checks a case's scorer: first its parameters, then what it expects. Errors name the field.
pub(crate) fn check(scorer: &dyn Scorer, case: &Case) -> Result<(), (&'static str, String)> {
    parameter::check(scorer.name(), scorer.parameters(), &case.options)
        .map_err(|what| ("options", what))?;
    scorer.check(case).map_err(|what| ("expect", what))
}

#[cfg(test)]
mod tests;
