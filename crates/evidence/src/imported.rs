//! What a file of another tool says of one run: its items, the counts that it states and what is
//! odd about it. It must not know a format, nor which model really answered.

use std::collections::BTreeSet;

use domain::Tokens;

use crate::rows::{MOST_ROWS, Outcome};
use crate::suite::digest_of;

/// The longest id of an item, in bytes.
const MOST_ID_BYTES: usize = 1024;
/// How far a stated mean may be from that of the items: it was added up in another order.
const ROUNDING: f64 = 1e-6;

/// Holds what one file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The source that read it.
    pub source: &'static str,
    /// The tool that writes such files; several sources may be of one.
    pub tool: &'static str,
    /// The version of the tool that wrote it, where it says one.
    pub tool_version: Option<String>,
    /// SHA-256 of its bytes.
    pub file_digest: String,
    /// The task or suite that it is of.
    pub task: String,
    /// The model that it says was asked for.
    pub requested_model: Option<String>,
    /// Its items, each once an epoch.
    pub rows: Vec<ImportedRow>,
    /// The counts that it states, each beside what its items give.
    pub counts: Vec<Count>,
    /// What else it states that its items do not give, such as a mean.
    pub contradictions: Vec<String>,
    /// How many requests its items took.
    pub requests: Requests,
    /// Why the run did not come to its end, where it did not.
    pub unfinished: Option<String>,
    /// What is odd about it, and does no harm: no more is taken from it than its items.
    pub warnings: Vec<Warning>,
}

/// Holds what a file says of one item.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedRow {
    /// Its name, the same in each run of the suite.
    pub item: String,
    /// The items that stand or fall together.
    pub cluster: String,
    /// The part of the suite that it belongs to, such as a probe.
    pub part: Option<String>,
    /// The how-manyeth time within the run that it was asked, from 1.
    pub epoch: u32,
    /// SHA-256 of what was asked, where the file shows it.
    pub asked: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Its scores, one a scorer, 1 for what is wanted of a model.
    pub scores: Vec<Scored>,
    /// The model that the answer names.
    pub served_model: Option<String>,
    /// The tokens used, where it says so.
    pub tokens: Option<Tokens>,
    /// How long the answer took, in milliseconds, where it says so.
    pub time_ms: Option<u64>,
    /// The ids of the responses that answered it, by which accounting finds them.
    pub responses: Vec<String>,
    /// The gateway's decisions that answered it, where the file keeps the headers of answers.
    pub decisions: Vec<String>,
}

/// Holds what one scorer gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// The scorer.
    pub scorer: String,
    /// The score, 0 to 1.
    pub value: f64,
}

/// Holds a count that a file states, and what its items give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub what: String,
    /// What the file states.
    pub stated: u64,
    /// What its items give.
    pub found: u64,
}

/// Says how many requests the items of a file took, as far as it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requests {
    /// The fewest.
    pub least: u64,
    /// The most; none where an item may take any number.
    pub most: Option<u64>,
}

/// Says what is odd about a file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Warning {
    /// An interval of the file excludes its own point; no interval of a file is ever taken.
    #[error("{what}: the file's interval {low} to {high} excludes its own point {point}")]
    Interval {
        /// What it is of.
        what: String,
        /// The point.
        point: f64,
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// Items were not asked.
    #[error("{count} items were skipped")]
    Skipped {
        /// How many.
        count: u64,
    },
    /// The file lacks something that would be checked.
    #[error("the file does not say {what}")]
    Unsaid {
        /// What it does not say.
        what: &'static str,
    },
}

/// Says why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportFault {
    /// No source knows the file.
    #[error("no source knows this file: bring one of {known}")]
    Unknown {
        /// The sources there are.
        known: String,
    },
    /// It is larger than what is read.
    #[error("{what} has more than {most}: split the run into several files")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit.
        most: u64,
    },
    /// It is not in the format.
    #[error("{place}: {what}")]
    Malformed {
        /// Where: a line, a member or a field.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// Its version is not one that is read.
    #[error("its format is of version {found}, and version {read} is read")]
    Version {
        /// What it says.
        found: String,
        /// What is read.
        read: &'static str,
    },
}

