//! Verifies a whole log: recomputes everything from the entries' bytes and holds it against every
//! file and the signature. It must not know what keeps the files, nor repair anything.

use crate::checkpoint::{Checkpoint, TreeHead};
use crate::edge::{Edge, Filled};
use crate::entry::UnixMs;
use crate::fault::{Fault, Problem};
use crate::hash::{Hash, empty_root};
use crate::keys::Verifier;
use crate::layout::{CHECKPOINT_PATH, LEVELS, TILE_WIDTH, TileAt, hashes_on};
use crate::proof::is_consistent;
use crate::snapshot::{Leaf, Reader, Snapshot, read_checkpoint};

/// What a whole log was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The tree that its checkpoint signs and its entries make.
    pub tree: TreeHead,
    /// The time of the last entry.
    pub last: Option<UnixMs>,
    /// The checkpoint's bytes, to be kept elsewhere and given as `expected` next time.
    pub checkpoint: Vec<u8>,
}

/// Verifies every file that the log's checkpoint commits to. `expected` is a checkpoint of the
/// same log, kept elsewhere since earlier, cosigned or not: without one, a log that was truncated
/// or rewritten by whoever holds its key, or is wholly an older copy, cannot be told from a whole
/// one.
///
/// A log that is shorter than `expected` was either truncated or put back as an older copy, which
/// leave the same files; where only the checkpoint is an older one, that is told apart.
///
/// # Errors
/// With the first fault found, which names the file and, where it can be told, the entry.
pub fn verify(
    reader: &Reader<'_>,
    verifier: &Verifier,
    expected: Option<&[u8]>,
) -> Result<Verified, Fault> {
    let expected = match expected {
        // First, since an older checkpoint commits to partial files that are rightly gone.
        Some(kept) => Some(check_length(reader, verifier, kept)?),
        None => None,
    };
    let snapshot = Snapshot::read(reader, verifier)?;
    let tree = snapshot.tree();
    let mut walk = Walk {
        snapshot: &snapshot,
        expected,
        edge: Edge::default(),
        size: 0,
        last: None,
        wrong_tile: None,
        is_forked: false,
    };
    walk.compare_expected();
    for index in 0..tree.size.div_ceil(TILE_WIDTH) {
        let file = TileAt::of(0, index, tree.size).map(TileAt::entries_path);
        for leaf in snapshot.bundle(index)? {
            walk.step(&leaf, file.as_deref().unwrap_or_default())?;
        }
    }
    walk.finish()?;
    Ok(Verified {
        tree,
        last: walk.last,
        checkpoint: snapshot.note().to_vec(),
    })
}

/// Reads the kept checkpoint's tree, which the log must not be shorter than.
fn check_length(reader: &Reader<'_>, verifier: &Verifier, kept: &[u8]) -> Result<TreeHead, Fault> {
    let expected = Checkpoint::open(kept, verifier)
        .map_err(|error| Fault::file(CHECKPOINT_PATH, Problem::Expected(error)))?
        .tree();
    let tree = read_checkpoint(reader, verifier)?.tree();
    let (found, wanted) = (tree.size, expected.size);
    if found >= wanted {
        return Ok(expected);
    }
    let problem = match goes_on_to(reader, verifier, &tree, kept) {
        Some(true) => Problem::Replayed {
            found,
            expected: wanted,
        },
        Some(false) => Problem::Forked { size: found },
        None => Problem::Truncated {
            found,
            expected: wanted,
        },
    };
    Err(Fault::file(CHECKPOINT_PATH, problem))
}

/// Tells whether the kept checkpoint's tree goes on from a smaller one; nothing where the files
/// do not make the kept checkpoint's tree any more.
fn goes_on_to(
    reader: &Reader<'_>,
    verifier: &Verifier,
    old: &TreeHead,
    kept: &[u8],
) -> Option<bool> {
    let snapshot = Snapshot::read_at(reader, kept, verifier).ok()?;
    let new = snapshot.tree();
    if snapshot.edge().root() != new.root {
        return None;
    }
    if old.size == 0 {
        return Some(old.root == empty_root());
    }
    let proof = snapshot.consistency(old.size).ok()?;
    Some(is_consistent(old, &new, &proof))
}

struct Walk<'s> {
    snapshot: &'s Snapshot<'s>,
    expected: Option<TreeHead>,
    /// The tree over the entries so far, as recomputed.
    edge: Edge,
    size: u64,
    last: Option<UnixMs>,
    /// The first tile above level 0 that differs, and the entries under its differing hash.
    wrong_tile: Option<(TileAt, Problem)>,
    /// Whether the tree had another root when it was as large as the expected one.
    is_forked: bool,
}

impl Walk<'_> {
    fn step(&mut self, leaf: &Leaf, file: &str) -> Result<(), Fault> {
        let time = leaf.entry.time;
        if self.last.is_some_and(|last| time < last) {
            return Err(Fault::entry(file, self.size, Problem::TimeBackwards));
        }
        self.last = Some(time);
        self.size += 1;
        for Filled { level, hashes } in self.edge.push(leaf.hash) {
            let index = hashes_on(level, self.size - 1) / TILE_WIDTH;
            // Level 0 was held against the entries one by one.
            if let Some(at) = TileAt::of(level, index, self.size)
                && level > 0
            {
                self.check_tile(at, &hashes)?;
            }
        }
        self.compare_expected();
        Ok(())
    }

    fn check_tile(&mut self, at: TileAt, computed: &[Hash]) -> Result<(), Fault> {
        let found = self.snapshot.tile(at)?;
        let differs = |(_, (a, b)): &(u64, (&Hash, &Hash))| a != b;
        let first = at.index * TILE_WIDTH;
        let wrong = (first..).zip(found.iter().zip(computed)).find(differs);
        if let Some((index, _)) = wrong
            && self.wrong_tile.is_none()
        {
            let width = 1_u64 << (8 * at.level);
            let problem = Problem::Rewritten {
                first: index * width,
                last: index * width + (width - 1),
            };
            self.wrong_tile = Some((at, problem));
        }
        Ok(())
    }

    /// Compares the tree so far with the expected one, where that is as large.
    fn compare_expected(&mut self) {
        if let Some(expected) = self.expected
            && expected.size == self.size
        {
            self.is_forked = self.edge.root() != expected.root;
        }
    }

    /// Checks what only the whole tree can tell. Whether the files agree with their own
    /// signature comes before whether they agree with an earlier one.
    fn finish(&mut self) -> Result<(), Fault> {
        for level in 1..LEVELS {
            if let Some(at) = TileAt::partial(level, self.size) {
                let computed = self.edge.level(level).to_vec();
                self.check_tile(at, &computed)?;
            }
        }
        let is_signed = self.edge.root() == self.snapshot.tree().root;
        match (self.wrong_tile.take(), self.expected) {
            (None, Some(TreeHead { size, .. })) if is_signed && self.is_forked => {
                Err(Fault::file(CHECKPOINT_PATH, Problem::Forked { size }))
            }
            (None, _) if is_signed => Ok(()),
            (None, _) => Err(Fault::file(CHECKPOINT_PATH, Problem::Root)),
            (Some((at, _)), _) if is_signed => Err(Fault::file(at.path(), Problem::TileAltered)),
            (Some((at, problem)), _) => Err(Fault::file(at.path(), problem)),
        }
    }
}
