//! What both forms of an Inspect log share: its header and its samples, to what is imported. It
//! must not know an archive, nor take the log's own metrics for evidence.

use std::collections::BTreeMap;

use domain::Tokens;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::imported::{Count, ImportFault, Imported, ImportedRow, Requests, Scored, contradicts};
use crate::rows::Outcome;
use crate::suite::digest_of;

/// The tool that writes both forms.
const TOOL: &str = "inspect";
/// The version of logs that is read.
const VERSION: u64 = 2;
/// The metrics that are a mean of the samples' values; the second is a reducer's name, too.
const ACCURACY: &str = "accuracy";
const MEAN: &str = "mean";
/// How a log ends that came to its end.
const SUCCESS: &str = "success";

/// What stands before a log's samples.
#[derive(Deserialize)]
pub(super) struct Header {
    version: u64,
    #[serde(default)]
    status: String,
    eval: Eval,
    results: Option<Results>,
    #[serde(default)]
    invalidated: bool,
}

#[derive(Deserialize)]
struct Eval {
    task: String,
    model: String,
    #[serde(default)]
    dataset: Dataset,
    #[serde(default)]
    config: Config,
    #[serde(default)]
    packages: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
struct Dataset {
    sample_ids: Option<Vec<Value>>,
}

#[derive(Default, Deserialize)]
struct Config {
    epochs: Option<u64>,
    limit: Option<Value>,
    sample_id: Option<Value>,
}

#[derive(Deserialize)]
struct Results {
    total_samples: u64,
    completed_samples: u64,
    #[serde(default)]
    scores: Vec<Reduced>,
}

/// What Inspect computed of one scorer's values.
#[derive(Deserialize)]
struct Reduced {
    name: String,
    scorer: String,
    reducer: Option<String>,
    #[serde(default)]
    metrics: BTreeMap<String, Metric>,
}

#[derive(Deserialize)]
struct Metric {
    value: Option<f64>,
}

/// One sample in one epoch.
#[derive(Deserialize)]
pub(super) struct Sample {
    id: Value,
    epoch: u32,
    #[serde(default)]
    input: Value,
    #[serde(default)]
    target: Value,
    #[serde(default)]
    output: Output,
    #[serde(default)]
    scores: Option<BTreeMap<String, Score>>,
    #[serde(default)]
    model_usage: BTreeMap<String, Usage>,
    #[serde(default)]
    events: Vec<Event>,
    error: Option<Value>,
    #[serde(default)]
    error_retries: Option<Vec<IgnoredAny>>,
    limit: Option<Value>,
    total_time: Option<f64>,
}

#[derive(Default, Deserialize)]
struct Output {
    #[serde(default)]
    model: String,
    #[serde(default)]
    choices: Vec<Choice>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Score {
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    input_tokens_cache_read: Option<u64>,
    input_tokens_cache_write: Option<u64>,
    reasoning_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    event: String,
    model: Option<String>,
    cache: Option<String>,
    retries: Option<u64>,
    call: Option<Call>,
}

#[derive(Deserialize)]
struct Call {
    response: Option<Value>,
}

/// Makes what is imported of a log's header and samples.
pub(super) fn imported(
    source: &'static str,
    bytes: &[u8],
    header: &Header,
    samples: &[Sample],
) -> Result<Imported, ImportFault> {
    if header.version != VERSION {
        return Err(ImportFault::Version {
            found: header.version.to_string(),
            read: "2",
        });
    }
    let mut rows: Vec<ImportedRow> = samples.iter().map(|one| one.row(header)).collect();
    rows.sort_by(|a, b| (&a.item, a.epoch).cmp(&(&b.item, b.epoch)));
    Ok(Imported {
        source,
        tool: TOOL,
        tool_version: header.eval.packages.get("inspect_ai").cloned(),
        file_digest: digest_of(bytes),
        task: header.eval.task.clone(),
        requested_model: Some(header.eval.model.clone()),
        counts: header.counts(samples),
        contradictions: header.contradictions(&rows),
        requests: requests(header, samples),
        unfinished: header.unfinished(samples),
        rows,
        warnings: Vec::new(),
    })
}

fn requests(header: &Header, samples: &[Sample]) -> Requests {
    let calls = |one: &Sample| one.calls(header).count() as u64;
    let again = |one: &Sample| {
        one.calls(header)
            .filter_map(|call| call.retries)
            .sum::<u64>()
    };
    let least: u64 = samples.iter().map(calls).sum();
    let again: u64 = samples.iter().map(again).sum();
    // A log without its transcripts tells of no request, and one of samples that were tried again
    // not of those before; each sample took one at least.
    let is_silent = |one: &Sample| {
        one.events.is_empty()
            || one
                .error_retries
                .as_ref()
                .is_some_and(|tries| !tries.is_empty())
    };
    let is_told = !samples.iter().any(is_silent);
    Requests {
        least: least.max(samples.len() as u64),
        most: is_told.then(|| least.saturating_add(again)),
    }
}

impl Header {
    fn counts(&self, samples: &[Sample]) -> Vec<Count> {
        let Some(results) = self.results.as_ref().filter(|_| self.status == SUCCESS) else {
            return Vec::new();
        };
        let found = samples.len() as u64;
        let errors = samples.iter().filter(|one| one.error.is_some()).count() as u64;
        let count = |what: &str, stated, found| Count {
            what: what.to_owned(),
            stated,
            found,
        };
        let mut counts = vec![
            count("results.total_samples", results.total_samples, found),
            count(
                "results.completed_samples",
                results.completed_samples,
                found - errors,
            ),
        ];
        // With a selection the data set names more than was asked.
        let config = &self.eval.config;
        let is_whole = config.limit.is_none() && config.sample_id.is_none();
        if let Some(ids) = self.eval.dataset.sample_ids.as_ref().filter(|_| is_whole) {
            let stated = (ids.len() as u64).saturating_mul(config.epochs.unwrap_or(1));
            counts.push(count("eval.dataset.sample_ids", stated, found));
        }
        counts
    }

