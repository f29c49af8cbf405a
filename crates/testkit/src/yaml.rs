//! The part of YAML that cassettes are written in, read into a tree whose scalars keep their
//! spelling. It must not know what a cassette is.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{Event, Parser, ScalarStyle};

/// The deepest nesting that is read.
const DEPTH_MAX: usize = 256;

/// Is one value of a YAML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// A scalar without quotes, whose meaning its spelling decides.
    Plain(String),
    /// A scalar that is text whatever it looks like.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in order.
    Map(Vec<(String, Node)>),
}

/// Says why a text is no document.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum YamlError {
    /// The text is not YAML.
    #[error("could not parse: {0}")]
    Parse(String),
    /// It is YAML that no cassette needs.
    #[error("unexpected {0}")]
    Unexpected(&'static str),
}

impl Node {
    /// Reads the first document of a text.
    pub(crate) fn parse(text: &str) -> Result<Self, YamlError> {
        let mut reader = Reader {
            events: Parser::new_from_str(text),
            anchors: HashMap::new(),
        };
        loop {
            match reader.event()? {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                event => return reader.node(event, 0),
            }
        }
    }

    /// Finds a value of a mapping by its key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(fields) = self else {
            return None;
        };
        let found = fields.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value)
    }

    /// Lists the items of a sequence; of anything else none.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Shows a scalar as it is spelled.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Plain(text) | Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Shows the bytes of a text or of binary content.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Binary(bytes) => Some(bytes),
            Self::Plain(text) | Self::Text(text) => Some(text.as_bytes()),
            _ => None,
        }
    }

    /// Writes the value as JSON; numbers keep their spelling.
    pub(crate) fn json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Plain(text) if is_json_word(text) => out.push_str(text),
            Self::Plain(text) if matches!(text.as_str(), "" | "~") => out.push_str("null"),
            Self::Plain(text) | Self::Text(text) => write_string(text, out),
            Self::Binary(bytes) => write_string(&STANDARD.encode(bytes), out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    separate(at, out);
                    item.write(out);
                }
                out.push(']');
            }
            Self::Map(fields) => {
                out.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    separate(at, out);
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

struct Reader<'t> {
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: HashMap<usize, Node>,
}

impl<'t> Reader<'t> {
    fn event(&mut self) -> Result<Event<'t>, YamlError> {
        match self.events.next() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(YamlError::Parse(error.to_string())),
            None => Err(YamlError::Unexpected("end")),
        }
    }

    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<Node, YamlError> {
        if depth > DEPTH_MAX {
            return Err(YamlError::Unexpected("depth"));
        }
        let (anchor, node) = match event {
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                return known.ok_or(YamlError::Unexpected("alias"));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_binary = tag.is_some_and(|tag| tag.suffix == "binary");
                (anchor, scalar(&text, style, is_binary)?)
            }
            Event::SequenceStart(anchor, _) => (anchor, self.list(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.map(depth)?),
            _ => return Err(YamlError::Unexpected("event")),
        };
        // Anchors are counted from 1; 0 says that there is none.
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Node, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.event()? {
                Event::SequenceEnd => return Ok(Node::List(items)),
                event => items.push(self.node(event, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Node, YamlError> {
        let mut fields = Vec::new();
        loop {
            let key = match self.event()? {
                Event::MappingEnd => return Ok(Node::Map(fields)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(YamlError::Unexpected("key")),
            };
            let event = self.event()?;
            fields.push((key, self.node(event, depth + 1)?));
        }
    }
}

fn scalar(text: &str, style: ScalarStyle, is_binary: bool) -> Result<Node, YamlError> {
    if is_binary {
        let packed: String = text.split_whitespace().collect();
        let bytes = STANDARD.decode(packed);
        return bytes
            .map(Node::Binary)
            .map_err(|_| YamlError::Unexpected("binary"));
    }
    Ok(match style {
        ScalarStyle::Plain => Node::Plain(text.to_owned()),
        _ => Node::Text(text.to_owned()),
    })
}

/// Tells whether a plain scalar is a number or a word of JSON, as the writers of cassettes mean
/// it: they quote every text that looks like one, and a float of theirs has a point.
fn is_json_word(text: &str) -> bool {
    if matches!(text, "null" | "true" | "false") {
        return true;
    }
    let is_number = serde_json::from_str::<serde_json::Number>(text).is_ok();
    let is_integer = text
        .trim_start_matches('-')
        .bytes()
        .all(|byte| byte.is_ascii_digit());
    is_number && (is_integer || text.contains('.'))
}

fn separate(at: usize, out: &mut String) {
    if at > 0 {
        out.push(',');
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests;
