//! Takes another tool's file in: reads it, joins it with what the gateway accounted for under the
//! run's key, and keeps what comes of it, evidence or not. It must not know a format, nor judge.

use std::collections::BTreeMap;
use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{KeyId, ReleasePlan, SuiteName};
use evidence::{About, Accounted, ImportFault, Joined, SOURCES};
use release::{EvalRun, Item, KnownError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Arm, Outcome, UsageRow};

use crate::control::Control;
use crate::error::ControlError;
use crate::intake::{ArmName, IntakeError, Kept, Taken, asked, taken};
use crate::operator::Operator;
use crate::record::{FileTaken, FileTold};

/// The largest file that is taken, in bytes: in base64 it still fits the admin port's bodies.
pub const MOST_FILE_BYTES: usize = 47 << 20;
/// The most reasons, and the most warnings, that are kept of one file.
const MOST_REASONS: usize = 8;
/// The longest text of a file that is kept, in bytes: names, reasons.
const MOST_TEXT_BYTES: usize = 400;

/// Describes another tool's file as it is brought.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Which arm of the release was asked.
    pub arm: ArmName,
    /// The suite, as the configuration names it.
    #[schemars(with = "String")]
    pub suite: SuiteName,
    /// The evaluation key that the run was made with, and nothing else.
    #[schemars(with = "String")]
    pub key: KeyId,
    /// The scorer that counts; needed where the file names several.
    #[serde(default)]
    pub scorer: Option<String>,
    /// The source that the file is of; it is recognised where none is named.
    #[serde(default)]
    pub source: Option<String>,
    /// How often the scorer errs, where that was measured.
    #[serde(default)]
    pub known_error: Option<Rates>,
    /// The file, in base64; at most 47 MiB of it.
    pub file: String,
}

/// Says how often a scorer errs.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// The share of what it should find that it finds, 0 to 1.
    pub sensitivity: f64,
    /// The share of what it should leave alone that it leaves alone, 0 to 1.
    pub specificity: f64,
}

/// Says what came of a file.
#[derive(Debug, Serialize)]
pub struct Imported {
    /// What was taken in.
    #[serde(flatten)]
    pub taken: Taken,
    /// The how-manyeth run of this suite on this model it is, from 1.
    pub attempt: u32,
    /// The source that read the file.
    pub source: String,
    /// The suite's digest, as the file gives it.
    pub suite_digest: String,
    /// Why it is no evidence; nothing where it is.
    pub reasons: Vec<String>,
    /// What is odd about it, and does no harm.
    pub warnings: Vec<String>,
}

/// Says why a file is not taken in; nothing is recorded then, and the key may be used again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is not in base64.
    #[error("the file is not in base64")]
    Encoding,
    /// It is larger than what is taken.
    #[error("the file has more than {MOST_FILE_BYTES} bytes: split the run into several")]
    TooLarge,
    /// There is no such source.
    #[error("there is no source `{name}`: use one of {known}")]
    Source {
        /// The name.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A rate is none.
    #[error("the rates of the scorer's known error are from 0 to 1")]
    Rates,
    /// The file does not read.
    #[error("the file does not read: {0}")]
    File(#[from] ImportFault),
    /// The suite is not declared.
    #[error(
        "suite `{suite}` is not declared, and opens nothing before it is: write \
         `[suites.{suite}]` with `digest = \"{digest}\"` into the configuration, which is what \
         this file asked, and bring it again"
    )]
    Undeclared {
        /// The suite.
        suite: SuiteName,
        /// The digest of what the file asked.
        digest: String,
    },
    /// The cases of the suite are our own.
    #[error("the cases of suite `{suite}` are here: run them with `tiergate eval run`")]
    Held {
        /// The suite.
        suite: SuiteName,
    },
    /// It is not kept.
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

impl Import {
    /// Writes a file as [`Import::file`] holds it.
    #[must_use]
    pub fn encoded(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }
}

