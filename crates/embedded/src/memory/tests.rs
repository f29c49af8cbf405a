//! The longest fitting prefix is found, and the limit holds.

use super::{Memory, Prefixes};

fn memory(tokens: usize) -> Memory {
    let mut memory = Memory::new(2, 4);
    for at in 0..2 {
        let layer = memory.layer(at).unwrap();
        layer.keys = vec![1.0; tokens * 4];
        layer.values = vec![2.0; tokens * 4];
    }
    memory
}

#[test]
fn the_longest_prefix_is_found_and_one_token_is_left() {
    let prefixes = Prefixes::new(1 << 20);
    prefixes.keep(&[1, 2], &memory(2));
    prefixes.keep(&[1, 2, 3], &memory(3));
    let found = |prompt: &[u32]| prefixes.longest(prompt).map(|memory| memory.len());
    assert_eq!(found(&[1, 2, 3, 4]), Some(3));
    assert_eq!(found(&[1, 2, 3]), Some(2));
    assert_eq!(found(&[1, 2, 9]), Some(2));
    assert_eq!(found(&[1, 2]), None);
    assert_eq!(found(&[2, 1, 3]), None);
}

#[test]
fn the_least_used_prefix_leaves_and_too_large_ones_never_enter() {
    // One token takes 2 layers * 2 kinds * 4 numbers * 4 bytes = 64 bytes.
    let prefixes = Prefixes::new(64 * 5);
    prefixes.keep(&[1, 1], &memory(2));
    prefixes.keep(&[2, 2], &memory(2));
    assert!(prefixes.longest(&[1, 1, 0]).is_some());
    prefixes.keep(&[3, 3], &memory(2));
    assert!(prefixes.longest(&[2, 2, 0]).is_none());
    assert!(prefixes.longest(&[1, 1, 0]).is_some());
    prefixes.keep(&[4; 6], &memory(6));
    assert!(prefixes.longest(&[4; 7]).is_none());
    assert!(prefixes.longest(&[3, 3, 0]).is_some());
}
