//! The rotation of the ledger's key: in which order its files change, and how one that a crash
//! cut off is gone on from. It must not choose when a key is rotated.

use std::path::Path;

use domain::Timestamp;
use ledger::{
    Append, BoxError, CHECKPOINT_PATH, Chain, Checkpoint, CheckpointError, Fault, Head,
    MAX_FILE_BYTES, NoteError, Problem, Signer, UnixMs, Verifier, verify_from,
};

use crate::durable;
use crate::ledger_error::LedgerError;
use crate::ledger_key::{KEY, PUBLIC_KEY, draw_next, key_line, read_signer, read_verifier};
use crate::ledger_steps::{Step, steps, take, take_all};

/// The key that is to follow, until it has followed.
pub(crate) const NEXT_KEY: &str = "key.next";
/// The key that was handed over, until it is destroyed.
pub(crate) const OLD_KEY: &str = "key.old";

/// Holds a planned rotation.
pub(crate) struct Rotation {
    /// The append of the handover.
    pub(crate) handover: Append,
    /// The key that follows.
    pub(crate) to: Verifier,
    secret: String,
    public: String,
}

impl Rotation {
    /// Plans the rotation to a new key.
    pub(crate) fn plan(
        head: &Head,
        from: &Signer,
        chain: &Chain,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<Self, LedgerError> {
        let next = draw_next(chain)?;
        Ok(Self {
            handover: head.hand_over(from, &next, reason, UnixMs(now.0))?,
            to: next.verifier().clone(),
            secret: key_line(&next.to_secret_text()),
            public: key_line(&next.verifier().to_string()),
        })
    }

    /// Orders what the rotation changes. The checkpoint, which both keys sign, commits it: before
    /// it the new key has signed nothing, behind it the old one signs nothing more.
    /// INVARIANT: after any number of these steps the ledger verifies with the public key beside
    /// it, and [`settle`] leaves one signing key, the one in force; held by
    /// `a_crash_at_any_step_of_a_rotation_leaves_a_whole_ledger`.
    pub(crate) fn steps(&self) -> Vec<Step<'_>> {
        let next = Step::Write {
            path: NEXT_KEY,
            bytes: self.secret.as_bytes(),
        };
        let mut all = vec![Step::Destroy { path: OLD_KEY }, next];
        all.extend(steps(&self.handover));
        all.push(Step::Rename {
            from: KEY,
            to: OLD_KEY,
        });
        all.extend(ending(&self.public));
        all
    }
}

/// Orders what is left once the old key is out of the way. It is destroyed last: while a step can
/// fail there is a key that is whole.
fn ending(public: &str) -> [Step<'_>; 3] {
    [
        Step::Write {
            path: PUBLIC_KEY,
            bytes: public.as_bytes(),
        },
        Step::Rename {
            from: NEXT_KEY,
            to: KEY,
        },
        Step::Destroy { path: OLD_KEY },
    ]
}

/// Carries a rotation out.
pub(crate) fn carry_out(folder: &Path, rotation: &Rotation) -> Result<(), LedgerError> {
    let all = rotation.steps();
    let Some((destroy, before)) = all.split_last() else {
        return Ok(());
    };
    take_all(folder, before)?;
    take(folder, destroy).map_err(|error| LedgerError::OldKeyStays {
        path: folder.join(OLD_KEY),
        source: Box::new(error),
    })
}

/// Ends a rotation that was cut off: forward where its handover is committed, else back.
pub(crate) fn settle(folder: &Path) -> Result<(), LedgerError> {
    if let Some(next) = read_signer(&folder.join(NEXT_KEY))? {
        if is_in_force(folder, next.verifier())? {
            if folder.join(KEY).exists() {
                let (from, to) = (KEY, OLD_KEY);
                take(folder, &Step::Rename { from, to })?;
            }
            let public = key_line(&next.verifier().to_string());
            let [publish, rename, _] = ending(&public);
            take_all(folder, &[publish, rename])?;
        } else {
            // It has signed nothing. Under the name of what is to be destroyed it is never read
            // again, however far that goes.
            let (from, to) = (NEXT_KEY, OLD_KEY);
            take(folder, &Step::Rename { from, to })?;
        }
    }
    let is_left = folder.join(KEY).exists() && folder.join(OLD_KEY).exists();
    if is_left && let Err(error) = take(folder, &Step::Destroy { path: OLD_KEY }) {
        // Nothing is opened by it: the key makes nothing valid any more.
        tracing::warn!(%error, "the ledger's old key is not destroyed; it is tried again");
    }
    Ok(())
}

/// Tells whether a handover to this key is committed. A whole chain must lead to it, and through
/// the public key beside the ledger: a key that was only put there signs nothing.
fn is_in_force(folder: &Path, next: &Verifier) -> Result<bool, LedgerError> {
    let reader = |path: &str| -> Result<Option<Vec<u8>>, BoxError> {
        Ok(durable::read(&folder.join(path), MAX_FILE_BYTES as u64)?)
    };
    let fault = |problem| Fault {
        file: CHECKPOINT_PATH.to_owned(),
        entry: None,
        problem,
    };
    let note = reader(CHECKPOINT_PATH).map_err(|error| fault(Problem::Read(error)))?;
    let note = note.ok_or_else(|| fault(Problem::Missing))?;
    match Checkpoint::open(&note, next) {
        Err(CheckpointError::Note(NoteError::NotSigned { .. })) => return Ok(false),
        opened => opened.map_err(|error| fault(Problem::Checkpoint(error)))?,
    };
    let public = read_verifier(folder)?;
    let verified = verify_from(&reader, next, &public, None)?;
    Ok(verified.chain.in_force() == next)
}

#[cfg(test)]
mod tests;
