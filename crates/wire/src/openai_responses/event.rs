//! One event of a stream as bytes. It must not know which events follow each other.

use crate::json::write::{self, Writer};

/// Writes an event with its number.
pub(super) fn event(
    name: &str,
    sequence: u64,
    out: &mut Vec<u8>,
    fields: impl FnOnce(&mut Writer),
) {
    write::event(name, out, |out| {
        out.key("type").string(name);
        out.key("sequence_number").number(sequence);
        fields(out);
    });
}

/// Writes a summary of thoughts.
pub(super) fn summary(text: &str, out: &mut Writer) {
    out.object(|out| {
        out.key("type").string("summary_text");
        out.key("text").string(text);
    });
}
