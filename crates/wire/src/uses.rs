//! What a request uses that a model may refuse, each with its value: for whoever judges a request
//! without sending it. It must not judge.

use bytes::Bytes;

use crate::adapt::canonical;
use crate::adapt::decide::{Asked, Thought};
use crate::adapt::editor::Editor;
use crate::adapt::words::Words;
use crate::canonical::Format;
use crate::dialect::Dialect;
use crate::fault::BadRequest;
use crate::known::OTHER;
use crate::peek::Features;

/// What no body tells, and what is not read of one: beta headers, what an organisation has agreed
/// on, and where documents and citations stand.
const NOT_READ: [&str; 4] = [
    "beta",
    "zero_retention",
    "assistant_document",
    "user_citations",
];
/// What is left open by a form of thinking that is not known.
const THINKING: [&str; 4] = [
    "thinking_budget",
    "thinking_adaptive",
    "thinking_disabled",
    "thinking_unset",
];

/// Holds what a body uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it uses.
    pub uses: Vec<Use>,
    /// What it may use as well: nothing here tells.
    pub open: Vec<&'static str>,
}

/// Names one thing that a request uses, in one word for all dialects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What it is.
    pub feature: &'static str,
    /// Its value as JSON text, a word without quotation marks; none where it has none.
    pub value: Option<String>,
}

impl Use {
    fn plain(feature: &'static str) -> Self {
        let value = None;
        Self { feature, value }
    }

    fn of(feature: &'static str, value: impl Into<String>) -> Self {
        let value = Some(value.into());
        Self { feature, value }
    }
}

/// Reads what a body uses. `call` is the variable segment of the path, for dialects that say a part
/// of the request there.
///
/// # Errors
/// It is not a request of the dialect.
pub fn uses(speaks: &dyn Dialect, body: &Bytes, call: Option<&str>) -> Result<Reading, BadRequest> {
    let features = speaks.peek(body, call)?.features;
    let mut found = Vec::new();
    if let Some(words) = speaks.words() {
        let editor = Editor::read(body, &|path| words.lead_into(path))?;
        add_asked(&mut found, words.asked(&editor, &features));
        add_named(&mut found, words, &editor);
    } else {
        let request = speaks.decode_request(body, None)?.value;
        let is_strict = |form: &Format| {
            let strict = Some(true);
            matches!(form, Format::Schema { strict: said, .. } if *said == strict)
        };
        let is_strict = request.format.as_ref().is_some_and(is_strict);
        add_asked(&mut found, canonical::asked(&request));
        let logprobs = request.logprobs.map(|most| most.to_string());
        found.extend(logprobs.map(|most| Use::of("top_logprobs", most)));
        found.extend(is_strict.then(|| Use::plain("strict_schema")));
    }
    add_counted(&mut found, &features);
    let mut open = NOT_READ.to_vec();
    if features.thinking_form == Some(OTHER) {
        open.extend(THINKING);
    }
    Ok(Reading { uses: found, open })
}

fn add_asked(found: &mut Vec<Use>, asked: Asked) {
    let parameters = asked.parameters.into_iter();
    found.extend(parameters.map(|(one, value)| Use::of(one.as_str(), value)));
    found.extend(asked.effort.map(|word| Use::of("effort", word)));
    found.extend(asked.thinking.map(|thought| match thought {
        Thought::Disabled => Use::plain("thinking_disabled"),
        Thought::Adaptive => Use::plain("thinking_adaptive"),
        Thought::Budget(most) => Use::of("thinking_budget", most.to_string()),
    }));
    let most = asked.max_tokens.map(|most| most.to_string());
    found.extend(most.clone().map(|most| Use::of("max_tokens", most)));
    let older = most.filter(|_| asked.older_max_tokens);
    found.extend(older.map(|most| Use::of("older_max_tokens", most)));
    let flags = [
        ("forced_tool", asked.forced_tool),
        ("prefill", asked.prefill),
    ];
    let set = flags.into_iter().filter(|(_, is_set)| *is_set);
    found.extend(set.map(|(feature, _)| Use::plain(feature)));
}

/// Adds what a dialect names by a field of its own.
fn add_named(found: &mut Vec<Use>, words: &Words, editor: &Editor<'_>) {
    for (feature, path) in words.others {
        let value = editor.get(path).map(|text| text.trim_matches('"'));
        found.extend(value.map(|value| Use::of(feature, value)));
    }
    if words.is_strict(editor) {
        found.push(Use::plain("strict_schema"));
    }
}

/// Adds what the pass over the body has counted.
fn add_counted(found: &mut Vec<Use>, features: &Features) {
    let counts = [
        ("tools", features.tools),
        ("thinking_history", features.thoughts),
        ("images", features.images),
        ("mid_system", u32::from(features.mid_system)),
    ];
    let used = counts.into_iter().filter(|(_, count)| *count > 0);
    found.extend(used.map(|(feature, count)| Use::of(feature, count.to_string())));
    found.extend(features.tool_types.words().map(|word| match word {
        OTHER => Use::plain("tool_type"),
        word => Use::of("tool_type", word),
    }));
    let mut unusual = features.sampling.without(features.usual).names();
    if unusual.any(|name| name == "n") {
        found.push(Use::plain("candidates"));
    }
}

#[cfg(test)]
mod tests;
