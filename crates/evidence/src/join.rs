//! Joins what a file says with what the gateway accounted for under the run's key: evidence, or
//! the reasons why it is none. It must not know a format, nor judge whether the evidence is enough.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ModelDigest, ReleaseName, SuiteName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::imported::{Imported, ImportedRow, Warning};
use crate::rows::{Arm, EvalRun, Outcome, Row, RunFault, ScoredBy};

/// Counts up when the same file may give other rows than before.
const VERSION: u32 = 1;

/// Holds what the gateway accounted for one request of the run's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounted {
    /// Its decision, where it is known.
    pub decision: Option<String>,
    /// The id of the response, where it was kept.
    pub response: Option<String>,
    /// The name that was asked for.
    pub requested_model: String,
    /// The model that served.
    pub served_digest: Option<ModelDigest>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether another model answered in the first one's place.
    pub was_fallback: bool,
}

/// Says what a run is to be evidence of.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// The release.
    pub release: ReleaseName,
    /// Which side of it was asked.
    pub arm: Arm,
    /// The name by which that side is asked.
    pub requested_model: String,
    /// The model that has to have answered.
    pub model: ModelDigest,
    /// The name by which the same key reaches a judge, whose requests are no answers.
    pub judge: Option<String>,
    /// The suite.
    pub suite: SuiteName,
    /// The digest that the suite is declared with.
    pub suite_digest: String,
    /// The how-manyeth attempt it is, from 1.
    pub attempt: u32,
    /// The scorer that counts; the only one where none is named.
    pub scorer: Option<String>,
    /// The scorer's known error.
    pub known_error: Option<KnownError>,
    /// When it is taken.
    pub taken_at: Timestamp,
}

/// Says how often a scorer errs, as far as it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownError {
    /// The share of what it should find that it finds.
    pub sensitivity: f64,
    /// The share of what it should leave alone that it leaves alone.
    pub specificity: f64,
}

/// Holds evidence from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The run; its rows name the model that served only where nothing spoils it.
    pub run: EvalRun,
    /// SHA-256 of the file.
    pub file_digest: String,
    /// The source that read it.
    pub source: &'static str,
    /// The version of the tool that wrote it.
    pub tool_version: Option<String>,
    /// The scorer that counts; none where it could not be told.
    pub scorer: Option<String>,
    /// The scorer's known error.
    pub known_error: Option<KnownError>,
    /// How the accounted requests of the run ended, refusals among them.
    pub accounted: BTreeMap<Outcome, usize>,
    /// What is odd about the file.
    pub warnings: Vec<Warning>,
    /// Why it is no evidence; any reason makes the whole run inconclusive.
    pub spoilt: Vec<Spoilt>,
}

/// Says why a file is no evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Spoilt {
    /// The run did not come to its end.
    #[error("the run did not come to its end: {why}")]
    Unfinished {
        /// Why.
        why: String,
    },
    /// What the file states is not what its items give.
    #[error("the file was edited: {what} is not what its items give")]
    Edited {
        /// What it states.
        what: String,
    },
    /// Its items are not the suite's.
    #[error("its items are not those of the suite as it is declared: they are {found}")]
    OtherSuite {
        /// The digest of what was asked.
        found: String,
    },
    /// A fallback answered.
    #[error("a fallback answered {count} requests")]
    Fallback {
        /// How many.
        count: usize,
    },
    /// Another model answered, or it is not known which.
    #[error("another model, or none that is known, answered {count} requests")]
    OtherModel {
        /// How many.
        count: usize,
    },
    /// Requests were not answered.
    #[error("{count} requests ended in an error")]
    Errors {
        /// How many.
        count: usize,
    },
    /// Another name was asked for.
    #[error("`{name}` was asked for, not `{wanted}`")]
    OtherName {
        /// The name.
        name: String,
        /// The one that the run is about.
        wanted: String,
    },
    /// The requests are not as many as the file's items took.
    #[error("{accounted} requests were accounted for, its items took {}", so_many(*least, *most))]
    Requests {
        /// How many the gateway accounted for.
        accounted: u64,
        /// The fewest that the items took.
        least: u64,
        /// The most.
        most: Option<u64>,
    },
    /// An item's response is not among those accounted for, or is another item's.
    #[error("the response of item `{item}`, epoch {epoch}, is not one that was accounted for it")]
    NotAccounted {
        /// The item.
        item: String,
        /// The epoch.
        epoch: u32,
    },
    /// The scorer is not there, or there are several and none is named.
    #[error("name one of the file's scorers: {known}")]
    Scorer {
        /// The scorers there are.
        known: String,
    },
    /// Items that were answered have no score of the scorer.
    #[error("{count} items have no score")]
    Unscored {
        /// How many.
        count: usize,
    },
    /// The run breaks a rule that holds for each.
    #[error(transparent)]
    Run(#[from] RunFault),
}

