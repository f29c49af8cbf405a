//! The keys that a log has had, each linked to the next by a handover, and which trees each may
//! sign. It must not know how the handovers were found, nor where the keys lie.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::handover::{Handover, HandoverError};
use crate::keys::Verifier;

/// Holds a log's keys in their order. A key is in force up to the tree that ends with its
/// handover; that tree alone both keys may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    first: Verifier,
    handovers: Vec<Handover>,
}

/// One key of a log and the trees that it may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    /// The key.
    pub key: &'a Verifier,
    /// Counts the entries of the smallest tree that it may sign.
    pub first: u64,
    /// Counts the entries of the largest one; nothing for the key in force.
    pub last: Option<u64>,
}

impl Chain {
    /// Begins with a log's first key, or with the only one that is known.
    #[must_use]
    pub fn of(first: Verifier) -> Self {
        Self {
            first,
            handovers: Vec::new(),
        }
    }

    /// Goes on with the next handover in the log's order, from the chain so far; where there is
    /// none, the handover tells the first key.
    ///
    /// # Errors
    /// When the key that it is from is not the one in force, or it names one that was in force.
    pub(crate) fn linked(so_far: Option<Self>, next: Handover) -> Result<Self, HandoverError> {
        let mut chain = so_far.unwrap_or_else(|| Self::of(next.from.clone()));
        if next.from != *chain.in_force() {
            return Err(HandoverError::NotInForce {
                from: Box::new(next.from),
                in_force: Box::new(chain.in_force().clone()),
            });
        }
        if chain.has_had(&next.to) {
            let to = Box::new(next.to);
            return Err(HandoverError::Retired { to });
        }
        chain.handovers.push(next);
        Ok(chain)
    }

    /// Tells the log's first key.
    #[must_use]
    pub fn first(&self) -> &Verifier {
        &self.first
    }

    /// Tells the key in force.
    #[must_use]
    pub fn in_force(&self) -> &Verifier {
        self.handovers.last().map_or(&self.first, |last| &last.to)
    }

    /// Lists the handovers in their order.
    #[must_use]
    pub fn handovers(&self) -> &[Handover] {
        &self.handovers
    }

    /// Tells whether a key, or one that signatures could not be told apart from, is or was the
    /// log's.
    #[must_use]
    pub fn has_had(&self, key: &Verifier) -> bool {
        self.terms()
            .any(|term| term.key.name() == key.name() && term.key.id() == key.id())
    }

    /// Tells whether exactly this key is or was the log's.
    #[must_use]
    pub fn holds(&self, key: &Verifier) -> bool {
        self.terms().any(|term| term.key == key)
    }

    /// Lists the keys in their order, with the trees that each may sign.
    pub fn terms(&self) -> impl Iterator<Item = Term<'_>> {
        let keys = std::iter::once(&self.first).chain(self.handovers.iter().map(|one| &one.to));
        // The tree that ends with the handover's entry has one entry more than precede it.
        let turns = || self.handovers.iter().map(|one| one.entry.saturating_add(1));
        let firsts = std::iter::once(0).chain(turns());
        let lasts = turns().map(Some).chain(std::iter::once(None));
        keys.zip(firsts)
            .zip(lasts)
            .map(|((key, first), last)| Term { key, first, last })
    }

    /// Checks a checkpoint against the log's keys: one that may sign a tree of its size must have
    /// signed it, and none of them wrongly.
    ///
    /// # Errors
    /// When only a key signed that may not sign such a tree, or none did, or it is no checkpoint.
    pub fn open(&self, note: &[u8]) -> Result<Checkpoint, CheckpointError> {
        let mut opened = None;
        let mut refused = None;
        for term in self.terms() {
            match Checkpoint::open(note, term.key) {
                Ok(checkpoint) if term.covers(checkpoint.tree().size) => opened = Some(checkpoint),
                Ok(checkpoint) => refused = Some(term.refuses(&checkpoint)),
                Err(error) if error.is_unsigned() => refused = refused.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        opened.ok_or_else(|| refused.unwrap_or(CheckpointError::NoKey))
    }
}

impl Term<'_> {
    fn covers(&self, size: u64) -> bool {
        self.first <= size && self.last.is_none_or(|last| size <= last)
    }

    fn refuses(&self, checkpoint: &Checkpoint) -> CheckpointError {
        CheckpointError::NotInForce {
            size: checkpoint.tree().size,
            first: self.first,
            last: self.last,
        }
    }
}