impl Control {
    /// Takes another tool's file in. What does not join with the accounting of its key is taken
    /// in all the same, as a run that no gate passes on.
    ///
    /// # Errors
    /// Fails when the file does not read, its suite is not declared, its key is not one of this
    /// release or was used for another run, or store or ledger fail.
    pub fn import(
        &self,
        plan: &ReleasePlan,
        import: &Import,
        by: &Operator,
    ) -> Result<Imported, ImportError> {
        let known_error = import.known_error.map(rates).transpose()?;
        let file = read(import)?;
        let suite_digest = self.declared_digest(&import.suite, &file)?;
        let (arm, model) = asked(plan, import.arm)?;
        let accounted: Vec<Accounted> = self
            .used(plan, &import.key)?
            .iter()
            .map(accounted)
            .collect();
        let about = About {
            release: plan.name.clone(),
            arm: evidence_arm(arm),
            requested_model: format!("release/{}/{arm}", plan.name),
            model: model.digest.clone(),
            judge: None,
            suite: import.suite.clone(),
            suite_digest,
            // The attempt that counts is counted where the run is kept, under the ledger's lock.
            attempt: 1,
            scorer: import.scorer.clone(),
            known_error,
            taken_at: (self.hooks.clock)(),
        };
        let joined = evidence::join(&file, &accounted, &about);
        let run = run_of(&joined);
        let described = described(&joined);
        let told = &described.1;
        let (reasons, warnings) = (told.spoilt.clone(), told.warnings.clone());
        let kept = Kept {
            key: &import.key,
            arm,
            run: &run,
            file: Some(described),
        };
        let (id, attempt) = self.keep(plan, kept, by)?;
        Ok(Imported {
            taken: taken(id, &run),
            attempt,
            source: joined.source.to_owned(),
            suite_digest: run.suite_digest,
            reasons,
            warnings,
        })
    }

    /// Finds the digest with which a suite is declared whose cases another tool holds.
    fn declared_digest(
        &self,
        suite: &SuiteName,
        file: &evidence::Imported,
    ) -> Result<String, ImportError> {
        let declared = self.declared();
        let suite = suite.clone();
        match declared.suites.get(&suite) {
            None => Err(ImportError::Undeclared {
                suite,
                digest: file.suite_digest(),
            }),
            Some(_) if !declared.elsewhere.contains(&suite) => Err(ImportError::Held { suite }),
            Some(digest) => Ok(digest.clone()),
        }
    }
}

fn rates(written: Rates) -> Result<evidence::KnownError, ImportError> {
    let rates = [written.sensitivity, written.specificity];
    let are_shares = rates.iter().all(|rate| (0.0..=1.0).contains(rate));
    are_shares
        .then_some(evidence::KnownError {
            sensitivity: written.sensitivity,
            specificity: written.specificity,
        })
        .ok_or(ImportError::Rates)
}

fn read(import: &Import) -> Result<evidence::Imported, ImportError> {
    let bytes = STANDARD.decode(import.file.as_bytes());
    let bytes = bytes.map_err(|_| ImportError::Encoding)?;
    if bytes.len() > MOST_FILE_BYTES {
        return Err(ImportError::TooLarge);
    }
    let Some(name) = &import.source else {
        return Ok(evidence::read(&bytes)?);
    };
    let source = evidence::find_source(name).ok_or_else(|| {
        let names: Vec<&str> = SOURCES.iter().map(|one| one.name()).collect();
        ImportError::Source {
            name: name.clone(),
            known: names.join(", "),
        }
    })?;
    Ok(evidence::read_as(source, &bytes)?)
}

fn evidence_arm(arm: Arm) -> evidence::Arm {
    match arm {
        Arm::Candidate => evidence::Arm::Candidate,
        Arm::Incumbent => evidence::Arm::Incumbent,
    }
}

