//! Writing JSON without a tree; text that was read is written as it was. It must not know any
//! field's name.

/// Writes one JSON value into bytes.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    out: Vec<u8>,
    /// Whether a comma is due before the next element or key.
    due: bool,
}

impl Writer {
    /// Starts with nothing written.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Goes on behind bytes that are there.
    pub(crate) fn onto(out: Vec<u8>) -> Self {
        Self { out, due: false }
    }

    /// Gives the bytes.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }

    fn comma(&mut self) {
        if std::mem::replace(&mut self.due, true) {
            self.out.push(b',');
        }
    }

    /// Writes a key; its value must follow.
    pub(crate) fn key(&mut self, key: &str) -> &mut Self {
        self.comma();
        quote(key, &mut self.out);
        self.out.push(b':');
        self.due = false;
        self
    }

    /// Writes an object; `fields` writes what is in it.
    pub(crate) fn object(&mut self, fields: impl FnOnce(&mut Self)) {
        self.wrap(b'{', fields, b'}');
    }

    /// Writes an array; `elements` writes what is in it.
    pub(crate) fn array(&mut self, elements: impl FnOnce(&mut Self)) {
        self.wrap(b'[', elements, b']');
    }

    fn wrap(&mut self, open: u8, inside: impl FnOnce(&mut Self), close: u8) {
        self.comma();
        self.out.push(open);
        self.due = false;
        inside(self);
        self.out.push(close);
        self.due = true;
    }

    /// Writes a string.
    pub(crate) fn string(&mut self, text: &str) {
        self.comma();
        quote(text, &mut self.out);
    }

    /// Writes JSON text as it is.
    pub(crate) fn raw(&mut self, json: &str) {
        self.comma();
        self.out.extend_from_slice(json.as_bytes());
    }

    /// Writes a number.
    pub(crate) fn number(&mut self, number: u64) {
        self.raw(&number.to_string());
    }

    /// Writes `true` or `false`.
    pub(crate) fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// Writes a field with a string, where there is one.
    pub(crate) fn string_field(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.key(key).string(text);
        }
    }

    /// Writes a field with JSON text, where there is one.
    pub(crate) fn raw_field(&mut self, key: &str, json: Option<&str>) {
        if let Some(json) = json {
            self.key(key).raw(json);
        }
    }

    /// Writes a field with a string, or null.
    pub(crate) fn nullable_field(&mut self, key: &str, text: Option<&str>) {
        match text {
            Some(text) => self.key(key).string(text),
            None => self.key(key).raw("null"),
        }
    }
}

/// Adds an event of a stream: its name, and an object with these fields.
pub(crate) fn event(name: &str, out: &mut Vec<u8>, fields: impl FnOnce(&mut Writer)) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    let mut writer = Writer::onto(std::mem::take(out));
    writer.object(fields);
    *out = writer.finish();
    out.extend_from_slice(b"\n\n");
}

/// Writes a JSON string.
pub(crate) fn quote(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..=0x1f => &[],
            _ => continue,
        };
        out.extend_from_slice(text.as_bytes().get(plain..at).unwrap_or_default());
        plain = at + 1;
        if escape.is_empty() {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            out.extend_from_slice(escape);
        }
    }
    out.extend_from_slice(text.as_bytes().get(plain..).unwrap_or_default());
    out.push(b'"');
}
