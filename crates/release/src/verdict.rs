//! What a gate says: pass, fail or inconclusive, with its reason and its numbers. It must not
//! know how a gate came to it.

use domain::{PersonName, Timestamp};
use serde::{Deserialize, Serialize};

/// Says how a gate judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// The criterion holds.
    Pass,
    /// The criterion does not hold.
    Fail,
    /// The evidence does not say; never a pass.
    Inconclusive,
}

/// Holds a gate's verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The gate.
    pub gate: String,
    /// How it judged.
    pub verdict: Judgement,
    /// Why, and what would change it, in a sentence.
    pub reason: String,
    /// The same as the ledger may bear it for ever, where the reason tells of what evidence holds.
    #[serde(skip)]
    pub for_ever: Option<String>,
    /// The numbers behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Number>,
    /// Who answers for it although it does not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waived>,
}

/// Says why evidence does not say, and how much of that the ledger may bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unclear {
    /// The reason, for whoever asks.
    pub(crate) reason: String,
    /// The reason without what the evidence holds, where it tells of that.
    pub(crate) for_ever: Option<String>,
}

impl From<String> for Unclear {
    fn from(reason: String) -> Self {
        Self {
            reason,
            for_ever: None,
        }
    }
}

/// Says who answers for a criterion that does not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// Who.
    pub by: PersonName,
    /// Why, in that person's words.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
}

/// Names one number of a verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// What it is.
    pub name: String,
    /// Its value, rounded to six digits so that the ledger can keep it.
    pub value: String,
}

impl Verdict {
    /// Makes a verdict without numbers.
    pub(crate) fn new(gate: &str, verdict: Judgement, reason: impl Into<String>) -> Self {
        Self {
            gate: gate.to_owned(),
            verdict,
            reason: reason.into(),
            for_ever: None,
            numbers: Vec::new(),
            waived: None,
        }
    }

    /// Adds a count, where there is anything to count.
    pub(crate) fn with_some(self, name: &str, count: u32) -> Self {
        match count {
            0 => self,
            count => self.with(name, f64::from(count)),
        }
    }

    /// Makes the verdict on evidence that does not say.
    pub(crate) fn unclear(gate: &str, why: impl Into<Unclear>) -> Self {
        let Unclear { reason, for_ever } = why.into();
        Self {
            for_ever,
            ..Self::new(gate, Judgement::Inconclusive, reason)
        }
    }

    /// Keeps of the reason what a move may bear in the ledger: what evidence holds may have to be
    /// erased, and the ledger forgets nothing.
    // INVARIANT: no item and no word of a file stands in a move; held by control's
    // `tests::erasure::a_waived_move_does_not_tell_what_its_evidence_holds`.
    pub(crate) fn for_ever(self) -> Self {
        Self {
            reason: self.for_ever.unwrap_or(self.reason),
            for_ever: None,
            ..self
        }
    }

    /// Adds a number.
    pub(crate) fn with(mut self, name: &str, value: f64) -> Self {
        let value = format!("{value:.6}");
        let value = value.trim_end_matches('0').trim_end_matches('.').to_owned();
        self.numbers.push(Number {
            name: name.to_owned(),
            value,
        });
        self
    }

    /// Tells whether the criterion holds.
    #[must_use]
    pub fn is_pass(&self) -> bool {
        self.verdict == Judgement::Pass
    }

    /// Tells whether it lets a release through: it passes, or a person answers for it.
    #[must_use]
    pub fn lets_through(&self) -> bool {
        self.is_pass() || self.waived.is_some()
    }
}
