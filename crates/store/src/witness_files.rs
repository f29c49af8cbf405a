//! The folder of a witness: its own key, and of each log the latest checkpoint that it cosigned.
//! It must not know how requests come in, nor read a clock.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ledger::{
    AddCheckpoint, KeyError, MAX_NOTE_BYTES, Origin, UnixSeconds, Verifier, Witness, WitnessAnswer,
    WitnessDenial, WitnessError, WitnessSigner, WitnessVerifier, latest_path,
};

use crate::durable;
use crate::lease::{LeaseError, lock};
use crate::secret::draw_letters;
use crate::store::make_folder;

/// The secret key; only its owner reads it.
const KEY: &str = "key";
/// The public half, for the logs that ask this witness.
const PUBLIC_KEY: &str = "key.pub";
/// The file that is locked, so that one process alone answers.
const LOCK: &str = "lock";
/// Bytes that a key file may have.
const MAX_KEY_BYTES: u64 = 4_096;

/// Answers as one witness, and keeps what it must not forget.
#[derive(Debug)]
pub struct WitnessFiles {
    folder: PathBuf,
    witness: Witness,
    /// Held while what is kept is read, answered upon and replaced.
    turn: Mutex<()>,
    /// Holds the lock for as long as it is open.
    _lock: File,
}

/// Says why a witness's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WitnessFilesError {
    /// Another process is this witness.
    #[error(
        "process {holder} is the witness of {path}; stop it, or name another folder with --state"
    )]
    Held {
        /// The folder.
        path: PathBuf,
        /// The other process's id, or `unknown`.
        holder: String,
    },
    /// A file or folder could not be used.
    #[error("cannot use {path}; check the disk's space and the folder's owner")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The key file holds no witness's key.
    #[error("{path} holds no witness's key; restore it from a backup")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
    /// The key is gone, and what it cosigned is not.
    #[error(
        "the witness in {path} has no key; restore the file `key` from a backup, or name a new \
         folder with --state and give the logs its key"
    )]
    KeyAbsent {
        /// The folder.
        path: PathBuf,
    },
    /// The witness that is there has another name.
    #[error(
        "the witness in {path} is named `{found}`, not `{asked}`; leave --name out, or name a new \
         folder with --state"
    )]
    Name {
        /// The folder.
        path: PathBuf,
        /// The name in its key.
        found: String,
        /// The name that was asked for.
        asked: String,
    },
    /// A new key could not be drawn.
    #[error("cannot make the witness's key: the system gives no random bytes")]
    Random(#[source] getrandom::Error),
    /// A key's name could not be made.
    #[error("cannot name the witness")]
    Unnamed(#[source] KeyError),
    /// What is kept is damaged: nothing is cosigned.
    #[error("what the witness keeps in {path} is damaged; restore it from a backup")]
    Kept {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        source: WitnessError,
    },
}

impl WitnessFiles {
    /// Opens the folder as the only process, with the logs that are witnessed; makes folder and
    /// key, of that name where one is given, where there are none.
    ///
    /// # Errors
    /// Fails when another process has it, its key is lost or of another name, or a file cannot
    /// be used.
    pub fn open(
        folder: &Path,
        name: Option<Origin>,
        logs: Vec<Verifier>,
    ) -> Result<Self, WitnessFilesError> {
        make_folder(folder).map_err(failed(folder))?;
        let lock = lock(&folder.join(LOCK)).map_err(|error| match error {
            LeaseError::Held { holder, .. } => WitnessFilesError::Held {
                path: folder.to_owned(),
                holder,
            },
            LeaseError::Lock { path, source } => WitnessFilesError::File { path, source },
            // Only the store's lease has a number.
            LeaseError::Number(source) => WitnessFilesError::File {
                path: folder.to_owned(),
                source: io::Error::other(source),
            },
        })?;
        let signer = open_signer(folder, name)?;
        Ok(Self {
            folder: folder.to_owned(),
            witness: Witness::new(signer, logs),
            turn: Mutex::new(()),
            _lock: lock,
        })
    }

    /// Shows the public key.
    #[must_use]
    pub fn verifier(&self) -> &WitnessVerifier {
        self.witness.verifier()
    }

    /// Answers a request; what it cosigns is durable when this returns.
    /// INVARIANT: a log's kept checkpoint is only ever replaced by one that goes on from it,
    /// whatever requests come at once; held by `requests_at_once_cosign_one_history`.
    ///
    /// # Errors
    /// Fails when what is kept is damaged, or cannot be read or replaced: nothing is cosigned.
    pub fn answer(
        &self,
        request: &AddCheckpoint,
        now: UnixSeconds,
    ) -> Result<WitnessAnswer, WitnessFilesError> {
        let origin = match request.origin() {
            Ok(origin) => origin,
            Err(denial) => return Ok(WitnessAnswer::Denied(denial)),
        };
        let logs = self.witness.logs().iter().map(Verifier::name);
        let Some(origin) = logs.into_iter().find(|log| log.as_str() == origin) else {
            return Ok(WitnessAnswer::Denied(WitnessDenial::UnknownLog));
        };
        // A panic in between leaves a whole file: the old or the new one.
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join(latest_path(origin));
        let kept = read(&path, MAX_NOTE_BYTES as u64)?;
        let answer = self.witness.answer(request, kept.as_deref(), now);
        let answer = answer.map_err(|source| WitnessFilesError::Kept {
            path: path.clone(),
            source,
        })?;
        if let WitnessAnswer::Cosigned { keep, .. } = &answer {
            durable::write(&path, keep).map_err(failed(&path))?;
        }
        drop(turn);
        Ok(answer)
    }

    /// Reads the latest checkpoint that was cosigned, by its path as [`latest_path`] tells it;
    /// nothing for the path of a log that is not witnessed.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn latest(&self, path: &str) -> Result<Option<Vec<u8>>, WitnessFilesError> {
        let logs = self.witness.logs().iter().map(Verifier::name);
        match logs.map(latest_path).find(|known| known == path) {
            Some(known) => read(&self.folder.join(known), MAX_NOTE_BYTES as u64),
            None => Ok(None),
        }
    }
}

