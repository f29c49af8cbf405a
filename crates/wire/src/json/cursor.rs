//! Walking over JSON text with positions and a limit of depth. It must not know any field's name,
//! nor repair anything.

use std::borrow::Cow;
use std::ops::Range;

use crate::fault::BadRequest;

/// Limits nesting, as serde's and most servers' readers do.
pub const MAX_DEPTH: u32 = 128;

/// Counts more levels than any dialect adds around what it carries: a schema, a call's arguments.
const BODY_LEVELS: u32 = 16;

/// Limits the top-level fields of a body: repeated ones are found by comparing.
pub const MAX_FIELDS: usize = 256;

/// Gives the text of a call's arguments as an object that can stand in a body; none where they are
/// not one, or one too deep. No text at all is an empty object.
pub(crate) fn whole_object(arguments: &str) -> Option<&str> {
    let arguments = arguments.trim();
    if arguments.is_empty() {
        return Some("{}");
    }
    let mut cursor = Cursor::over(arguments).unquoted();
    let is_object = cursor.kind() == Ok(Kind::Object);
    let is_whole = cursor.skip().and_then(|_| cursor.end()).is_ok();
    (is_object && is_whole).then_some(arguments)
}

/// Says what is broken and where, as an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) at: usize,
    pub(crate) what: Cow<'static, str>,
    /// The field whose value is of the wrong type, where the JSON itself is whole.
    pub(crate) field: Option<String>,
}

impl Broken {
    /// Renders it with line and column for the caller.
    pub(crate) fn to_bad_request(&self, body: &[u8]) -> BadRequest {
        if let Some(field) = &self.field {
            return BadRequest::of(field, self.what.clone());
        }
        let before = body.get(..self.at).unwrap_or(body);
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let column = 1 + self.at - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        BadRequest::whole(format!(
            "the body is not valid JSON: {} at line {line} column {column}",
            self.what
        ))
    }
}

/// What kind of value begins here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

impl Kind {
    /// Names it with its article.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Null => "null",
        }
    }
}

// Boxed, so that what is returned for each value fits in registers; faults are rare.
pub(crate) type Scan<T> = Result<T, Box<Broken>>;

/// Walks over JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    most: u32,
    /// Whether the string passed last has escapes.
    has_escapes: bool,
}

impl<'a> Cursor<'a> {
    /// Starts at the beginning of a body.
    pub(crate) fn new(body: &'a [u8]) -> Scan<Self> {
        match simdutf8::basic::from_utf8(body) {
            Ok(text) => Ok(Self::over(text)),
            // The quick check does not say where; the slow one is for faults alone.
            Err(_) => Err(Box::new(Broken {
                at: std::str::from_utf8(body).map_or_else(|error| error.valid_up_to(), str::len),
                what: "bytes that are not UTF-8".into(),
                field: None,
            })),
        }
    }

