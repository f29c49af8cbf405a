//! Exit codes as a public table. It must not know which command ends with which.

use std::error::Error;
use std::process::ExitCode;

/// Says how a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done: 0.
    Done,
    /// The answer is no, such as a gate that did not pass: 1.
    No,
    /// It could not be asked: bad input, or nothing answers: 2.
    CouldNot,
}

impl Exit {
    /// Tells the process's exit code.
    #[must_use]
    pub fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::No => 1,
            Self::CouldNot => 2,
        })
    }
}

/// Ends a command: how it went, or why it could not be asked.
pub type Outcome = Result<Exit, Box<dyn Error + Send + Sync>>;

/// Says what went wrong and how to mend it, where no library's error says it better.
#[derive(Debug, thiserror::Error)]
#[error("{what}\n  mend: {mend}")]
pub struct Fault {
    what: String,
    mend: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// Describes a fault without a cause below it.
    #[must_use]
    pub fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            mend: mend.into(),
            source: None,
        }
    }

    /// Describes a fault with its cause.
    #[must_use]
    pub fn because(
        source: impl Error + Send + Sync + 'static,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            mend: mend.into(),
            source: Some(Box::new(source)),
        }
    }
}