/// Opens the key; makes one where there is neither a key nor anything that one cosigned.
fn open_signer(folder: &Path, name: Option<Origin>) -> Result<WitnessSigner, WitnessFilesError> {
    let path = folder.join(KEY);
    let signer = match read(&path, MAX_KEY_BYTES)? {
        Some(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let signer = text.parse::<WitnessSigner>();
            signer.map_err(|source| WitnessFilesError::Key { path, source })?
        }
        None if has_cosigned(folder)? => {
            let path = folder.to_owned();
            return Err(WitnessFilesError::KeyAbsent { path });
        }
        None => {
            let signer = draw_signer(name.clone())?;
            let text = format!("{}\n", signer.to_secret_text());
            durable::write(&path, text.as_bytes()).map_err(failed(&path))?;
            signer
        }
    };
    let found = signer.verifier().name();
    if let Some(asked) = name.filter(|asked| asked != found) {
        return Err(WitnessFilesError::Name {
            path: folder.to_owned(),
            found: found.to_string(),
            asked: asked.to_string(),
        });
    }
    let path = folder.join(PUBLIC_KEY);
    let text = format!("{}\n", signer.verifier());
    durable::write(&path, text.as_bytes()).map_err(failed(&path))?;
    Ok(signer)
}

/// Tells whether anything was cosigned here: each log has a folder.
fn has_cosigned(folder: &Path) -> Result<bool, WitnessFilesError> {
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let kind = entry.and_then(|entry| entry.file_type());
        if kind.map_err(failed(folder))?.is_dir() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn draw_signer(name: Option<Origin>) -> Result<WitnessSigner, WitnessFilesError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(WitnessFilesError::Random)?;
    let name = match name {
        Some(name) => name,
        None => {
            let letters = draw_letters().map_err(WitnessFilesError::Random)?;
            let name = format!("tiergate-witness/{letters}").parse();
            name.map_err(WitnessFilesError::Unnamed)?
        }
    };
    Ok(WitnessSigner::from_seed(name, &seed))
}

fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, WitnessFilesError> {
    durable::read(path, limit).map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WitnessFilesError {
    let path = path.to_owned();
    move |source| WitnessFilesError::File { path, source }
}

#[cfg(test)]
mod tests;
