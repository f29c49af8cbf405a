//! Why clients could not be run. It must not know what a client did.

use std::io;
use std::path::PathBuf;

use testkit::{ClientError, ProgramError};

/// Says why clients could not be run.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// A client is asked for that has no row.
    #[error("no client is named `{0}`")]
    NoClient(String),
    /// A program or an environment is missing.
    #[error("{0} is missing; `cargo xtask clients` makes it")]
    Missing(PathBuf),
    /// The gateway could not be used.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The gateway's metrics could not be read.
    #[error("could not read the gateway's metrics")]
    Metrics(#[from] ClientError),
    /// A client could not be started.
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
