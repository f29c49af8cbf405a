//! One event of a stream as bytes. It must not know which events follow each other.

use crate::json::write::Writer;

/// Writes an event with its number.
pub(super) fn event(
    name: &str,
    sequence: u64,
    out: &mut Vec<u8>,
    fields: impl FnOnce(&mut Writer),
) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    let mut writer = Writer::onto(std::mem::take(out));
    writer.object(|out| {
        out.key("type").string(name);
        out.key("sequence_number").number(sequence);
        fields(out);
    });
    *out = writer.finish();
    out.extend_from_slice(b"\n\n");
}

/// Writes a summary of thoughts.
pub(super) fn summary(text: &str, out: &mut Writer) {
    out.object(|out| {
        out.key("type").string("summary_text");
        out.key("text").string(text);
    });
}
