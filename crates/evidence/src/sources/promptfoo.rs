//! The source `promptfoo`: the JSON that `promptfoo eval --output` writes, with results of version
//! 3. It must not take promptfoo's own pass rate for evidence.

use std::collections::{BTreeMap, BTreeSet};

use domain::Tokens;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::source::{Epochs, Source, begins_with, json};
use crate::imported::{Count, ImportFault, Imported, ImportedRow, Requests, Scored, contradicts};
use crate::rows::Outcome;
use crate::suite::digest_of;

/// The version of results that is read.
const VERSION: u64 = 3;
/// `failureReason` of a row that was not answered, or not scored.
const FAILED_BY_ERROR: u64 = 2;
/// The header of an answer that names the gateway's decision.
const DECISION: &str = "tiergate-decision";
/// The name of a row's own score.
const SCORER: &str = "promptfoo";

/// Reads promptfoo's JSON.
pub(super) struct Promptfoo;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    results: Results,
    #[serde(default)]
    config: Config,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Config {
    description: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    promptfoo_version: Option<String>,
}

#[derive(Deserialize)]
struct Results {
    version: u64,
    results: Vec<Written>,
    stats: Stats,
    #[serde(default)]
    prompts: Vec<Asked>,
}

/// One prompt of the file, with what promptfoo added up over its rows.
#[derive(Deserialize)]
struct Asked {
    metrics: Option<Metrics>,
}

#[derive(Deserialize)]
struct Metrics {
    score: f64,
}

#[derive(Deserialize)]
struct Stats {
    successes: u64,
    failures: u64,
    #[serde(default)]
    errors: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    success: bool,
    score: f64,
    failure_reason: Option<u64>,
    error: Option<IgnoredAny>,
    provider: Provider,
    prompt: Prompt,
    #[serde(default)]
    prompt_idx: u64,
    #[serde(default)]
    test_idx: u64,
    #[serde(default)]
    vars: Value,
    response: Option<Response>,
    #[serde(default)]
    named_scores: BTreeMap<String, Option<f64>>,
    latency_ms: Option<f64>,
}

#[derive(Deserialize)]
struct Provider {
    id: String,
}

#[derive(Deserialize)]
struct Prompt {
    raw: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    cached: bool,
    #[serde(default)]
    is_refusal: bool,
    finish_reason: Option<String>,
    token_usage: Option<Usage>,
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt: u64,
    #[serde(default)]
    completion: u64,
}

impl Source for Promptfoo {
    fn name(&self) -> &'static str {
        "promptfoo"
    }

    fn about(&self) -> &'static str {
        "Results of promptfoo as JSON, version 3 (`promptfoo eval --no-cache --output FILE.json`). \
         Each row's own score is taken under the scorer `promptfoo`, and its named scores under \
         their names where they are from 0 to 1. Rows with the same prompt and variables are \
         epochs of one item. Where it keeps the headers of answers, each row is joined with its \
         own decision. A file with errors, or with an answer from promptfoo's cache, is \
         inconclusive; one of several providers is refused, since a run is of one model."
    }

    fn recognises(&self, bytes: &[u8]) -> bool {
        begins_with(bytes, &["\"results\"", "\"version\"", "\"prompts\""])
    }

    fn read(&self, bytes: &[u8]) -> Result<Imported, ImportFault> {
        let file: File = json("the file", bytes)?;
        let found = file.results.version;
        if found != VERSION {
            return Err(ImportFault::Version {
                found: found.to_string(),
                read: "3",
            });
        }
        let mut written = file.results.results;
        written.sort_by_key(|one| (one.test_idx, one.prompt_idx));
        let rows = rows(&written);
        let contradictions = contradictions(&written, &file.results.prompts);
        Ok(Imported {
            source: self.name(),
            tool: self.name(),
            tool_version: file.metadata.promptfoo_version,
            file_digest: digest_of(bytes),
            task: file.config.description.unwrap_or_default(),
            requested_model: Some(only_provider(&written)?),
            counts: counts(&written, &file.results.stats),
            contradictions,
            requests: Requests::exactly(rows.len() as u64),
            unfinished: unfinished(&written),
            rows,
            warnings: Vec::new(),
        })
    }
}

fn only_provider(written: &[Written]) -> Result<String, ImportFault> {
    let providers: BTreeSet<&str> = written.iter().map(|one| one.provider.id.as_str()).collect();
    let mut providers = providers.into_iter();
    match (providers.next(), providers.next()) {
        (Some(one), None) => Ok(one.to_owned()),
        (None, _) => Err(ImportFault::malformed("results.results", "it holds no row")),
        (Some(_), Some(_)) => {
            let what = "it holds several providers: write one file a provider";
            Err(ImportFault::malformed("results.results", what))
        }
    }
}

