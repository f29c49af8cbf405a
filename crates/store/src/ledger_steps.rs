//! The durable changes of the ledger's folder, one after the other: what stands between two of
//! them is what a crash leaves. It must not choose what is written.

use std::path::Path;

use ledger::{Append, CHECKPOINT_PATH};

use crate::durable;
use crate::ledger_error::LedgerError;

/// One durable change of the ledger's folder.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    Write { path: &'a str, bytes: &'a [u8] },
    Remove { path: &'a str },
    Rename { from: &'a str, to: &'a str },
    Destroy { path: &'a str },
}

/// Orders what an append asks for: everything new, then the checkpoint that commits it, then what
/// is superseded.
/// INVARIANT: after any number of these steps the folder is a whole ledger with every entry that
/// was acknowledged; held by `a_crash_between_any_two_steps_loses_nothing`.
pub(crate) fn steps(append: &Append) -> Vec<Step<'_>> {
    let new = append.writes.iter().map(|write| Step::Write {
        path: &write.path,
        bytes: &write.bytes,
    });
    let checkpoint = Step::Write {
        path: CHECKPOINT_PATH,
        bytes: &append.checkpoint,
    };
    let stale = append.stale.iter().map(|path| Step::Remove { path });
    new.chain([checkpoint]).chain(stale).collect()
}

/// Takes one step.
pub(crate) fn take(folder: &Path, step: &Step<'_>) -> Result<(), LedgerError> {
    let (name, taken) = match step {
        Step::Write { path, bytes } => (path, durable::write(&folder.join(path), bytes)),
        Step::Remove { path } => (path, durable::remove(&folder.join(path))),
        Step::Rename { from, to } => (from, durable::rename(&folder.join(from), &folder.join(to))),
        Step::Destroy { path } => (path, durable::destroy(&folder.join(path))),
    };
    taken.map_err(|source| LedgerError::File {
        path: folder.join(name),
        source,
    })
}

/// Takes steps in their order; what is superseded may stay behind where it cannot be removed.
pub(crate) fn take_all(folder: &Path, steps: &[Step<'_>]) -> Result<(), LedgerError> {
    for step in steps {
        match (take(folder, step), step) {
            (Err(error), Step::Remove { path }) => {
                tracing::warn!(path, %error, "a superseded ledger file stays");
            }
            (taken, _) => taken?,
        }
    }
    Ok(())
}
