//! Reads what follows a family's stem: versions and the words that go on in ids. It must not know
//! what stands before a stem.

use crate::names::family::{Family, WORDS};

/// What separates the parts of an id.
const SEPARATORS: &[u8] = b"-._:@+";

/// What follows a stem, as far as it is understood.
#[derive(Default)]
pub(super) struct Parts {
    pub length: usize,
    pub has_version: bool,
    /// Whether a version and nothing else follows, without anything between: `gpt4`, `llama3`.
    pub is_glued: bool,
    pub begins_with_version: bool,
    pub begins_with_word: bool,
    /// How many parts follow, and how many of them are words that are more than a letter.
    pub count: usize,
    pub words: usize,
}

impl Parts {
    pub(super) fn read(rest: &str, family: &Family) -> Option<Self> {
        let mut parts = Self::default();
        let mut at = 0;
        let mut is_first = true;
        while at < rest.len() {
            let is_joined = rest
                .as_bytes()
                .get(at)
                .is_some_and(|b| SEPARATORS.contains(b));
            if !is_joined && !is_first {
                return None;
            }
            // Ids join with `_` only in what follows a tag, as in `llama3:8b-q4_K_M`.
            let is_underscored = rest.as_bytes().get(at) == Some(&b'_');
            let is_tagged = rest.get(..at).is_some_and(|front| front.contains(':'));
            if is_underscored && !is_tagged && !family.stem.contains('_') {
                break;
            }
            let begin = at + usize::from(is_joined);
            let left = rest.get(begin..)?;
            let length = left
                .bytes()
                .position(|b| SEPARATORS.contains(&b) || b == b'/');
            let part = left.get(..length.unwrap_or(left.len()))?;
            let part = part.to_ascii_lowercase();
            let is_own = family.words.contains(&part.as_str());
            let is_version = is_version(&part) && (is_joined || begins_well(&part, family));
            let is_word = is_own || WORDS.contains(&part.as_str());
            if part.is_empty() || !(is_version || is_word && is_joined || is_own && is_first) {
                break;
            }
            parts.is_glued = is_first && !is_joined && !is_split(family);
            if is_first {
                // The series o1 and o3 are followed by dates and words: `o1-o3` is something else.
                if is_version && family.stem.len() == 2 && !part.starts_with("20") {
                    return None;
                }
                parts.begins_with_version = is_version;
                parts.begins_with_word = is_own;
            }
            parts.count += 1;
            parts.words += usize::from(is_word && !is_version && part.len() > 2);
            parts.has_version |= is_version || part == "latest";
            at = begin + part.len();
            parts.length = at;
            is_first = false;
            if rest.as_bytes().get(at) == Some(&b'/') {
                break;
            }
        }
        Some(parts)
    }
}

/// Tells whether a version may follow a stem without anything between, as in `llama3` and `qwen2`.
fn begins_well(part: &str, family: &Family) -> bool {
    let ends_in_digit = family.stem.ends_with(|last: char| last.is_ascii_digit());
    is_split(family) || !ends_in_digit && part.starts_with(|first: char| first.is_ascii_digit())
}

fn is_split(family: &Family) -> bool {
    family.stem.ends_with(['-', '_', '.'])
}

/// Tells whether a part counts: `4`, `4o`, `v3`, `v3p1`, `20250514`, `8x7b`, `a22b`, `16k`.
pub(super) fn is_version(part: &str) -> bool {
    let front = part.bytes().take_while(u8::is_ascii_lowercase).count();
    let rest = part.get(front..).unwrap_or_default();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let back = rest.get(digits..).unwrap_or_default();
    if digits == 0 || digits > 8 || front > 2 {
        return false;
    }
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    // Fireworks writes the point of a version as a letter: `llama-v3p1-8b-instruct`.
    let minor = back.strip_prefix('p').filter(|_| front == 1);
    if minor.is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())) {
        return true;
    }
    match back.split_once('x') {
        Some(("", times)) if !times.is_empty() => {
            let count = times.bytes().take_while(u8::is_ascii_digit).count();
            count > 0 && times.len() - count <= 1 && times.get(count..).is_some_and(letters)
        }
        _ => back.len() <= 2 && letters(back) && (front == 0 || back.len() <= 1),
    }
}
