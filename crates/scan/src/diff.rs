//! A unified diff out of edits whose places are known, so that nothing has to be compared. It
//! must not know why an edit is made.

use std::fmt::Write as _;
use std::ops::Range;

use crate::edit::EditFault;
use crate::finding::Edit;

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;

/// Is a run of lines that others take the place of.
struct Block<'t> {
    /// The lines that go, counted from 0.
    lines: Range<usize>,
    /// The text that comes.
    text: String,
    /// The lines of it, once it is whole.
    old: &'t [&'t str],
}

/// Writes the unified diff of a file's edits, as `git apply` reads it; nothing where they change
/// nothing.
///
/// # Errors
/// When an edit lies outside the text, or two overlap.
pub fn diff(path: &str, text: &str, edits: &[Edit]) -> Result<String, EditFault> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let blocks = blocks(text, &lines, edits)?;
    let blocks: Vec<Block<'_>> = blocks.into_iter().filter_map(trimmed).collect();
    let mut out = String::new();
    if blocks.is_empty() {
        return Ok(out);
    }
    let (old, new) = (name("a", path), name("b", path));
    // As git does: a name with a space ends in a tab, so that nothing takes its end for a date.
    let tab = if path.contains(' ') { "\t" } else { "" };
    let _ = write!(
        out,
        "diff --git {old} {new}\n--- {old}{tab}\n+++ {new}{tab}\n"
    );
    let mut shift = 0_isize;
    let mut rest = blocks.as_slice();
    while let Some(first) = rest.first() {
        let close = |pair: &&[Block<'_>]| pair[1].lines.start - pair[0].lines.end <= 2 * CONTEXT;
        let count = 1 + rest.windows(2).take_while(close).count();
        let (now, later) = rest.split_at(count);
        let begin = first.lines.start.saturating_sub(CONTEXT);
        shift += hunk(&mut out, &lines, now, (begin, shift));
        rest = later;
    }
    Ok(out)
}

/// Gathers the edits by the lines that they touch.
fn blocks<'t>(
    text: &str,
    lines: &'t [&'t str],
    edits: &[Edit],
) -> Result<Vec<Block<'t>>, EditFault> {
    let mut starts = Vec::with_capacity(lines.len());
    let mut at = 0;
    for line in lines {
        starts.push(at);
        at += line.len();
    }
    let begin = |line: usize| starts.get(line).copied().unwrap_or(text.len());
    let line_of = |byte: usize| {
        starts
            .partition_point(|start| *start <= byte)
            .saturating_sub(1)
    };
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    sorted.dedup();
    let mut blocks: Vec<Block<'t>> = Vec::new();
    // How far the text of the last block has been taken over.
    let mut done = 0;
    for edit in sorted {
        let (span, line) = (edit.span, edit.span.line);
        if text.get(span.start..span.end).is_none() {
            return Err(EditFault::Elsewhere { line });
        }
        let (first, last) = (line_of(span.start), line_of(span.end));
        let joins = blocks.last().is_some_and(|block| first < block.lines.end);
        if joins && span.start < done {
            return Err(EditFault::Overlap { line });
        }
        if !joins {
            close(&mut blocks, text, done, begin);
            done = begin(first);
            blocks.push(Block {
                lines: first..first,
                text: String::new(),
                old: &[],
            });
        }
        if let Some(block) = blocks.last_mut() {
            block
                .text
                .push_str(text.get(done..span.start).unwrap_or_default());
            block.text.push_str(&edit.text);
            block.lines.end = block.lines.end.max((last + 1).min(lines.len()));
            block.old = lines.get(block.lines.clone()).unwrap_or_default();
        }
        done = span.end;
    }
    close(&mut blocks, text, done, begin);
    Ok(blocks)
}

/// Takes over what follows the last edit of the last block, up to the end of its lines.
fn close(blocks: &mut [Block<'_>], text: &str, done: usize, begin: impl Fn(usize) -> usize) {
    if let Some(block) = blocks.last_mut() {
        let end = begin(block.lines.end);
        block.text.push_str(text.get(done..end).unwrap_or_default());
    }
}

/// Leaves out the lines at both ends that stay as they are; none where all do.
fn trimmed(block: Block<'_>) -> Option<Block<'_>> {
    let new: Vec<&str> = block.text.split_inclusive('\n').collect();
    let pairs = block.old.iter().zip(&new);
    let front = pairs.take_while(|(old, new)| old == new).count();
    let (old, new) = (&block.old[front..], &new[front..]);
    let pairs = old.iter().rev().zip(new.iter().rev());
    let back = pairs.take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - back], &new[..new.len() - back]);
    let start = block.lines.start + front;
    (!old.is_empty() || !new.is_empty()).then(|| Block {
        lines: start..start + old.len(),
        text: new.concat(),
        old,
    })
}

/// Writes one hunk, and tells by how many lines it makes the file longer.
fn hunk(
    out: &mut String,
    lines: &[&str],
    blocks: &[Block<'_>],
    (begin, shift): (usize, isize),
) -> isize {
    let mut body = String::new();
    let (mut old, mut new, mut at) = (0_usize, 0_usize, begin);
    for block in blocks {
        for line in lines.get(at..block.lines.start).unwrap_or_default() {
            put(&mut body, ' ', line);
            (old, new) = (old + 1, new + 1);
        }
        for line in block.old {
            put(&mut body, '-', line);
            old += 1;
        }
        for line in block.text.split_inclusive('\n') {
            put(&mut body, '+', line);
            new += 1;
        }
        at = block.lines.end;
    }
    for line in lines.iter().skip(at).take(CONTEXT) {
        put(&mut body, ' ', line);
        (old, new) = (old + 1, new + 1);
    }
    // A side without lines is counted from the line before it.
    let from = |count: usize, begin: usize| if count == 0 { begin } else { begin + 1 };
    let moved = begin.saturating_add_signed(shift);
    let (a, b) = (from(old, begin), from(new, moved));
    let _ = write!(out, "@@ -{a},{old} +{b},{new} @@\n{body}");
    new.cast_signed() - old.cast_signed()
}

fn put(body: &mut String, mark: char, line: &str) {
    body.push(mark);
    body.push_str(line);
    if !line.ends_with('\n') {
        body.push_str("\n\\ No newline at end of file\n");
    }
}

/// Writes a file's name as git does: in quotes where it holds what would end it.
fn name(side: &str, path: &str) -> String {
    let is_plain = |c: char| !c.is_control() && c != '"' && c != '\\';
    if path.chars().all(is_plain) {
        return format!("{side}/{path}");
    }
    let mut quoted = format!("\"{side}/");
    for c in path.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests;
