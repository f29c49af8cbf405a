//! Reads what is written between brackets as names with values, in whatever language it is: JSON,
//! keyword arguments, struct literals, builders. It is tolerant, has limits, and must not know what
//! a name means.

/// The longest text that is read.
const MAX_BYTES: usize = 32 * 1024;
/// How deep brackets may lie in each other.
const MAX_DEPTH: usize = 8;
/// How many pairs are read of one value.
const MAX_PAIRS: usize = 256;

/// Names one value; names within names are joined by `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair<'t> {
    pub(crate) name: String,
    pub(crate) value: &'t str,
}

/// Lists a value and all that is named within it.
pub(crate) fn flatten<'t>(name: &str, value: &'t str) -> Vec<Pair<'t>> {
    let mut found = Vec::new();
    if value.len() <= MAX_BYTES {
        add(&mut found, name, value.trim(), 0);
    } else {
        let name = name.to_owned();
        found.push(Pair { name, value });
    }
    found
}

fn add<'t>(found: &mut Vec<Pair<'t>>, name: &str, value: &'t str, depth: usize) {
    if found.len() >= MAX_PAIRS {
        return;
    }
    found.push(Pair {
        name: name.to_owned(),
        value,
    });
    if depth < MAX_DEPTH {
        within(found, name, value, depth + 1);
    }
}

fn within<'t>(found: &mut Vec<Pair<'t>>, name: &str, value: &'t str, depth: usize) {
    for (method, argument) in built(value) {
        add(found, &format!("{name}.{method}"), argument, depth);
    }
    let Some(inside) = last_group(value) else {
        return;
    };
    for piece in elements(inside) {
        match named(piece) {
            Some((key, value)) => add(found, &format!("{name}.{key}"), value, depth),
            // An element of a list, or what a macro or a call wraps.
            None if depth < MAX_DEPTH && found.len() < MAX_PAIRS => {
                within(found, name, piece, depth + 1);
            }
            None => {}
        }
    }
}

/// Gives what stands between the brackets that end a text: `{…}` of `map[string]any{…}`.
pub(crate) fn last_group(text: &str) -> Option<&str> {
    let text = text.trim();
    let close = text.len().checked_sub(1)?;
    let (open, end) = groups(text).last()?;
    (end == close).then(|| text.get(open + 1..end))?
}

/// Splits what stands between brackets at its own commas.
pub(crate) fn elements(inside: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    for (at, byte) in bare(inside) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                found.extend(inside.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.extend(inside.get(start..));
    let mut found: Vec<&str> = found.into_iter().map(str::trim).collect();
    found.retain(|piece| !piece.is_empty());
    found
}

/// Splits a piece into a name and a value: `"a": 1`, `a = 1`, `a => 1`, `A: 1`.
fn named(piece: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let bytes = piece.as_bytes();
    for (at, byte) in bare(piece) {
        let next = bytes.get(at + 1).copied();
        let last = at.checked_sub(1).and_then(|at| bytes.get(at).copied());
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && next != Some(b':') && last != Some(b':') => {
                return split(piece, at, 1);
            }
            b'=' if depth == 0 && next == Some(b'>') => return split(piece, at, 2),
            b'=' if depth == 0 && next != Some(b'=') => return split(piece, at, 1),
            _ => {}
        }
    }
    None
}

fn split(piece: &str, at: usize, width: usize) -> Option<(&str, &str)> {
    let key = piece.get(..at)?.trim().trim_matches(['"', '\'', '`']);
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let value = piece.get(at + width..)?.trim();
    (!key.is_empty() && key.bytes().all(is_word)).then_some((key, value))
}

/// Lists the calls of a builder with what each is given: `budgetTokens` of `.budgetTokens(9)`.
fn built(text: &str) -> Vec<(&str, &str)> {
    if !text.contains("uilder(") && !text.trim_start().starts_with('.') {
        return Vec::new();
    }
    let call = |(open, close): (usize, usize)| {
        let front = text.get(..open)?;
        let method = front.rsplit('.').next()?;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let argument = text.get(open + 1..close)?.trim();
        let is_call = method.len() < open && !method.is_empty() && method.bytes().all(is_word);
        (is_call && !argument.is_empty()).then_some((method, argument))
    };
    groups(text).filter_map(call).collect()
}

/// Lists the groups that lie in no other, by the places of their brackets.
fn groups(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut depth = 0_usize;
    let mut start = 0;
    bare(text).filter_map(move |(at, byte)| match byte {
        b'(' | b'[' | b'{' => {
            if depth == 0 {
                start = at;
            }
            depth += 1;
            None
        }
        b')' | b']' | b'}' => {
            let was = depth;
            depth = depth.saturating_sub(1);
            (was == 1).then_some((start, at))
        }
        _ => None,
    })
}

/// Walks the bytes that stand in no string.
fn bare(text: &str) -> impl Iterator<Item = (usize, u8)> + '_ {
    let mut quote: Option<u8> = None;
    let mut is_escaped = false;
    text.bytes().enumerate().filter(move |(_, byte)| {
        if let Some(mark) = quote {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                byte if *byte == mark => quote = None,
                _ => {}
            }
            return false;
        }
        if matches!(byte, b'"' | b'\'' | b'`') {
            quote = Some(*byte);
            return false;
        }
        true
    })
}

#[cfg(test)]
mod tests;
