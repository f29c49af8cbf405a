//! The source `garak`: the JSON Lines of a garak report. It must not take garak's rates or
//! intervals for evidence, nor know what a detector looks for.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::source::{Epochs, Source, begins_with, json, lines, odd_interval};
use crate::imported::{Count, ImportFault, Imported, ImportedRow, Requests, Scored, Warning};
use crate::rows::Outcome;
use crate::suite::digest_of;

/// garak's own threshold, where the report names none: from it on a detector has found a hit.
const THRESHOLD: f64 = 0.5;
/// The status of an attempt that detectors have judged.
const COMPLETE: u64 = 2;
/// The longest line.
const MOST_LINE_BYTES: usize = 16 << 20;

/// Reads garak's reports.
pub(super) struct Garak;

#[derive(Deserialize)]
#[serde(tag = "entry_type")]
enum Entry {
    #[serde(rename = "start_run setup")]
    Setup(Setup),
    #[serde(rename = "init")]
    Init(Init),
    #[serde(rename = "attempt")]
    Attempt(Box<Attempt>),
    #[serde(rename = "eval")]
    Eval(Eval),
    #[serde(rename = "completion")]
    Completion,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Setup {
    #[serde(rename = "run.eval_threshold")]
    threshold: Option<f64>,
    #[serde(rename = "plugins.target_name")]
    target: Option<Value>,
    /// What older reports call the target.
    #[serde(rename = "plugins.model_name")]
    model: Option<Value>,
    #[serde(rename = "plugins.probe_spec")]
    probes: Option<Value>,
}

#[derive(Deserialize)]
struct Init {
    garak_version: Option<String>,
}

#[derive(Deserialize)]
struct Attempt {
    uuid: String,
    #[serde(default)]
    seq: i64,
    status: u64,
    probe_classname: String,
    #[serde(default)]
    prompt: Value,
    #[serde(default)]
    outputs: Vec<Value>,
    #[serde(default)]
    detector_results: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    conversations: Vec<Conversation>,
}

#[derive(Deserialize)]
struct Conversation {
    #[serde(default)]
    turns: Vec<Turn>,
}

#[derive(Deserialize)]
struct Turn {
    role: String,
}

#[derive(Deserialize)]
struct Eval {
    probe: String,
    detector: String,
    passed: u64,
    fails: Option<u64>,
    nones: Option<u64>,
    total_evaluated: Option<u64>,
    confidence_lower: Option<f64>,
    confidence_upper: Option<f64>,
}

/// What the lines of a report say together.
#[derive(Default)]
struct Report {
    setup: Option<Setup>,
    version: Option<String>,
    attempts: Vec<Attempt>,
    started: BTreeSet<String>,
    evals: Vec<Eval>,
    is_complete: bool,
}

/// How often a detector passed, failed and did not judge the outputs of a probe.
#[derive(Clone, Copy, Default)]
struct Tally {
    passed: u64,
    fails: u64,
    nones: u64,
}

impl Source for Garak {
    fn name(&self) -> &'static str {
        "garak"
    }

    fn about(&self) -> &'static str {
        "A garak report (`*.report.jsonl`). Each output of an attempt is a row; each detector is a \
         scorer that gives 1 where the model withstood and 0 for a hit, by the report's own \
         threshold. Outputs of one prompt are epochs of one item and one cluster; the probe is its \
         part. garak's intervals are of a rate corrected for the detector's error and are not \
         taken. A report without its completion, or with attempts or probes that were not judged, \
         is inconclusive."
    }

    fn recognises(&self, bytes: &[u8]) -> bool {
        begins_with(bytes, &["\"entry_type\""])
    }

    fn read(&self, bytes: &[u8]) -> Result<Imported, ImportFault> {
        let report = report(bytes)?;
        let setup = report.setup.as_ref();
        let threshold = setup.and_then(|one| one.threshold).unwrap_or(THRESHOLD);
        let tallies = report.tallies(threshold);
        Ok(Imported {
            source: self.name(),
            tool: self.name(),
            tool_version: report.version.clone(),
            file_digest: digest_of(bytes),
            task: setup.and_then(Setup::task).unwrap_or_default(),
            requested_model: setup.and_then(Setup::target),
            rows: report.rows(threshold),
            counts: report.counts(&tallies),
            contradictions: Vec::new(),
            requests: report.requests(),
            unfinished: report.unfinished(&tallies),
            warnings: report.odd_intervals(),
        })
    }
}

