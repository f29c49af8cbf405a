//! What can go wrong with the store. It must not decide what a caller is told.

use std::path::PathBuf;

/// Says why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A folder or file could not be made ready.
    #[error("cannot prepare {path}; check that it is writable by this user")]
    Prepare {
        /// What was to be made.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// There is no database to read.
    #[error(
        "there is no database at {path}; start `tiergate up` once or point --data-dir at the \
         right folder"
    )]
    Absent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The database could not be opened as one.
    #[error("cannot open the database {path}")]
    Database {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
    /// A newer Tiergate wrote the database.
    #[error(
        "the database {path} has format {found}, and this binary knows formats up to {known}; \
         run the newer tiergate that wrote it, or restore a backup made before the upgrade"
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest known one.
        known: i64,
    },
    /// The database must be migrated, and reading alone cannot do that.
    #[error(
        "the database {path} has the older format {found}, and this binary reads {known}; start \
         `tiergate serve` once, which migrates it"
    )]
    Older {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The one needed.
        known: i64,
    },
    /// A step from one format to the next failed; nothing of it is kept.
    #[error("cannot migrate the database {path} to format {to}; it is left as it was")]
    Migrate {
        /// Which file.
        path: PathBuf,
        /// The format that the step makes.
        to: i64,
        /// Why not.
        source: rusqlite::Error,
    },
    /// The stored keys could not be read.
    #[error("cannot read the keys of {path}")]
    Keys {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: StoreError,
    },
}

/// Says which operation of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("cannot {attempt}: the database failed")]
    Database {
        /// What was attempted.
        attempt: &'static str,
        /// Why not.
        source: rusqlite::Error,
    },
    /// A stored value is not what was written.
    #[error("cannot {attempt}: the stored {what} `{value}` is not one that tiergate writes")]
    Corrupt {
        /// What was attempted.
        attempt: &'static str,
        /// The kind of value.
        what: &'static str,
        /// The value found.
        value: String,
    },
    /// A value could not be written as JSON, or read from it.
    #[error("cannot {attempt}: its JSON is not valid")]
    Json {
        /// What was attempted.
        attempt: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// The system gave no random bytes.
    #[error("cannot {attempt}: the system gives no random bytes")]
    Random {
        /// What was attempted.
        attempt: &'static str,
        /// Why not.
        source: getrandom::Error,
    },
    /// The store was opened for reading.
    #[error("cannot {attempt}: the store is opened for reading")]
    ReadOnly {
        /// What was attempted.
        attempt: &'static str,
    },
    /// Another process has taken the lease since.
    #[error(
        "cannot {attempt}: the lease {held} was taken over by lease {current}; another tiergate \
         writes now"
    )]
    LeaseLost {
        /// What was attempted.
        attempt: &'static str,
        /// The number of the lease held.
        held: u64,
        /// The number in the store.
        current: u64,
    },
    /// Others use the database all the while.
    #[error(
        "cannot {attempt}: another connection reads the database all the while; it is tried again, \
         and a report that runs for long beside it may have to end first"
    )]
    Busy {
        /// What was attempted.
        attempt: &'static str,
    },
    /// The same id stands for something else already.
    #[error("cannot {attempt}: id {id} is taken by another row")]
    Conflict {
        /// What was attempted.
        attempt: &'static str,
        /// The id.
        id: String,
    },
}

impl StoreError {
    /// Names the attempt that a database error ended.
    pub(crate) fn during(attempt: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Database { attempt, source }
    }
}
