//! The sources: one file and one row each; help and the reading of files follow from the rows.
//! They must not know a release, a gateway or who really answered.

mod garak;
mod inspect;
mod inspect_eval;
mod inspect_json;
mod junit;
mod lm_eval;
mod promptfoo;
mod source;

use crate::imported::{ImportFault, Imported};

pub use source::Source;

/// The largest file that is read.
const MOST_FILE_BYTES: usize = 256 << 20;

/// Lists the sources; the first that recognises a file reads it.
pub static SOURCES: &[&dyn Source] = &[
    &promptfoo::Promptfoo,
    &inspect_eval::InspectEval,
    &inspect_json::InspectJson,
    &garak::Garak,
    &lm_eval::LmEval,
    &junit::Junit,
];

/// Finds a source by name.
#[must_use]
pub fn find_source(name: &str) -> Option<&'static dyn Source> {
    SOURCES.iter().copied().find(|one| one.name() == name)
}

/// Finds the source that a file is of.
#[must_use]
pub fn recognise(bytes: &[u8]) -> Option<&'static dyn Source> {
    SOURCES.iter().copied().find(|one| one.recognises(bytes))
}

/// Reads a file of whichever source it is of.
///
/// # Errors
/// Fails when no source knows it, and as [`read_as`] does.
pub fn read(bytes: &[u8]) -> Result<Imported, ImportFault> {
    match recognise(bytes) {
        Some(source) => read_as(source, bytes),
        None => {
            let names: Vec<&str> = SOURCES.iter().map(|one| one.name()).collect();
            let known = names.join(", ");
            Err(ImportFault::Unknown { known })
        }
    }
}

/// Reads a file of one source.
///
/// # Errors
/// Fails when it is too large, or is not in that source's format.
pub fn read_as(source: &dyn Source, bytes: &[u8]) -> Result<Imported, ImportFault> {
    if bytes.len() > MOST_FILE_BYTES {
        return Err(ImportFault::TooLarge {
            what: "the file",
            most: MOST_FILE_BYTES as u64,
        });
    }
    let imported = source.read(bytes)?;
    imported.check()?;
    Ok(imported)
}

#[cfg(test)]
mod tests;
