//! Which conversation a request belongs to: its own id, or a hash of how it began. It must not
//! keep a word of either.

/// Multiplies well-spread bits: 2⁶⁴ divided by the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// How many steps of a long part are made side by side: one has to wait for the one before it.
const LANES: usize = 4;
/// The bytes that one step of every lane takes.
const STRIDE: usize = 8 * LANES;

/// Hashes the parts of a conversation's identity, each with its length, so that no two lists of
/// parts run into each other. The hash is our own, fixed for good (a stored id and a share's
/// bucket depend on it), eight bytes a step; it guards nothing, since the key is always a part.
#[must_use]
pub fn hash(parts: &[&[u8]]) -> u64 {
    parts.iter().fold(SPREAD, |hash, part| {
        let begun = step(hash, part.len() as u64);
        let (strides, rest) = part.as_chunks::<STRIDE>();
        if strides.is_empty() {
            return short(begun, rest);
        }
        let mut lanes = [begun; LANES];
        for stride in strides {
            let (words, _) = stride.as_chunks::<8>();
            for (lane, word) in lanes.iter_mut().zip(words) {
                *lane = step(*lane, u64::from_le_bytes(*word));
            }
        }
        short(lanes.into_iter().fold(begun, step), rest)
    })
}

fn short(hash: u64, bytes: &[u8]) -> u64 {
    let (words, last) = bytes.as_chunks::<8>();
    let mut rest = [0; 8];
    for (place, byte) in rest.iter_mut().zip(last) {
        *place = *byte;
    }
    let hash = words
        .iter()
        .fold(hash, |hash, word| step(hash, u64::from_le_bytes(*word)));
    step(hash, u64::from_le_bytes(rest))
}

fn step(hash: u64, word: u64) -> u64 {
    let mixed = (hash ^ word).wrapping_mul(SPREAD);
    mixed ^ (mixed >> 32)
}

/// Writes a hash as 16 hexadecimal digits.
#[must_use]
pub fn digits(hash: u64) -> [u8; 16] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 16];
    for (at, place) in text.iter_mut().rev().enumerate() {
        let nibble = (hash >> (4 * at)) & 15;
        *place = usize::try_from(nibble).map_or(b'0', |nibble| DIGITS[nibble & 15]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{digits, hash};

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(hash(&[]), 0x9E37_79B9_7F4A_7C15);
        assert_eq!(
            std::str::from_utf8(&digits(0x0123_4567_89ab_cdef)),
            Ok("0123456789abcdef")
        );
        let stored = hash(&[b"key", b"You are kind.", b"Hello, who are you?"]);
        assert_eq!(
            stored,
            hash(&[b"key", b"You are kind.", b"Hello, who are you?"])
        );
        assert_eq!(stored, 0x3a32_4bb2_8bc0_bdf4, "{stored:#x}");
        let long: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        let stored = hash(&[b"key", &long]);
        assert_eq!(stored, 0xc8fa_9300_8be6_0b84, "{stored:#x}");
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let all = [
            hash(&[b"ab", b"c"]),
            hash(&[b"a", b"bc"]),
            hash(&[b"abc"]),
            hash(&[b"abc", b""]),
            hash(&[b"abc\0"]),
            hash(&[b"12345678", b"9"]),
            hash(&[b"123456789"]),
            hash(&[&[0; 32]]),
            hash(&[&[0; 33]]),
            hash(&[&[0; 64]]),
            hash(&[&[0; 32], &[0; 32]]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| other != one), "{at}");
        }
    }
}