/// Reads a usage row. What had no answer of a model in full is an error, whoever is at fault.
fn accounted(row: &UsageRow) -> Accounted {
    let outcome = match row.outcome {
        Outcome::Success => evidence::Outcome::Ok,
        Outcome::Refusal => evidence::Outcome::Refused,
        Outcome::Truncated => evidence::Outcome::Truncated,
        Outcome::Fallback => evidence::Outcome::Fallback,
        Outcome::Error | Outcome::Denied | Outcome::Cancelled => evidence::Outcome::Error,
    };
    Accounted {
        decision: Some(row.decision.to_string()),
        response: None,
        requested_model: row.requested.to_string(),
        served_digest: row.digest.clone(),
        outcome,
        // A refusal and a truncated answer may be a fallback's, too.
        was_fallback: row.arm.is_some() && row.arm != row.chosen,
    }
}

/// Makes the run that gates look at. A reason spoils it as a whole.
fn run_of(joined: &Joined) -> EvalRun {
    let run = &joined.run;
    let is_sound = joined.spoilt.is_empty();
    let items = run.rows.iter().map(|row| Item {
        id: match row.epoch {
            1 => row.item.clone(),
            epoch => format!("{} (epoch {epoch})", row.item),
        },
        cluster: row.cluster.clone(),
        score: row.score,
        // Where the run as a whole is spoilt, its rows name no model either.
        spoilt: is_sound
            .then(|| row.spoilt(&run.model).map(str::to_owned))
            .flatten(),
    });
    EvalRun {
        suite: run.suite.clone(),
        suite_digest: run.suite_digest.clone(),
        digest: run.model.clone(),
        taken_at: run.taken_at,
        items: items.collect(),
        spoilt: (!is_sound).then(|| told(&joined.spoilt).join("; ")),
        known_error: joined.known_error.map(|error| KnownError {
            sensitivity: error.sensitivity,
            specificity: error.specificity,
        }),
    }
}

/// Describes the file: for the ledger with counts alone, for the payload in its own words, with no
/// more of them than anybody reads.
fn described(joined: &Joined) -> (FileTaken, FileTold) {
    let mut requests: BTreeMap<String, u64> = BTreeMap::new();
    for (outcome, count) in &joined.accounted {
        *requests.entry(word(*outcome).to_owned()).or_default() += *count as u64;
    }
    let taken = FileTaken {
        source: joined.source.to_owned(),
        known_error: joined.known_error.map(|error| KnownError {
            sensitivity: error.sensitivity,
            specificity: error.specificity,
        }),
        requests,
        told: None,
    };
    let told = FileTold {
        digest: joined.file_digest.clone(),
        tool_version: joined.tool_version.as_deref().map(clipped),
        scorer: joined.scorer.as_deref().map(clipped),
        warnings: self::told(&joined.warnings),
        spoilt: self::told(&joined.spoilt),
    };
    (taken, told)
}

fn word(outcome: evidence::Outcome) -> &'static str {
    match outcome {
        evidence::Outcome::Ok => "ok",
        evidence::Outcome::Refused => "refused",
        evidence::Outcome::Fallback => "fallback",
        evidence::Outcome::Truncated => "truncated",
        evidence::Outcome::Error => "error",
    }
}

/// Tells the first of many, and how many more there are.
fn told<T: Display>(all: &[T]) -> Vec<String> {
    let first = all.iter().take(MOST_REASONS);
    let mut told: Vec<String> = first.map(|one| clipped(&one.to_string())).collect();
    let more = all.len() - told.len();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    told
}

fn clipped(text: &str) -> String {
    let end = text.floor_char_boundary(MOST_TEXT_BYTES.min(text.len()));
    let start = text.get(..end).unwrap_or_default();
    if end < text.len() {
        format!("{start}…")
    } else {
        start.to_owned()
    }
}

impl From<ControlError> for ImportError {
    fn from(error: ControlError) -> Self {
        Self::Intake(IntakeError::Control(error))
    }
}
