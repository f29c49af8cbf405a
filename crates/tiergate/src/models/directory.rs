//! The directory that holds the converted models, `NAME.gguf` each, beside what is being fetched.
//! It must not fetch anything.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use embedded::{CATALOGUE, Converted, FileFault};
use rustix::fs::{FlockOperation, flock};

use crate::environment;

/// Names the directory, where it is not the user's cache.
const VARIABLE: &str = "TIERGATE_MODELS_DIR";
/// How the name of a converted model ends.
const SUFFIX: &str = ".gguf";

/// Says where the models are.
#[derive(Clone, Debug)]
pub struct Directory {
    path: PathBuf,
}

/// Describes one model that is kept.
pub struct Kept {
    /// Its name.
    pub name: String,
    /// What its file says of itself, or why it cannot be read.
    pub described: Result<Converted, FileFault>,
}

impl Directory {
    /// Finds the directory: the variable's, else one in the user's cache.
    #[must_use]
    pub fn of_environment() -> Self {
        let named = environment::variable(VARIABLE).map(PathBuf::from);
        let path = named.unwrap_or_else(|| {
            environment::base("XDG_CACHE_HOME", ".cache").join("tiergate/models")
        });
        Self { path }
    }

    /// Tells the directory's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells where a model's file is, or would be.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}{SUFFIX}"))
    }

    /// Tells where files are while they are fetched.
    pub(super) fn downloads(&self) -> PathBuf {
        self.path.join("downloads")
    }

    /// Finds the SHA-256 of the weights behind a model's name: that of the file that is kept, else
    /// the one that the catalogue demands.
    #[must_use]
    pub fn weights(&self, name: &str) -> Option<String> {
        let kept = embedded::describe(&self.file(name)).ok();
        let demanded = CATALOGUE.iter().find(|row| row.name == name);
        kept.map(|kept| kept.source_sha256)
            .or_else(|| demanded.map(|row| row.sha256.to_owned()))
    }

    /// Lists what is kept, by name.
    ///
    /// # Errors
    /// Fails where the directory cannot be read; one that is not there is empty.
    pub fn kept(&self) -> io::Result<Vec<Kept>> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut kept = Vec::new();
        for entry in entries {
            let file = entry?.file_name();
            let Some(name) = file.to_str().and_then(|name| name.strip_suffix(SUFFIX)) else {
                continue;
            };
            kept.push(Kept {
                name: name.to_owned(),
                described: embedded::describe(&self.file(name)),
            });
        }
        kept.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(kept)
    }

    /// Makes the directory, and lets only one process at a time change it; the lock ends with the
    /// file returned. `waits` is told where another process holds it.
    pub(super) fn lock(&self, waits: impl FnOnce()) -> io::Result<File> {
        fs::create_dir_all(self.downloads())?;
        let lock = File::create(self.path.join(".lock"))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            waits();
            flock(&lock, FlockOperation::LockExclusive)?;
        }
        Ok(lock)
    }
}
