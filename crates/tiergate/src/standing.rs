//! How a witness stands towards the ledger, as a running gateway knows it and tells others. It
//! must not know how that was found out.

use serde::{Deserialize, Serialize};

/// Tells how one witness stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The name in its key.
    pub witness: String,
    /// Where it is asked.
    pub url: String,
    /// What became of the last question.
    pub state: State,
    /// How many entries it cosigned last, as far as is known.
    pub size: Option<u64>,
    /// When it says that it did, in seconds since the Unix epoch.
    pub at: Option<u64>,
    /// How many questions in a row brought no cosignature.
    pub failures: u32,
    /// Why the last one did not.
    pub fault: Option<String>,
}

/// Says what became of the last question to a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was not asked yet.
    Waiting,
    /// It cosigned.
    Cosigned,
    /// No answer came.
    Unanswered,
    /// It denied, or what it answered is not what this witness answers.
    Refused,
    /// It cosigned more entries than the ledger has: some were lost, or an older copy was put back.
    Ahead,
    /// The ledger's own files did not allow to ask, or to keep the answer.
    Unkept,
}

impl State {
    /// Every state, for metrics that show each.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Cosigned,
        Self::Unanswered,
        Self::Refused,
        Self::Ahead,
        Self::Unkept,
    ];

    /// Tells the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Cosigned => "cosigned",
            Self::Unanswered => "unanswered",
            Self::Refused => "refused",
            Self::Ahead => "ahead",
            Self::Unkept => "unkept",
        }
    }
}
