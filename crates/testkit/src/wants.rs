//! What a request asks for beside words: its tools, which of them must be called, and the form of
//! the answer, however its dialect spells it. It must not know an answer.

use serde_json::Value;

/// Is a tool that a request declares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool<'r> {
    /// Its name.
    pub(crate) name: &'r str,
    /// The schema of its arguments; null where there is none.
    pub(crate) schema: &'r Value,
}

/// Says whether a tool must be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The model decides.
    Free,
    /// None may be called.
    Never,
    /// Some tool must be called.
    Some,
    /// This one must be called.
    Named(String),
}

/// Says what form the answer must have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form<'r> {
    /// None is asked for.
    Free,
    /// A JSON object.
    Object,
    /// JSON that follows this schema.
    Schema(&'r Value),
}

/// Lists the tools, in order.
pub(crate) fn tools(request: &Value) -> Vec<Tool<'_>> {
    let listed = request["tools"].as_array().into_iter().flatten();
    let read = listed.filter_map(|tool| {
        let inner = tool.get("function").unwrap_or(tool);
        // Gemini takes either spelling of its own, and Google's SDK writes both.
        let schemas = [
            "parameters",
            "input_schema",
            "parametersJsonSchema",
            "parameters_json_schema",
        ];
        let schema = schemas.iter().find_map(|key| inner.get(*key));
        Some(Tool {
            name: inner["name"].as_str()?,
            schema: schema.unwrap_or(&Value::Null),
        })
    });
    read.collect()
}

/// Reads whether a tool must be called.
pub(crate) fn choice(request: &Value) -> Choice {
    let choice = &request["tool_choice"];
    let word = choice.as_str().or(choice["type"].as_str());
    let inside = choice["function"]["name"].as_str();
    let name = inside.or(choice["name"].as_str());
    match (word, name) {
        (Some("none"), _) => Choice::Never,
        (Some("any" | "required"), _) => Choice::Some,
        (Some("tool" | "function" | "custom"), Some(name)) => Choice::Named(name.to_owned()),
        _ => Choice::Free,
    }
}

/// Reads the form of the answer.
pub(crate) fn form(request: &Value) -> Form<'_> {
    let places = [
        &request["response_format"],
        &request["output_config"]["format"],
        &request["text"]["format"],
    ];
    let found = places.into_iter().find(|place| place.is_object());
    let Some(format) = found else {
        return Form::Free;
    };
    match format["type"].as_str() {
        Some("json_object") => Form::Object,
        Some("json_schema") => {
            let inner = format.get("json_schema").unwrap_or(format);
            Form::Schema(&inner["schema"])
        }
        _ => Form::Free,
    }
}

#[cfg(test)]
mod tests;
