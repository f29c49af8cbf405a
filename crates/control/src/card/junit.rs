//! The verdicts of the gates before a release's next stage as JUnit XML, for the page of a CI
//! system. It must not judge, nor count what a person answers for as a pass without saying so.

use minijinja::value::Serde;
use minijinja::{Environment, Error};
use release::{Judgement, Verdict};
use serde::{Deserialize, Serialize};

/// Ends in `.xml`, so that every value is escaped.
const NAME: &str = "junit.xml";
const TEMPLATE: &str = include_str!("junit.xml");

/// Holds what a CI system is told of a release.
#[derive(Clone, Debug, Deserialize)]
pub struct NextStage {
    /// The release.
    pub release: String,
    /// The stage whose gates were judged; none at the end of the plan.
    pub stage: Option<String>,
    /// The candidate's digest.
    pub digest: String,
    /// What each gate said.
    pub verdicts: Vec<Verdict>,
}

impl NextStage {
    /// Tells whether every gate lets the release through. Where there is no next stage nothing
    /// was judged, which is no yes.
    #[must_use]
    pub fn lets_through(&self) -> bool {
        self.stage.is_some() && self.verdicts.iter().all(Verdict::lets_through)
    }
}

/// Holds what the template takes.
#[derive(Serialize)]
struct Suite<'a> {
    release: &'a str,
    stage: Option<&'a str>,
    digest: &'a str,
    failures: usize,
    errors: usize,
    cases: Vec<Case<'a>>,
}

#[derive(Serialize)]
struct Case<'a> {
    name: String,
    outcome: &'static str,
    word: Judgement,
    verdict: &'a Verdict,
    until: Option<String>,
}

/// Writes the verdicts, a test case for each gate.
///
/// # Errors
/// When the template does not take them, which a test would have shown.
pub fn junit(next: &NextStage) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.add_template(NAME, TEMPLATE)?;
    environment.add_filter("legal", legal);
    let cases: Vec<Case<'_>> = next.verdicts.iter().enumerate().map(case).collect();
    let count = |outcome: &str| cases.iter().filter(|one| one.outcome == outcome).count();
    let suite = Suite {
        release: &next.release,
        stage: next.stage.as_deref(),
        digest: &next.digest,
        failures: count("failure"),
        errors: count("error"),
        cases,
    };
    environment.get_template(NAME)?.render(Serde(&suite))
}

fn case((at, verdict): (usize, &Verdict)) -> Case<'_> {
    let outcome = match verdict.verdict {
        _ if verdict.lets_through() => "passed",
        Judgement::Fail => "failure",
        Judgement::Pass | Judgement::Inconclusive => "error",
    };
    Case {
        // A stage may have several criteria of one gate; their order tells them apart.
        name: format!("{} {}", at + 1, verdict.gate),
        outcome,
        word: verdict.verdict,
        verdict,
        until: verdict
            .waived
            .as_ref()
            .map(|waived| waived.until.date().to_string()),
    }
}

/// Replaces the characters that XML 1.0 cannot hold, not even escaped.
fn legal(text: &str) -> String {
    let is_legal = |c: char| {
        matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}'
            | '\u{10000}'..='\u{10ffff}')
    };
    text.chars()
        .map(|c| if is_legal(c) { c } else { '\u{fffd}' })
        .collect()
}
