//! What an agent's model would do next: call a tool, or answer with what the tool said. It must
//! not know a dialect's events.

use serde_json::{Map, Value, json};

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

/// Finds the next step in a request: after a tool's result it is said, before one the tool is
/// called that runs a command, else the first. Without tools there is only an answer.
pub(crate) fn next_step(request: &Value) -> Task {
    let empty = Vec::new();
    let messages = request["messages"].as_array().unwrap_or(&empty);
    let spoken = messages.iter().rposition(|it| it["role"] == "assistant");
    let fresh = messages.iter().skip(spoken.map_or(0, |at| at + 1));
    let results: Vec<String> = fresh.filter_map(result_of).collect();
    if !results.is_empty() {
        return Task::Say(format!("The tool said: {}", results.join(" ")));
    }
    let tools = request["tools"].as_array().unwrap_or(&empty);
    let named = |wanted: &str| tools.iter().find(|tool| name_of(tool) == wanted);
    for (name, arguments) in RUNNERS {
        if named(name).is_some() {
            return Task::Call((*name).to_owned(), arguments());
        }
    }
    match tools.iter().find(|tool| !name_of(tool).is_empty()) {
        Some(tool) => Task::Call(name_of(tool).to_owned(), arguments_of(tool)),
        None => Task::Say("There is nothing to call.".to_owned()),
    }
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

fn name_of(tool: &Value) -> &str {
    let inside = tool["function"]["name"].as_str();
    inside.or(tool["name"].as_str()).unwrap_or_default()
}

/// Makes arguments that fit a tool's schema: each that is required, with a value of its type.
fn arguments_of(tool: &Value) -> Value {
    let own = [
        &tool["function"]["parameters"],
        &tool["input_schema"],
        &tool["parameters"],
    ];
    let schema = own.into_iter().find(|schema| schema.is_object());
    let schema = schema.unwrap_or(&Value::Null);
    let required = schema["required"].as_array().into_iter().flatten();
    let mut arguments = Map::new();
    for name in required.filter_map(Value::as_str) {
        let value = match schema["properties"][name]["type"].as_str() {
            Some("integer" | "number") => json!(7),
            Some("boolean") => json!(true),
            Some("array") => json!([]),
            Some("object") => json!({}),
            _ => json!("Paris"),
        };
        arguments.insert(name.to_owned(), value);
    }
    Value::Object(arguments)
}

#[cfg(test)]
mod tests;
