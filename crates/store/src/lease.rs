//! The exclusive right to append to the ledger and to publish a status: a file lock for the
//! processes of one machine, and a number that rises with every holder. It must not know what
//! the holder does with it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use rustix::fs::{FlockOperation, flock};

use crate::error::StoreError;
use crate::store::Store;

/// The file in the ledger's folder that is locked; it names the holder's process.
const LOCK_FILE: &str = "lease";

/// Proves that no other process appends; dropping it gives the right back.
#[derive(Debug)]
pub struct Lease {
    number: u64,
    /// Holds the lock for as long as it is open.
    _file: File,
}

impl Lease {
    /// Shows the fencing number, higher than any holder's before.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// Says why the lease could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Another process has it.
    #[error(
        "process {holder} holds the lease {path}; stop that tiergate, or send the command to its \
         admin port"
    )]
    Held {
        /// The lock file.
        path: PathBuf,
        /// The holder's process id, or `unknown`.
        holder: String,
    },
    /// The lock file could not be used.
    #[error("cannot lock the lease {path}; check that its folder is writable by this user")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The fencing number could not be raised.
    #[error("cannot take the next lease number")]
    Number(#[source] StoreError),
}

impl Store {
    /// Takes the lease, without waiting for another holder.
    ///
    /// # Errors
    /// Names the holder's process where there is one.
    pub fn lease(&self) -> Result<Lease, LeaseError> {
        let path = self.config.ledger_dir.join(LOCK_FILE);
        let writer = self.writing("take the lease").map_err(LeaseError::Number)?;
        drop(writer);
        let file = lock(&path)?;
        let number = self.next_lease_number().map_err(LeaseError::Number)?;
        Ok(Lease {
            number,
            _file: file,
        })
    }

    fn next_lease_number(&self) -> Result<u64, StoreError> {
        const ATTEMPT: &str = "take the lease";
        let failed = StoreError::during(ATTEMPT);
        let mut writer = self.writing(ATTEMPT)?;
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        let rise = "UPDATE counters SET value = value + 1 WHERE name = 'lease'";
        transaction.execute(rise, []).map_err(&failed)?;
        let number = lease_number(&transaction).map_err(&failed)?;
        transaction.commit().map_err(&failed)?;
        Ok(number.cast_unsigned())
    }

    /// Checks that no later holder has written since.
    pub(crate) fn confirm(&self, lease: &Lease, attempt: &'static str) -> Result<(), StoreError> {
        let writer = self.writing(attempt)?;
        let current = lease_number(&writer).map_err(StoreError::during(attempt))?;
        if current.cast_unsigned() == lease.number {
            return Ok(());
        }
        Err(StoreError::LeaseLost {
            attempt,
            held: lease.number,
            current: current.cast_unsigned(),
        })
    }
}

fn lease_number(connection: &Connection) -> rusqlite::Result<i64> {
    let select = "SELECT value FROM counters WHERE name = 'lease'";
    let value = connection.query_row(select, [], |row| row.get(0));
    Ok(value.optional()?.unwrap_or_default())
}

/// Locks a file, without waiting for another holder.
pub(crate) fn lock(path: &Path) -> Result<File, LeaseError> {
    let failed = |source| LeaseError::Lock {
        path: path.to_owned(),
        source,
    };
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let mut file = options.mode(0o600).open(path).map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let holder = holder_in(&mut file);
            let path = path.to_owned();
            return Err(LeaseError::Held { path, holder });
        }
        Err(source) => return Err(failed(source.into())),
    }
    sign(&mut file).map_err(failed)?;
    Ok(file)
}

/// Writes this process's id into the lock file, for whoever finds it locked.
fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder_in(file: &mut File) -> String {
    let mut text = String::new();
    // Longer than any process id; the file is read only to name its writer.
    let read = file.take(32).read_to_string(&mut text);
    match read {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests;
