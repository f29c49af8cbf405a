//! Proofs held to the published vectors and to the recursive definitions of RFC 6962.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::edge::Edge;
use crate::hash::{empty_root, leaf_hash};

/// Every perfect subtree over numbered leaves, so that thousands of proofs are cheap.
struct Tree {
    rows: Vec<Vec<Hash>>,
}

impl Tree {
    fn of(size: u64) -> Self {
        let mut row: Vec<_> = (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        let mut rows = Vec::new();
        while !row.is_empty() {
            let pairs = row.chunks_exact(2);
            let above = pairs.map(|pair| node_hash(&pair[0], &pair[1])).collect();
            rows.push(row);
            row = above;
        }
        Self { rows }
    }

    fn node(&self, height: u32, index: u64) -> Result<Hash, Infallible> {
        Ok(self.rows[height as usize][usize::try_from(index).unwrap()])
    }

    fn head(&self, size: u64) -> TreeHead {
        let root = match size {
            0 => empty_root(),
            _ => definition(&self.rows[0][..usize::try_from(size).unwrap()]),
        };
        TreeHead { size, root }
    }

    fn leaf(&self, index: u64) -> Hash {
        self.rows[0][usize::try_from(index).unwrap()]
    }

    fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        inclusion(index, size, &mut |h, i| self.node(h, i)).unwrap()
    }

    fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
        consistency(old, new, &mut |h, i| self.node(h, i)).unwrap()
    }
}

/// MTH of RFC 6962, 2.1, word for word.
fn definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&definition(left), &definition(right))
        }
    }
}

#[test]
fn the_edge_makes_the_root_of_the_definition() {
    let tree = Tree::of(700);
    let mut edge = Edge::default();
    assert_eq!(edge.root(), empty_root());
    for size in 1..=700 {
        edge.push(tree.leaf(size - 1));
        assert_eq!(edge.root(), tree.head(size).root, "size {size}");
    }
}

#[test]
fn every_entry_of_every_size_is_proved() {
    let tree = Tree::of(300);
    for size in 1..=300 {
        let head = tree.head(size);
        for index in 0..size {
            let proof = tree.inclusion(index, size);
            assert!(
                includes(&head, index, &tree.leaf(index), &proof),
                "{index} of {size}"
            );
            let elsewhere = (index + 1) % size;
            let is_same = elsewhere == index;
            assert_eq!(
                is_same,
                includes(&head, elsewhere, &tree.leaf(index), &proof)
            );
        }
    }
}

#[test]
fn every_pair_of_sizes_is_consistent() {
    let tree = Tree::of(300);
    let heads: Vec<_> = (0..=300).map(|size| tree.head(size)).collect();
    for new in 1..=300_u64 {
        for old in 1..=new {
            let (from, to) = (&heads[old as usize], &heads[new as usize]);
            let proof = tree.consistency(old, new);
            assert!(is_consistent(from, to, &proof), "{old} to {new}");
            let forked = TreeHead {
                size: old,
                root: leaf_hash(b"other"),
            };
            assert!(!is_consistent(&forked, to, &proof), "{old} to {new}");
        }
    }
}

proptest! {
    #[test]
    fn a_changed_proof_does_not_hold(
        size in 1..300_u64,
        at in any::<prop::sample::Index>(),
        spot in any::<prop::sample::Index>(),
        bit in 0..256_usize,
    ) {
        let tree = Tree::of(size);
        let index = at.index(usize::try_from(size).unwrap()) as u64;
        let head = tree.head(size);
        let flip = |hash: &mut Hash| hash.0[bit / 8] ^= 1 << (bit % 8);
        let changes = |good: &[Hash]| {
            let mut bad = vec![[good, &[empty_root()]].concat(), [&[empty_root()], good].concat()];
            if !good.is_empty() {
                let mut flipped = good.to_vec();
                flip(&mut flipped[spot.index(good.len())]);
                bad.push(flipped);
                bad.push(good[1..].to_vec());
                bad.push(good[..good.len() - 1].to_vec());
            }
            bad
        };
        for bad in changes(&tree.inclusion(index, size)) {
            prop_assert!(!includes(&head, index, &tree.leaf(index), &bad));
        }
        for bad in changes(&tree.consistency(index + 1, size)) {
            prop_assert!(!is_consistent(&tree.head(index + 1), &head, &bad));
        }
        let mut leaf = tree.leaf(index);
        flip(&mut leaf);
        prop_assert!(!includes(&head, index, &leaf, &tree.inclusion(index, size)));
    }

    #[test]
    fn any_numbers_and_hashes_end_in_an_answer(
        sizes in any::<(u64, u64, u64)>(),
        proof in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..70),
    ) {
        let root = empty_root();
        let head = |size| TreeHead { size, root };
        prop_assert!(!includes(&head(sizes.0), sizes.1, &root, &proof));
        let is_same = sizes.1 == sizes.2 && sizes.1 > 0 && proof.is_empty();
        prop_assert_eq!(is_same, is_consistent(&head(sizes.1), &head(sizes.2), &proof));
    }
}

