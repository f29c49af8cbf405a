//! What a value says that is written in code: a number, a word, nothing, or what only a run would
//! tell. It must not know which parameter the value is of.

/// Tells what is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    /// The language's word for leaving it unset.
    Unset,
    /// A number or a truth, as JSON text.
    Plain(String),
    /// A word, of a string or of an enumeration's last part, in small letters.
    Word(String),
    /// A variable, a call, a computation.
    Open,
}

/// What languages and SDKs write to leave something unset.
const UNSET: [&str; 9] = [
    "none",
    "null",
    "nil",
    "undefined",
    "not_given",
    "notgiven",
    "notgiven()",
    "omit",
    "unset",
];

/// The longest word that is taken for one.
const MAX_WORD: usize = 80;

/// Reads a value.
pub(crate) fn read(text: &str) -> Literal {
    let text = text.trim();
    let last = text.rsplit(['.', ':']).next().unwrap_or(text);
    if UNSET.contains(&text.to_ascii_lowercase().as_str()) && !is_quoted(text) {
        // `none` in small letters is an effort's word before it is a language's.
        return if text == "none" {
            Literal::Word("none".to_owned())
        } else {
            Literal::Unset
        };
    }
    if UNSET.contains(&last.to_ascii_lowercase().as_str()) && last != text && last != "NONE" {
        return Literal::Unset;
    }
    if let Some(plain) = plain(text) {
        return Literal::Plain(plain);
    }
    if let Some(inside) = wrapped(text) {
        return match read(inside) {
            plain @ Literal::Plain(_) => plain,
            _ => Literal::Open,
        };
    }
    word(text).map_or(Literal::Open, Literal::Word)
}

/// Tells whether a text is empty brackets.
pub(crate) fn is_empty_group(text: &str) -> bool {
    let bare: String = text.split_whitespace().collect();
    matches!(bare.as_str(), "[]" | "{}" | "()" | "" | "list()" | "dict()")
}

fn is_quoted(text: &str) -> bool {
    text.starts_with(['"', '\'', '`'])
}

/// Reads a number or a truth, without the marks of its type.
fn plain(text: &str) -> Option<String> {
    match text {
        "true" | "True" => return Some("true".to_owned()),
        "false" | "False" => return Some("false".to_owned()),
        _ => {}
    }
    let bare = text.replace('_', "");
    let begins = bare.trim_start_matches(['-', '+']).as_bytes().first()?;
    if !begins.is_ascii_digit() && *begins != b'.' {
        return None;
    }
    let ends = [
        "f32", "f64", "u32", "u64", "i32", "i64", "usize", "f", "F", "d", "D", "l", "L",
    ];
    let short = ends.iter().find_map(|end| bare.strip_suffix(end));
    let short = short.unwrap_or(&bare);
    short.parse::<f64>().ok().map(|_| short.to_owned())
}

/// Gives what a call of one argument wraps: `0.2` of `openai.Float(0.2)` and of `Some(0.2)`.
fn wrapped(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once('(')?;
    let inside = rest.strip_suffix(')')?;
    let is_path =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b' ');
    let is_one = !inside.contains([',', '(']);
    (!name.is_empty() && name.bytes().all(is_path) && is_one).then_some(inside)
}

/// Reads a word: a string, or a path such as `Effort::High`, whose last part counts.
fn word(text: &str) -> Option<String> {
    let bare = text.trim_matches(['"', '\'', '`']);
    let is_quoted = bare.len() + 2 == text.len();
    let last = if is_quoted {
        bare
    } else {
        bare.rsplit(['.', ':']).next()?
    };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let fits = !last.is_empty() && last.len() <= MAX_WORD && last.bytes().all(is_word);
    fits.then(|| last.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
