//! The settings of the store. It must not know where they were read.

use std::path::PathBuf;
use std::time::Duration;

/// Says where the store lives and how it behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database file; its folder is created.
    pub database: PathBuf,
    /// The folder of the ledger's files and its lease; created too.
    pub ledger_dir: PathBuf,
    /// How long a statement waits for another connection's write.
    pub busy_timeout: Duration,
    /// How long rows are kept.
    pub retention: Retention,
}

/// Says how many days each table keeps its rows. Evidence, status, lease and keys in force are
/// kept without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Days that a usage row is kept, and with it the day's token counts.
    pub usage_days: u32,
    /// Days that a key is kept after it was revoked or has expired.
    pub dead_key_days: u32,
}

impl Retention {
    /// A year of usage and a month to compare it in.
    pub const STANDARD: Self = Self {
        usage_days: 400,
        dead_key_days: 400,
    };
}

impl Config {
    /// How long a statement waits unless the settings say otherwise.
    pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
}

/// Says what an opened store may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads and writes; creates and migrates where needed.
    Write,
    /// Reads only, also beside a running gateway; creates nothing.
    Read,
}
