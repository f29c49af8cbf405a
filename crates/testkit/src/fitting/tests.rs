//! A question's numbers and quotes go where a schema has room. It must not know a request.

use serde_json::{Value, json};

use super::{Words, fit, object};

#[track_caller]
fn check(question: &str, schema: &Value, wanted: &Value) {
    assert_eq!(fit(schema, &mut Words::of(question)), *wanted, "{schema}");
}

#[test]
fn numbers_and_quotes_are_taken_in_order() {
    let schema = json!({"type": "object", "required": ["a", "b", "name", "more"], "properties": {
        "a": {"type": "integer"}, "b": {"type": "number"}, "name": {"type": "string"},
        "more": {"type": "string"}, "spare": {"type": "string"},
    }});
    let wanted = json!({"a": 3, "b": 4, "name": "你好", "more": "Paris"});
    check(
        "What's magic_1(3) and 4? It's '你好' here.",
        &schema,
        &wanted,
    );
    let wanted = json!({"a": 7, "b": -0.5, "name": "it's so", "more": "x"});
    check("Is 'it's so' -0.5 \"x\"?", &schema, &wanted);
}

#[test]
fn every_kind_of_schema_is_fitted() {
    check("", &json!(null), &json!({}));
    check("", &json!({"type": "object"}), &json!({}));
    check("", &json!({"type": "OBJECT", "properties": {}}), &json!({}));
    check("", &json!({"enum": ["b", "a"]}), &json!("b"));
    check("", &json!({"const": 5}), &json!(5));
    check("8", &json!({"type": ["null", "integer"]}), &json!(8));
    check(
        "8",
        &json!({"anyOf": [{"type": "null"}, {"type": "integer"}]}),
        &json!(8),
    );
    check(
        "",
        &json!({"type": "array", "items": {"type": "boolean"}}),
        &json!([]),
    );
    let two = json!({"type": "array", "minItems": 2, "items": {"type": "integer"}});
    check("1 and 2", &two, &json!([1, 2]));
    let pointed = json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "integer"}}});
    check("6", &pointed, &json!(6));
}

#[test]
fn a_schema_that_holds_itself_ends() {
    let endless = json!({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}});
    let mut value = &fit(&endless, &mut Words::default());
    let mut depth = 0;
    while let Some(inner) = value.get("a") {
        value = inner;
        depth += 1;
    }
    assert!(value.is_null() && depth > 2, "{depth}");
}

#[test]
fn an_object_without_a_schema_has_the_quoted_keys() {
    let question = "Return a JSON with 'setup' and 'punchline' keys.";
    assert_eq!(
        object(question),
        json!({"setup": "Paris", "punchline": "Paris"})
    );
    assert_eq!(object("Anything."), json!({"answer": "Paris"}));
}
