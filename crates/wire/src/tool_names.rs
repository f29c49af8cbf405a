//! Tool names that a provider would refuse, shortened one way and restored the other. It must not
//! know which limit belongs to whom, nor keep anything beyond one request.

use std::borrow::Cow;

use crate::canonical::{Part, Reply};
use crate::stream::Event;

/// Remembers, for one exchange, which tools had to be renamed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolNames {
    renamed: Vec<(String, String)>,
}

impl ToolNames {
    /// Tells whether no tool had to be renamed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.renamed.is_empty()
    }

    /// Gives the name that fits a provider's limit, and remembers it.
    pub(crate) fn fit<'n>(&mut self, name: &'n str, most: usize) -> Cow<'n, str> {
        let fits = name.len() <= most && !name.is_empty() && name.bytes().all(is_plain);
        if fits {
            return Cow::Borrowed(name);
        }
        let short = shorten(name, most);
        if !self.renamed.iter().any(|(_, old)| old == name) {
            self.renamed.push((short.clone(), name.to_owned()));
        }
        Cow::Owned(short)
    }

    /// Gives an event its tool's own name back.
    pub fn restore_event(&self, event: &mut Event) {
        if let Event::ToolStart { name, .. } = event {
            self.restore(name);
        }
    }

    /// Gives an answer its tools' own names back.
    pub fn restore_reply(&self, reply: &mut Reply) {
        for part in &mut reply.parts {
            if let Part::ToolUse(call) = part {
                self.restore(&mut call.name);
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
