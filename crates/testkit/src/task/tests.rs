//! A task goes from a call to an answer, in both dialects. It must not know a socket.

use serde_json::{Value, json};

use super::{Task, next_step};

fn chat(messages: &Value) -> Task {
    let schema = json!({"type": "object", "required": ["city", "days"], "properties": {
        "city": {"type": "string"}, "days": {"type": "integer"}, "more": {"type": "string"},
    }});
    let tools = json!([{"type": "function", "function": {"name": "w", "parameters": schema}}]);
    next_step(&json!({"messages": messages, "tools": tools}))
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
    let step = next_step(&json!({"messages": [asked], "tools": tools}));
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
    let step = next_step(&json!({"messages": messages, "tools": tools}));
    assert_eq!(step, Task::Say("The tool said: swan".to_owned()));
}

#[test]
fn without_tools_there_is_an_answer() {
    let asked = json!({"messages": [{"role": "user", "content": "A title, please."}]});
    assert!(matches!(next_step(&asked), Task::Say(_)));
}
