//! Suites: JSON Lines with an optional heading line, to cases that have all been checked. It must
//! not know a file or run a case.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::case::{Case, Input, Message, Role};
use crate::scorers::{self, SCORERS};

/// The largest suite that is read.
const MOST_BYTES: usize = 16 << 20;
/// The longest line.
const MOST_LINE_BYTES: usize = 256 << 10;
/// The most cases.
const MOST_CASES: usize = 20_000;
/// The longest id or cluster, in bytes.
const MOST_ID_BYTES: usize = 128;
/// The most tokens that a case may ask an answer for.
const MOST_TOKENS: u64 = 32_768;
/// The version of the format that is read here.
const FORMAT: u64 = 1;

/// Holds a suite whose every case has been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// What its heading says of it; empty without one.
    pub about: String,
    /// SHA-256 of its bytes.
    pub digest: String,
    /// Its cases, in their order; at least one.
    pub cases: Vec<Case>,
}

/// Says what is wrong with a suite, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {what}; {mend}", field_words(field.as_deref()))]
pub struct SuiteFault {
    /// The line, from 1; 0 for the suite as a whole.
    pub line: usize,
    /// The field, if it is one's fault.
    pub field: Option<String>,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

/// The first line, where it describes the suite.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Heading {
    suite: u64,
    #[serde(default)]
    about: String,
    #[serde(default)]
    defaults: Defaults,
}

/// What holds for every case that does not say otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    system: Option<String>,
    scorer: Option<String>,
    #[serde(default)]
    options: BTreeMap<String, Value>,
    max_tokens: Option<u64>,
}

/// A case as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    input: Value,
    system: Option<String>,
    expect: Value,
    scorer: Option<String>,
    #[serde(default)]
    options: BTreeMap<String, Value>,
    cluster: Option<String>,
    max_tokens: Option<u64>,
}

impl Suite {
    /// Parses a suite.
    ///
    /// # Errors
    /// Returns the first thing wrong, with its line, its field and the way to mend it.
    pub fn parse(bytes: &[u8]) -> Result<Self, SuiteFault> {
        let text = text_of(bytes)?;
        let mut heading = Heading::default();
        let mut cases: Vec<Case> = Vec::new();
        let mut ids = BTreeSet::new();
        let mut is_first = true;
        for (line, written) in (1..).zip(text.lines()) {
            if written.trim().is_empty() {
                continue;
            }
            if written.len() > MOST_LINE_BYTES {
                let what = format!("the line has more than {MOST_LINE_BYTES} bytes");
                return Err(fault(line, None, what, "shorten the case"));
            }
            if is_first && is_heading(written) {
                heading = parse_heading(line, written)?;
            } else {
                let case = parse_case(line, written, &heading.defaults)?;
                if !ids.insert(case.id.clone()) {
                    let what = format!("`{}` stands there twice", case.id);
                    return Err(fault(line, Some("id"), what, "give each case its own id"));
                }
                cases.push(case);
            }
            if cases.len() > MOST_CASES {
                let what = format!("the suite has more than {MOST_CASES} cases");
                return Err(fault(line, None, what, "split it into several suites"));
            }
            is_first = false;
        }
        if cases.is_empty() {
            let mend = "write one JSON object a line, such as \
                        {\"id\": \"sum\", \"input\": \"2 + 2?\", \"expect\": \"4\", \
                        \"scorer\": \"contains\"}";
            return Err(fault(0, None, "the suite has no case", mend));
        }
        Ok(Self {
            about: heading.about,
            digest: digest_of(bytes),
            cases,
        })
    }
}

/// Computes the digest that names a suite's content in evidence.
#[must_use]
pub fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// Writes bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn field_words(field: Option<&str>) -> String {
    field.map_or_else(String::new, |name| format!(", field `{name}`"))
}

fn fault(line: usize, field: Option<&str>, what: impl Into<String>, mend: &str) -> SuiteFault {
    SuiteFault {
        line,
        field: field.map(str::to_owned),
        what: what.into(),
        mend: mend.to_owned(),
    }
}