    /// Starts at the beginning of a text.
    pub(crate) fn over(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            most: MAX_DEPTH,
            has_escapes: false,
        }
    }

    /// Limits what is to stand in a body of another dialect, whose levels come on top.
    pub(crate) fn carried(self) -> Self {
        Self {
            most: MAX_DEPTH - BODY_LEVELS,
            ..self
        }
    }

    /// Limits what stood in a string and is to stand in a body itself: a client sends that body's
    /// content back, so it must be read as [`carried`](Self::carried) again, levels and all.
    fn unquoted(self) -> Self {
        Self {
            most: MAX_DEPTH - 2 * BODY_LEVELS,
            ..self
        }
    }

    /// Tells the offset.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Gives the text between two offsets.
    pub(crate) fn slice(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        // One look tells for most bytes: all space is at or under the space itself.
        while let Some(byte) = self.byte()
            && byte <= b' '
            && matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
        {
            self.at += 1;
        }
    }

    #[cold]
    pub(crate) fn broken<T>(&self, what: impl Into<Cow<'static, str>>) -> Scan<T> {
        Err(Box::new(Broken {
            at: self.at,
            what: what.into(),
            field: None,
        }))
    }

    /// Says that the value in front is of the wrong type for its field.
    #[cold]
    pub(crate) fn wrong<T>(&mut self, field: &str, wanted: &str) -> Scan<T> {
        let kind = self.kind()?;
        Err(Box::new(Broken {
            at: self.at,
            what: format!("must be {wanted}, not {}", kind.name()).into(),
            field: Some(field.to_owned()),
        }))
    }

    /// Reads true, false or null.
    pub(crate) fn optional_bool(&mut self, field: &str) -> Scan<Option<bool>> {
        if !matches!(self.kind()?, Kind::Bool | Kind::Null) {
            return self.wrong(field, "true or false");
        }
        let span = self.skip()?;
        Ok(match self.slice(span) {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    /// Reads a number or null; one that is not whole counts as none.
    pub(crate) fn optional_whole(&mut self, field: &str) -> Scan<Option<u64>> {
        if !matches!(self.kind()?, Kind::Number | Kind::Null) {
            return self.wrong(field, "a number");
        }
        let span = self.skip()?;
        Ok(self.slice(span).parse().ok())
    }

    /// Reads a string; any other value is passed and counts as none.
    pub(crate) fn string_or_skip(&mut self) -> Scan<Option<Cow<'a, str>>> {
        if self.kind()? == Kind::String {
            return self.string().map(Some);
        }
        self.skip().map(|_| None)
    }

    /// Reads a string that says something; any other value is passed and counts as none.
    pub(crate) fn text_or_skip(&mut self) -> Scan<Option<String>> {
        let text = self.string_or_skip()?;
        Ok(text.filter(|text| !text.is_empty()).map(Into::into))
    }

    /// Walks an object; any other value is passed.
    pub(crate) fn object_or_skip(
        &mut self,
        visit: impl FnMut(&mut Self, Cow<'a, str>) -> Scan<()>,
    ) -> Scan<()> {
        if self.kind()? == Kind::Object {
            return self.object(visit);
        }
        self.pass()
    }

    /// Walks an array; any other value is passed.
    pub(crate) fn array_or_skip(&mut self, visit: impl FnMut(&mut Self) -> Scan<()>) -> Scan<()> {
        if self.kind()? == Kind::Array {
            return self.array(visit);
        }
        self.pass()
    }

    /// Says what kind of value comes next, and stands in front of it.
    #[inline]
    pub(crate) fn kind(&mut self) -> Scan<Kind> {
        self.space();
        Ok(match self.byte() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            Some(_) => return self.broken("an unexpected character instead of a value"),
            None => return self.broken("it ends where a value is expected"),
        })
    }

    #[inline]
    fn expect(&mut self, wanted: u8, what: &'static str) -> Scan<()> {
        if self.byte() != Some(wanted) {
            return self.broken(what);
        }
        self.at += 1;
        Ok(())
    }

    fn deeper(&mut self) -> Scan<()> {
        self.depth += 1;
        if self.depth > self.most {
            return self.broken(format!("nesting deeper than {} levels", self.most));
        }
        Ok(())
    }

    /// Walks an object: for each key the visitor stands in front of the value and passes it.
    pub(crate) fn object(
        &mut self,
        mut visit: impl FnMut(&mut Self, Cow<'a, str>) -> Scan<()>,
    ) -> Scan<()> {
        self.space();
        self.expect(b'{', "something else instead of an object")?;
        self.deeper()?;
        self.space();
        if self.byte() == Some(b'}') {
            self.at += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            let key = self.string()?;
            self.space();
            self.expect(b':', "no colon behind a key")?;
            visit(self, key)?;
            if self.next_or_close(b'}')? {
                return Ok(());
            }
        }
    }

    /// Walks an array: for each element the visitor stands in front of it and passes it.
    pub(crate) fn array(&mut self, mut visit: impl FnMut(&mut Self) -> Scan<()>) -> Scan<()> {
        self.space();
        self.expect(b'[', "something else instead of an array")?;
        self.deeper()?;
        self.space();
        if self.byte() == Some(b']') {
            self.at += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            visit(self)?;
            if self.next_or_close(b']')? {
                return Ok(());
            }
        }
    }

    /// Passes the comma, or the bracket, and says whether it was the bracket.
    fn next_or_close(&mut self, close: u8) -> Scan<bool> {
        self.space();
        match self.byte() {
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(true)
            }
            _ => self.broken("neither a comma nor the closing bracket"),
        }
    }

    /// Passes any value, checking that it is whole, and gives its span.
    pub(crate) fn skip(&mut self) -> Scan<Range<usize>> {
        let kind = self.kind()?;
        let start = self.at;
        match kind {
            Kind::Object => self.object(|cursor, _| cursor.pass())?,
            Kind::Array => self.array(|cursor| cursor.pass())?,
            Kind::String => {
                self.pass_string()?;
            }
            Kind::Number => self.number()?,
            Kind::Bool | Kind::Null => self.word()?,
        }
        Ok(start..self.at)
    }

    /// Passes any value, checking that it is whole.
    pub(crate) fn pass(&mut self) -> Scan<()> {
        self.skip().map(|_| ())
    }

    /// Checks that nothing but space follows.
    pub(crate) fn end(&mut self) -> Scan<()> {
        self.space();
        match self.byte() {
            None => Ok(()),
            Some(_) => self.broken("something behind the end of the value"),
        }
    }

    /// Reads a string, borrowed where it has no escapes.
    pub(crate) fn string(&mut self) -> Scan<Cow<'a, str>> {
        self.space();
        let start = self.at;
        self.pass_string()?;
        if self.has_escapes {
            return self.unescaped(start);
        }
        Ok(Cow::Borrowed(self.slice(start + 1..self.at - 1)))
    }

    #[cold]
    fn unescaped(&self, start: usize) -> Scan<Cow<'a, str>> {
        match serde_json::from_str::<String>(self.slice(start..self.at)) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(_) => Err(Box::new(Broken {
                at: start,
                what: "a string with half a surrogate pair".into(),
                field: None,
            })),
        }
    }

    /// Passes a string with its quotation marks, and notes whether it has escapes.
    #[inline]
    fn pass_string(&mut self) -> Scan<()> {
        self.expect(b'"', "no quotation mark where a string is expected")?;
        self.at += plain_run(self.text.as_bytes().get(self.at..).unwrap_or_default());
        self.has_escapes = self.byte() != Some(b'"');
        if self.has_escapes {
            return self.rest_of_string();
        }
        self.at += 1;
        Ok(())
    }

    /// Passes what follows the first stretch of a string that is not its end.
    #[inline(never)]
    fn rest_of_string(&mut self) -> Scan<()> {
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return self.broken("a control character inside a string"),
                None => return self.broken("it ends inside a string"),
            }
            self.at += plain_run(self.text.as_bytes().get(self.at..).unwrap_or_default());
        }
    }

    fn escape(&mut self) -> Scan<()> {
        let rest = self.text.as_bytes().get(self.at + 1..).unwrap_or_default();
        let length = match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u')
                if rest
                    .get(1..5)
                    .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) =>
            {
                6
            }
            _ => return self.broken("an escape that JSON does not have"),
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Scan<()> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        match number_length(rest) {
            Some(length) => {
                self.at += length;
                Ok(())
            }
            None => self.broken("a number that JSON does not allow"),
        }
    }

    fn word(&mut self) -> Scan<()> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        for word in ["true", "false", "null"] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(());
            }
        }
        self.broken("a word that JSON does not have")
    }
}

