//! The source `lm-eval`: samples of lm-evaluation-harness as JSON Lines, with or without the
//! results before them. It must not take the harness's means or standard errors for evidence.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Deserializer, Map, Value};
use sha2::{Digest, Sha256};

use super::source::{Source, begins_with};
use crate::imported::{
    Count, ImportFault, Imported, ImportedRow, Requests, Scored, Warning, contradicts,
};
use crate::rows::Outcome;
use crate::suite::{digest_of, hex};

/// What a task's configuration calls a mean of its samples.
const MEAN: &str = "mean";

/// Reads the harness's samples.
pub(super) struct LmEval;

/// A file of results, or a sample.
#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Sample(Box<Sample>),
    Results(Box<Results>),
}

#[derive(Deserialize)]
struct Results {
    results: BTreeMap<String, Value>,
    #[serde(default)]
    configs: BTreeMap<String, TaskConfig>,
    #[serde(default, rename = "n-samples")]
    samples: BTreeMap<String, Samples>,
    #[serde(default)]
    task_hashes: BTreeMap<String, String>,
    model_name: Option<String>,
    lm_eval_version: Option<String>,
}

#[derive(Default, Deserialize)]
struct TaskConfig {
    #[serde(default)]
    metric_list: Option<Vec<MetricConfig>>,
}

#[derive(Deserialize)]
struct MetricConfig {
    metric: Value,
    aggregation: Option<Value>,
}

#[derive(Deserialize)]
struct Samples {
    effective: u64,
}

#[derive(Deserialize)]
struct Sample {
    doc_id: u64,
    #[serde(default)]
    filter: Option<String>,
    #[serde(default)]
    resps: Vec<Value>,
    #[serde(default)]
    metrics: Option<Vec<String>>,
    doc_hash: String,
    prompt_hash: String,
    target_hash: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Source for LmEval {
    fn name(&self) -> &'static str {
        "lm-eval"
    }

    fn about(&self) -> &'static str {
        "Samples of lm-evaluation-harness (`--log_samples`, `samples_TASK_*.jsonl`), best \
         behind the run's results: `cat results_*.json samples_TASK_*.jsonl`. Each document is \
         a row; each metric of each filter is a scorer named as in the results \
         (`exact_match,none`), where it is from 0 to 1. With the results their number of \
         samples and the hash of what was asked are checked; results alone hold no items and \
         are refused. Run with a batch size of 1, so that each request is accounted for."
    }

    fn recognises(&self, bytes: &[u8]) -> bool {
        let is_sample = begins_with(bytes, &["\"doc_id\"", "\"resps\""]);
        is_sample || begins_with(bytes, &["\"results\"", "\"alias\""])
    }

    fn read(&self, bytes: &[u8]) -> Result<Imported, ImportFault> {
        let (mut results, mut samples) = (None, Vec::new());
        for (at, part) in (1..).zip(Deserializer::from_slice(bytes).into_iter::<Part>()) {
            let place = format!("value {at}");
            match part.map_err(|wrong| ImportFault::malformed(&*place, wrong))? {
                Part::Sample(sample) => samples.push(*sample),
                Part::Results(one) if results.is_none() => results = Some(*one),
                Part::Results(_) => {
                    let what = "there are results already: bring one run";
                    return Err(ImportFault::malformed(place, what));
                }
            }
        }
        if samples.is_empty() {
            let what = "there is no sample: bring samples_TASK_*.jsonl behind the results";
            return Err(ImportFault::malformed("the file", what));
        }
        let docs = docs(&samples);
        let (task, mut contradictions) = task(results.as_ref(), docs.len(), &samples)?;
        let rows: Vec<ImportedRow> = docs.values().map(|samples| row(samples)).collect();
        if let Some(results) = &results {
            contradictions.extend(results.contradictions(&task, &rows));
        }
        let unsaid = |what| Warning::Unsaid { what };
        let warnings = match &results {
            Some(_) => Vec::new(),
            None => vec![unsaid(
                "the task, the model, or how many samples there were",
            )],
        };
        Ok(Imported {
            source: self.name(),
            tool: self.name(),
            tool_version: results.as_ref().and_then(|one| one.lm_eval_version.clone()),
            file_digest: digest_of(bytes),
            requested_model: results.as_ref().and_then(|one| one.model_name.clone()),
            rows,
            counts: counts(results.as_ref(), &task, docs.len()),
            contradictions,
            requests: Requests::exactly(docs.values().map(|samples| requests(samples)).sum()),
            unfinished: None,
            warnings,
            task,
        })
    }
}

/// Puts the samples of one document together, of which there is one a filter.
fn docs(samples: &[Sample]) -> BTreeMap<u64, Vec<&Sample>> {
    let mut docs: BTreeMap<u64, Vec<&Sample>> = BTreeMap::new();
    for one in samples {
        docs.entry(one.doc_id).or_default().push(one);
    }
    docs
}

