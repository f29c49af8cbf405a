//! One committed state of a log as its files have it: checkpoint, right edge, and through them
//! entries and proofs. It must not write, nor know what keeps the files.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;

use crate::bundle::Split;
use crate::checkpoint::{Checkpoint, TreeHead};
use crate::edge::Edge;
use crate::entry::Entry;
use crate::fault::{BoxError, Fault, Problem};
use crate::hash::{HASH_BYTES, Hash, leaf_hash, perfect_root};
use crate::keys::Verifier;
use crate::layout::{CHECKPOINT_PATH, LEVELS, TILE_WIDTH, TileAt, hashes_on};
use crate::proof;

/// Reads a file of the log by its path inside it; nothing where there is none.
pub type Reader<'a> = dyn Fn(&str) -> Result<Option<Vec<u8>>, BoxError> + 'a;

/// Times that a writer may overtake one reading before that counts as a fault.
const MAX_OVERTAKEN: usize = 16;

/// Full tiles kept in memory while proofs are made.
const MAX_KEPT_TILES: usize = 16;

/// Holds one committed state of a log. A writer beside it does no harm: full tiles and bundles
/// never change, and the partial ones are read here at once.
pub struct Snapshot<'a> {
    reader: &'a Reader<'a>,
    note: Vec<u8>,
    checkpoint: Checkpoint,
    edge: Edge,
    /// The partial bundle; empty where the last bundle is full.
    bundle: Vec<u8>,
    kept: RefCell<VecDeque<(TileAt, Vec<Hash>)>>,
}

/// Says why a proof cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// There is nothing to prove about such an entry or size.
    #[error("there is no proof for {asked}: the log has {size} entries")]
    OutOfRange {
        /// The index or size that was asked for.
        asked: u64,
        /// How many entries the log has.
        size: u64,
    },
    /// The files do not make the proof.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// An entry with the hash that it has in the tree.
pub(crate) struct Leaf {
    pub hash: Hash,
    pub entry: Entry,
}

impl<'a> Snapshot<'a> {
    /// Reads the checkpoint and the tree's right edge. Only the signature is checked here;
    /// `verify` checks all the rest.
    ///
    /// # Errors
    /// When one of these files is missing, unreadable, misshapen or not signed by this key.
    pub fn read(reader: &'a Reader<'a>, verifier: &Verifier) -> Result<Self, Fault> {
        let mut note = must_read(reader, CHECKPOINT_PATH)?;
        for _ in 0..MAX_OVERTAKEN {
            let attempt = Self::read_at(reader, &note, verifier);
            let now = match &attempt {
                Ok(_) => return attempt,
                Err(_) => must_read(reader, CHECKPOINT_PATH)?,
            };
            // The fault stands unless the writer has moved on and taken the old edge away.
            if now == note {
                return attempt;
            }
            note = now;
        }
        Self::read_at(reader, &note, verifier)
    }

    /// Reads the state that a note commits to, which need not be the log's own checkpoint.
    pub(crate) fn read_at(
        reader: &'a Reader<'a>,
        note: &[u8],
        verifier: &Verifier,
    ) -> Result<Self, Fault> {
        let checkpoint = open_checkpoint(note, verifier)?;
        let size = checkpoint.tree().size;
        let edge = read_edge(reader, size)?;
        let bundle = match TileAt::partial(0, size) {
            Some(at) => must_read(reader, &at.entries_path())?,
            None => Vec::new(),
        };
        Ok(Self {
            reader,
            note: note.to_vec(),
            checkpoint,
            edge,
            bundle,
            kept: RefCell::default(),
        })
    }

    /// Tells what the log's key signed.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Gives the checkpoint's bytes, to be kept elsewhere and compared with later.
    #[must_use]
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// Walks the entries of a range, as far as the log has them. Each must match the hash that
    /// its tile holds; whether the tiles are those that were signed, only `verify` tells.
    #[must_use]
    pub fn entries(&self, range: Range<u64>) -> Entries<'_, 'a> {
        Entries {
            snapshot: self,
            next: range.start,
            end: range.end.min(self.tree().size),
            loaded: VecDeque::new(),
        }
    }

