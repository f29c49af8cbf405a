//! Says where a name stands before it is told what for: what the walk, the reading by lines and the
//! reading of prose all end in. It must not know how a file is read.

use std::ops::Range;

use crate::place::Place;

/// Says what was found at a place.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It is in a literal, a comment, a text.
    Text(Spot),
    /// It is a word of the language.
    Code(Spot),
    /// The syntax is broken there.
    Broken,
}

/// Shows where a name stands.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// What is around it.
    pub place: Place,
    /// The text of the literal, comment or line that it is in, without quotes.
    pub literal: Range<usize>,
    /// Where the outermost list, map or block begins that it is in, within one statement.
    pub group: Option<usize>,
    /// The expression that its literal is a part of, where it is joined with others.
    pub joined: Option<Range<usize>>,
    /// Whether it was read by lines because the syntax around it is broken.
    pub is_fallback: bool,
    /// Whether it is a word whose value is not handed on: a method of it is called, it is a key.
    pub is_receiver: bool,
}

impl Spot {
    /// Tells whether a stretch is all of the literal.
    pub(crate) fn is_whole(&self, source: &str, start: usize, end: usize) -> bool {
        let before = source.get(self.literal.start..start).unwrap_or("x");
        let after = source.get(end..self.literal.end).unwrap_or("x");
        before.trim().is_empty() && after.trim().is_empty()
    }
}
