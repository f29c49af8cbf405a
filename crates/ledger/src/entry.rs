//! An entry of the log and its canonical bytes (RFC 8785). It must not know the tree, nor what
//! the kinds of entries mean.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bundle::MAX_ENTRY_BYTES;

/// The form in which entries are written today.
pub const ENTRY_FORMAT: u64 = 1;

/// Bytes that the name of a kind may have.
pub const MAX_KIND_BYTES: usize = 64;

/// The largest integer that every reader of JSON holds exactly: 2^53 - 1.
const MAX_EXACT: u64 = (1 << 53) - 1;

/// Counts milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMs(pub i64);

/// What is to be appended: the appender adds index and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Names what kind of fact this is: lower-case letters, digits, `.`, `_` and `-`.
    pub kind: String,
    /// Holds the fact itself.
    pub body: Value,
}

/// One entry as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Counts the entries before this one.
    pub index: u64,
    /// Tells when it was appended; never earlier than the entry before.
    pub time: UnixMs,
    /// Names what kind of fact this is.
    pub kind: String,
    /// Holds the fact itself.
    pub body: Value,
}

#[derive(Serialize)]
struct Written<'a> {
    format: u64,
    index: u64,
    time_ms: UnixMs,
    kind: &'a str,
    body: &'a Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "format")]
    _format: u64,
    index: u64,
    time_ms: UnixMs,
    kind: String,
    body: Value,
}

/// Says why an entry cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteEntryError {
    /// The kind is not a name.
    #[error(
        "`{kind}` does not name a kind of entry: use 1 to {MAX_KIND_BYTES} lower-case letters, \
         digits, `.`, `_` or `-`"
    )]
    Kind {
        /// What was given.
        kind: String,
    },
    /// The time or a number in the body would change when read back.
    #[error(
        "the entry of kind `{kind}` holds the integer {number}, which canonical JSON cannot keep \
         exactly (beyond 2^53 - 1): write it as a string"
    )]
    Inexact {
        /// The entry's kind.
        kind: String,
        /// The number that would change.
        number: String,
    },
    /// The entry is longer than a bundle can hold.
    #[error(
        "the entry of kind `{kind}` has {bytes} bytes, more than {MAX_ENTRY_BYTES}: keep the \
         matter elsewhere and log its digest"
    )]
    TooLong {
        /// The entry's kind.
        kind: String,
        /// Its length.
        bytes: usize,
    },
    /// The body cannot be told in canonical JSON.
    #[error("the entry of kind `{kind}` has no canonical form")]
    Canonical {
        /// The entry's kind.
        kind: String,
        /// What the serialiser said.
        #[source]
        source: serde_json::Error,
    },
    /// What would be written cannot be read back as the same bytes.
    #[error("the entry of kind `{kind}` would not be read back as written")]
    ReadBack {
        /// The entry's kind.
        kind: String,
        /// What reading it said.
        #[source]
        source: ReadEntryError,
    },
}

/// Says why bytes are no entry.
#[derive(Debug, thiserror::Error)]
pub enum ReadEntryError {
    /// The bytes are not JSON of an entry's shape.
    #[error("it is not the JSON of an entry")]
    Json(#[from] serde_json::Error),
    /// The entry was written by a newer Tiergate.
    #[error(
        "it is written in format {found}, this program reads {ENTRY_FORMAT}: use the newer program"
    )]
    Format {
        /// The format it names.
        found: u64,
    },
    /// The bytes are not the canonical form of what they say.
    #[error("its bytes are not canonical JSON (RFC 8785)")]
    NotCanonical,
}

impl Entry {
    /// Writes the entry's canonical bytes, those that are hashed.
    ///
    /// # Errors
    /// When the entry cannot be kept exactly, see [`WriteEntryError`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, WriteEntryError> {
        self.check_kind()?;
        self.check_numbers()?;
        let kind = || self.kind.clone();
        let bytes = self
            .canonical()
            .map_err(|source| WriteEntryError::Canonical {
                kind: kind(),
                source,
            })?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(WriteEntryError::TooLong {
                kind: kind(),
                bytes: bytes.len(),
            });
        }
        // What cannot be read back (nested too deep, say) must never be signed.
        Self::from_bytes(&bytes).map_err(|source| WriteEntryError::ReadBack {
            kind: kind(),
            source,
        })?;
        Ok(bytes)
    }

    /// Reads an entry from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are not exactly what [`Entry::to_bytes`] would write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReadEntryError> {
        let value: Value = serde_json::from_slice(bytes)?;
        if let Some(found) = value.get("format").and_then(Value::as_u64)
            && found != ENTRY_FORMAT
        {
            return Err(ReadEntryError::Format { found });
        }
        let read: Read = serde_json::from_value(value)?;
        let entry = Self {
            index: read.index,
            time: read.time_ms,
            kind: read.kind,
            body: read.body,
        };
        if entry.canonical()? != bytes {
            return Err(ReadEntryError::NotCanonical);
        }
        Ok(entry)
    }

    fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json_canonicalizer::to_vec(&Written {
            format: ENTRY_FORMAT,
            index: self.index,
            time_ms: self.time,
            kind: &self.kind,
            body: &self.body,
        })
    }

    fn check_kind(&self) -> Result<(), WriteEntryError> {
        let is_in_name =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        let is_name =
            (1..=MAX_KIND_BYTES).contains(&self.kind.len()) && self.kind.bytes().all(is_in_name);
        if is_name {
            return Ok(());
        }
        Err(WriteEntryError::Kind {
            kind: self.kind.clone(),
        })
    }

    fn check_numbers(&self) -> Result<(), WriteEntryError> {
        let found = if self.index > MAX_EXACT {
            Some(self.index.to_string())
        } else if self.time.0.unsigned_abs() > MAX_EXACT {
            Some(self.time.0.to_string())
        } else {
            first_inexact(&self.body)
        };
        found.map_or(Ok(()), |number| {
            Err(WriteEntryError::Inexact {
                kind: self.kind.clone(),
                number,
            })
        })
    }
}

fn first_inexact(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let size = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs));
            (size? > MAX_EXACT).then(|| number.to_string())
        }
        Value::Array(items) => items.iter().find_map(first_inexact),
        Value::Object(fields) => fields.values().find_map(first_inexact),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests;