/// Finds the task of the results that the samples are of, by the hash of what was asked. Where the
/// results are of one task alone, other samples than its own contradict it.
fn task(
    results: Option<&Results>,
    docs: usize,
    samples: &[Sample],
) -> Result<(String, Vec<String>), ImportFault> {
    let Some(results) = results else {
        return Ok((String::new(), Vec::new()));
    };
    let mut hasher = Sha256::new();
    for one in samples {
        hasher.update(&one.doc_hash);
        hasher.update(&one.prompt_hash);
        hasher.update(&one.target_hash);
    }
    let hash = hex(&hasher.finalize());
    let hashed = results.task_hashes.iter().find(|(_, one)| **one == hash);
    if let Some((task, _)) = hashed {
        return Ok((task.clone(), Vec::new()));
    }
    if let (Some(only), 1) = (results.results.keys().next(), results.results.len()) {
        let hashed = results.task_hashes.get(only);
        let wrong = hashed.map(|_| format!("task_hashes.{only}"));
        return Ok((only.clone(), wrong.into_iter().collect()));
    }
    let what = format!("no task of the results asked these {docs} documents");
    Err(ImportFault::malformed("task_hashes", what))
}

fn counts(results: Option<&Results>, task: &str, found: usize) -> Vec<Count> {
    let stated = results.and_then(|one| one.samples.get(task));
    let count = stated.map(|stated| Count {
        what: format!("n-samples of {task}"),
        stated: stated.effective,
        found: found as u64,
    });
    count.into_iter().collect()
}

fn requests(samples: &[&Sample]) -> u64 {
    // Each filter repeats the responses of the same requests.
    let of = |response: &Value| response.as_array().map_or(1, Vec::len) as u64;
    let of_sample = |one: &&Sample| one.resps.iter().map(of).sum();
    samples.first().map_or(0, of_sample)
}

fn row(samples: &[&Sample]) -> ImportedRow {
    let asked = samples.first().map(|one| {
        digest_of(format!("{}{}{}", one.doc_hash, one.prompt_hash, one.target_hash).as_bytes())
    });
    let item = samples.first().map_or(0, |one| one.doc_id).to_string();
    ImportedRow {
        cluster: item.clone(),
        item,
        part: None,
        epoch: 1,
        asked,
        outcome: outcome(samples),
        scores: samples.iter().flat_map(|one| one.scores()).collect(),
        served_model: None,
        tokens: None,
        time_ms: None,
        responses: Vec::new(),
        decisions: Vec::new(),
    }
}

fn outcome(samples: &[&Sample]) -> Outcome {
    let is_empty = |one: &&Sample| one.resps.is_empty();
    if samples.iter().any(is_empty) {
        Outcome::Error
    } else {
        Outcome::Ok
    }
}

impl Results {
    /// Compares the means that the results state with those of the samples. Only what the task's
    /// configuration calls a mean is one.
    fn contradictions(&self, task: &str, rows: &[ImportedRow]) -> Vec<String> {
        let listed = self
            .configs
            .get(task)
            .and_then(|one| one.metric_list.as_ref());
        let is_mean = |name: &str| {
            let named = |one: &&MetricConfig| one.metric.as_str() == Some(name);
            let found = listed.and_then(|listed| listed.iter().find(named));
            let aggregation = found.and_then(|one| one.aggregation.as_ref());
            aggregation.and_then(Value::as_str) == Some(MEAN)
        };
        let stated = self.results.get(task).and_then(Value::as_object);
        let wrong = |(scorer, stated): (&String, &Value)| {
            let name = scorer.split(',').next().filter(|name| is_mean(name))?;
            let scores: Vec<f64> = rows.iter().filter_map(|row| row.score_of(scorer)).collect();
            let stated = stated.as_f64().filter(|_| scores.len() == rows.len())?;
            let what = || format!("results.{task}.{name}");
            contradicts(stated, &scores).then(what)
        };
        stated.into_iter().flatten().filter_map(wrong).collect()
    }
}

impl Sample {
    fn scores(&self) -> Vec<Scored> {
        let filter = self.filter.as_deref().unwrap_or("none");
        let is_metric = |name: &&String| {
            let listed = self.metrics.as_ref();
            listed.is_none_or(|listed| listed.contains(*name))
        };
        let scored = |name: &String| {
            let value = match self.rest.get(name)? {
                Value::Bool(value) => f64::from(u8::from(*value)),
                value => value.as_f64()?,
            };
            (0.0..=1.0).contains(&value).then(|| Scored {
                scorer: format!("{name},{filter}"),
                value,
            })
        };
        self.rest
            .keys()
            .filter(is_metric)
            .filter_map(scored)
            .collect()
    }
}
