//! What a watch is told: answers as accounting has them, and callers' reports. It must not count.

use domain::{PicoUsd, Timestamp};

use crate::stats::sequential::UnitValue;

/// Names an arm of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WatchedArm {
    /// The model being released.
    Candidate,
    /// What serves beside it.
    Incumbent,
}

/// Says how an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// In full.
    Success,
    /// The model said no.
    Refusal,
    /// Cut at a limit.
    Truncated,
    /// No answer, or half of one.
    Error,
    /// In full, by another model than the chosen one.
    Fallback,
}

/// Holds one answered request of a release.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// The arm that was chosen, whoever answered in the end.
    pub arm: WatchedArm,
    /// A hash of the conversation.
    pub conversation: u64,
    /// Whether the conversation had not been seen before this request.
    pub begun: bool,
    /// When it ended.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Ended,
    /// Whether the answer breaks the schema asked for; none where none was asked for.
    pub schema_invalid: Option<bool>,
    /// Whether a tool call of the answer is not one that the request allows; none without a call.
    pub tool_call_invalid: Option<bool>,
    /// What it cost; none where no price is known.
    pub cost: Option<PicoUsd>,
    /// Milliseconds until the first visible output.
    pub first_token_ms: Option<u32>,
    /// Milliseconds until the end.
    pub total_ms: u32,
}

/// Holds a caller's report on one decision's outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reported {
    /// The arm that was chosen.
    pub arm: WatchedArm,
    /// A hash of the conversation.
    pub conversation: u64,
    /// When it was reported.
    pub at: Timestamp,
    /// How good the outcome was.
    pub value: UnitValue,
}
