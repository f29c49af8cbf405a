//! The variable segment of a path, which names the model and the method. It must not know which
//! models there are.

use std::borrow::Cow;

const WHOLE: &str = "generateContent";
const STREAM: &str = "streamGenerateContent";

/// Holds what a path says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    /// The model asked for.
    pub(super) model: Cow<'a, str>,
    /// Whether events are asked for.
    pub(super) stream: bool,
}

/// Reads a segment; none where it names no method that is answered. A model's name may itself hold
/// colons.
pub(super) fn read(segment: &str) -> Option<Call<'_>> {
    let (model, method) = segment.rsplit_once(':')?;
    let stream = match method {
        WHOLE => false,
        STREAM => true,
        _ => return None,
    };
    let model = decode(model).filter(|model| !model.is_empty())?;
    Some(Call { model, stream })
}

/// Writes a segment. What a path cannot hold as it is, a slash included, is percent-encoded.
pub(super) fn write(model: &str, stream: bool) -> String {
    let mut segment = String::with_capacity(model.len() + STREAM.len() + 1);
    for byte in model.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'@' | b':' => {
                segment.push(char::from(byte));
            }
            _ => segment.push_str(&format!("%{byte:02X}")),
        }
    }
    segment.push(':');
    segment.push_str(if stream { STREAM } else { WHOLE });
    segment
}

/// Takes the percent encoding out of a segment; none where it is no encoding of a text.
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, others) = rest.split_at_checked(2)?;
        let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
        bytes.push(u8::try_from(digit(0)? * 16 + digit(1)?).ok()?);
        rest = others;
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