/// Joins a file with what was accounted for under the key of its run.
// INVARIANT: what a fallback, another model or nobody answered never counts for the model; held
// by `tests::what_does_not_join_is_inconclusive`.
#[must_use]
pub fn join(imported: &Imported, accounted: &[Accounted], about: &About) -> Joined {
    let is_judged = |one: &&Accounted| about.judge.as_ref() == Some(&one.requested_model);
    let answers: Vec<&Accounted> = accounted.iter().filter(|one| !is_judged(one)).collect();
    let mut spoilt = spoilt_by_file(imported, about);
    spoilt.extend(spoilt_by_accounting(imported, &answers, about));
    let scorer = scorer(imported, about);
    if scorer.is_none() {
        let known: Vec<&str> = imported.scorers().into_iter().collect();
        let known = known.join(", ");
        spoilt.push(Spoilt::Scorer { known });
    }
    let named = scorer.clone();
    let scorer = scorer.unwrap_or_default();
    let unscored = |row: &&ImportedRow| row.score_of(&scorer).is_none();
    let unscored = imported.rows.iter().filter(unscored).count();
    if unscored > 0 {
        spoilt.push(Spoilt::Unscored { count: unscored });
    }
    let (rows, not_accounted) = rows(imported, &answers, about, &scorer);
    spoilt.extend(not_accounted);
    let mut run = EvalRun {
        release: about.release.clone(),
        arm: about.arm,
        suite: about.suite.clone(),
        suite_digest: imported.suite_digest(),
        attempt: about.attempt,
        model: about.model.clone(),
        rows,
        taken_at: about.taken_at,
    };
    spoilt.extend(run.check().err().map(Spoilt::Run));
    if !spoilt.is_empty() {
        for row in &mut run.rows {
            row.served_digest = None;
        }
    }
    let mut outcomes = BTreeMap::new();
    for one in &answers {
        *outcomes.entry(one.outcome).or_default() += 1;
    }
    Joined {
        run,
        file_digest: imported.file_digest.clone(),
        source: imported.source,
        tool_version: imported.tool_version.clone(),
        scorer: named,
        known_error: about.known_error,
        accounted: outcomes,
        warnings: imported.warnings.clone(),
        spoilt,
    }
}

fn so_many(least: u64, most: Option<u64>) -> String {
    match most {
        None => format!("{least} or more"),
        Some(most) if most == least => least.to_string(),
        Some(most) => format!("{least} to {most}"),
    }
}

fn spoilt_by_file(imported: &Imported, about: &About) -> Vec<Spoilt> {
    let mut spoilt = Vec::new();
    if let Some(why) = &imported.unfinished {
        spoilt.push(Spoilt::Unfinished { why: why.clone() });
    }
    let edited = imported.edited().map(|what| Spoilt::Edited {
        what: what.to_owned(),
    });
    spoilt.extend(edited);
    let found = imported.suite_digest();
    if found != about.suite_digest {
        spoilt.push(Spoilt::OtherSuite { found });
    }
    let is_error = |row: &&ImportedRow| row.outcome == Outcome::Error;
    let errors = imported.rows.iter().filter(is_error).count();
    if errors > 0 {
        spoilt.push(Spoilt::Errors { count: errors });
    }
    let name = imported.requested_model.as_ref();
    if let Some(name) = name.filter(|name| !names(name, &about.requested_model)) {
        spoilt.push(Spoilt::OtherName {
            name: name.clone(),
            wanted: about.requested_model.clone(),
        });
    }
    spoilt
}

