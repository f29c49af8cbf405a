//! The tree's right edge: the hashes of the partial tile on every level, from which the root
//! follows and the tree grows. It must not know entries, keys or files.

use crate::hash::{Hash, empty_root, node_hash, perfect_root};
use crate::layout::TILE_WIDTH;

/// A tile that has just become full.
pub(crate) struct Filled {
    pub level: u32,
    pub hashes: Vec<Hash>,
}

/// Holds the partial tiles, lowest level first; a level without one is empty.
// INVARIANT: every level holds fewer than 256 hashes; `proof::tests` compares the root with the
// recursive definition for every size up to 700.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edge {
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    pub fn from_levels(levels: Vec<Vec<Hash>>) -> Self {
        Self { levels }
    }

    pub fn level(&self, level: u32) -> &[Hash] {
        let level = usize::try_from(level).unwrap_or(usize::MAX);
        self.levels.get(level).map_or(&[], Vec::as_slice)
    }

    /// Adds a leaf and hands out the tiles that it filled, lowest first.
    pub fn push(&mut self, leaf: Hash) -> Vec<Filled> {
        let mut filled = Vec::new();
        let mut carried = leaf;
        for level in 0.. {
            let at = filled.len();
            if self.levels.len() == at {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(at) else {
                break;
            };
            hashes.push(carried);
            if (hashes.len() as u64) < TILE_WIDTH {
                break;
            }
            let hashes = std::mem::take(hashes);
            carried = perfect_root(&hashes);
            filled.push(Filled { level, hashes });
        }
        filled
    }

    /// Computes the tree's root.
    pub fn root(&self) -> Hash {
        let mut root = None;
        for hashes in &self.levels {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let peak = 1_usize << rest.len().trailing_zeros();
                let (left, right) = rest.split_at(rest.len() - peak);
                let peak = perfect_root(right);
                root = Some(root.map_or(peak, |root| node_hash(&peak, &root)));
                rest = left;
            }
        }
        root.unwrap_or_else(empty_root)
    }
}
