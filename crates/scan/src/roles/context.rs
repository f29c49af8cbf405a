//! Gathers what rules ask about a place. It must not decide.

use crate::place::{Around, Place, Text};
use crate::roles::path::Folder;
use crate::roles::words;

/// Shows a name where it stands.
#[derive(Debug)]
pub(crate) struct Context<'c> {
    /// What the path says.
    pub folder: &'c Folder,
    /// The language.
    pub language: &'static str,
    /// What is around it.
    pub place: &'c Place,
    /// The text of its literal.
    pub literal: &'c str,
    /// Whether it is all of its literal.
    pub is_whole: bool,
    /// Whether it is a part of names only.
    pub is_fragment: bool,
    /// How many models the list, map or block names that it is in.
    pub names: usize,
    /// Where the value that it is given to is used in the file.
    pub uses: &'c [Place],
    /// Whether the file says of itself that it is a manifest of machines.
    pub is_manifest: bool,
    /// Whether the file says of itself that it describes an interface.
    pub is_schema: bool,
    /// The line, for what stands ahead of a string of data.
    pub line: &'c str,
    /// A few lines before it and after it, for what one language says in several statements.
    pub near: (&'c str, &'c str),
}

impl Context<'_> {
    /// Tells whether code asks by what stands at a place which model it has.
    pub(crate) fn asks(place: &Place) -> bool {
        let mut own = place.around.iter();
        let is_compared = own.any(|around| matches!(around, Around::Comparison { .. }));
        let around = place.around.as_slice();
        is_compared || words::is_question(around) || words::is_quantifier(around)
    }

    pub(super) fn nearest(&self) -> Option<&Around> {
        self.place.around.first()
    }

    pub(super) fn is_text(&self, text: Text) -> bool {
        self.place.text == text
    }

    /// Lists the constructs of the statement that it is in: what is around that is no longer its
    /// own.
    pub(super) fn statement(&self) -> impl Iterator<Item = &Around> {
        let is_own = |around: &&Around| !matches!(around, Around::Function { .. });
        self.place.around.iter().take_while(is_own)
    }

    pub(super) fn is_compared(&self) -> bool {
        let mut own = self.statement();
        own.any(|around| matches!(around, Around::Comparison { .. }))
    }

    /// Names what it is given to: a variable, a constant, a field.
    pub(super) fn assigned(&self) -> Option<&str> {
        self.statement().find_map(|around| match around {
            Around::Assignment { to } => Some(to.as_str()),
            _ => None,
        })
    }

    /// Names the keys that it is under, the nearest first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.place.around.iter().filter_map(|around| match around {
            Around::Pair { key } => Some(key.as_str()),
            _ => None,
        })
    }

    /// Names the calls of the statement that it is an argument of.
    pub(super) fn callees(&self) -> impl Iterator<Item = &str> {
        self.statement().filter_map(|around| match around {
            Around::Argument { callee, .. } => Some(callee.as_str()),
            _ => None,
        })
    }

    /// Tells whether it stands in a list, a set or a map of several models.
    pub(super) fn is_among(&self, least: usize) -> bool {
        self.names >= least
    }

    pub(super) fn is_listed(&self) -> bool {
        let mut own = self.statement();
        own.any(|around| matches!(around, Around::Element { .. }))
    }

    /// Tells whether what stands beside it describes models: it is a row's key or its own name, and
    /// the row goes on with prices, limits, labels.
    pub(super) fn is_described(&self) -> bool {
        let is_row = match self.nearest() {
            _ if self.is_text(Text::Key) => true,
            Some(Around::Pair { key }) => words::is_id(key),
            Some(Around::Argument { name, .. }) => name.as_deref().is_none_or(words::is_id),
            _ => false,
        };
        let is_id = !matches!(self.nearest(), Some(Around::Pair { key }) if key == "model");
        let says = |name: &str| {
            words::is_of_catalogue(name) || is_id && self.is_among(3) && words::is_of_row(name)
        };
        let mut beside = self.place.beside.iter();
        let is_number = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
        is_row && beside.any(|one| says(&one.name) || one.name.is_empty() && is_number(&one.value))
    }

    /// Tells whether a single row describes its model at length, so that it needs no others.
    pub(super) fn is_row_of_catalogue(&self) -> bool {
        let words = self
            .place
            .beside
            .iter()
            .filter(|one| words::is_of_catalogue(&one.name));
        self.is_described() && words.take(2).count() == 2
    }

    /// Tells whether the file's own uses of the value compare it, and none hands it on.
    pub(super) fn is_used_to_compare(&self) -> bool {
        let compares = |place: &Place| Self::asks(place);
        !self.uses.is_empty() && self.uses.iter().any(compares) && !self.is_used_in_call()
    }

    /// Tells whether a word spells the name that is all of the literal.
    pub(super) fn is_spelled_by(&self, word: &str) -> bool {
        self.is_whole && words::spells(word, self.literal)
    }

    /// Tells whether a member of an enum spells the name, or one of several constants of a type.
    pub(super) fn is_spelled(&self) -> bool {
        match self.nearest() {
            Some(Around::Argument { callee, .. }) => self.is_spelled_by(callee),
            Some(Around::Assignment { to }) => {
                let is_member = matches!(self.place.around.get(1), Some(Around::Type { .. }));
                is_member && self.is_among(3) && self.is_spelled_by(to) && !self.is_used_in_call()
            }
            _ => false,
        }
    }

    /// Tells whether the nearest list is the value of a key or an argument that is called so.
    pub(super) fn is_named(&self, word: &str) -> bool {
        let mut own = self.place.around.iter();
        own.find_map(|around| match around {
            Around::Pair { key } => Some(key == word),
            Around::Argument { name, .. } => Some(name.as_deref() == Some(word)),
            Around::Element { .. } => None,
            _ => Some(false),
        })
        .unwrap_or(false)
    }

    pub(super) fn is_used_in_call(&self) -> bool {
        self.uses.iter().any(is_request)
    }

    /// Tells whether a test's block, module or function is around it.
    pub(super) fn is_in_test(&self) -> bool {
        self.place.around.iter().any(|around| match around {
            Around::Type { name } => {
                let name = name.to_lowercase();
                ["tests", "test"].contains(&name.as_str()) || name.ends_with("_tests")
            }
            Around::Function { name } => name.starts_with("test_"),
            Around::Argument {
                callee, position, ..
            } => {
                let callee = callee.split('.').next().unwrap_or_default();
                ["describe", "it", "test"].contains(&callee) && *position <= 2
            }
            _ => false,
        })
    }
}

/// Tells whether a place hands a value to what may send a request: an argument or a field that asks
/// for a model.
pub(crate) fn is_request(place: &Place) -> bool {
    let mut around = place.around.iter();
    let nearest = around.next();
    if words::is_question(&place.around) {
        return false;
    }
    match nearest {
        Some(Around::Argument { callee, name, .. }) => {
            let is_named = name.as_deref().is_some_and(words::is_model_word);
            let is_seen = words::is_talk(callee) || words::is_neutral(callee);
            let is_called = !is_seen && !words::is_tokenizer(callee);
            is_named || name.is_none() && is_called && !words::is_lookup(callee)
        }
        Some(Around::Pair { key }) if words::is_model_word(key) => {
            let is_call = |one: &Around| {
                matches!(
                    one,
                    Around::Argument { .. } | Around::Type { .. } | Around::Return
                )
            };
            around.any(is_call)
        }
        _ => false,
    }
}