impl ImportFault {
    pub(crate) fn malformed(place: impl Into<String>, what: impl ToString) -> Self {
        Self::Malformed {
            place: place.into(),
            what: what.to_string(),
        }
    }
}

impl Requests {
    /// States one request an item.
    #[must_use]
    pub fn exactly(count: u64) -> Self {
        Self {
            least: count,
            most: Some(count),
        }
    }

    /// Says whether as many requests fit.
    #[must_use]
    pub fn allow(&self, count: u64) -> bool {
        count >= self.least && self.most.is_none_or(|most| count <= most)
    }
}

impl ImportedRow {
    /// Finds the score that a scorer gave it.
    #[must_use]
    pub fn score_of(&self, scorer: &str) -> Option<f64> {
        let one = self.scores.iter().find(|one| one.scorer == scorer);
        one.map(|one| one.value)
    }
}

impl Imported {
    /// Lists the scorers that its items name, in their order.
    #[must_use]
    pub fn scorers(&self) -> BTreeSet<&str> {
        let scores = self.rows.iter().flat_map(|row| &row.scores);
        scores.map(|one| one.scorer.as_str()).collect()
    }

    /// Computes what stands for the suite's bytes, which a file does not hold: the digest of the
    /// tool, the task and what was asked, the same for each model that was asked it.
    #[must_use]
    pub fn suite_digest(&self) -> String {
        let mut lines: Vec<String> = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let asked = row.asked.as_deref().unwrap_or("-");
            lines.push(format!("{:?} {} {asked}", row.item, row.epoch));
        }
        lines.sort_unstable();
        let heading = format!("{:?} {:?}\n", self.tool, self.task);
        digest_of((heading + &lines.join("\n")).as_bytes())
    }

    /// Lists what the file states and its items do not give, as where it was edited.
    pub fn edited(&self) -> impl Iterator<Item = &str> {
        let is_wrong = |one: &&Count| one.stated != one.found;
        let counts = self.counts.iter().filter(is_wrong);
        let others = self.contradictions.iter().map(String::as_str);
        counts.map(|one| one.what.as_str()).chain(others)
    }

    /// Checks what holds for the files of every source.
    pub(crate) fn check(&self) -> Result<(), ImportFault> {
        if self.rows.len() > MOST_ROWS {
            return Err(ImportFault::TooLarge {
                what: "the items",
                most: MOST_ROWS as u64,
            });
        }
        let mut seen = BTreeSet::new();
        for row in &self.rows {
            let wrong = |what| Err(ImportFault::malformed(place_of(&row.item), what));
            if row.item.is_empty() || row.item.len() > MOST_ID_BYTES || row.cluster.is_empty() {
                return wrong("its id is empty, or has more than 1024 bytes");
            }
            if !seen.insert((row.item.as_str(), row.epoch)) || row.epoch == 0 {
                return wrong("it stands there twice in one epoch, or in an epoch 0");
            }
            let mut scorers = BTreeSet::new();
            for one in &row.scores {
                if !(0.0..=1.0).contains(&one.value) {
                    return wrong("its score is not from 0 to 1");
                }
                if !scorers.insert(one.scorer.as_str()) {
                    return wrong("one scorer scored it twice");
                }
            }
        }
        Ok(())
    }
}

/// Says whether a mean that a file states is not that of its items.
pub(crate) fn contradicts(stated: f64, scores: &[f64]) -> bool {
    let found = scores.iter().sum::<f64>() / scores.len() as f64;
    let off = (stated - found).abs();
    // A mean that is no number is near to nothing.
    off.is_nan() || off > ROUNDING
}

fn place_of(item: &str) -> String {
    let start: String = item.chars().take(80).collect();
    format!("item {start:?}")
}
