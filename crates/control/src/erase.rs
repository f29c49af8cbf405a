//! Erases what evidence holds: first the ledger says so, then the rows and their key go, from the
//! disk too. It must not take anything out of the ledger, nor judge what rested on the evidence.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use domain::{PersonName, ReleaseName, Timestamp};
use store::EvidenceId;

use crate::book::Book;
use crate::control::Control;
use crate::error::ControlError;
use crate::operator::Operator;
use crate::payload;
use crate::record::{EvidenceErased, EvidenceTaken};

/// Says what became of an erasure.
#[derive(Debug)]
pub struct Erased {
    /// The evidence's id.
    pub evidence: String,
    /// The release it was for.
    pub release: ReleaseName,
    /// Who had it erased; whoever was first.
    pub by: PersonName,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Why it is not gone from the disk yet, where it is not; it is tried again until it is.
    pub not_gone_yet: Option<ControlError>,
    /// Whether the ledger bears a plain hash of it, as ledgers of older programs do: whoever can
    /// guess what it held can still confirm the guess.
    pub can_be_confirmed: bool,
}

/// Says that there is no such evidence.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither the ledger nor the store knows evidence `{0}`")]
pub struct UnknownEvidence(pub String);

impl Control {
    /// Erases a piece of evidence. What was erased before stays as it was told then.
    ///
    /// # Errors
    /// Fails when the ledger does not take it; nothing is erased then.
    // INVARIANT: nothing is erased that the ledger does not say; held by
    // `tests::erasure::nothing_is_erased_while_the_ledger_cannot_be_written`.
    pub fn erase(
        &self,
        id: &str,
        reason: &str,
        by: &Operator,
    ) -> Result<Result<Erased, UnknownEvidence>, ControlError> {
        let mut logbook = self.logbook();
        self.settle_ledger(&mut logbook)?;
        if !logbook.book().erased.contains_key(id) {
            let Some(release) = self.release_of(logbook.book(), id)? else {
                return Ok(Err(UnknownEvidence(id.to_owned())));
            };
            let at = (self.hooks.clock)();
            let erased = EvidenceErased {
                id: id.to_owned(),
                release,
                by: by.person.clone(),
                reason: reason.to_owned(),
                at,
            };
            logbook.append(&erased, at)?;
            self.unfinished.store(true, Ordering::Release);
        }
        let book = logbook.book();
        let can_be_confirmed =
            named(book).any(|taken| taken.id == id && payload::is_plain(&taken.rows));
        let erased = book.erased.get(id).cloned();
        // Nobody who commands has to wait for the disk.
        drop(logbook);
        let finished = self.finish_erasures();
        Ok(erased.map_or_else(
            || Err(UnknownEvidence(id.to_owned())),
            |erased| {
                Ok(Erased {
                    evidence: erased.id,
                    release: erased.release,
                    by: erased.by,
                    reason: erased.reason,
                    at: erased.at,
                    not_gone_yet: finished.err(),
                    can_be_confirmed,
                })
            },
        ))
    }

    /// Takes off the disk what the ledger says is erased, where something of it may be left: after
    /// a crash, after a failure, from a backup of the database that was brought back.
    ///
    /// # Errors
    /// Fails when the store does, or others read from it all the while; it is tried again.
    pub(crate) fn finish_erasures(&self) -> Result<(), ControlError> {
        // One after the other, so that whoever waits here finds it done.
        let _running = self.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        // Lowered first, since an erasure beside this one raises it again.
        if !self.unfinished.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let finished = self.erase_all();
        if finished.is_err() {
            self.unfinished.store(true, Ordering::Release);
            self.raise_alarm();
        }
        finished
    }

    fn erase_all(&self) -> Result<(), ControlError> {
        let ids: Vec<String> = self.logbook().book().erased.keys().cloned().collect();
        let failed = ControlError::Unerased;
        for id in ids.into_iter().map(EvidenceId) {
            if self
                .store
                .release_of_evidence(&id)
                .map_err(failed)?
                .is_some()
            {
                self.store.erase_evidence(&id).map_err(failed)?;
            }
        }
        self.store.empty_log().map_err(failed)
    }

    /// Finds the release of evidence that the ledger names, or that a failure left in the store.
    fn release_of(&self, book: &Book, id: &str) -> Result<Option<ReleaseName>, ControlError> {
        let found = named(book).find(|taken| taken.id == id);
        match found {
            Some(taken) => Ok(Some(taken.release.clone())),
            None => Ok(self.store.release_of_evidence(&EvidenceId(id.to_owned()))?),
        }
    }
}

fn named(book: &Book) -> impl Iterator<Item = &EvidenceTaken> {
    book.evidence.values().flatten().map(|(taken, _)| taken)
}
