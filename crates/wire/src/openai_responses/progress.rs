//! How far each item of a streamed answer came. It must not know any event.

use crate::canonical::CallForm;

/// Limits the items of one answer, and the parts of one item.
pub(super) const MAX_ITEMS: usize = 4096;

/// Holds one item.
#[derive(Debug)]
pub(super) struct Item {
    /// Its place in the answer.
    pub(super) at: u64,
    pub(super) kind: Kind,
    /// The texts of a message, by their places.
    texts: Vec<(u64, Text)>,
    /// In which list thoughts are told, and which part of it goes on.
    pub(super) told: Option<(&'static str, u64)>,
    pub(super) is_done: bool,
}

/// Says what an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It was not said yet.
    Unknown,
    Message,
    Thoughts,
    Call(Call),
    /// One without a counterpart.
    Foreign,
}

/// Holds one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Its number among the calls.
    pub(super) number: u32,
    pub(super) form: CallForm,
    /// Bytes of its arguments that went out.
    pub(super) sent: usize,
}

/// Holds how much of a text went out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Text {
    /// Bytes of it.
    pub(super) sent: usize,
    pub(super) has_logprobs: bool,
    pub(super) citations: usize,
    pub(super) is_done: bool,
}

/// Names what goes on, with the place of a message's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    Text(u64),
    Refusal(u64),
    Thoughts,
}

impl Item {
    /// Begins an item.
    pub(super) fn new(at: u64) -> Self {
        Self {
            at,
            kind: Kind::Unknown,
            texts: Vec::new(),
            told: None,
            is_done: false,
        }
    }

    /// Finds a text of a message, or begins it.
    pub(super) fn text(&mut self, index: u64) -> &mut Text {
        if self.kind == Kind::Unknown {
            self.kind = Kind::Message;
        }
        let known = self.texts.iter().position(|(at, _)| *at == index);
        let place = match known {
            Some(place) => place,
            // Beyond the limit the last one stands for all others.
            None if self.texts.len() >= MAX_ITEMS => self.texts.len() - 1,
            None => {
                self.texts.push((index, Text::default()));
                self.texts.len() - 1
            }
        };
        &mut self.texts[place].1
    }
}

/// Gives what of a text did not go out yet, where that is the front of it.
pub(super) fn rest(text: &str, sent: usize) -> &str {
    text.get(sent..).unwrap_or_default()
}