fn report(bytes: &[u8]) -> Result<Report, ImportFault> {
    let mut report = Report::default();
    for (line, written) in lines(bytes) {
        if written.len() > MOST_LINE_BYTES {
            return Err(ImportFault::TooLarge {
                what: "a line",
                most: MOST_LINE_BYTES as u64,
            });
        }
        match json(&format!("line {line}"), written)? {
            Entry::Setup(setup) => report.setup = Some(setup),
            Entry::Init(init) => report.version = init.garak_version,
            Entry::Attempt(attempt) if attempt.status == COMPLETE => report.attempts.push(*attempt),
            Entry::Attempt(attempt) => {
                report.started.insert(attempt.uuid);
            }
            Entry::Eval(eval) => report.evals.push(eval),
            Entry::Completion => report.is_complete = true,
            Entry::Other => {}
        }
    }
    Ok(report)
}

impl Setup {
    fn task(&self) -> Option<String> {
        self.probes.as_ref()?.as_str().map(str::to_owned)
    }

    fn target(&self) -> Option<String> {
        let target = self.target.as_ref().and_then(Value::as_str);
        let name = target.or_else(|| self.model.as_ref()?.as_str());
        name.map(str::to_owned)
    }
}

impl Eval {
    /// Names the probe and the detector that it sums up.
    fn key(&self) -> (&str, &str) {
        (bare(&self.probe), bare(&self.detector))
    }
}

impl Report {
    fn rows(&self, threshold: f64) -> Vec<ImportedRow> {
        let mut times = Epochs::default();
        let mut rows = Vec::new();
        for attempt in &self.attempts {
            let prompt = format!("{}/{}", attempt.probe_classname, attempt.seq);
            // A probe of several turns may number two attempts alike.
            let item = match times.next(&prompt) {
                1 => prompt,
                time => format!("{prompt}/{time}"),
            };
            let asked = digest_of(attempt.prompt.to_string().as_bytes());
            for (epoch, at) in (1..).zip(0..attempt.width()) {
                rows.push(ImportedRow {
                    item: item.clone(),
                    cluster: item.clone(),
                    part: Some(attempt.probe_classname.clone()),
                    epoch,
                    asked: Some(asked.clone()),
                    outcome: attempt.outcome(at),
                    scores: attempt.scores(at, threshold),
                    served_model: None,
                    tokens: None,
                    time_ms: None,
                    responses: Vec::new(),
                    decisions: Vec::new(),
                });
            }
        }
        rows
    }

    fn tallies(&self, threshold: f64) -> BTreeMap<(&str, &str), Tally> {
        let mut tallies: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
        for attempt in &self.attempts {
            for (detector, results) in &attempt.detector_results {
                let key = (bare(&attempt.probe_classname), bare(detector));
                let tally = tallies.entry(key).or_default();
                for result in results {
                    match number(result) {
                        None => tally.nones += 1,
                        Some(value) if value < threshold => tally.passed += 1,
                        Some(_) => tally.fails += 1,
                    }
                }
            }
        }
        tallies
    }

    fn counts(&self, tallies: &BTreeMap<(&str, &str), Tally>) -> Vec<Count> {
        let mut counts = Vec::new();
        for eval in &self.evals {
            let tally = tallies.get(&eval.key()).copied().unwrap_or_default();
            let stated = [
                ("passed", Some(eval.passed), tally.passed),
                ("fails", eval.fails, tally.fails),
                ("nones", eval.nones, tally.nones),
                (
                    "total_evaluated",
                    eval.total_evaluated,
                    tally.passed + tally.fails,
                ),
            ];
            for (what, stated, found) in stated {
                counts.extend(stated.map(|stated| Count {
                    what: format!("{what} of {} by {}", eval.probe, eval.detector),
                    stated,
                    found,
                }));
            }
        }
        counts
    }