/// Counts the bytes up to a quotation mark, a backslash or a control character. Most strings are
/// short keys and words, which end within a few machine words; texts are searched with vectors.
#[inline]
fn plain_run(bytes: &[u8]) -> usize {
    /// From here on a vector search has earned its beginning.
    const SHORT: usize = 32;
    let mut run = 0;
    while run < SHORT {
        let Some(word) = bytes.get(run..).and_then(<[u8]>::first_chunk::<8>) else {
            break;
        };
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return run + (marks.trailing_zeros() / 8) as usize;
        }
        run += 8;
    }
    run + long_run(bytes.get(run..).unwrap_or_default())
}

/// Marks the high bit of each byte that ends a run. A borrow can only add a mark behind a true
/// one, and the first is what counts.
#[inline]
fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    // With its second bit turned a quotation mark stands right behind the control characters.
    let quote_or_control = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let escape = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
    (quote_or_control | escape) & !word & HIGH
}

#[inline(never)]
fn long_run(bytes: &[u8]) -> usize {
    let end = memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
    let text = bytes.get(..end).unwrap_or_default();
    // Control characters are rare enough to be looked for afterwards, without a branch for each.
    let least = text.iter().fold(u8::MAX, |least, byte| least.min(*byte));
    if least < 0x20 {
        return text.iter().position(|byte| *byte < 0x20).unwrap_or(end);
    }
    end
}

/// Measures a number by the grammar of RFC 8259.
fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        let end = rest.iter().position(|byte| !byte.is_ascii_digit());
        end.unwrap_or(rest.len())
    };
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    let leads_with_zero = bytes.get(at) == Some(&b'0');
    if whole == 0 || (leads_with_zero && whole > 1) {
        return None;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at);
        if exponent == 0 {
            return None;
        }
        at += exponent;
    }
    Some(at)
}
