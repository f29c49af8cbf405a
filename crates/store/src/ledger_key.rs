//! The ledger's key files: the signing key, which only its owner reads, and the public half. It
//! must not sign anything.

use std::path::Path;

use ledger::{CHECKPOINT_PATH, Chain, Signer, Verifier, draw_from_seed};

use crate::durable;
use crate::ledger_error::LedgerError;

/// The public half, for whoever verifies.
pub(crate) const PUBLIC_KEY: &str = "key.pub";
/// The signing key.
pub(crate) const KEY: &str = "key";
/// The signing key until its log has begun: so that a key without a log is always a fault.
const NEW_KEY: &str = "key.begun";
/// How the names of logs begin.
const NAMES: &str = "tiergate";
/// Bytes that a key file may have; a key is a line of some 120.
const MAX_KEY_BYTES: u64 = 4_096;

/// Opens the signing key; makes one, and begins its log, where there is neither.
pub(crate) fn open_signer(
    folder: &Path,
    begin: fn(&Path, &Signer) -> Result<(), LedgerError>,
) -> Result<Signer, LedgerError> {
    if let Some(signer) = read_signer(&folder.join(KEY))? {
        return Ok(signer);
    }
    let begun = folder.join(NEW_KEY);
    let signer = match read_signer(&begun)? {
        Some(signer) => signer,
        None if has_log(folder) => {
            return Err(LedgerError::KeyAbsent {
                path: folder.to_owned(),
            });
        }
        None => {
            let signer = draw_signer()?;
            write_text(&begun, &signer.to_secret_text())?;
            signer
        }
    };
    write_text(&folder.join(PUBLIC_KEY), &signer.verifier().to_string())?;
    begin(folder, &signer)?;
    let path = folder.join(KEY);
    durable::rename(&begun, &path).map_err(|source| LedgerError::File { path, source })?;
    Ok(signer)
}

/// Reads a small text file; nothing where there is none.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, LedgerError> {
    let failed = |source| LedgerError::File {
        path: path.to_owned(),
        source,
    };
    let bytes = durable::read(path, MAX_KEY_BYTES).map_err(failed)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Reads the public key that the ledger's checkpoints are signed with.
pub(crate) fn read_verifier(folder: &Path) -> Result<Verifier, LedgerError> {
    let path = folder.join(PUBLIC_KEY);
    let text = read_text(&path)?.ok_or_else(|| LedgerError::Absent {
        path: folder.to_owned(),
    })?;
    text.parse()
        .map_err(|source| LedgerError::Key { path, source })
}

/// Reads a signing key; nothing where there is none.
pub(crate) fn read_signer(path: &Path) -> Result<Option<Signer>, LedgerError> {
    let parse = |text: String| {
        text.parse().map_err(|source| LedgerError::Key {
            path: path.to_owned(),
            source,
        })
    };
    read_text(path)?.map(parse).transpose()
}

fn has_log(folder: &Path) -> bool {
    [CHECKPOINT_PATH, PUBLIC_KEY, "tile"]
        .iter()
        .any(|name| folder.join(name).exists())
}

/// Draws the first key of a log, which is named after it.
fn draw_signer() -> Result<Signer, LedgerError> {
    draw_from_seed(NAMES, &draw_seed()?).map_err(|source| LedgerError::Key {
        path: KEY.into(),
        source,
    })
}

/// Draws the key that follows in a log.
pub(crate) fn draw_next(chain: &Chain) -> Result<Signer, LedgerError> {
    let origin = chain.in_force().name();
    loop {
        let next = Signer::from_seed(origin.clone(), &draw_seed()?);
        // Notes name keys by 32 bits: one in 2^32 could not be told from an earlier one.
        if !chain.has_had(next.verifier()) {
            return Ok(next);
        }
    }
}

fn draw_seed() -> Result<[u8; 32], LedgerError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(LedgerError::Random)?;
    Ok(seed)
}

/// Tells a key file's content.
pub(crate) fn key_line(text: &str) -> String {
    format!("{text}\n")
}

fn write_text(path: &Path, text: &str) -> Result<(), LedgerError> {
    let written = durable::write(path, key_line(text).as_bytes());
    written.map_err(|source| LedgerError::File {
        path: path.to_owned(),
        source,
    })
}
