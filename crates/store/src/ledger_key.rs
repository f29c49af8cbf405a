//! The ledger's key files: the signing key, which only its owner reads, and the public half. It
//! must not sign anything.

use std::path::Path;

use ledger::{CHECKPOINT_PATH, Origin, Signer};

use crate::durable;
use crate::ledger_error::LedgerError;
use crate::secret::draw_letters;

/// The public half, for whoever verifies.
pub(crate) const PUBLIC_KEY: &str = "key.pub";
/// The signing key.
const KEY: &str = "key";
/// The signing key until its log has begun: so that a key without a log is always a fault.
const NEW_KEY: &str = "key.begun";
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

fn read_signer(path: &Path) -> Result<Option<Signer>, LedgerError> {
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

/// Draws a key, and a name that no other log has.
fn draw_signer() -> Result<Signer, LedgerError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(LedgerError::Random)?;
    let name = format!("tiergate/{}", draw_letters().map_err(LedgerError::Random)?);
    let origin: Origin = name.parse().map_err(|source| LedgerError::Key {
        path: KEY.into(),
        source,
    })?;
    Ok(Signer::from_seed(origin, &seed))
}

fn write_text(path: &Path, text: &str) -> Result<(), LedgerError> {
    let written = durable::write(path, format!("{text}\n").as_bytes());
    written.map_err(|source| LedgerError::File {
        path: path.to_owned(),
        source,
    })
}
