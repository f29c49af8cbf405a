//! Cuts the word out of a text that a stem stands in: letters, digits and what names are joined
//! with. It must not know what a model is called.

/// The longest word that is looked at: the longest ARNs have some 200 bytes.
const LONGEST: usize = 400;

/// Shows a word in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'t> {
    /// All of the text.
    pub text: &'t [u8],
    /// Where it begins.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

impl<'t> Token<'t> {
    /// Cuts out the word around a byte; none where it is longer than any name.
    pub(crate) fn around(text: &'t [u8], at: usize) -> Option<Self> {
        let mut start = at;
        while start > 0 && text.get(start - 1).is_some_and(|byte| joins(*byte)) {
            start -= 1;
            if at - start > LONGEST {
                return None;
            }
        }
        let mut end = at;
        while text.get(end).is_some_and(|byte| joins(*byte)) {
            end += 1;
            if end - at > LONGEST {
                return None;
            }
        }
        // An escape before a name, as in a string of JSON that holds a text, is not its first
        // letter.
        let is_escaped = start > 0 && text.get(start - 1) == Some(&b'\\');
        let is_escape = text.get(start).is_some_and(|byte| b"ntr".contains(byte));
        if is_escaped && is_escape && start < at {
            start += 1;
        }
        Some(Self { text, start, end })
    }

    /// Shows a stretch of the text.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'t str {
        let bytes = self.text.get(start..end).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Shows the byte before the word.
    pub(crate) fn before(&self) -> Option<u8> {
        self.text.get(self.start.checked_sub(1)?).copied()
    }

    /// Shows the byte after a place.
    pub(crate) fn at(&self, place: usize) -> Option<u8> {
        self.text.get(place).copied()
    }
}

fn joins(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.:/@+".contains(&byte)
}
