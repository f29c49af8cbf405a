//! Verifies a whole log: recomputes everything from the entries' bytes and holds it against every
//! file and the signature. It must not know what keeps the files, nor repair anything.

use crate::chain::Chain;
use crate::checkpoint::{Checkpoint, CheckpointError, TreeHead, claimed_tree};
use crate::edge::{Edge, Filled};
use crate::entry::{Entry, UnixMs};
use crate::fault::{Fault, Problem};
use crate::handover::{HANDOVER_KIND, Handover};
use crate::hash::{Hash, empty_root};
use crate::keys::Verifier;
use crate::layout::{CHECKPOINT_PATH, LEVELS, TILE_WIDTH, TileAt, hashes_on};
use crate::named::is_named_after;
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
    /// The keys that it was signed with, in their order.
    pub chain: Chain,
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
    verify_from(reader, verifier, verifier, expected)
}

/// Verifies a log as [`verify`] does, for whoever trusts the key `trusted` alone: the log may have
/// handed it over since. `signed_by` only says which key to read the checkpoint with; that
/// handovers link the two is checked.
///
/// # Errors
/// As for [`verify`]; a key without a link is a fault of the checkpoint that it signs.
pub fn verify_from(
    reader: &Reader<'_>,
    signed_by: &Verifier,
    trusted: &Verifier,
    expected: Option<&[u8]>,
) -> Result<Verified, Fault> {
    let kept = match expected {
        // First, since an older checkpoint commits to partial files that are rightly gone.
        Some(kept) => Some(check_length(reader, signed_by, kept)?),
        None => None,
    };
    let snapshot = Snapshot::read(reader, signed_by)?;
    let mut walk = Walk::begin(&snapshot, kept);
    let tree = snapshot.tree();
    for index in 0..tree.size.div_ceil(TILE_WIDTH) {
        let file = TileAt::of(0, index, tree.size).map(TileAt::entries_path);
        for leaf in snapshot.bundle(index)? {
            walk.step(&leaf, file.as_deref().unwrap_or_default())?;
        }
    }
    walk.finish()?;
    let last = walk.last;
    let is_forked = walk.is_forked;
    let chain = walk.chain?.unwrap_or_else(|| Chain::of(signed_by.clone()));
    check_chain(&snapshot, &chain, trusted)?;
    if let Some(kept) = expected {
        let kept = chain.open(kept).map_err(not_accepted)?.tree();
        if is_forked {
            let size = kept.size;
            return Err(Fault::file(CHECKPOINT_PATH, Problem::Forked { size }));
        }
    }
    Ok(Verified {
        tree,
        last,
        checkpoint: snapshot.note().to_vec(),
        chain,
    })
}

/// Checks that the keys lead from the log's name, through the trusted one, to the one that signs.
fn check_chain(snapshot: &Snapshot<'_>, chain: &Chain, trusted: &Verifier) -> Result<(), Fault> {
    let handovers = chain.handovers();
    let fault = |handover: Option<&Handover>, problem| Fault {
        file: CHECKPOINT_PATH.to_owned(),
        entry: handover.map(|handover| handover.entry),
        problem,
    };
    let first = chain.first();
    if is_named_after(snapshot.checkpoint().origin(), first) == Some(false) {
        let key = Box::new(first.clone());
        return Err(fault(handovers.first(), Problem::NotNamedAfter { key }));
    }
    let in_force = chain.in_force();
    if let Err(source) = Checkpoint::open(snapshot.note(), in_force) {
        let key = Box::new(in_force.clone());
        let problem = Problem::NotByKeyInForce { key, source };
        return Err(fault(handovers.last(), problem));
    }
    if !chain.holds(trusted) {
        let given = Box::new(trusted.clone());
        return Err(fault(handovers.first(), Problem::NotLinkedTo { given }));
    }
    Ok(())
}

fn not_accepted(error: CheckpointError) -> Fault {
    Fault::file(CHECKPOINT_PATH, Problem::Expected(error))
}

/// Reads the tree that the kept checkpoint claims, which the log must not be shorter than.
fn check_length(reader: &Reader<'_>, verifier: &Verifier, kept: &[u8]) -> Result<TreeHead, Fault> {
    let opened = Checkpoint::open(kept, verifier);
    let claimed = || claimed_tree(kept, verifier.name());
    let (expected, unsigned) = match opened {
        Ok(checkpoint) => (checkpoint.tree(), None),
        // A key that was handed over may have signed it: the walk tells, and then it is opened.
        Err(error) => match claimed().filter(|_| error.is_unsigned()) {
            Some(tree) => (tree, Some(error)),
            None => return Err(not_accepted(error)),
        },
    };
    let tree = read_checkpoint(reader, verifier)?.tree();
    let (found, wanted) = (tree.size, expected.size);
    if found >= wanted {
        return Ok(expected);
    }
    if let Some(error) = unsigned {
        return Err(not_accepted(error));
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
    /// The keys that handovers have told so far, or the first one that does not hold.
    chain: Result<Option<Chain>, Fault>,
}

impl<'s> Walk<'s> {
    fn begin(snapshot: &'s Snapshot<'s>, expected: Option<TreeHead>) -> Self {
        let mut walk = Self {
            snapshot,
            expected,
            edge: Edge::default(),
            size: 0,
            last: None,
            wrong_tile: None,
            is_forked: false,
            chain: Ok(None),
        };
        walk.compare_expected();
        walk
    }

    fn step(&mut self, leaf: &Leaf, file: &str) -> Result<(), Fault> {
        let time = leaf.entry.time;
        if self.last.is_some_and(|last| time < last) {
            return Err(Fault::entry(file, self.size, Problem::TimeBackwards));
        }
        self.last = Some(time);
        if leaf.entry.kind == HANDOVER_KIND {
            self.hand_over(&leaf.entry, file);
        }
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

    /// Takes in a handover. What does not hold is told at the end: where entries before it were
    /// rewritten, that is what is wrong.
    fn hand_over(&mut self, entry: &Entry, file: &str) {
        let Ok(so_far) = &self.chain else { return };
        let before = TreeHead {
            size: self.size,
            root: self.edge.root(),
        };
        let origin = self.snapshot.checkpoint().origin();
        let linked = match Handover::read(entry, before, origin) {
            Ok(Some(handover)) => Chain::linked(so_far.clone(), handover).map(Some),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let fault = |error| Fault::entry(file, entry.index, Problem::Handover(error));
        self.chain = linked.map_err(fault);
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
        match self.wrong_tile.take() {
            None if is_signed => Ok(()),
            None => Err(Fault::file(CHECKPOINT_PATH, Problem::Root)),
            Some((at, _)) if is_signed => Err(Fault::file(at.path(), Problem::TileAltered)),
            Some((at, problem)) => Err(Fault::file(at.path(), problem)),
        }
    }
}
