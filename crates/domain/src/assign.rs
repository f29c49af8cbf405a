//! Which conversations are in a share: a hash, so that a restart moves nobody and a rise moves
//! nobody back. It must not draw random numbers.

/// Computes the 32-bit FNV-1a hash of the bytes of two texts, one after the other.
#[must_use]
pub fn fnv1a32(first: &[u8], second: &[u8]) -> u32 {
    first.iter().chain(second).fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// Computes the bucket, 0 to 9999, of a value under a seed: GrowthBook's hash of version 2
/// (spec 0.8.0), `fnv1a32(decimal(fnv1a32(seed ‖ value))) mod 10000`.
#[must_use]
pub fn bucket_v2(seed: &str, value: &str) -> u16 {
    let mut left = fnv1a32(seed.as_bytes(), value.as_bytes());
    let mut digits = [0_u8; 10];
    let mut start = digits.len();
    for (position, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        start = position;
        if left == 0 {
            break;
        }
    }
    let decimal = digits.get(start..).unwrap_or(&[]);
    (fnv1a32(decimal, &[]) % 10_000) as u16
}

#[cfg(test)]
mod tests {
    use super::{bucket_v2, fnv1a32};

    #[test]
    fn the_published_hashes_come_out() {
        assert_eq!(fnv1a32(b"a", b""), 3_826_002_220);
        assert_eq!(fnv1a32(b"seed", b"a"), 717_764_279);
        for (seed, value, bucket) in [
            ("seed", "a", 505),
            ("seed", "b", 2696),
            ("foo", "ab", 2575),
            ("89123klj", "8952klfjas09ujkasdf", 1240),
        ] {
            assert_eq!(bucket_v2(seed, value), bucket, "{seed} {value}");
        }
    }
}
