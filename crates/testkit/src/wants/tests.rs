//! The same wish reads the same in every spelling. It must not know an answer.

use serde_json::{Value, json};

use super::{Choice, Form, choice, form, tools};

#[test]
fn a_tool_is_read_in_every_spelling() {
    let schema = json!({"type": "object"});
    let listed = json!({"tools": [
        {"type": "function", "function": {"name": "a", "parameters": schema}},
        {"type": "function", "name": "b", "parameters": schema},
        {"name": "c", "input_schema": schema},
        {"name": "d", "parametersJsonSchema": schema},
        {"name": "e", "parameters_json_schema": schema},
        {"name": "f"},
        {"type": "web_search"},
    ]});
    let read = tools(&listed);
    let names: Vec<_> = read.iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e", "f"]);
    assert!(read[..5].iter().all(|tool| *tool.schema == schema));
    assert!(read[5].schema.is_null());
}

#[test]
fn a_choice_is_read_in_every_spelling() {
    let named = || Choice::Named("a".to_owned());
    let cases = [
        (json!(null), Choice::Free),
        (json!("auto"), Choice::Free),
        (json!({"type": "auto"}), Choice::Free),
        (json!("none"), Choice::Never),
        (json!({"type": "none"}), Choice::Never),
        (json!("required"), Choice::Some),
        (json!({"type": "any"}), Choice::Some),
        (json!({"type": "tool", "name": "a"}), named()),
        (json!({"type": "function", "name": "a"}), named()),
        (
            json!({"type": "function", "function": {"name": "a"}}),
            named(),
        ),
    ];
    for (said, wanted) in cases {
        assert_eq!(choice(&json!({"tool_choice": said})), wanted, "{said}");
    }
}

#[test]
fn a_form_is_read_in_every_spelling() {
    let schema = json!({"type": "object"});
    let flat = json!({"type": "json_schema", "schema": schema});
    let nested = json!({"type": "json_schema", "json_schema": {"schema": schema}});
    let cases: [(Value, Form<'_>); 6] = [
        (json!({}), Form::Free),
        (json!({"text": {"format": {"type": "text"}}}), Form::Free),
        (
            json!({"response_format": {"type": "json_object"}}),
            Form::Object,
        ),
        (json!({"response_format": nested}), Form::Schema(&schema)),
        (
            json!({"output_config": {"format": flat}}),
            Form::Schema(&schema),
        ),
        (json!({"text": {"format": flat}}), Form::Schema(&schema)),
    ];
    for (said, wanted) in cases {
        assert_eq!(form(&said), wanted, "{said}");
    }
}
