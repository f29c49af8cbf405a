//! Reads names as people write them: `Claude 3.5 Sonnet`, `Gemini 2.5 Pro`. It must not know ids.

use crate::names::family::{Family, WORDS};
use crate::names::name::{Name, Strength};
use crate::names::parts::is_version;

/// The families that people write so.
const FAMILIES: &[&str] = &[
    "claude",
    "gpt",
    "gemini",
    "llama",
    "deepseek ",
    "mistral",
    "mixtral",
    "qwen",
    "grok ",
    "gemma",
];

/// How many words follow a family's.
const MOST: usize = 4;

/// Reads words from a family's on; at least one of the first two has to count.
pub(super) fn read(text: &[u8], family: &Family, at: usize) -> Option<Name> {
    let stem = family.stem.trim_end();
    let is_begun = text.get(at).is_some_and(u8::is_ascii_uppercase);
    let before = at.checked_sub(1).and_then(|at| text.get(at));
    let is_apart =
        before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"-_./@".contains(byte));
    if !FAMILIES.contains(&family.stem) || !is_begun || !is_apart {
        return None;
    }
    let mut end = at + stem.len();
    let mut id = stem.to_owned();
    let mut counts = None;
    for place in 0..MOST {
        let Some(word) = next_word(text, end) else {
            break;
        };
        let lower = word.to_ascii_lowercase();
        let is_number = lower.split('.').all(is_version);
        let is_own = family.words.contains(&lower.as_str());
        let goes_on = place > 0 && WORDS.contains(&lower.as_str()) && lower.len() > 1;
        if !(is_number || is_own || goes_on) {
            break;
        }
        if is_number {
            counts.get_or_insert(place);
        }
        end += 1 + word.len();
        id.push('-');
        id.push_str(&lower);
    }
    counts.filter(|place| *place < 2)?;
    Some(Name {
        start: at,
        end,
        id,
        routed: None,
        platform: None,
        strength: Strength::Shown,
        is_in_url: false,
    })
}

/// Shows the word behind one space, without what ends a sentence.
fn next_word(text: &[u8], end: usize) -> Option<&str> {
    if text.get(end) != Some(&b' ') {
        return None;
    }
    let rest = text.get(end + 1..)?;
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
    let length = rest
        .iter()
        .position(|byte| !is_of_word(byte))
        .unwrap_or(rest.len());
    let word = std::str::from_utf8(rest.get(..length)?).ok()?;
    let word = word.trim_end_matches('.');
    (!word.is_empty()).then_some(word)
}
