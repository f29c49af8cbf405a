//! The lines in front of a note, as receipts and witnesses' requests have them. It must not know
//! what they say.

/// Walks lines that end in a newline; what follows the walked ones is the rest.
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
    asked: usize,
}

impl<'a> Lines<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            asked: 0,
        }
    }

    /// Counts the lines that were asked for.
    pub fn asked(&self) -> usize {
        self.asked
    }

    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// Takes the next line, without its newline; nothing where none ends or it is not UTF-8.
impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.asked += 1;
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.split_first()?.1;
        std::str::from_utf8(line).ok()
    }
}

/// Reads a decimal as these formats write it: no sign and no leading zeros.
pub(crate) fn read_decimal(text: &str) -> Option<u64> {
    text.parse()
        .ok()
        .filter(|number: &u64| number.to_string() == text)
}