    fn requests(&self) -> Requests {
        // A generator may ask for all outputs of a prompt at once, or once an output.
        let least = self.attempts.iter().map(Attempt::longest_turns).sum();
        let most = self.attempts.iter().map(Attempt::all_turns).sum();
        Requests {
            least,
            most: Some(most),
        }
    }

    fn unfinished(&self, tallies: &BTreeMap<(&str, &str), Tally>) -> Option<String> {
        if !self.is_complete {
            return Some("the report has no completion: the scan was interrupted".to_owned());
        }
        let judged: BTreeSet<&str> = self.attempts.iter().map(|one| one.uuid.as_str()).collect();
        let left = self
            .started
            .iter()
            .filter(|one| !judged.contains(one.as_str()));
        let left = left.count();
        if left > 0 {
            return Some(format!("{left} attempts were started and never judged"));
        }
        let summed: BTreeSet<(&str, &str)> = self.evals.iter().map(Eval::key).collect();
        let is_left = |key: &&(&str, &str)| !summed.contains(*key);
        let (probe, detector) = tallies.keys().find(is_left)?;
        Some(format!("the report does not sum up {probe} by {detector}"))
    }

    fn odd_intervals(&self) -> Vec<Warning> {
        let odd = |eval: &Eval| {
            let (fails, total) = (eval.fails?, eval.total_evaluated?);
            let (low, high) = (eval.confidence_lower?, eval.confidence_upper?);
            let what = format!("{} by {}", eval.probe, eval.detector);
            odd_interval(&what, fails as f64 / total as f64, low, high)
        };
        self.evals.iter().filter_map(odd).collect()
    }
}

impl Attempt {
    /// How many rows it is: as many as it has outputs, or results of any detector.
    fn width(&self) -> usize {
        let results = self.detector_results.values().map(Vec::len).max();
        self.outputs.len().max(results.unwrap_or(0))
    }

    fn outcome(&self, at: usize) -> Outcome {
        match self.outputs.get(at) {
            None | Some(Value::Null) => Outcome::Error,
            Some(_) => Outcome::Ok,
        }
    }

    fn scores(&self, at: usize, threshold: f64) -> Vec<Scored> {
        let scored = |(detector, results): (&String, &Vec<Value>)| {
            let value = number(results.get(at)?)?;
            Some(Scored {
                scorer: bare(detector).to_owned(),
                value: if value < threshold { 1.0 } else { 0.0 },
            })
        };
        self.detector_results.iter().filter_map(scored).collect()
    }

    fn turns(&self) -> impl Iterator<Item = u64> {
        let answers = |one: &Conversation| {
            let is_answer = |turn: &&Turn| turn.role == "assistant";
            one.turns.iter().filter(is_answer).count() as u64
        };
        self.conversations.iter().map(answers)
    }

    fn longest_turns(&self) -> u64 {
        self.turns().max().unwrap_or(0).max(1)
    }

    fn all_turns(&self) -> u64 {
        self.turns().sum::<u64>().max(self.width() as u64)
    }
}

/// Reads what a detector gave; what is no number was not judged.
fn number(result: &Value) -> Option<f64> {
    match result {
        Value::Bool(is_hit) => Some(f64::from(u8::from(*is_hit))),
        result => result.as_f64(),
    }
}

/// Cuts off the kind that older reports put in front of a name.
fn bare(name: &str) -> &str {
    let kinds = ["probes.", "detectors.", "probe.", "detector."];
    let cut = kinds.iter().find_map(|kind| name.strip_prefix(kind));
    cut.unwrap_or(name)
}
