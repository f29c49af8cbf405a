//! Arguments that are free text, for dialects whose tools take an object alone: wrapped as
//! `{"input": "…"}` on the way out and unwrapped, in any pieces, on the way back. It must not know
//! which tool it is for.

use crate::json::write::quote;

/// Describes the object around the text.
pub(crate) const SCHEMA: &str = concat!(
    r#"{"type":"object","properties":{"input":{"type":"string"}},"#,
    r#""required":["input"],"additionalProperties":false}"#
);

/// Stands in front of the text in the object, its quotation mark included.
pub(crate) const OPENING: &str = r#"{"input":""#;

/// Stands behind it.
pub(crate) const CLOSING: &str = r#""}"#;

/// Wraps a text.
pub(crate) fn wrap(text: &str) -> String {
    format!("{OPENING}{}{CLOSING}", escape(text))
}

/// Writes a text as it stands between the quotation marks of a JSON string.
pub(crate) fn escape(text: &str) -> String {
    let mut quoted = Vec::with_capacity(text.len() + 2);
    quote(text, &mut quoted);
    let inside = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    String::from_utf8_lossy(inside).into_owned()
}

/// Unwraps a whole text; one that is not wrapped stays as it is.
pub(crate) fn unwrap(arguments: &str) -> String {
    Unwrap::default().push(arguments)
}

/// Unwraps a text that comes in pieces. One that was cut within the wrapping has no text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unwrap {
    place: Place,
    /// What is not told from a wrapping yet, or an escape that is not whole.
    held: String,
    /// The first half of a character written as two escapes.
    surrogate: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Front,
    Inside,
    Behind,
    /// It is not wrapped: everything is text.
    Bare,
}

impl Unwrap {
    /// Takes the next piece, gives the text in it.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        let mut text = String::with_capacity(piece.len());
        for letter in piece.chars() {
            match self.place {
                Place::Front => self.front(letter, &mut text),
                Place::Inside => self.inside(letter, &mut text),
                Place::Behind => {}
                Place::Bare => text.push(letter),
            }
        }
        text
    }

    fn front(&mut self, letter: char, text: &mut String) {
        self.held.push(letter);
        let said = self.held.chars().filter(|letter| !letter.is_whitespace());
        let mut wanted = OPENING.chars();
        let is_front = said.into_iter().all(|letter| wanted.next() == Some(letter));
        if !is_front {
            self.place = Place::Bare;
            text.push_str(&std::mem::take(&mut self.held));
        } else if wanted.as_str().is_empty() {
            self.place = Place::Inside;
            self.held.clear();
        }
    }

    fn inside(&mut self, letter: char, text: &mut String) {
        if self.held.is_empty() {
            match letter {
                '"' => self.place = Place::Behind,
                '\\' => self.held.push(letter),
                letter => text.push(letter),
            }
            return;
        }
        self.held.push(letter);
        let is_code = self.held.starts_with("\\u");
        if is_code && self.held.len() < 6 {
            return;
        }
        let escape = std::mem::take(&mut self.held);
        if is_code {
            let digits = escape.get(2..).unwrap_or_default();
            self.code(u32::from_str_radix(digits, 16).unwrap_or(0xfffd), text);
        } else {
            text.push(match letter {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\u{8}',
                'f' => '\u{c}',
                letter => letter,
            });
        }
    }

    fn code(&mut self, code: u32, text: &mut String) {
        match (self.surrogate.take(), code) {
            (_, 0xd800..0xdc00) => self.surrogate = Some(code),
            (Some(high), 0xdc00..0xe000) => {
                let code = 0x1_0000 + ((high - 0xd800) << 10) + (code - 0xdc00);
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (_, code) => text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_wrapped_text_comes_back_in_any_pieces(
            text in "\\PC*|[\\n\"\\\\😀é\u{1}]*",
            at in 0usize..64,
        ) {
            let wrapped = wrap(&text);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&wrapped).unwrap()["input"] == text);
            prop_assert_eq!(unwrap(&wrapped), text.clone());
            let mut cut = at.min(wrapped.len());
            while !wrapped.is_char_boundary(cut) {
                cut += 1;
            }
            let mut unwrap = Unwrap::default();
            let mut pieces = unwrap.push(&wrapped[..cut]);
            pieces += &unwrap.push(&wrapped[cut..]);
            prop_assert_eq!(pieces, text);
        }
    }

    #[test]
    fn escapes_and_spaces_of_another_writer_are_read() {
        assert_eq!(
            unwrap("{ \"input\" :\n \"a\\u00e9\\ud83d\\ude00\\/\\n\" }"),
            "aé😀/\n"
        );
    }

    #[test]
    fn what_is_not_wrapped_stays() {
        for text in ["", "ls -l", "{\"command\":\"ls\"}", "{}"] {
            assert_eq!(unwrap(text), text);
        }
        assert_eq!(unwrap("{\"inp"), "");
    }
}
