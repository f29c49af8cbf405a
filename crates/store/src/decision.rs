//! Ids of decisions: ordered by time, so that usage rows are appended and found by time without
//! a second index. It must not draw random numbers.

use std::fmt;
use std::str::FromStr;

use domain::Timestamp;

/// Identifies one decision: 48 bits of milliseconds, then 80 bits that make it unique.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DecisionId([u8; 16]);

const TIME_BYTES: usize = 6;

impl DecisionId {
    /// Makes the id of a decision made at `at`; `unique` must not repeat within a millisecond.
    #[must_use]
    pub fn new(at: Timestamp, unique: [u8; 10]) -> Self {
        Self(joined(at, unique))
    }

    /// Makes the lowest id of an instant, the bound of a range.
    #[must_use]
    pub fn first_at(at: Timestamp) -> Self {
        Self(joined(at, [0; 10]))
    }

    /// Takes stored bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Shows the bytes as stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Tells when the decision was made.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        let time = self.0.iter().take(TIME_BYTES);
        Timestamp(time.fold(0, |ms, byte| (ms << 8) | i64::from(*byte)))
    }

    /// Writes the 32 hexadecimal digits into a buffer, without an allocation.
    #[must_use]
    pub fn to_hex(&self) -> [u8; 32] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            let digits = [byte >> 4, byte & 15];
            for (place, digit) in pair.iter_mut().zip(digits) {
                *place = DIGITS[usize::from(digit)];
            }
        }
        text
    }
}

fn joined(at: Timestamp, unique: [u8; 10]) -> [u8; 16] {
    // A time before 1970 or past the year 10889 does not fit 48 bits; it becomes the nearest.
    let ms = at.0.clamp(0, (1 << 48) - 1);
    let mut bytes = [0; 16];
    let time = ms.to_be_bytes();
    let source = time.iter().skip(8 - TIME_BYTES).chain(&unique);
    for (place, byte) in bytes.iter_mut().zip(source) {
        *place = *byte;
    }
    bytes
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_hex();
        f.pad(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Says that a text is no decision id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decision id: it is the 32 hexadecimal digits of the `tiergate-decision` header")]
pub struct NotADecision;

impl FromStr for DecisionId {
    type Err = NotADecision;

    fn from_str(text: &str) -> Result<Self, NotADecision> {
        let mut bytes = [0; 16];
        if text.len() != 32 {
            return Err(NotADecision);
        }
        for (place, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *place = pair
                .iter()
                .try_fold(0, |byte, digit| Some((byte << 4) | nibble(*digit)?))
                .ok_or(NotADecision)?;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::{DecisionId, NotADecision};

    #[test]
    fn text_bytes_and_time_come_back() {
        let id = DecisionId::new(Timestamp(1_764_000_000_123), [7; 10]);
        assert_eq!(id.at(), Timestamp(1_764_000_000_123));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(DecisionId::from_bytes(*id.as_bytes()), id);
        assert_eq!(id.to_string().len(), 32);
    }

    #[test]
    fn ids_are_ordered_by_time() {
        let early = DecisionId::new(Timestamp(1_000), [255; 10]);
        let late = DecisionId::first_at(Timestamp(1_001));
        assert!(early < late);
        assert_eq!(DecisionId::new(Timestamp(-5), [0; 10]).at(), Timestamp(0));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "00", "G0000000000000000000000000000000", "ünf"] {
            assert_eq!(text.parse::<DecisionId>(), Err(NotADecision), "{text}");
        }
        assert_eq!("A".repeat(32).parse::<DecisionId>(), Err(NotADecision));
    }
}
