//! Plans an append: which files to write, which checkpoint commits them, which partial tiles they
//! supersede. It must not write, nor read a clock: whoever asks does both.

use crate::bundle;
use crate::checkpoint::{TreeHead, sign, sign_by_both};
use crate::edge::Edge;
use crate::entry::{Draft, Entry, UnixMs, WriteEntryError};
use crate::fault::{Fault, Problem};
use crate::handover::Handover;
use crate::hash::{Hash, empty_root, leaf_hash};
use crate::keys::{Origin, Signer, Verifier};
use crate::layout::{CHECKPOINT_PATH, LEVELS, TILE_WIDTH, TileAt, hashes_on};
use crate::proof::includes;
use crate::snapshot::{ProofError, Reader, Snapshot};

/// Entries that one append may bring.
pub const MAX_BATCH: usize = 1024;

/// Knows what it takes to go on with a log: its size, right edge, partial bundle and last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    origin: Origin,
    size: u64,
    edge: Edge,
    bundle: Vec<u8>,
    last: Option<UnixMs>,
}

/// A file to be written whole; an older one of the same path is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileWrite {
    /// Names the file by its path inside the log, `/` between its parts.
    pub path: String,
    /// Holds the file's content.
    pub bytes: Vec<u8>,
}

/// What an append asks for, in this order: write all of `writes` durably, then the checkpoint
/// durably under [`CHECKPOINT_PATH`], then remove what is `stale`. The checkpoint is the commit:
/// what a crash leaves beyond it is ignored and later overwritten.
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    /// The bundles and tiles to write, in any order, all before the checkpoint.
    pub writes: Vec<FileWrite>,
    /// The signed note that commits the append.
    pub checkpoint: Vec<u8>,
    /// The partial files that are superseded once the checkpoint is durable.
    pub stale: Vec<String>,
    /// The entries as logged, with their index and time.
    pub entries: Vec<Entry>,
    /// What to append to next; only to be used once the checkpoint is durable.
    pub head: Head,
}

/// Says why an append is refused; nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There is nothing to append, or too much at once.
    #[error("an append brings 1 to {MAX_BATCH} entries, not {count}")]
    Count {
        /// How many were given.
        count: usize,
    },
    /// The key is another log's.
    #[error("the key of `{signer}` cannot sign for the log `{origin}`")]
    Signer {
        /// The key's name.
        signer: String,
        /// The log's name.
        origin: String,
    },
    /// The key that is to follow cannot be told from the one that hands over.
    #[error("the key of `{origin}` cannot be handed over to itself: draw another one")]
    SameKey {
        /// The log's name.
        origin: String,
    },
    /// An entry cannot be written.
    #[error(transparent)]
    Entry(#[from] WriteEntryError),
}

impl Head {
    /// Begins a log: no entry yet, but a checkpoint that says so. Without it an emptied folder
    /// would pass for a new log.
    #[must_use]
    pub fn create(signer: &Signer) -> Append {
        let head = Self {
            origin: signer.verifier().name().clone(),
            size: 0,
            edge: Edge::default(),
            bundle: Vec::new(),
            last: None,
        };
        Append {
            writes: Vec::new(),
            checkpoint: sign(head.tree(), signer),
            stale: Vec::new(),
            entries: Vec::new(),
            head,
        }
    }

    /// Goes on with a log from its files: checks the signature, that the right edge makes the
    /// signed root, and that the last bundle belongs to it.
    ///
    /// # Errors
    /// When these files are not whole; a missing checkpoint is a fault too, see [`Head::create`].
    pub fn open(reader: &Reader<'_>, verifier: &Verifier) -> Result<Self, Fault> {
        let snapshot = Snapshot::read(reader, verifier)?;
        let TreeHead { size, root } = snapshot.tree();
        // The last bundle before the root: it knows which entry is to blame.
        let last = match size.checked_sub(1) {
            Some(index) => Some(last_time(&snapshot, index)?),
            None => None,
        };
        if snapshot.edge().root() != root {
            return Err(Fault::file(CHECKPOINT_PATH, Problem::Root));
        }
        Ok(Self {
            origin: snapshot.checkpoint().origin().clone(),
            size,
            edge: snapshot.edge().clone(),
            bundle: snapshot.partial_bundle().to_vec(),
            last,
        })
    }

    /// Tells the tree's size and root.
    #[must_use]
    pub fn tree(&self) -> TreeHead {
        let root = match self.size {
            0 => empty_root(),
            _ => self.edge.root(),
        };
        TreeHead {
            size: self.size,
            root,
        }
    }

    /// Tells the time of the last entry.
    #[must_use]
    pub fn last_time(&self) -> Option<UnixMs> {
        self.last
    }

