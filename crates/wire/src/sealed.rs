//! What only the dialect that made it can check: signatures, hidden thoughts, a citation's own
//! form. It is carried through a client of another dialect in whatever that dialect holds opaque,
//! and given back to its maker alone. It must not look inside.

use std::borrow::Cow;

/// Names the dialects that seal something, so that a name read from a client is one of ours.
pub(crate) const MAKERS: [&str; 4] = [
    "openai-chat",
    "openai-responses",
    "anthropic-messages",
    "gemini",
];

/// Says why a seal that no longer holds what its maker wrote is left out.
pub(crate) const CHANGED: &str = "what its maker sealed was changed on the way";

/// Begins a sealed text that stands in another dialect's field.
pub(crate) const MARK: &str = "tiergate:";

/// Holds a text that only its maker can check, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Name of the dialect whose provider made it; no other gets it.
    pub maker: &'static str,
    /// The text, byte for byte.
    pub text: String,
}

/// Says what a sealed text belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seals {
    /// The thoughts that it stands beside.
    Thoughts,
    /// Nothing: it is hidden thoughts itself.
    Hidden,
    /// The tool call behind it.
    Call,
}

/// Pairs each place with its letter in a carried text.
const LETTERS: [(Seals, &str); 3] = [
    (Seals::Thoughts, "t"),
    (Seals::Hidden, "h"),
    (Seals::Call, "c"),
];

impl Sealed {
    /// Seals a text.
    #[must_use]
    pub fn new(maker: &'static str, text: impl Into<String>) -> Self {
        Self {
            maker,
            text: text.into(),
        }
    }

    /// Shows the text to an encoder of that dialect, where it is the maker.
    #[must_use]
    pub fn for_maker(&self, dialect: &str) -> Option<&str> {
        (self.maker == dialect).then_some(self.text.as_str())
    }

    /// Writes it for an opaque field of a client that speaks `dialect`: the text itself where that
    /// is the maker, else with the maker's name in front.
    #[must_use]
    pub fn carry(&self, seals: Seals, dialect: &str) -> Cow<'_, str> {
        if self.maker == dialect {
            return Cow::Borrowed(&self.text);
        }
        let letter = LETTERS.iter().find(|(known, _)| *known == seals);
        let letter = letter.map_or("h", |(_, letter)| letter);
        Cow::Owned(format!("{MARK}{}:{letter}:{}", self.maker, self.text))
    }

    /// Reads what [`Sealed::carry`] wrote, or else a text of `dialect`'s own, which says no place.
    #[must_use]
    pub fn read(text: String, dialect: &'static str) -> (Self, Option<Seals>) {
        match Self::carried(&text) {
            Some((sealed, seals)) => (sealed, Some(seals)),
            None => (Self::new(dialect, text), None),
        }
    }

    fn carried(text: &str) -> Option<(Self, Seals)> {
        let rest = text.strip_prefix(MARK)?;
        let (name, rest) = rest.split_once(':')?;
        let (letter, rest) = rest.split_once(':')?;
        let (seals, _) = LETTERS.iter().find(|(_, known)| *known == letter)?;
        Some((Self::new(maker(name)?, rest), *seals))
    }
}

/// Finds a maker by its name.
pub(crate) fn maker(name: &str) -> Option<&'static str> {
    MAKERS.into_iter().find(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_crosses_a_client_of_another_dialect_and_comes_back() {
        for seals in [Seals::Thoughts, Seals::Hidden, Seals::Call] {
            let sealed = Sealed::new("gemini", "a:b\n=");
            let carried = sealed.carry(seals, "openai-chat").into_owned();
            assert_ne!(carried, sealed.text);
            assert_eq!(
                Sealed::read(carried, "openai-chat"),
                (sealed.clone(), Some(seals))
            );
            assert_eq!(sealed.carry(seals, "gemini"), "a:b\n=");
        }
    }

    #[test]
    fn a_seal_of_no_known_maker_is_the_dialects_own() {
        for text in [
            "",
            "EqQB",
            "tiergate:",
            "tiergate:x:t:y",
            "tiergate:gemini:z:y",
        ] {
            let (sealed, seals) = Sealed::read(text.to_owned(), "anthropic-messages");
            assert_eq!(sealed, Sealed::new("anthropic-messages", text));
            assert_eq!(seals, None);
        }
    }
}
