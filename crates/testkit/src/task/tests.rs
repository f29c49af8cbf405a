//! A task goes from a call to an answer, in both dialects. It must not know a socket.

use serde_json::{Value, json};

use super::{Task, next_step};

fn chat(messages: &Value) -> Task {
    let schema = json!({"type": "object", "required": ["city", "days"], "properties": {
        "city": {"type": "string"}, "days": {"type": "integer"}, "more": {"type": "string"},
    }});
    let tools = json!([{"type": "function", "function": {"name": "w", "parameters": schema}}]);
    next_step(&json!({"messages": messages, "tools": tools}), "")
}

#[test]
fn the_first_tool_is_called_and_its_result_said() {
    let asked = json!({"role": "user", "content": "How is it?"});
    let wanted = Task::Call("w".to_owned(), json!({"city": "Paris", "days": 7}));
    assert_eq!(chat(&json!([asked])), wanted);
    let called = json!({"role": "assistant", "tool_calls": []});
    let told = json!({"role": "tool", "tool_call_id": "a", "content": "rain"});
    let said = Task::Say("The tool said: rain".to_owned());
    assert_eq!(chat(&json!([asked, called, told])), said);
    let again = json!([asked, called, told, {"role": "assistant", "content": "rain"}, asked]);
    assert_eq!(chat(&again), wanted);
}

#[test]
fn a_tool_that_runs_commands_comes_first() {
    let tools = json!([{"name": "Agent"}, {"name": "Bash", "input_schema": {}}]);
    let asked = json!({"role": "user", "content": "Read it."});
    let step = next_step(&json!({"messages": [asked], "tools": tools}), "");
    let Task::Call(name, arguments) = step else {
        panic!("{step:?}");
    };
    assert_eq!(
        (name.as_str(), &arguments["command"]),
        ("Bash", &json!("cat note.txt"))
    );
    let block = json!({"type": "tool_result", "content": [{"type": "text", "text": "swan"}]});
    let told = json!({"role": "user", "content": [block]});
    let messages = json!([asked, {"role": "assistant", "content": []}, told]);
    let step = next_step(&json!({"messages": messages, "tools": tools}), "");
    assert_eq!(step, Task::Say("The tool said: swan".to_owned()));
}

#[test]
fn without_tools_there_is_an_answer() {
    let asked = json!({"messages": [{"role": "user", "content": "A title, please."}]});
    assert!(matches!(next_step(&asked, ""), Task::Say(_)));
}

#[test]
fn the_tool_that_is_spoken_of_is_called_with_the_words_that_fit() {
    let schema = json!({"required": ["n"], "properties": {"n": {"type": "integer"}}});
    let tools = json!([{"name": "other"}, {"name": "w", "input_schema": schema}, {"name": "w_2"}]);
    let step = |choice: Value, heard: &str| {
        next_step(&json!({"tools": tools, "tool_choice": choice}), heard)
    };
    let wanted = Task::Call("w".to_owned(), json!({"n": 3}));
    assert_eq!(step(json!(null), "What is w(3)?"), wanted);
    assert_eq!(
        step(json!({"type": "tool", "name": "w"}), "What is w_2(3)?"),
        wanted
    );
    let longer = Task::Call("w_2".to_owned(), json!({}));
    assert_eq!(step(json!("required"), "What is w_2()?"), longer);
    assert!(matches!(step(json!("none"), "What is w(3)?"), Task::Say(_)));
}

#[test]
fn a_forced_call_comes_even_behind_a_result() {
    let told = json!({"role": "tool", "tool_call_id": "a", "content": "rain"});
    let request = json!({"messages": [told], "tools": [{"name": "w"}], "tool_choice": "required"});
    let wanted = Task::Call("w".to_owned(), json!({}));
    assert_eq!(next_step(&request, ""), wanted);
}

#[test]
fn an_answer_has_the_form_that_is_asked_for() {
    let schema = json!({"type": "object", "required": ["n"],
        "properties": {"n": {"type": "integer"}}});
    let format = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": schema}});
    let said = next_step(&json!({"response_format": format}), "Take 4.");
    assert_eq!(said, Task::Say(r#"{"n":4}"#.to_owned()));
    let format = json!({"type": "json_object"});
    let said = next_step(&json!({"response_format": format}), "A JSON with 'k'.");
    let wanted = Task::Say(r#"{"k":"Paris"}"#.to_owned());
    assert_eq!(said, wanted);
    let heard = "A JSON with 'k' and nothing other than JSON.";
    assert_eq!(next_step(&json!({}), heard), wanted);
}