    /// Plans the append of entries at `now`. A clock that went back does not take the log with
    /// it: the entries then bear the last entry's time.
    ///
    /// # Errors
    /// When an entry cannot be written or the key is not the log's.
    pub fn append(
        &self,
        drafts: Vec<Draft>,
        now: UnixMs,
        signer: &Signer,
    ) -> Result<Append, AppendError> {
        let count = drafts.len();
        if !(1..=MAX_BATCH).contains(&count) {
            return Err(AppendError::Count { count });
        }
        self.check_signer(signer)?;
        let time = self.last.map_or(now, |last| last.max(now));
        let mut head = self.clone();
        let mut writes = Vec::new();
        let mut entries = Vec::with_capacity(count);
        for draft in drafts {
            let entry = Entry {
                index: head.size,
                time,
                kind: draft.kind,
                body: draft.body,
            };
            head.push(&entry, &mut writes)?;
            entries.push(entry);
        }
        let stale = self.write_partials(&head, &mut writes);
        Ok(Append {
            writes,
            checkpoint: sign(head.tree(), signer),
            stale,
            entries,
            head,
        })
    }

    /// Plans the entry by which the key `from` hands over to the key `to`. Its checkpoint is the
    /// only one that both sign; every later one is for the new key alone.
    ///
    /// # Errors
    /// When the entry cannot be written, or one of the keys is not the log's.
    pub fn hand_over(
        &self,
        from: &Signer,
        to: &Signer,
        reason: Option<String>,
        now: UnixMs,
    ) -> Result<Append, AppendError> {
        self.check_signer(to)?;
        if from.verifier().id() == to.verifier().id() {
            let origin = self.origin.to_string();
            return Err(AppendError::SameKey { origin });
        }
        let draft = Handover::draft(self.tree(), from, to.verifier(), reason);
        let mut planned = self.append(vec![draft], now, from)?;
        planned.checkpoint = sign_by_both(planned.head.tree(), from, to);
        Ok(planned)
    }

    fn check_signer(&self, signer: &Signer) -> Result<(), AppendError> {
        if *signer.verifier().name() == self.origin {
            return Ok(());
        }
        Err(AppendError::Signer {
            signer: signer.verifier().name().to_string(),
            origin: self.origin.to_string(),
        })
    }

    fn push(&mut self, entry: &Entry, writes: &mut Vec<FileWrite>) -> Result<(), WriteEntryError> {
        let bytes = entry.to_bytes()?;
        if !bundle::push(&mut self.bundle, &bytes) {
            return Err(WriteEntryError::TooLong {
                kind: entry.kind.clone(),
                bytes: bytes.len(),
            });
        }
        self.size += 1;
        self.last = Some(entry.time);
        for filled in self.edge.push(leaf_hash(&bytes)) {
            let index = hashes_on(filled.level, self.size - 1) / TILE_WIDTH;
            let Some(at) = TileAt::of(filled.level, index, self.size) else {
                continue;
            };
            if filled.level == 0 {
                let bytes = std::mem::take(&mut self.bundle);
                let path = at.entries_path();
                writes.push(FileWrite { path, bytes });
            }
            writes.push(tile_write(at, &filled.hashes));
        }
        Ok(())
    }

    /// Writes the partial files of `new` that differ from those here; returns the superseded.
    fn write_partials(&self, new: &Self, writes: &mut Vec<FileWrite>) -> Vec<String> {
        let mut stale = Vec::new();
        for level in 0..LEVELS {
            if hashes_on(level, self.size) == hashes_on(level, new.size) {
                continue;
            }
            if let Some(old) = TileAt::partial(level, self.size) {
                stale.push(old.path());
                if level == 0 {
                    stale.push(old.entries_path());
                }
            }
            let Some(at) = TileAt::partial(level, new.size) else {
                continue;
            };
            writes.push(tile_write(at, new.edge.level(level)));
            if level == 0 {
                let (path, bytes) = (at.entries_path(), new.bundle.clone());
                writes.push(FileWrite { path, bytes });
            }
        }
        stale
    }
}

fn tile_write(at: TileAt, hashes: &[Hash]) -> FileWrite {
    FileWrite {
        path: at.path(),
        bytes: hashes.iter().flat_map(|hash| hash.0).collect(),
    }
}

/// Tells the time of the entry at `index`, having proved that it is in the signed tree.
fn last_time(snapshot: &Snapshot<'_>, index: u64) -> Result<UnixMs, Fault> {
    let root_fault = || Fault::file(CHECKPOINT_PATH, Problem::Root);
    let mut leaves = snapshot.bundle(index / TILE_WIDTH)?;
    let last = leaves.pop().ok_or_else(root_fault)?;
    let proof = snapshot.inclusion(index).map_err(|error| match error {
        ProofError::Fault(fault) => fault,
        ProofError::OutOfRange { .. } => root_fault(),
    })?;
    if !includes(&snapshot.tree(), index, &last.hash, &proof) {
        return Err(root_fault());
    }
    Ok(last.entry.time)
}
