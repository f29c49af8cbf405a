//! Options that every command takes. It must not know any command.

use std::path::PathBuf;

use clap::Args;

use crate::environment;

/// Holds the options that stand on every command.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The configuration file.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "tiergate.toml"
    )]
    pub config: PathBuf,
    /// The directory of database, ledger and first keys [default: the user's data directory].
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A file with the operator key to command with [default: operator.key in the data directory,
    /// or the variable TIERGATE_OPERATOR_KEY].
    #[arg(long, global = true, value_name = "FILE")]
    pub operator_key: Option<PathBuf>,
    /// Write JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,
}

impl Common {
    /// Tells the data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(environment::data_dir)
    }
}
