//! Reads words of programs that stand for ids: `GPT_4_O_MINI`, `ModelClaude3_7Sonnet`,
//! `gemini15Flash`, as libraries declare them. It must not know a library.

use crate::names::family::{FAMILIES, Next, Trust};
use crate::names::name::{Name, Strength};
use crate::names::parts::Parts;
use crate::names::token::Token;

/// What libraries write before a name.
const FRONTS: &[&str] = &[
    "",
    "ChatModel",
    "EmbeddingModel",
    "Model",
    "model",
    "CHAT_MODEL_",
    "MODEL_",
];

/// Reads the word around a stem as a constant.
pub(super) fn read(token: &Token<'_>, at: usize) -> Option<Name> {
    let front = token.slice(token.start, at);
    let word_start = front.rfind(|letter: char| !is_of_word(letter));
    let start = token.start + word_start.map_or(0, |before| before + 1);
    let rest = token.slice(at, token.end);
    let length = rest
        .find(|letter: char| !is_of_word(letter))
        .unwrap_or(rest.len());
    let (end, before) = (at + length, token.slice(token.start, start));
    let word = token.slice(start, end);
    let own = FRONTS.iter().filter_map(|front| word.strip_prefix(front));
    let own = own.min_by_key(|own| own.len())?;
    let id = match (is_upper(word), is_camel(word)) {
        (true, _) => own.to_ascii_lowercase().replace('_', "-"),
        (_, true) => split(own),
        _ => return None,
    };
    let is_apart = before.is_empty() || before.ends_with(['.', ':']);
    if !is_apart || !is_id(&id) {
        return None;
    }
    Some(Name {
        start,
        end,
        id,
        routed: None,
        platform: None,
        strength: Strength::Constant,
        is_in_url: false,
    })
}

/// Tells whether the grammar of a family reads all of a text.
fn is_id(id: &str) -> bool {
    let families = FAMILIES
        .iter()
        .filter(|family| family.trust == Trust::Anywhere);
    let mut read = families.filter_map(|family| {
        let rest = id.strip_prefix(family.stem)?;
        let parts = Parts::read(rest, family)?;
        let is_begun =
            parts.begins_with_version || parts.begins_with_word || family.next == Next::Whole;
        let is_free = family.next == Next::Anything && !rest.is_empty();
        (parts.length == rest.len() && (is_begun || is_free) && id.contains('-')).then_some(())
    });
    read.next().is_some()
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn is_upper(word: &str) -> bool {
    word.contains('_')
        && !word.bytes().any(|byte| byte.is_ascii_lowercase())
        && !word.starts_with('_')
}

fn is_camel(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
    let is_begun = word.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    is_begun && is_mixed && has(u8::is_ascii_digit)
}

/// Puts hyphens where a word begins and where digits do: `GPT4oMini` is `gpt-4o-mini`.
fn split(word: &str) -> String {
    let mut parts = String::new();
    let mut before = ' ';
    for letter in word.chars() {
        let begins_word = letter.is_ascii_uppercase() && !before.is_ascii_uppercase();
        let begins_number = letter.is_ascii_digit() && before.is_ascii_alphabetic();
        if letter == '_' || (begins_word || begins_number) && !parts.is_empty() {
            parts.push('-');
        }
        if letter != '_' {
            parts.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    parts.replace("--", "-")
}
