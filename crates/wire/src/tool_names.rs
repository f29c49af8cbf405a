//! Tools that a provider would refuse as they are: names shortened and free text wrapped one way,
//! both restored the other. It must not know which limit belongs to whom, nor keep anything beyond
//! one request.

use std::borrow::Cow;

use crate::canonical::{CallForm, Part, Reply};
use crate::free_text::{self, Unwrap};
use crate::stream::Event;

/// Remembers, for one exchange, which tools had to be renamed or wrapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolNames {
    renamed: Vec<(String, String)>,
    /// Tools whose free text goes as an object, by their own names.
    wrapped: Vec<String>,
    /// Calls of such tools that a stream is in the middle of.
    open: Vec<(u32, Unwrap)>,
}

impl ToolNames {
    /// Tells whether no tool had to be renamed or wrapped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.renamed.is_empty() && self.wrapped.is_empty()
    }

    /// Remembers that a tool's free text goes as an object.
    pub(crate) fn wrap(&mut self, name: &str) {
        if !self.wrapped.iter().any(|known| known == name) {
            self.wrapped.push(name.to_owned());
        }
    }

    /// Remembers that a tool of that name goes under another.
    pub(crate) fn rename(&mut self, short: &str, name: &str) {
        if !self.renamed.iter().any(|(_, old)| old == name) {
            self.renamed.push((short.to_owned(), name.to_owned()));
        }
    }

    /// Gives the name that fits a provider's limit, and remembers it.
    pub(crate) fn fit<'n>(&mut self, name: &'n str, most: usize) -> Cow<'n, str> {
        let fits = name.len() <= most && !name.is_empty() && name.bytes().all(is_plain);
        if fits {
            return Cow::Borrowed(name);
        }
        let short = shorten(name, most);
        self.rename(&short, name);
        Cow::Owned(short)
    }

    /// Gives an event its tool's own name and form back. The events of one stream must come in
    /// their order: a text is unwrapped piece by piece.
    pub fn restore_event(&mut self, event: &mut Event) {
        match event {
            Event::ToolStart {
                name, call, form, ..
            } => {
                self.restore(name);
                if self.wrapped.contains(name) {
                    *form = CallForm::Text;
                    self.open.push((*call, Unwrap::default()));
                }
            }
            Event::ToolArguments { call, text } => {
                if let Some((_, open)) = self.open.iter_mut().find(|(known, _)| known == call) {
                    *text = open.push(text);
                }
            }
            _ => {}
        }
    }

    /// Gives an answer its tools' own names and forms back.
    pub fn restore_reply(&self, reply: &mut Reply) {
        for part in &mut reply.parts {
            if let Part::ToolUse(call) = part {
                self.restore(&mut call.name);
                if self.wrapped.contains(&call.name) {
                    call.form = CallForm::Text;
                    call.arguments = free_text::unwrap(&call.arguments);
                }
            }
        }
    }

    fn restore(&self, name: &mut String) {
        if let Some((_, old)) = self.renamed.iter().find(|(short, _)| short == name) {
            name.clone_from(old);
        }
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The front of the name, and a digest of the whole so that two long names stay two.
fn shorten(name: &str, most: usize) -> String {
    let digest = format!("_{:016x}", digest(name.as_bytes()));
    let room = most.saturating_sub(digest.len());
    let front = name.bytes().map(|byte| {
        if is_plain(byte) {
            char::from(byte)
        } else {
            '_'
        }
    });
    front.take(room).chain(digest.chars()).collect()
}

/// FNV-1a: names only need to stay apart within one request, and the same name must get the same
/// short one in every request of a conversation.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Keeps an id that every dialect takes, and makes one of any other that is the same each time.
pub(crate) fn fit_id(id: &str) -> Cow<'_, str> {
    if !id.is_empty() && id.bytes().all(is_plain) {
        return Cow::Borrowed(id);
    }
    Cow::Owned(format!("call_{:016x}", digest(id.as_bytes())))
}
