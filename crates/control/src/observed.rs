//! What a usage row and a caller's report say of a release's traffic, for its watch. It must not
//! count anything.

use domain::{ReleaseName, Stage};
use release::stats::sequential::UnitValue;
use release::{Ended, Observation, Reported, WatchedArm};
use serde::Deserialize;
use store::{Arm, DecisionId, Outcome, OutcomeRow, UsageRow};

/// What is told of a release between two looks.
pub(crate) enum Told {
    /// A request was answered.
    Answered(Observed),
    /// A caller reported an outcome of a decision.
    Reported(DecisionId, ReleaseName, Reported),
}

impl Told {
    /// Names it: a decision may be told once and reported once.
    pub(crate) fn name(&self) -> (DecisionId, bool) {
        match self {
            Self::Answered(one) => (one.decision, false),
            Self::Reported(decision, ..) => (*decision, true),
        }
    }
}

/// Holds one row's observation, and which release and stage it is of.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    /// The decision.
    pub(crate) decision: DecisionId,
    /// The release.
    pub(crate) release: ReleaseName,
    /// The stage at the decision.
    pub(crate) stage: Stage,
    /// The observation.
    pub(crate) observation: Observation,
}

/// The features that say what was wrong with an answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Checked {
    begun: bool,
    tool_calls: u64,
    tool_call_invalid: bool,
    schema_checked: bool,
    schema_invalid: bool,
}

/// Reads a row; none where it is of no release, of an eval run, or says nothing of a model: who
/// was denied had no answer, and who left before the end judged nothing.
pub(crate) fn observed(row: &UsageRow) -> Option<Told> {
    let (release, stage) = row.release.as_ref()?;
    if row.caller.is_evaluator {
        return None;
    }
    let arm = arm_of(row.chosen?);
    let outcome = match row.outcome {
        Outcome::Success => Ended::Success,
        Outcome::Refusal => Ended::Refusal,
        Outcome::Truncated => Ended::Truncated,
        Outcome::Error => Ended::Error,
        Outcome::Fallback => Ended::Fallback,
        Outcome::Denied | Outcome::Cancelled => return None,
    };
    let checked = checked(row.features.as_deref());
    Some(Told::Answered(Observed {
        decision: row.decision,
        release: release.clone(),
        stage: *stage,
        observation: Observation {
            arm,
            conversation: conversation(row.conversation, row.decision),
            begun: checked.begun,
            at: row.ended_at(),
            outcome,
            schema_invalid: checked.schema_checked.then_some(checked.schema_invalid),
            tool_call_invalid: (checked.tool_calls > 0).then_some(checked.tool_call_invalid),
            cost: row.cost,
            first_token_ms: row.first_token_ms,
            total_ms: row.total_ms,
        },
    }))
}

/// Reads a caller's report; none where it says nothing between 0 and 1.
pub(crate) fn reported(row: &OutcomeRow) -> Option<Told> {
    let report = Reported {
        arm: arm_of(row.arm),
        conversation: conversation(row.conversation, row.decision),
        at: row.at,
        value: row.report.value().and_then(UnitValue::new)?,
    };
    Some(Told::Reported(row.decision, row.release.clone(), report))
}

/// Names the arm that was chosen.
fn arm_of(arm: Arm) -> WatchedArm {
    match arm {
        Arm::Candidate => WatchedArm::Candidate,
        Arm::Incumbent => WatchedArm::Incumbent,
    }
}

/// Names a conversation; a request without one is a conversation of its own.
fn conversation(known: Option<u64>, decision: DecisionId) -> u64 {
    known.unwrap_or_else(|| {
        let [.., a, b, c, d, e, f, g, h] = *decision.as_bytes();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    })
}

/// Reads the features; what does not read says nothing, and then nothing is counted of it.
fn checked(features: Option<&str>) -> Checked {
    let read = features.map(serde_json::from_str::<Checked>);
    read.and_then(Result::ok).unwrap_or_default()
}