    /// Makes the proof that the entry at `index` is in the signed tree. The proof holds for the
    /// entry whose hash the tile has; a wrong tile gives a proof that does not hold.
    ///
    /// # Errors
    /// When there is no such entry, or a tile is missing or unreadable.
    pub fn inclusion(&self, index: u64) -> Result<Vec<Hash>, ProofError> {
        self.check_range(index, 0..self.tree().size)?;
        let mut node = |height, at| self.node(height, at);
        Ok(proof::inclusion(index, self.tree().size, &mut node)?)
    }

    /// Makes the proof that the signed tree only adds to its own first `old` entries.
    ///
    /// # Errors
    /// When `old` is 0 or beyond the log, or a tile is missing or unreadable.
    pub fn consistency(&self, old: u64) -> Result<Vec<Hash>, ProofError> {
        self.check_range(old, 1..self.tree().size.saturating_add(1))?;
        let mut node = |height, at| self.node(height, at);
        Ok(proof::consistency(old, self.tree().size, &mut node)?)
    }

    pub(crate) fn tree(&self) -> TreeHead {
        self.checkpoint.tree()
    }

    pub(crate) fn edge(&self) -> &Edge {
        &self.edge
    }

    pub(crate) fn partial_bundle(&self) -> &[u8] {
        &self.bundle
    }

    /// Reads a bundle and holds every entry against its tile.
    pub(crate) fn bundle(&self, index: u64) -> Result<Vec<Leaf>, Fault> {
        let Some(at) = TileAt::of(0, index, self.tree().size) else {
            return Ok(Vec::new());
        };
        let file = at.entries_path();
        let read = match at.is_partial() {
            true => None,
            false => Some(must_read(self.reader, &file)?),
        };
        let mut split = Split {
            rest: read.as_deref().unwrap_or(&self.bundle),
        };
        let mut whole = Vec::new();
        let first = index * TILE_WIDTH;
        for (index, hash) in (first..).zip(self.tile(at)?) {
            let cut = || Fault::entry(&file, index, Problem::EntryCut);
            let bytes = split.next().ok_or_else(cut)?;
            let found = leaf_hash(bytes);
            if found != hash {
                return Err(self.blame(at, index, &found));
            }
            whole.push((index, hash, bytes));
        }
        if !split.rest.is_empty() {
            let bytes = split.rest.len();
            return Err(Fault::file(file, Problem::Trailing { bytes }));
        }
        whole
            .into_iter()
            .map(|(index, hash, bytes)| {
                let entry =
                    read_entry(index, bytes).map_err(|why| Fault::entry(&file, index, why))?;
                Ok(Leaf { hash, entry })
            })
            .collect()
    }

    /// Reads the hashes of a tile.
    pub(crate) fn tile(&self, at: TileAt) -> Result<Vec<Hash>, Fault> {
        if at.is_partial() {
            return Ok(self.edge.level(at.level).to_vec());
        }
        read_tile(self.reader, at)
    }

    /// Tells which of the two is wrong where an entry and its tile differ: the one that the
    /// signed root does not confirm. Where it confirms neither, the entry counts as altered.
    fn blame(&self, at: TileAt, index: u64, found: &Hash) -> Fault {
        let confirms_entry = self
            .inclusion(index)
            .is_ok_and(|proof| proof::includes(&self.tree(), index, found, &proof));
        match confirms_entry {
            true => Fault::entry(at.path(), index, Problem::TileAltered),
            false => Fault::entry(at.entries_path(), index, Problem::EntryAltered),
        }
    }

    fn check_range(&self, asked: u64, range: Range<u64>) -> Result<(), ProofError> {
        if range.contains(&asked) {
            return Ok(());
        }
        let size = self.tree().size;
        Err(ProofError::OutOfRange { asked, size })
    }

