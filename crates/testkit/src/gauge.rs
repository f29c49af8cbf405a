//! What a running program costs, as the kernel counts it: processor time and memory.
//!
//! It must not know what the program is or what it does.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Says what could not be read about a program.
#[derive(Debug, thiserror::Error)]
pub enum GaugeError {
    /// A file of the kernel could not be read.
    #[error("could not read {path}; the program may have ended, or this is not Linux")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of the kernel does not say what it should.
    #[error("{0} does not have the expected form")]
    Unexpected(PathBuf),
}

/// Holds the resident memory of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// All resident pages.
    pub resident_bytes: u64,
    /// Those not backed by a file.
    pub anonymous_bytes: u64,
}

/// Measures one program by its id.
///
/// A thread that has ended keeps the time that was last seen, so ask often enough.
pub struct Gauge {
    root: PathBuf,
    seen_ns: HashMap<String, u64>,
}

impl Gauge {
    /// Makes the gauge of a program.
    #[must_use]
    pub fn of(id: u32) -> Self {
        Self {
            root: PathBuf::from(format!("/proc/{id}")),
            seen_ns: HashMap::new(),
        }
    }

    /// Tells the processor time of all its threads so far, user and system.
    ///
    /// # Errors
    ///
    /// Says which file could not be read.
    pub fn cpu(&mut self) -> Result<Duration, GaugeError> {
        let tasks = self.root.join("task");
        let unreadable = |source| GaugeError::Unreadable {
            path: tasks.clone(),
            source,
        };
        for entry in fs::read_dir(&tasks).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            // A thread may end between the listing and the reading; what was seen of it stays.
            let Ok(text) = fs::read_to_string(entry.path().join("schedstat")) else {
                continue;
            };
            let first = text.split_whitespace().next();
            let Some(spent) = first.and_then(|word| word.parse().ok()) else {
                return Err(GaugeError::Unexpected(entry.path().join("schedstat")));
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            self.seen_ns.insert(name, spent);
        }
        Ok(Duration::from_nanos(self.seen_ns.values().sum()))
    }

    /// Tells its resident memory.
    ///
    /// # Errors
    ///
    /// Says which file could not be read.
    pub fn memory(&self) -> Result<Memory, GaugeError> {
        let path = self.root.join("status");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(GaugeError::Unreadable { path, source }),
        };
        let read = |name| kilobytes(&text, name).ok_or(GaugeError::Unexpected(path.clone()));
        Ok(Memory {
            resident_bytes: read("VmRSS:")? * 1024,
            anonymous_bytes: read("RssAnon:")? * 1024,
        })
    }
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