fn text_of(bytes: &[u8]) -> Result<&str, SuiteFault> {
    if bytes.len() > MOST_BYTES {
        let what = format!("the suite has more than {MOST_BYTES} bytes");
        return Err(fault(0, None, what, "split it into several suites"));
    }
    std::str::from_utf8(bytes).map_err(|wrong| {
        let before = bytes.get(..wrong.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        fault(
            line,
            None,
            "the text is not UTF-8",
            "save the suite as UTF-8",
        )
    })
}

fn is_heading(written: &str) -> bool {
    let line: Result<BTreeMap<String, Value>, _> = serde_json::from_str(written);
    line.is_ok_and(|line| line.contains_key("suite"))
}

fn parse_heading(line: usize, written: &str) -> Result<Heading, SuiteFault> {
    let heading: Heading = serde_json::from_str(written).map_err(|wrong| {
        let mend = "the heading is {\"suite\": 1, \"about\": …, \"defaults\": {\"system\", \
                    \"scorer\", \"options\", \"max_tokens\"}}";
        fault(line, None, without_place(&wrong), mend)
    })?;
    if heading.suite != FORMAT {
        let what = format!("format {} is not known", heading.suite);
        return Err(fault(line, Some("suite"), what, "write \"suite\": 1"));
    }
    let defaults = &heading.defaults;
    if let Some(name) = &defaults.scorer {
        scorer_named(line, name)?;
    }
    // An option is one that some scorer has; which takes it is seen case by case.
    for name in defaults.options.keys() {
        let mut known = SCORERS.iter().flat_map(|one| one.parameters());
        if !known.any(|one| one.name == name) {
            let what = format!("no scorer has an option `{name}`");
            return Err(fault(line, Some("defaults.options"), what, "take it out"));
        }
    }
    Ok(heading)
}

fn parse_case(line: usize, written: &str, defaults: &Defaults) -> Result<Case, SuiteFault> {
    let written: Written = serde_json::from_str(written).map_err(|wrong| {
        let mend = "a case is {\"id\", \"input\", \"expect\", \"scorer\"}, and may have \
                    \"system\", \"options\", \"cluster\" and \"max_tokens\"";
        fault(line, None, without_place(&wrong), mend)
    })?;
    let name = written.scorer.as_ref().or(defaults.scorer.as_ref());
    let Some(name) = name else {
        let mend = "name one in the case, or for all cases in the heading's \"defaults\"";
        return Err(fault(line, Some("scorer"), "there is no scorer", mend));
    };
    let scorer = scorer_named(line, name)?;
    let mut options = written.options;
    for (name, value) in &defaults.options {
        if scorer.parameters().iter().any(|one| one.name == name) {
            options.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    let cluster = written.cluster.unwrap_or_else(|| written.id.clone());
    for (field, text) in [("id", &written.id), ("cluster", &cluster)] {
        if text.trim().is_empty() || text.len() > MOST_ID_BYTES {
            let what = format!("it has {} bytes", text.len());
            let mend = "write 1 to 128 bytes, not only spaces";
            return Err(fault(line, Some(field), what, mend));
        }
    }
    let case = Case {
        id: written.id,
        input: input(line, &written.input)?,
        system: written.system.or_else(|| defaults.system.clone()),
        expect: written.expect,
        scorer: scorer.name(),
        options,
        cluster,
        max_tokens: max_tokens(line, written.max_tokens.or(defaults.max_tokens))?,
    };
    scorers::check(scorer, &case).map_err(|(field, what)| {
        let mend = format!("see scorer `{}`: {}", scorer.name(), scorer.about());
        fault(line, Some(field), what, &mend)
    })?;
    Ok(case)
}

fn scorer_named(line: usize, name: &str) -> Result<&'static dyn scorers::Scorer, SuiteFault> {
    scorers::find_scorer(name).ok_or_else(|| {
        let names: Vec<&str> = SCORERS.iter().map(|one| one.name()).collect();
        let mend = format!("use one of: {}", names.join(", "));
        fault(
            line,
            Some("scorer"),
            format!("there is no scorer `{name}`"),
            &mend,
        )
    })
}

fn max_tokens(line: usize, written: Option<u64>) -> Result<Option<u32>, SuiteFault> {
    let Some(tokens) = written else {
        return Ok(None);
    };
    let allowed = u32::try_from(tokens)
        .ok()
        .filter(|_| (1..=MOST_TOKENS).contains(&tokens));
    allowed.map(Some).ok_or_else(|| {
        let mend = "write a whole number from 1 to 32768";
        fault(
            line,
            Some("max_tokens"),
            format!("{tokens} is out of range"),
            mend,
        )
    })
}

fn input(line: usize, written: &Value) -> Result<Input, SuiteFault> {
    let wrong = |what: &str| {
        let mend = "write a text, or a list of {\"role\": \"user\" or \"assistant\", \
                    \"content\": text} that ends with the user";
        Err(fault(line, Some("input"), what, mend))
    };
    let messages: Vec<Message> = match written {
        Value::String(text) if text.trim().is_empty() => return wrong("it is empty"),
        Value::String(text) => return Ok(Input::Text(text.clone())),
        Value::Array(_) => match Vec::deserialize(written) {
            Ok(messages) => messages,
            Err(fault) => return wrong(&without_place(&fault)),
        },
        _ => return wrong("it is neither a text nor a list of messages"),
    };
    if messages.iter().any(|one| one.role == Role::System) {
        return wrong("a system prompt belongs into the field \"system\"");
    }
    match messages.last() {
        Some(last) if last.role == Role::User => Ok(Input::Messages(messages)),
        Some(_) => wrong("the last message is not the user's"),
        None => wrong("there is no message"),
    }
}

/// Cuts off "at line 1 column 5": the line is always 1 there, and ours is named already.
fn without_place(wrong: &serde_json::Error) -> String {
    let text = wrong.to_string();
    match text.rfind(" at line ") {
        Some(at) => {
            let what = text.get(..at).unwrap_or(&text);
            format!("{what} (column {})", wrong.column())
        }
        None => text,
    }
}

#[cfg(test)]
mod tests;