    /// Computes the root of a perfect subtree from the tile that holds its lower row.
    fn node(&self, height: u32, index: u64) -> Result<Hash, Fault> {
        let (level, inner) = (height / 8, height % 8);
        let first = index << inner;
        let Some(at) = TileAt::of(level, first / TILE_WIDTH, self.tree().size) else {
            return Err(Fault::file(CHECKPOINT_PATH, Problem::Root));
        };
        self.keep(at)?;
        let kept = self.kept.borrow();
        let hashes = kept.iter().find(|(of, _)| *of == at);
        let start = usize::try_from(first % TILE_WIDTH).unwrap_or(usize::MAX);
        let row = hashes.and_then(|(_, hashes)| hashes.get(start..start + (1 << inner)));
        row.map(perfect_root)
            .ok_or_else(|| Fault::file(at.path(), Problem::Missing))
    }

    fn keep(&self, at: TileAt) -> Result<(), Fault> {
        if self.kept.borrow().iter().any(|(of, _)| *of == at) {
            return Ok(());
        }
        let hashes = self.tile(at)?;
        let mut kept = self.kept.borrow_mut();
        if kept.len() == MAX_KEPT_TILES {
            kept.pop_front();
        }
        kept.push_back((at, hashes));
        Ok(())
    }
}

/// Walks entries in their order; ends after the first fault.
pub struct Entries<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    next: u64,
    end: u64,
    loaded: VecDeque<Entry>,
}

impl Entries<'_, '_> {
    fn load(&mut self) -> Result<(), Fault> {
        let skipped = usize::try_from(self.next % TILE_WIDTH).unwrap_or(usize::MAX);
        let leaves = self.snapshot.bundle(self.next / TILE_WIDTH)?;
        let entries = leaves.into_iter().map(|leaf| leaf.entry);
        self.loaded = entries.skip(skipped).collect();
        Ok(())
    }
}

impl Iterator for Entries<'_, '_> {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        if self.loaded.is_empty()
            && let Err(fault) = self.load()
        {
            self.next = self.end;
            return Some(Err(fault));
        }
        self.next += 1;
        self.loaded.pop_front().map(Ok)
    }
}

/// Reads what the log's key signed, and no other file.
pub(crate) fn read_checkpoint(
    reader: &Reader<'_>,
    verifier: &Verifier,
) -> Result<Checkpoint, Fault> {
    open_checkpoint(&must_read(reader, CHECKPOINT_PATH)?, verifier)
}

fn open_checkpoint(note: &[u8], verifier: &Verifier) -> Result<Checkpoint, Fault> {
    Checkpoint::open(note, verifier)
        .map_err(|error| Fault::file(CHECKPOINT_PATH, Problem::Checkpoint(error)))
}

/// Reads the right edge that a tree of `size` has.
fn read_edge(reader: &Reader<'_>, size: u64) -> Result<Edge, Fault> {
    let mut levels = Vec::new();
    for level in (0..LEVELS).take_while(|level| hashes_on(*level, size) > 0) {
        levels.push(match TileAt::partial(level, size) {
            Some(at) => read_tile(reader, at)?,
            None => Vec::new(),
        });
    }
    Ok(Edge::from_levels(levels))
}

fn read_entry(index: u64, bytes: &[u8]) -> Result<Entry, Problem> {
    let entry = Entry::from_bytes(bytes).map_err(Problem::NotAnEntry)?;
    if entry.index != index {
        return Err(Problem::Index { found: entry.index });
    }
    Ok(entry)
}

fn read_tile(reader: &Reader<'_>, at: TileAt) -> Result<Vec<Hash>, Fault> {
    let path = at.path();
    let bytes = must_read(reader, &path)?;
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    if hashes.len() as u64 != at.width || !rest.is_empty() {
        let problem = Problem::TileLength {
            found: bytes.len(),
            wanted: at.width * HASH_BYTES as u64,
        };
        return Err(Fault::file(path, problem));
    }
    Ok(hashes.iter().copied().map(Hash).collect())
}

fn must_read(reader: &Reader<'_>, path: &str) -> Result<Vec<u8>, Fault> {
    match reader(path) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Fault::file(path, Problem::Missing)),
        Err(error) => Err(Fault::file(path, Problem::Read(error))),
    }
}
