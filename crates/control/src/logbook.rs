//! The ledger with the book that is read from it, and the moves back that are not in it yet. It
//! must not know a policy, nor choose what is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Status, Timestamp};
use ledger::Entry;
use release::Move;
use serde_json::Value;
use store::{Lease, LedgerWriter};

use crate::book::{Book, MOVE};
use crate::error::ControlError;
use crate::record::Record;

/// The most moves back that wait for the ledger.
const MAX_PENDING: usize = 1_000;

/// Writes the ledger and knows what it says. What stands in the book stands in the ledger; the
/// status is the book's and the moves back that wait.
pub(crate) struct Logbook {
    writer: LedgerWriter,
    book: Book,
    status: Status,
    /// Moves back that took effect while the ledger could not be written. While one waits nothing
    /// goes forward, so only suspensions can be many.
    pending: Vec<Move>,
    /// Set after a failed append: the entry may stand or not, and only reading tells.
    is_unsure: bool,
    /// Raised as soon as anything waits for the ledger.
    alarm: Arc<AtomicBool>,
}

impl Logbook {
    /// Reads the ledger back from its first entry.
    pub(crate) fn open(writer: LedgerWriter, alarm: Arc<AtomicBool>) -> Result<Self, ControlError> {
        let mut logbook = Self {
            writer,
            book: Book::default(),
            status: Status::default(),
            pending: Vec::new(),
            is_unsure: true,
            alarm,
        };
        logbook.read_on()?;
        Ok(logbook)
    }

    /// Shows what the ledger says.
    pub(crate) fn book(&self) -> &Book {
        &self.book
    }

    /// Shows where every release stands, the moves back that wait included.
    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    /// Shows the lease, for what else only its holder may change.
    pub(crate) fn lease(&self) -> &Lease {
        self.writer.lease()
    }

    /// Holds the book for behind: it reads on before anything else is written.
    pub(crate) fn doubt(&mut self) {
        self.is_unsure = true;
        self.alarm.store(true, Ordering::Release);
    }

    /// Brings ledger and book to the same: reads what may stand, writes what waits.
    pub(crate) fn catch_up(&mut self, now: Timestamp) -> Result<(), ControlError> {
        if self.is_unsure {
            self.read_on()?;
        }
        for made in self.pending.clone() {
            self.put(MOVE, serde_json::to_value(made)?, now)?;
        }
        Ok(())
    }

    /// Appends a record durably, after everything that waits.
    pub(crate) fn append<R: Record>(
        &mut self,
        record: &R,
        now: Timestamp,
    ) -> Result<(), ControlError> {
        self.catch_up(now)?;
        self.put(R::KIND, serde_json::to_value(record)?, now)
    }

    /// Makes a move: durable first, then in the book. One that goes back takes effect even while
    /// the ledger cannot be written, and is written when it can be.
    pub(crate) fn make(&mut self, made: &Move, now: Timestamp) -> Result<(), ControlError> {
        let body = serde_json::to_value(made)?;
        let logged = if self.is_unsure || !self.pending.is_empty() {
            Err(ControlError::Waiting)
        } else {
            self.put(MOVE, body, now)
        };
        if let Err(error) = &logged
            && made.kind.goes_back()
            && self.pending.len() < MAX_PENDING
        {
            let release = &made.release;
            tracing::error!(%error, %release, "a move back is not in the ledger yet");
            self.alarm.store(true, Ordering::Release);
            self.status = release::apply(&self.status, made);
            self.pending.push(made.clone());
            return Ok(());
        }
        logged
    }

    fn put(&mut self, kind: &str, body: Value, now: Timestamp) -> Result<(), ControlError> {
        let index = self.book.entries;
        match self.writer.append(kind, body.clone(), now) {
            Ok(entry) => self.take(&entry),
            Err(error) => {
                self.doubt();
                // What stands is in force from now on, whoever was told otherwise: a restart
                // would read it, too.
                let stands = |entry: &Entry| {
                    entry.index == index && entry.kind == kind && entry.body == body
                };
                match self.read_on() {
                    Ok(read) if read.iter().any(stands) => Ok(()),
                    _ => Err(error.into()),
                }
            }
        }
    }

    /// Reads the entries that the book lacks.
    fn read_on(&mut self) -> Result<Vec<Entry>, ControlError> {
        let entries = self.writer.files().entries(self.book.entries..u64::MAX)?;
        for entry in &entries {
            self.take(entry)?;
        }
        self.is_unsure = false;
        Ok(entries)
    }

    fn take(&mut self, entry: &Entry) -> Result<(), ControlError> {
        self.book.take(entry)?;
        let first = self.pending.first().map(serde_json::to_value).transpose()?;
        if entry.kind == MOVE && first.as_ref() == Some(&entry.body) {
            self.pending.remove(0);
        }
        let waiting = self.pending.iter();
        self.status = waiting.fold(self.book.status.clone(), |status, made| {
            release::apply(&status, made)
        });
        Ok(())
    }
}