#[test]
fn the_largest_tree_does_not_overflow() {
    let root = empty_root();
    let head = TreeHead {
        size: u64::MAX,
        root,
    };
    let proof = vec![root; 64];
    for index in [0, 1, u64::MAX / 2, u64::MAX - 2, u64::MAX - 1, u64::MAX] {
        assert!(!includes(&head, index, &root, &proof));
        let old = TreeHead {
            size: index,
            root: leaf_hash(b""),
        };
        assert!(!is_consistent(&old, &head, &proof));
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InclusionCase {
    leaf_idx: u64,
    tree_size: u64,
    root: Option<String>,
    leaf_hash: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConsistencyCase {
    size1: u64,
    size2: u64,
    root1: Option<String>,
    root2: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

/// A hash of another length than 32 bytes cannot even be said here: such a case is refused.
fn hash(text: Option<&String>) -> Option<Hash> {
    let bytes = STANDARD.decode(text?).unwrap();
    bytes.try_into().ok().map(Hash)
}

/// The consistency cases put the short text "don't care" for roots that need only be equal or
/// different; filled up with zeros they still are.
fn root(text: Option<&String>) -> Option<Hash> {
    let mut bytes = STANDARD.decode(text?).unwrap();
    if bytes.starts_with(b"don't care") {
        bytes.resize(32, 0);
    }
    bytes.try_into().ok().map(Hash)
}

fn hashes(texts: Option<Vec<String>>) -> Option<Vec<Hash>> {
    texts
        .unwrap_or_default()
        .iter()
        .map(|text| hash(Some(text)))
        .collect()
}

impl InclusionCase {
    fn holds(self) -> Option<bool> {
        let tree = TreeHead {
            size: self.tree_size,
            root: hash(self.root.as_ref())?,
        };
        let leaf = hash(self.leaf_hash.as_ref())?;
        Some(includes(&tree, self.leaf_idx, &leaf, &hashes(self.proof)?))
    }
}

impl ConsistencyCase {
    fn holds(self) -> Option<bool> {
        let old = TreeHead {
            size: self.size1,
            root: root(self.root1.as_ref())?,
        };
        let new = TreeHead {
            size: self.size2,
            root: root(self.root2.as_ref())?,
        };
        Some(is_consistent(&old, &new, &hashes(self.proof)?))
    }
}

const VECTORS: usize = 98;

/// Reads the published cases of a folder; none where the shared folder is not there.
#[expect(
    clippy::print_stdout,
    reason = "every skip is told on the test's output"
)]
fn published<Case: DeserializeOwned>(folder: &str) -> Vec<(PathBuf, Case)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/merkle/testdata");
    if !root.is_dir() {
        assert!(
            std::env::var_os("CI").is_none(),
            "the published vectors are absent"
        );
        println!("skipped: {VECTORS} published {folder} vectors (no shared folder here)");
        return Vec::new();
    }
    let mut folders = vec![root.join(folder)];
    let mut cases = Vec::new();
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let case = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                cases.push((path, case));
            }
        }
    }
    assert_eq!(cases.len(), VECTORS);
    cases
}

#[test]
fn published_inclusion_vectors() {
    for (path, case) in published::<InclusionCase>("inclusion") {
        let expected = !case.want_err;
        assert_eq!(
            case.holds().unwrap_or(false),
            expected,
            "{}",
            path.display()
        );
    }
}

#[test]
fn published_consistency_vectors() {
    for (path, case) in published::<ConsistencyCase>("consistency") {
        let expected = !case.want_err;
        assert_eq!(
            case.holds().unwrap_or(false),
            expected,
            "{}",
            path.display()
        );
    }
}
