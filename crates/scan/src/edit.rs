//! Edits of a text by the places of its bytes: where a stretch stands, how an argument goes, and
//! the text as it becomes. It must not know why something is edited.

use crate::finding::Edit;
use crate::site::Span;

/// Says why edits cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditFault {
    /// Two edits change the same stretch.
    Overlap {
        /// The line of the second.
        line: u32,
    },
    /// The stretch is not in the text, or ends within a character: the file is another one.
    Elsewhere {
        /// The line that it should be on.
        line: u32,
    },
}

impl std::fmt::Display for EditFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Overlap { line } => {
                write!(f, "two edits change the same stretch, on line {line}")
            }
            Self::Elsewhere { line } => {
                write!(
                    f,
                    "the stretch of an edit on line {line} is not in the file; scan it again"
                )
            }
        }
    }
}

impl std::error::Error for EditFault {}

/// Makes edits, in whatever order they come. One that is there twice is made once.
///
/// # Errors
/// Two edits overlap, or a stretch is not in the text.
pub fn apply<'e>(
    text: &str,
    edits: impl IntoIterator<Item = &'e Edit>,
) -> Result<String, EditFault> {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits.dedup();
    let mut made = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let (span, line) = (edit.span, edit.span.line);
        if span.start < at {
            return Err(EditFault::Overlap { line });
        }
        let elsewhere = EditFault::Elsewhere { line };
        let between = text.get(at..span.start).ok_or(elsewhere.clone())?;
        text.get(span.start..span.end).ok_or(elsewhere)?;
        made.push_str(between);
        made.push_str(&edit.text);
        at = span.end;
    }
    made.push_str(text.get(at..).unwrap_or_default());
    Ok(made)
}

/// Tells where a stretch of bytes stands, as editors count it; none where it is not in the text.
#[must_use]
pub fn span(text: &str, start: usize, end: usize) -> Option<Span> {
    let front = text.get(..start)?;
    let inside = text.get(start..end)?;
    let (line, column) = after(front, (1, 1));
    let (end_line, end_column) = after(inside, (line, column));
    Some(Span {
        line,
        column,
        end_line,
        end_column,
        start,
        end,
    })
}

/// Counts on from a line and a column.
fn after(text: &str, (line, column): (u32, u32)) -> (u32, u32) {
    text.chars()
        .fold((line, column), |(line, column), one| match one {
            '\n' => (line.saturating_add(1), 1),
            _ => (line, column.saturating_add(1)),
        })
}

/// Finds the stretch that must go so that an argument, a pair or a builder's call is gone and what
/// stands around it still parses: with one comma, and with its line where it has one of its own.
pub(crate) fn without(text: &str, argument: Span) -> Option<Span> {
    let inside = text.get(argument.start..argument.end)?;
    let front = text.get(..argument.start)?;
    let back = text.get(argument.end..)?;
    let indent = front.len() - front.trim_end_matches([' ', '\t']).len();
    let begins_line = front.len() == indent || front.get(..front.len() - indent)?.ends_with('\n');
    if inside.starts_with('.') {
        // A call in a chain: what stands before it on its line goes too.
        let start = front.trim_end().len();
        return span(
            text,
            if begins_line { start } else { argument.start },
            argument.end,
        );
    }
    let after_blank = back.len() - back.trim_start_matches([' ', '\t']).len();
    let rest = back.get(after_blank..)?;
    if let Some(rest) = rest.strip_prefix(',') {
        let end = text.len() - rest.len();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        let ends_line = rest.get(blank..).is_some_and(|rest| rest.starts_with('\n'));
        if begins_line && ends_line {
            return span(text, argument.start - indent, end + blank + 1);
        }
        // A comment behind it stays, so do the blanks before that.
        let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let end = if begins_line { end } else { end + spaces };
        return span(text, argument.start, end);
    }
    let before = front.trim_end();
    if let Some(kept) = before.strip_suffix(',') {
        return span(text, kept.len(), argument.end);
    }
    if is_alone(before, rest) {
        return span(text, argument.start, argument.end);
    }
    // A line of a settings file.
    let blank = rest.trim_start_matches('\r');
    let has_line = begins_line && (blank.is_empty() || blank.starts_with('\n'));
    let is_open = before.ends_with(['(', '{', '[', '=', ':']);
    let end = text.len() - blank.strip_prefix('\n').unwrap_or(blank).len();
    (has_line && !is_open).then(|| span(text, argument.start - indent, end))?
}

/// Tells whether brackets are all that stands around an argument.
fn is_alone(before: &str, rest: &str) -> bool {
    let opens = before.ends_with(['(', '{', '[']);
    opens && rest.trim_start().starts_with([')', '}', ']'])
}

#[cfg(test)]
mod tests;
