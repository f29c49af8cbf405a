//! What a response says of its request. It must not know what the answer is. Only what the body
//! says in words of its own is said again: what is lost on the way stands here all the same, and
//! is told by the list of losses.

use crate::json::cursor::Kind;
use crate::json::fields::Value;
use crate::json::write::Writer;

/// Lists what a response says of its request, as the API says it where nothing was asked; and
/// whether it says again what was. What is never done is never said.
const FIELDS: [(&str, &str, Again); 20] = [
    ("previous_response_id", "null", Again::Never),
    ("instructions", "null", Again::Said),
    ("tools", "[]", Again::Said),
    ("tool_choice", "\"auto\"", Again::Said),
    ("parallel_tool_calls", "true", Again::Said),
    ("truncation", "\"disabled\"", Again::Never),
    ("text", r#"{"format":{"type":"text"}}"#, Again::Completed),
    ("temperature", "1", Again::Said),
    ("top_p", "1", Again::Said),
    ("presence_penalty", "0", Again::Said),
    ("frequency_penalty", "0", Again::Said),
    ("top_logprobs", "0", Again::Said),
    (
        "reasoning",
        r#"{"effort":null,"summary":null}"#,
        Again::Completed,
    ),
    ("max_output_tokens", "null", Again::Said),
    ("max_tool_calls", "null", Again::Never),
    ("store", "false", Again::Never),
    ("background", "false", Again::Never),
    ("metadata", "{}", Again::Said),
    ("safety_identifier", "null", Again::Said),
    ("prompt_cache_key", "null", Again::Said),
];

/// Says how a field of a request is said again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// Not at all.
    Never,
    /// As it was said.
    Said,
    /// As it was said, with what it leaves out.
    Completed,
}

/// Holds the fields that a response says again, as they were said.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    said: Vec<(&'static str, String)>,
}

impl Asked {
    /// Reads a request. One that cannot be read was refused before there is anything to answer, so
    /// here it has said nothing.
    pub(super) fn read(body: &[u8]) -> Self {
        let Ok(mut fields) = Value::parse(body).and_then(|body| body.fields()) else {
            return Self::default();
        };
        let mut said = Vec::new();
        for (name, usual, again) in FIELDS {
            let Some(value) = fields.take(name) else {
                continue;
            };
            match again {
                Again::Never => {}
                Again::Said => said.push((name, one_line(value.raw()))),
                Again::Completed => said.push((name, one_line(&completed(&value, usual)))),
            }
        }
        Self { said }
    }

    /// Writes every field.
    pub(super) fn write(&self, out: &mut Writer) {
        for (name, usual, _) in FIELDS {
            let said = self.said.iter().find(|(said, _)| *said == name);
            out.key(name).raw(said.map_or(usual, |(_, value)| value));
        }
    }
}

/// Puts JSON text on one line, as an event must be: a line ends nowhere inside a JSON string.
fn one_line(json: &str) -> String {
    json.replace(['\n', '\r'], " ")
}

/// Adds to an object the fields of another that it lacks or has without a value.
fn completed(said: &Value<'_>, usual: &str) -> String {
    let members = |object: &Value<'_>| -> Vec<(String, String)> {
        if object.kind() != Kind::Object {
            return Vec::new();
        }
        let fields = object.fields();
        fields.map(|fields| fields.raw_pairs()).unwrap_or_default()
    };
    let mut all = members(said);
    all.retain(|(_, value)| value != "null");
    let usual = Value::parse(usual.as_bytes());
    for (name, value) in usual.map(|usual| members(&usual)).unwrap_or_default() {
        if all.iter().all(|(known, _)| *known != name) {
            all.push((name, value));
        }
    }
    let mut out = Writer::new();
    out.object(|out| {
        for (name, value) in &all {
            out.key(name).raw(value);
        }
    });
    String::from_utf8(out.finish()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
