//! Why a measurement could not be made. It must not know what was measured.

use std::io;
use std::path::PathBuf;

use testkit::{GaugeError, LoadError, ProgramError};

/// Says why a measurement could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A section is asked for that is none.
    #[error("no section is named `{0}`; write one of: {1}")]
    NoSection(String, String),
    /// A program is missing.
    #[error("{path} is missing; build it first: {build}")]
    Missing {
        /// The program.
        path: PathBuf,
        /// The command that builds it.
        build: &'static str,
    },
    /// A program could not be used.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// A program's answer is not what its documentation says.
    #[error("{program} wrote something unexpected: {words}")]
    Unexpected {
        /// The program.
        program: String,
        /// What it wrote.
        words: String,
    },
    /// Usage rows are missing after the deadline.
    #[error("{seen} of {wanted} usage rows were stored in time")]
    RowsMissing {
        /// How many there are.
        seen: u64,
        /// How many requests there were.
        wanted: u64,
    },
    /// A file could not be read or written.
    #[error("could not read or write {0}")]
    File(PathBuf, #[source] io::Error),
    /// The scratch directory, the runtime or a listener could not be made.
    #[error("could not set up the test bed")]
    SetUp(#[from] io::Error),
    /// The load could not be driven.
    #[error("the load on {0} could not be driven")]
    Load(&'static str, #[source] LoadError),
    /// A program could not be measured.
    #[error("a program could not be measured")]
    Gauge(#[from] GaugeError),
}