fn counts(written: &[Written], stats: &Stats) -> Vec<Count> {
    let successes = written.iter().filter(|one| one.success).count() as u64;
    let errors = written.iter().filter(|one| one.is_error()).count() as u64;
    let failures = (written.len() as u64).saturating_sub(successes + errors);
    let count = |what: &str, stated, found| Count {
        what: format!("results.stats.{what}"),
        stated,
        found,
    };
    vec![
        count("successes", stats.successes, successes),
        count("failures", stats.failures, failures),
        count("errors", stats.errors, errors),
    ]
}

/// Compares what promptfoo added up for each prompt with the scores of its rows.
fn contradictions(written: &[Written], prompts: &[Asked]) -> Vec<String> {
    let mut scores: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for one in written {
        scores.entry(one.prompt_idx).or_default().push(one.score);
    }
    let wrong = |(at, asked): (u64, &Asked)| {
        let stated = asked.metrics.as_ref()?.score;
        let scores = scores.get(&at).map_or(&[][..], Vec::as_slice);
        contradicts(stated / scores.len() as f64, scores)
            .then(|| format!("results.prompts[{at}].metrics.score"))
    };
    (0..).zip(prompts).filter_map(wrong).collect()
}

fn unfinished(written: &[Written]) -> Option<String> {
    let is_cached = |one: &&Written| one.response.as_ref().is_some_and(|answer| answer.cached);
    let errors = written.iter().filter(|one| one.is_error()).count();
    let cached = written.iter().filter(is_cached).count();
    if errors > 0 {
        return Some(format!("{errors} rows ended in an error"));
    }
    (cached > 0).then(|| format!("{cached} answers came from promptfoo's cache: run `--no-cache`"))
}

fn rows(written: &[Written]) -> Vec<ImportedRow> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut epochs = Epochs::default();
    let mut rows = Vec::with_capacity(written.len());
    for one in written {
        let asked = one.asked();
        // Repeats have test indices of their own; what was asked is what they have in common.
        let named = || format!("test-{}-prompt-{}", one.test_idx, one.prompt_idx);
        let item = names.entry(asked.clone()).or_insert_with(named).clone();
        rows.push(ImportedRow {
            cluster: item.clone(),
            part: None,
            epoch: epochs.next(&item),
            asked: Some(asked),
            outcome: one.outcome(),
            scores: one.scores(),
            served_model: None,
            tokens: one.tokens(),
            time_ms: one.latency_ms.map(|time| time.max(0.0) as u64),
            responses: Vec::new(),
            decisions: one.decision().into_iter().collect(),
            item,
        });
    }
    rows
}

impl Written {
    fn is_error(&self) -> bool {
        // Before `failureReason` there was only the text, which a failed assertion sets as well.
        let is_error = |reason| reason == FAILED_BY_ERROR;
        let without_answer = self.error.is_some() && self.response.is_none();
        !self.success && self.failure_reason.map_or(without_answer, is_error)
    }

    fn asked(&self) -> String {
        digest_of(format!("{}\n{}", self.prompt.raw, self.vars).as_bytes())
    }

    fn outcome(&self) -> Outcome {
        if self.is_error() {
            return Outcome::Error;
        }
        let finish = |answer: &Response| answer.finish_reason.clone();
        match &self.response {
            None => Outcome::Error,
            Some(answer) if answer.is_refusal => Outcome::Refused,
            Some(answer) => match finish(answer).as_deref() {
                Some("length") => Outcome::Truncated,
                Some("content_filter" | "refusal") => Outcome::Refused,
                _ => Outcome::Ok,
            },
        }
    }

    fn scores(&self) -> Vec<Scored> {
        let mut scores = vec![Scored {
            scorer: SCORER.to_owned(),
            value: self.score,
        }];
        for (name, value) in &self.named_scores {
            let Some(value) = value else {
                continue;
            };
            // A named score may be a plain number, such as a length; that is none of ours.
            if name != SCORER && (0.0..=1.0).contains(value) {
                scores.push(Scored {
                    scorer: name.clone(),
                    value: *value,
                });
            }
        }
        scores
    }

    /// Finds the decision that the answer's headers name.
    fn decision(&self) -> Option<String> {
        let metadata = &self.response.as_ref()?.metadata;
        let header = metadata.get("http")?.get("headers")?.get(DECISION)?;
        header.as_str().map(str::to_owned)
    }

    fn tokens(&self) -> Option<Tokens> {
        let usage = self.response.as_ref()?.token_usage.as_ref()?;
        Some(Tokens {
            input: usage.prompt,
            output: usage.completion,
            ..Tokens::default()
        })
    }
}
