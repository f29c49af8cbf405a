//! What the request at a place sets beside the model, in the facts' words: rows that say which
//! names in code mean which feature. It must not know which model takes what.

mod entry;
mod messages;
mod readers;

use domain::Feature;
use entry::{Entry, Read};

pub(crate) use entry::plain_name;

use crate::callee::{Sends, spoken};
use crate::pairs::flatten;
use crate::place::{Beside, Place};
use crate::site::Parameter;

/// Holds a row: names in code, and what they say.
struct Row {
    /// The names, in small letters without `_` and `-`, and without `with` or `set` before them.
    names: &'static [&'static str],
    /// One of the names around it must be one of these, where there are some.
    within: &'static [&'static str],
    /// Reads the value.
    reads: fn(&Entry<'_>) -> Vec<Read>,
}

/// Which names in code mean what. `thinking = {"type": "enabled", "budget_tokens": 2048}` is read
/// as `thinking`, `thinking.type` and `thinking.budget_tokens`.
const ROWS: &[Row] = &[
    row(&["temperature", "temp"], &[], readers::temperature),
    row(&["topp", "nucleus"], &[], readers::top_p),
    row(&["topk"], &[], readers::top_k),
    row(&["presencepenalty"], &[], readers::presence_penalty),
    row(&["frequencypenalty"], &[], readers::frequency_penalty),
    row(&["seed"], &[], readers::seed),
    row(&["logitbias"], &[], readers::logit_bias),
    row(&["logprobs", "responselogprobs"], &[], readers::logprobs),
    row(&["toplogprobs"], &[], readers::top_logprobs),
    row(
        &["n", "candidatecount", "numcompletions"],
        &[],
        readers::candidates,
    ),
    row(
        &["tools", "functions", "functiondeclarations"],
        &[],
        readers::tools,
    ),
    row(&["type"], &["tools", "tool"], readers::tool_type),
    row(&["toolchoice", "functioncall"], &[], readers::forced_tool),
    row(&["type"], &["toolchoice"], readers::forced_tool),
    row(&["mode"], &["functioncallingconfig"], readers::forced_tool),
    row(&["thinking"], &[], readers::thinking),
    row(&["type"], &["thinking"], readers::thinking),
    row(
        &["budgettokens"],
        &["thinking", "reasoning"],
        readers::thinking_budget,
    ),
    row(&["maxtokens"], &["reasoning"], readers::thinking_budget),
    row(
        &["thinkingbudget", "thinkingbudgettokens", "thinkingtokens"],
        &[],
        readers::thinking_budget,
    ),
    row(&["enablethinking"], &[], readers::enable_thinking),
    row(&["reasoningeffort", "thinkinglevel"], &[], readers::effort),
    row(
        &["effort"],
        &[
            "reasoning",
            "outputconfig",
            "reasoningoptions",
            "modelkwargs",
            "provideroptions",
            "anthropic",
        ],
        readers::effort,
    ),
    row(&["maxtokens"], &[], readers::older_max_tokens),
    row(
        &[
            "maxcompletiontokens",
            "maxoutputtokens",
            "maxtokenstosample",
        ],
        &[],
        readers::max_tokens,
    ),
    row(&["betas", "anthropicbeta", "beta"], &[], readers::betas),
    row(&["servicetier"], &[], readers::service_tier),
    row(
        &["responseformat", "tools", "text", "format"],
        &[],
        readers::strict_schema,
    ),
    row(&["outputformat"], &[], readers::output_format),
    row(&["messages", "contents", "input"], &[], messages::read),
];

/// Names around a name that leave its meaning as it is.
const CONTAINERS: &[&str] = &[
    "additionalkwargs",
    "additionalmodelrequestfields",
    "anthropic",
    "args",
    "azure",
    "bedrock",
    "body",
    "callsettings",
    "chat",
    "completion",
    "completionparams",
    "config",
    "configurable",
    "data",
    "defaultheaders",
    "defaultparams",
    "defaults",
    "extraargs",
    "extrabody",
    "extraheaders",
    "gemini",
    "generation",
    "generationconfig",
    "google",
    "headers",
    "inferenceconfig",
    "inferenceconfiguration",
    "invocationparams",
    "json",
    "kwargs",
    "llm",
    "llmconfig",
    "model",
    "modelargs",
    "modelkwargs",
    "modelparameters",
    "modelparams",
    "modelsettings",
    "openai",
    "options",
    "outputconfig",
    "parameters",
    "params",
    "payload",
    "provideroptions",
    "reasoning",
    "request",
    "requestoptions",
    "requestparams",
    "sampling",
    "samplingparams",
    "settings",
    "textgenerationconfig",
    "thinking",
    "thinkingconfig",
    "toolconfig",
    "vertex",
];

const fn row(
    names: &'static [&'static str],
    within: &'static [&'static str],
    reads: fn(&Entry<'_>) -> Vec<Read>,
) -> Row {
    Row {
        names,
        within,
        reads,
    }
}

/// Lists what the request at a place sets beside the model, as far as it is written there.
#[must_use]
pub fn parameters(place: &Place) -> Vec<Parameter> {
    let (dialect, sends) = match spoken(place) {
        Some((dialect, sends)) => (Some(dialect), sends),
        None => (None, Sends::AsWritten),
    };
    let mut found = Vec::new();
    for beside in &place.beside {
        for (feature, value) in features(beside, dialect, sends) {
            add(&mut found, beside, feature, value);
        }
    }
    found
}

/// Keeps one row a feature and value; a value that is written goes before one that is not.
fn add(found: &mut Vec<Parameter>, beside: &Beside, feature: Feature, value: Option<String>) {
    let same = |one: &&mut Parameter| {
        let is_told = one.value.is_none() || value.is_none() || one.value == value;
        one.feature == feature && is_told
    };
    if let Some(one) = found.iter_mut().find(same) {
        one.value = one.value.take().or(value);
        // What holds it is told before it, and is not its own place.
        if one.span.start <= beside.span.start && beside.span.end <= one.span.end {
            (one.span, one.line) = (beside.span, beside.span.line);
        }
        return;
    }
    found.push(Parameter {
        feature,
        value,
        line: beside.span.line,
        span: beside.span,
    });
}

fn features(beside: &Beside, dialect: Option<&'static str>, sends: Sends) -> Vec<Read> {
    let mut found = Vec::new();
    for pair in flatten(&beside.name, &beside.value) {
        let mut within: Vec<String> = pair.name.split('.').map(plain_name).collect();
        let Some(name) = within.pop() else {
            continue;
        };
        let entry = Entry {
            within,
            value: pair.value,
            dialect,
            sends,
        };
        for row in ROWS.iter().filter(|row| row.is_about(&name, &entry)) {
            found.extend((row.reads)(&entry));
        }
    }
    found
}

impl Row {
    fn is_about(&self, name: &str, entry: &Entry<'_>) -> bool {
        let is_own = |around: &String| self.within.contains(&around.as_str());
        let is_around = match entry.within.last() {
            _ if !self.within.is_empty() => entry.within.iter().any(is_own),
            None => true,
            Some(_) => entry
                .within
                .iter()
                .all(|one| CONTAINERS.contains(&one.as_str())),
        };
        self.names.contains(&name) && is_around
    }
}

#[cfg(test)]
mod tests;
