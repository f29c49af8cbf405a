//! A stream of events as one JSON array, for clients that read no event stream. It must not know
//! what an event says.

use bytes::Bytes;

use crate::frames::{Framer, OversizedEvent};

/// Frames events anew.
#[derive(Debug, Default)]
pub struct ArrayFraming {
    framer: Framer,
    has_begun: bool,
    is_closed: bool,
}

impl ArrayFraming {
    /// Takes bytes of the event stream, gives those of the array.
    ///
    /// # Errors
    /// An event is too large; the stream cannot be read on.
    pub fn push(&mut self, bytes: Bytes) -> Result<Bytes, OversizedEvent> {
        self.framer.push(bytes);
        let mut out = Vec::new();
        while let Some(frame) = self.framer.next_frame()? {
            if let Some(payload) = frame.payload() {
                let before: &[u8] = if self.has_begun { b",\r\n" } else { b"[" };
                out.extend_from_slice(before);
                out.extend_from_slice(payload);
                self.has_begun = true;
            }
        }
        Ok(out.into())
    }

    /// Ends the array, once.
    pub fn end(&mut self) -> Bytes {
        if std::mem::replace(&mut self.is_closed, true) {
            return Bytes::new();
        }
        Bytes::from_static(if self.has_begun { b"]" } else { b"[]" })
    }

    /// Tells whether the array has been ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(stream: &[u8], at: usize) -> String {
        let (one, other) = stream.split_at(at);
        let mut array = ArrayFraming::default();
        let mut out = Vec::new();
        for piece in [one, other] {
            out.extend_from_slice(&array.push(Bytes::copy_from_slice(piece)).unwrap());
        }
        assert!(!array.is_closed());
        out.extend_from_slice(&array.end());
        assert!(array.is_closed());
        assert!(array.end().is_empty());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn events_are_elements_under_any_split() {
        let stream = b": hi\r\n\r\ndata: {\"a\":[1.0]}\r\n\r\ndata: {\"b\":\"]\"}\r\n\r\n";
        for at in 0..stream.len() {
            assert_eq!(framed(stream, at), "[{\"a\":[1.0]},\r\n{\"b\":\"]\"}]");
        }
        assert_eq!(framed(b"", 0), "[]");
    }
}
