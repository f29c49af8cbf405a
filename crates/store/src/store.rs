//! The store itself: opening it, and its connections. It must not know what the tables hold.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use rusqlite::{Connection, OpenFlags};

use crate::config::{Access, Config};
use crate::error::{OpenError, StoreError};
use crate::key_rows::KeyWatch;
use crate::migrate::migrate;
use crate::ring::KeyRing;

/// Statements kept prepared on a connection.
const STATEMENTS: usize = 32;
/// Page cache of a connection in KiB; the rows in use are few, and idle memory counts.
const CACHE_KIB: i64 = 512;

/// Holds what happened. Its methods block; only checking a key touches no file.
pub struct Store {
    pub(crate) config: Config,
    access: Access,
    /// Writes, one at a time: keys, status, evidence, deletion.
    writer: Mutex<Connection>,
    /// Reads single rows and short lists.
    reader: Mutex<Connection>,
    /// Sees what other connections and processes change about keys.
    pub(crate) watch: Mutex<KeyWatch>,
    pub(crate) ring: ArcSwap<KeyRing>,
}

impl Store {
    /// Opens the store; with write access creates and migrates it where needed.
    ///
    /// # Errors
    /// Says which file or folder could not be made ready, or which format it has.
    pub fn open(config: Config, access: Access) -> Result<Self, OpenError> {
        let path = config.database.clone();
        if access == Access::Write {
            prepare(&config)?;
        } else if !path.is_file() {
            return Err(OpenError::Absent { path });
        }
        let mut writer = connect(&config, access).map_err(failed(&path))?;
        migrate(&mut writer, &path, access)?;
        let reader = connect(&config, Access::Read).map_err(failed(&path))?;
        let watched = connect(&config, Access::Read).map_err(failed(&path))?;
        let keys = |source| OpenError::Keys {
            path: path.clone(),
            source,
        };
        let watch = KeyWatch::begin(watched).map_err(keys)?;
        let ring = watch.ring().map_err(keys)?;
        Ok(Self {
            config,
            access,
            writer: Mutex::new(writer),
            reader: Mutex::new(reader),
            watch: Mutex::new(watch),
            ring: ArcSwap::from_pointee(ring),
        })
    }

    /// Locks the connection that writes.
    pub(crate) fn writing(
        &self,
        attempt: &'static str,
    ) -> Result<MutexGuard<'_, Connection>, StoreError> {
        match self.access {
            Access::Write => Ok(locked(&self.writer)),
            Access::Read => Err(StoreError::ReadOnly { attempt }),
        }
    }

    /// Locks the connection that reads.
    pub(crate) fn reading(&self) -> MutexGuard<'_, Connection> {
        locked(&self.reader)
    }

    /// Opens a connection for one long query, which then holds up nobody.
    pub(crate) fn report(&self, attempt: &'static str) -> Result<Connection, StoreError> {
        connect(&self.config, Access::Read).map_err(StoreError::during(attempt))
    }

    /// Tells what the store may do.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.config.database.display())
    }
}

/// Locks; a panic elsewhere leaves no half-made change, since a transaction rolls back.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a connection of its own, such as the recorder's.
pub(crate) fn connect(config: &Config, access: Access) -> rusqlite::Result<Connection> {
    let flags = match access {
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&config.database, flags)?;
    connection.busy_timeout(config.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    if access == Access::Write {
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        // A commit that was answered is on the disk: also usage, one sync for a whole batch.
        connection.pragma_update(None, "synchronous", "FULL")?;
    }
    Ok(connection)
}

fn failed(path: &Path) -> impl Fn(rusqlite::Error) -> OpenError {
    move |source| OpenError::Database {
        path: path.to_owned(),
        source,
    }
}

/// Makes folders and files that only this user can read; SQLite gives its side files the mode of
/// the database.
fn prepare(config: &Config) -> Result<(), OpenError> {
    let folders = [config.database.parent(), Some(config.ledger_dir.as_path())];
    for folder in folders.into_iter().flatten() {
        make_folder(folder).map_err(unprepared(folder))?;
    }
    let mut options = OpenOptions::new();
    let database = &config.database;
    let created = options.write(true).create(true).truncate(false).mode(0o600);
    created.open(database).map_err(unprepared(database))?;
    Ok(())
}

/// Makes a folder that only this user can enter; one that is there keeps its mode.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn unprepared(path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path: PathBuf = path.to_owned();
    move |source| OpenError::Prepare { path, source }
}

#[cfg(test)]
mod tests;
