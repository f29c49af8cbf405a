//! Counts lines and columns as editors do. It must not know what stands on them.

use crate::site::Span;

/// The longest excerpt in characters.
const EXCERPT: usize = 160;

/// Knows where the lines of a text begin.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Finds the beginnings of all lines.
    pub(crate) fn new(text: &'t str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = [0].into_iter().chain(breaks.map(|(at, _)| at + 1));
        Self {
            text,
            starts: starts.collect(),
        }
    }

    /// Tells the line of a byte, from 0.
    fn row(&self, at: usize) -> usize {
        let after = self.starts.partition_point(|start| *start <= at);
        after.saturating_sub(1)
    }

    /// Tells the line of a byte, from 1.
    pub(crate) fn line(&self, at: usize) -> u32 {
        u32::try_from(self.row(at) + 1).unwrap_or(u32::MAX)
    }

    fn column(&self, at: usize) -> u32 {
        let start = self.starts.get(self.row(at)).copied().unwrap_or_default();
        let before = self.text.get(start..at).unwrap_or_default();
        u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX)
    }

    /// Marks a stretch of the text.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span {
            line: self.line(start),
            column: self.column(start),
            end_line: self.line(end),
            end_column: self.column(end),
            start,
            end,
        }
    }

    /// Tells where the line of a byte begins and ends.
    pub(crate) fn bounds(&self, at: usize) -> (usize, usize) {
        let row = self.row(at);
        let start = self.starts.get(row).copied().unwrap_or_default();
        let next = self.starts.get(row + 1).map(|next| next - 1);
        (start, next.unwrap_or(self.text.len()))
    }

    /// Shows the line of a byte.
    pub(crate) fn text_at(&self, at: usize) -> &'t str {
        let (start, end) = self.bounds(at);
        self.text.get(start..end).unwrap_or_default()
    }

    /// Shows some lines before the line of a byte, and some after it.
    pub(crate) fn near(&self, at: usize, lines: usize) -> (&'t str, &'t str) {
        let row = self.row(at);
        let start = |row: usize| self.starts.get(row).copied().unwrap_or(self.text.len());
        let before = self.text.get(start(row.saturating_sub(lines))..start(row));
        let after = self.text.get(start(row + 1)..start(row + 1 + lines));
        (before.unwrap_or_default(), after.unwrap_or_default())
    }

    /// Shows the line of a byte, cut to a length that reads, the byte within.
    pub(crate) fn excerpt(&self, at: usize) -> String {
        let (start, end) = self.bounds(at);
        // Of a line of megabytes only what is near is looked at.
        let near = |from: usize, to: usize| (from..=to).find(|at| self.text.is_char_boundary(*at));
        let from = near(at.saturating_sub(4 * EXCERPT).max(start), at).unwrap_or(at);
        let to = near((at + 4 * EXCERPT).min(end), end).unwrap_or(end);
        let raw = self.text.get(from..to).unwrap_or_default();
        if (from, to) == (start, end) && raw.trim().chars().count() <= EXCERPT {
            return raw.trim().to_owned();
        }
        let before = raw
            .get(..at - from)
            .map_or(0, |front| front.chars().count());
        let skipped = before.saturating_sub(EXCERPT / 2);
        let cut: String = raw.chars().skip(skipped).take(EXCERPT).collect();
        cut.trim().to_owned()
    }
}