    /// Compares the means that the log states with those of its samples. Another reducer than the
    /// mean, and a scorer that splits its value, make something else of the samples.
    fn contradictions(&self, rows: &[ImportedRow]) -> Vec<String> {
        let scores = self.results.iter().flat_map(|one| &one.scores);
        let is_mean = |one: &&Reduced| {
            let reducer = one.reducer.as_deref();
            one.name == one.scorer && reducer.is_none_or(|name| name == MEAN)
        };
        let mut wrong = Vec::new();
        for one in scores.filter(is_mean) {
            let values: Vec<f64> = rows
                .iter()
                .filter_map(|row| row.score_of(&one.name))
                .collect();
            for metric in [ACCURACY, MEAN] {
                let stated = one.metrics.get(metric).and_then(|metric| metric.value);
                // A value that is no score counts for Inspect, and a sample without one may.
                let is_whole = values.len() == rows.len();
                if is_whole && stated.is_some_and(|stated| contradicts(stated, &values)) {
                    wrong.push(format!("results.scores.{}.{metric}", one.name));
                }
            }
        }
        wrong
    }

    fn unfinished(&self, samples: &[Sample]) -> Option<String> {
        if self.status != SUCCESS {
            return Some(format!("its status is {:?}", self.status));
        }
        if self.invalidated {
            return Some("it was invalidated".to_owned());
        }
        if self.results.is_none() {
            return Some("it has no results".to_owned());
        }
        let is_cached = |one: &&Sample| one.events.iter().any(Event::is_cached);
        let cached = samples.iter().filter(is_cached).count();
        (cached > 0).then(|| format!("{cached} samples were answered from Inspect's cache"))
    }
}

impl Event {
    fn is_cached(&self) -> bool {
        self.event == "model" && self.cache.as_deref() == Some("read")
    }
}

impl Sample {
    fn row(&self, header: &Header) -> ImportedRow {
        let item = text_of(&self.id);
        let asked = format!("{}\n{}", self.input, self.target);
        ImportedRow {
            cluster: item.clone(),
            item,
            part: None,
            epoch: self.epoch,
            asked: Some(digest_of(asked.as_bytes())),
            outcome: self.outcome(),
            scores: self.scores(),
            served_model: Some(self.output.model.clone()).filter(|name| !name.is_empty()),
            tokens: self.model_usage.get(&header.eval.model).map(Usage::tokens),
            time_ms: self.total_time.map(|time| (time * 1000.0).max(0.0) as u64),
            responses: self.responses(header),
            decisions: Vec::new(),
        }
    }

    /// Lists the calls of the model that the log is about; a judge is another.
    fn calls<'a>(&'a self, header: &'a Header) -> impl Iterator<Item = &'a Event> {
        let is_ours = |one: &&Event| {
            let model = one.model.as_deref();
            one.event == "model" && model.is_none_or(|model| same_model(&header.eval.model, model))
        };
        self.events.iter().filter(is_ours)
    }

    fn responses(&self, header: &Header) -> Vec<String> {
        let id = |one: &Event| {
            let response = one.call.as_ref()?.response.as_ref()?;
            Some(response.get("id")?.as_str()?.to_owned())
        };
        self.calls(header).filter_map(id).collect()
    }

    fn outcome(&self) -> Outcome {
        if self.error.is_some() || self.output.error.is_some() {
            return Outcome::Error;
        }
        // A limit of the sample (tokens, messages, time) cuts off what an agent did.
        if self.limit.is_some() {
            return Outcome::Truncated;
        }
        let Some(choice) = self.output.choices.first() else {
            return Outcome::Error;
        };
        match choice.stop_reason.as_deref() {
            Some("max_tokens" | "model_length") => Outcome::Truncated,
            Some("content_filter") => Outcome::Refused,
            _ => Outcome::Ok,
        }
    }

    fn scores(&self) -> Vec<Scored> {
        let scored = |(name, score): (&String, &Score)| {
            Some(Scored {
                scorer: name.clone(),
                value: value_of(&score.value)?,
            })
        };
        let scores = self.scores.iter().flatten();
        scores.filter_map(scored).collect()
    }
}

impl Usage {
    fn tokens(&self) -> Tokens {
        let cached = self.input_tokens_cache_read.unwrap_or(0);
        let cache_write = self.input_tokens_cache_write.unwrap_or(0);
        Tokens {
            // Inspect counts cached and written tokens beside `input_tokens`.
            input: self
                .input_tokens
                .saturating_add(cached)
                .saturating_add(cache_write),
            cached,
            cache_write,
            output: self.output_tokens,
            reasoning: self.reasoning_tokens.unwrap_or(0),
            ..Tokens::default()
        }
    }
}

/// Says whether a call's model is the log's, whose name bears its provider as well.
fn same_model(logged: &str, called: &str) -> bool {
    let before = logged.strip_suffix(called);
    before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// Reads a score as Inspect's own metrics do; what is no number from 0 to 1 is no score.
fn value_of(value: &Value) -> Option<f64> {
    let value = match value {
        Value::Bool(true) => 1.0,
        Value::Bool(false) => 0.0,
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => match text.as_str() {
            "C" => 1.0,
            "P" => 0.5,
            "I" | "N" => 0.0,
            text => text.parse().ok()?,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (0.0..=1.0).contains(&value).then_some(value)
}

fn text_of(id: &Value) -> String {
    match id {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
