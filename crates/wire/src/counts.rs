//! Token counts as they stand in an answer: numbers one or two objects deep. It must not know
//! which number means what.

use crate::json::cursor::{Cursor, Kind, Scan};

/// Passes an object; gives each whole number in it, and in the objects in it, by the name of the
/// object around (empty at the top) and its own.
pub(crate) fn numbers(cursor: &mut Cursor<'_>, visit: &mut dyn FnMut(&str, &str, u64)) -> Scan<()> {
    cursor.object_or_skip(|cursor, outer| match cursor.kind()? {
        Kind::Number => number(cursor, "", &outer, visit),
        _ => cursor.object_or_skip(|cursor, inner| match cursor.kind()? {
            Kind::Number => number(cursor, &outer, &inner, visit),
            _ => cursor.pass(),
        }),
    })
}

fn number(
    cursor: &mut Cursor<'_>,
    outer: &str,
    key: &str,
    visit: &mut dyn FnMut(&str, &str, u64),
) -> Scan<()> {
    let span = cursor.skip()?;
    if let Ok(count) = cursor.slice(span).parse() {
        visit(outer, key, count);
    }
    Ok(())
}

/// Tells whether a needle is among the bytes and its value is not null.
pub(crate) fn is_set(payload: &[u8], key: &memchr::memmem::Finder<'_>) -> bool {
    key.find_iter(payload).any(|at| {
        let rest = payload.get(at + key.needle().len()..).unwrap_or_default();
        let value = rest.trim_ascii_start().strip_prefix(b":");
        value.is_some_and(|value| !value.trim_ascii_start().starts_with(b"null"))
    })
}
