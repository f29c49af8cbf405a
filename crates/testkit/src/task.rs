//! What an agent's model would do next: call a tool, or answer: with what the tool said, or in the
//! form that is asked for. It must not know a dialect's events.

use serde_json::{Value, json};

use crate::fitting::{self, Words};
use crate::wants::{self, Choice, Form, Tool};

/// What the tools of agents are asked to run: it reads the file that their user speaks of.
const COMMAND: &str = "cat note.txt";

/// Is the next step of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Call this tool with these arguments.
    Call(String, Value),
    /// Say this.
    Say(String),
}

/// Pairs the name of a tool with what it is called with.
type Runner = (&'static str, fn() -> Value);

/// Names tools that run a command, and how each takes it.
const RUNNERS: &[Runner] = &[
    (
        "Bash",
        || json!({"command": COMMAND, "description": "Read the note"}),
    ),
    (
        "bash",
        || json!({"command": COMMAND, "description": "Read the note"}),
    ),
    ("exec_command", || json!({"cmd": COMMAND})),
    ("shell_command", || json!({"command": COMMAND})),
    ("shell", || json!({"command": ["bash", "-lc", COMMAND]})),
];

/// Finds the next step in a request, whose last user said `heard`: after a tool's result it is
/// said, before one a tool is called. Without tools there is only an answer.
pub(crate) fn next_step(request: &Value, heard: &str) -> Task {
    let tools = wants::tools(request);
    let choice = wants::choice(request);
    let is_forced = matches!(choice, Choice::Some | Choice::Named(_));
    let results = fresh_results(request);
    let may_call = is_forced || (results.is_empty() && choice != Choice::Never);
    if may_call && let Some(call) = call_of(&tools, &choice, heard) {
        return call;
    }
    match wants::form(request) {
        Form::Schema(schema) => {
            let fitted = fitting::fit(schema, &mut Words::of(heard));
            Task::Say(fitted.to_string())
        }
        Form::Object => Task::Say(fitting::object(heard).to_string()),
        // Not every dialect has a field for it, and a model does as it is told.
        Form::Free if results.is_empty() && heard.contains("nothing other than JSON") => {
            Task::Say(fitting::object(heard).to_string())
        }
        Form::Free if results.is_empty() => Task::Say("There is nothing to call.".to_owned()),
        Form::Free => Task::Say(format!("The tool said: {}", results.join(" "))),
    }
}

/// Lists the results that no answer has followed.
fn fresh_results(request: &Value) -> Vec<String> {
    let empty = Vec::new();
    let messages = request["messages"].as_array().unwrap_or(&empty);
    let spoken = messages.iter().rposition(|it| it["role"] == "assistant");
    let fresh = messages.iter().skip(spoken.map_or(0, |at| at + 1));
    fresh.filter_map(result_of).collect()
}

/// Calls the tool that must be called; else the one that runs a command, the one that the user
/// speaks of, or the first.
fn call_of(tools: &[Tool<'_>], choice: &Choice, heard: &str) -> Option<Task> {
    let fitted = |tool: &Tool<'_>| {
        let arguments = fitting::fit(tool.schema, &mut Words::of(heard));
        Task::Call(tool.name.to_owned(), arguments)
    };
    let named = |wanted: &str| tools.iter().find(|tool| tool.name == wanted);
    if let Choice::Named(name) = choice {
        return named(name).map(fitted);
    }
    let runner = RUNNERS.iter().find(|(name, _)| named(name).is_some());
    if let Some((name, arguments)) = runner {
        return Some(Task::Call((*name).to_owned(), arguments()));
    }
    // One name may be the beginning of another.
    let spoken_of = tools.iter().filter(|tool| heard.contains(tool.name));
    let spoken_of = spoken_of.max_by_key(|tool| tool.name.len());
    spoken_of.or(tools.first()).map(fitted)
}

/// Reads the result that a message holds, in either dialect.
fn result_of(message: &Value) -> Option<String> {
    if message["role"] == "tool" {
        return Some(text_of(&message["content"]));
    }
    let blocks = message["content"].as_array()?.iter();
    let mut results = blocks.filter(|block| block["type"] == "tool_result");
    results.next().map(|block| text_of(&block["content"]))
}

fn text_of(content: &Value) -> String {
    let blocks = content.as_array().into_iter().flatten();
    let texts = blocks.filter_map(|block| block["text"].as_str());
    match content.as_str() {
        Some(text) => text.to_owned(),
        None => texts.collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests;
