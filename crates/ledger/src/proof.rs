//! Inclusion and consistency proofs, made and checked (RFC 9162, 2.1.3 and 2.1.4). It must not
//! know where hashes are kept: it asks for the perfect subtrees that it needs.

use crate::checkpoint::TreeHead;
use crate::hash::{Hash, node_hash};

/// Says whether the proof shows that `leaf` stands at `index` in `tree`.
#[must_use]
pub fn includes(tree: &TreeHead, index: u64, leaf: &Hash, proof: &[Hash]) -> bool {
    if index >= tree.size {
        return false;
    }
    let (mut at, mut last) = (index, tree.size - 1);
    let mut root = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            root = node_hash(sibling, &root);
            // A left edge without a sibling goes up as it is.
            let skipped = at.trailing_zeros();
            at >>= skipped;
            last >>= skipped;
        } else {
            root = node_hash(&root, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && root == tree.root
}

/// Says whether the proof shows that `new` only adds entries after those of `old`.
///
/// Nothing can be shown about an empty `old`, so that is always a no.
#[must_use]
pub fn is_consistent(old: &TreeHead, new: &TreeHead, proof: &[Hash]) -> bool {
    if old.size == 0 || old.size > new.size {
        return false;
    }
    if old.size == new.size {
        return proof.is_empty() && old.root == new.root;
    }
    let (first, rest) = match proof {
        _ if old.size.is_power_of_two() => (&old.root, proof),
        [first, rest @ ..] => (first, rest),
        [] => return false,
    };
    let skipped = (old.size - 1).trailing_ones();
    let (mut at, mut last) = ((old.size - 1) >> skipped, (new.size - 1) >> skipped);
    let (mut old_root, mut new_root) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_root = node_hash(sibling, &old_root);
            new_root = node_hash(sibling, &new_root);
            let skipped = at.trailing_zeros();
            at >>= skipped;
            last >>= skipped;
        } else {
            new_root = node_hash(&new_root, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old_root == old.root && new_root == new.root
}

/// Answers with the root of the perfect subtree of 2^height leaves, the index-th of its height.
pub(crate) type Node<'a, E> = &'a mut dyn FnMut(u32, u64) -> Result<Hash, E>;

/// Makes the inclusion proof of `index`, which must be below `size`.
pub(crate) fn inclusion<E>(index: u64, size: u64, node: Node<'_, E>) -> Result<Vec<Hash>, E> {
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range_root(middle, end, node)?);
            end = middle;
        } else {
            proof.push(range_root(start, middle, node)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Makes the consistency proof from `old` to `new`; 0 < `old` <= `new`.
pub(crate) fn consistency<E>(old: u64, new: u64, node: Node<'_, E>) -> Result<Vec<Hash>, E> {
    let (mut start, mut end) = (0, new);
    let mut proof = Vec::new();
    while old < end {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range_root(middle, end, node)?);
            end = middle;
        } else {
            proof.push(range_root(start, middle, node)?);
            start = middle;
        }
    }
    // The old tree's own root is known to whoever asks; a part of it is not.
    if start > 0 {
        proof.push(range_root(start, end, node)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Computes the root over the entries from `start` to `end`.
fn range_root<E>(start: u64, end: u64, node: Node<'_, E>) -> Result<Hash, E> {
    let count = end - start;
    if count.is_power_of_two() {
        let height = count.trailing_zeros();
        return node(height, start >> height);
    }
    let middle = start + split(count);
    let left = range_root(start, middle, node)?;
    Ok(node_hash(&left, &range_root(middle, end, node)?))
}

/// Tells the largest power of two below `count`, which must be above 1.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

#[cfg(test)]
mod tests;
