//! Why clients could not be run. It must not know what a client did.

use std::error::Error;
use std::io;
use std::path::PathBuf;

/// Says why clients could not be run.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// A client is asked for that has no row.
    #[error("no client is named `{0}`")]
    NoClient(String),
    /// A program or an environment is missing.
    #[error("{0} is missing; `cargo xtask clients` makes it")]
    Missing(PathBuf),
    /// A program could not be started.
    #[error("could not start {0}")]
    Start(String, #[source] io::Error),
    /// The gateway did not do as its documentation says.
    #[error("the gateway wrote something unexpected: {0}")]
    Unexpected(String),
    /// A file could not be read or written.
    #[error("could not read or write {0}")]
    File(PathBuf, #[source] io::Error),
    /// The scratch directory, the runtime or a listener could not be made.
    #[error("could not set up the test bed")]
    SetUp(#[from] io::Error),
}

/// Tells an error with its chain of causes.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!("\n  because: {inner}"));
        cause = inner.source();
    }
    text
}