fn spoilt_by_accounting(imported: &Imported, answers: &[&Accounted], about: &About) -> Vec<Spoilt> {
    let mut spoilt = Vec::new();
    let count = answers.len() as u64;
    if !imported.requests.allow(count) {
        spoilt.push(Spoilt::Requests {
            accounted: count,
            least: imported.requests.least,
            most: imported.requests.most,
        });
    }
    let is_fallback = |one: &&&Accounted| one.was_fallback || one.outcome == Outcome::Fallback;
    let fallbacks = answers.iter().filter(is_fallback).count();
    if fallbacks > 0 {
        spoilt.push(Spoilt::Fallback { count: fallbacks });
    }
    let errors = answers
        .iter()
        .filter(|one| one.outcome == Outcome::Error)
        .count();
    if errors > 0 {
        spoilt.push(Spoilt::Errors { count: errors });
    }
    let is_other = |one: &&&Accounted| {
        one.outcome != Outcome::Error && one.served_digest.as_ref() != Some(&about.model)
    };
    let others = answers.iter().filter(is_other).count();
    if others > 0 {
        spoilt.push(Spoilt::OtherModel { count: others });
    }
    let asked: BTreeSet<&str> = answers
        .iter()
        .map(|one| one.requested_model.as_str())
        .collect();
    for name in asked
        .into_iter()
        .filter(|name| *name != about.requested_model)
    {
        spoilt.push(Spoilt::OtherName {
            name: name.to_owned(),
            wanted: about.requested_model.clone(),
        });
    }
    spoilt
}

/// Says whether a tool's name of a model is one of the gateway's with the tool's provider before
/// it, as in `openai:chat:tier/opus`.
fn names(written: &str, wanted: &str) -> bool {
    let before = written.strip_suffix(wanted);
    before.is_some_and(|before| before.is_empty() || before.ends_with(['/', ':']))
}

fn scorer(imported: &Imported, about: &About) -> Option<String> {
    let known = imported.scorers();
    match &about.scorer {
        Some(name) => known.contains(name.as_str()).then(|| name.clone()),
        None => match (known.first(), known.len()) {
            (Some(only), 1) => Some((*only).to_owned()),
            _ => None,
        },
    }
}

/// Makes the rows. Where the file names decisions, or accounting kept the ids of responses, each
/// row is joined with its own; else all of the run's requests are the model's, or none of its rows
/// are.
fn rows(
    imported: &Imported,
    answers: &[&Accounted],
    about: &About,
    scorer: &str,
) -> (Vec<Row>, Vec<Spoilt>) {
    let of = |id: fn(&Accounted) -> Option<&str>| -> BTreeMap<&str, &Accounted> {
        let named = answers.iter().filter_map(|one| Some((id(one)?, *one)));
        named.collect()
    };
    let by_response = of(|one| one.response.as_deref());
    let by_decision = of(|one| one.decision.as_deref());
    let source = imported.suite_digest();
    let (mut spoilt, mut claimed) = (Vec::new(), BTreeSet::new());
    let mut rows = Vec::with_capacity(imported.rows.len());
    for one in &imported.rows {
        let mut found = None;
        let responses = one.responses.iter().filter(|_| !by_response.is_empty());
        let responses = responses.map(|id| (id, &by_response));
        let decisions = one.decisions.iter().map(|id| (id, &by_decision));
        for (id, known) in responses.chain(decisions) {
            found = known.get(id.as_str()).copied();
            // One answer cannot stand for two items.
            if found.is_none() || !claimed.insert(id.as_str()) {
                spoilt.push(Spoilt::NotAccounted {
                    item: one.item.clone(),
                    epoch: one.epoch,
                });
                break;
            }
        }
        rows.push(Row {
            item: one.item.clone(),
            cluster: one.cluster.clone(),
            epoch: one.epoch,
            requested_model: about.requested_model.clone(),
            served_model: one.served_model.clone(),
            served_digest: Some(about.model.clone()),
            outcome: outcome(one.outcome, found),
            score: one.score_of(scorer).unwrap_or(0.0),
            reason: String::new(),
            scorer: ScoredBy {
                name: format!("{}/{scorer}", imported.tool),
                version: VERSION,
            },
            tokens: one.tokens.unwrap_or_default(),
            cost: None,
            time_ms: one.time_ms.unwrap_or(0),
            source: source.clone(),
            attempt: about.attempt,
            decision: found.and_then(|found| found.decision.clone()),
        });
    }
    (rows, spoilt)
}

/// Prefers what the gateway saw: tools take a refusal for an answer.
fn outcome(written: Outcome, found: Option<&Accounted>) -> Outcome {
    match found {
        Some(found) if written == Outcome::Ok => found.outcome,
        _ => written,
    }
}

#[cfg(test)]
mod tests;
