//! Cutting elements out of a list and fields out of an object, with the commas that they leave
//! over. It must not know what is cut, nor touch a byte beside it.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::cursor::{Cursor, Scan};
use crate::splice::Patch;

/// Says why thoughts are taken out.
pub(crate) const FOREIGN: &str = "thoughts of another model";

/// Tells whether a message stands below a number.
pub(crate) fn is_below(at: usize, below: u32) -> bool {
    u32::try_from(at).is_ok_and(|at| at < below)
}

/// Cuts those of a list's elements, or of an object's fields, that are to go: each run of them with
/// the comma that it leaves over.
pub(crate) fn cut(spans: &[Range<usize>], is_cut: impl Fn(usize) -> bool) -> Vec<Patch> {
    let mut patches = Vec::new();
    let mut at = 0;
    while at < spans.len() {
        let first = at;
        while at < spans.len() && is_cut(at) {
            at += 1;
        }
        if at > first {
            let start = spans.get(first).map_or(0, |span| span.start);
            let before = first.checked_sub(1).and_then(|before| spans.get(before));
            let span = match (spans.get(at), before) {
                (Some(next), _) => start..next.start,
                (None, Some(before)) => before.end..spans.last().map_or(start, |last| last.end),
                (None, None) => start..spans.last().map_or(start, |last| last.end),
            };
            patches.push(Patch::new(span, ""));
        }
        at += 1;
    }
    patches
}

/// Walks an object as [`Cursor::object`] does, and gives the span of each field, key included.
pub(crate) fn fields<'a>(
    cursor: &mut Cursor<'a>,
    mut visit: impl FnMut(&mut Cursor<'a>, Cow<'a, str>) -> Scan<()>,
) -> Scan<Vec<Range<usize>>> {
    cursor.kind()?;
    let mut behind = cursor.at() + 1;
    let mut spans = Vec::new();
    cursor.object(|cursor, key| {
        visit(cursor, key)?;
        // Between two fields stand a comma and space, so the first quotation mark begins the key.
        let passed = cursor.slice(behind..cursor.at());
        let start = behind + passed.find('"').unwrap_or_default();
        spans.push(start..cursor.at());
        behind = cursor.at();
        Ok(())
    })?;
    Ok(spans)
}
