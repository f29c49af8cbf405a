//! Tests of editing in place: what is edited has its new value and every other byte its old one.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;

use crate::dialects::dialect;
use crate::peek::{AskUsage, Edits};

fn edit(name: &str, body: &str, edits: &Edits<'_>) -> String {
    let dialect = dialect(name).unwrap();
    let body = Bytes::copy_from_slice(body.as_bytes());
    let peek = dialect.peek(&body, None).unwrap();
    String::from_utf8(dialect.edit(&body, &peek, edits).to_vec()).unwrap()
}

fn chat(body: &str, wanted: &str) {
    let edits = Edits {
        model: Some("m"),
        ..Edits::default()
    };
    assert_eq!(edit("openai-chat", body, &edits), wanted);
}

#[test]
fn the_model_alone_changes() {
    chat(
        r#"{ "messages" : [1.0, 1e2], "mod\u0065l" : "a\"b" , "x":0.10 }"#,
        r#"{ "messages" : [1.0, 1e2], "mod\u0065l" : "m" , "x":0.10 }"#,
    );
}

#[test]
fn usage_is_asked_for_in_streams_alone() {
    chat(
        r#"{"model":"m","messages":[]}"#,
        r#"{"model":"m","messages":[]}"#,
    );
    for (options, wanted) in [
        (
            r#""stream_options":null"#,
            r#""stream_options":{"include_usage":true}"#,
        ),
        (
            r#""stream_options":{}"#,
            r#""stream_options":{"include_usage":true}"#,
        ),
        (
            r#""stream_options":{ "a":1}"#,
            r#""stream_options":{"include_usage":true, "a":1}"#,
        ),
        (
            r#""stream_options":{"include_usage": false}"#,
            r#""stream_options":{"include_usage": true}"#,
        ),
        (
            r#""stream_options":{"include_usage":true}"#,
            r#""stream_options":{"include_usage":true}"#,
        ),
    ] {
        let body =
            |options: &str| format!(r#"{{"model":"m","stream":true,"messages":[],{options}}}"#);
        chat(&body(options), &body(wanted));
    }
    chat(
        r#"{"model":"m","stream":true,"messages":[]}"#,
        r#"{"stream_options":{"include_usage":true},"model":"m","stream":true,"messages":[]}"#,
    );
    let edits = Edits {
        usage: AskUsage::AsRequested,
        ..Edits::default()
    };
    let body = r#"{"model":"m","stream":true,"messages":[]}"#;
    assert_eq!(edit("openai-chat", body, &edits), body);
    let body = r#"{"model":"m","max_tokens":1,"stream":true,"messages":[]}"#;
    assert_eq!(edit("anthropic-messages", body, &Edits::default()), body);
}

#[test]
fn fixed_fields_are_replaced_or_put_in() {
    let fixed = [
        ("seed".to_owned(), "7".to_owned()),
        ("new".to_owned(), "[1]".to_owned()),
    ];
    let edits = Edits {
        fixed: &fixed,
        ..Edits::default()
    };
    assert_eq!(
        edit(
            "openai-chat",
            r#"{"model":"m", "seed": 1 ,"messages":[]}"#,
            &edits
        ),
        r#"{"new":[1],"model":"m", "seed": 7 ,"messages":[]}"#
    );
}

fn json() -> impl Strategy<Value = String> {
    let number = prop::sample::select(vec![
        "0",
        "-1.50",
        "1e400",
        "123456789012345678901234567890",
        "0.10",
        "2E-3",
    ]);
    let text = prop::sample::select(vec![
        "\"\"",
        "\"a\\u00e9\\n\"",
        "\"ä€\"",
        "\"\\\"}],\"",
        "\"\\ud83d\\ude00\"",
    ]);
    let leaf = prop_oneof![
        number.prop_map(str::to_owned),
        text.prop_map(str::to_owned),
        prop::sample::select(vec!["true", "null", "false"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|all| format!("[ {}]", all.join(" ,"))),
            prop::collection::vec(inner, 0..3).prop_map(|all| {
                let fields = all
                    .iter()
                    .enumerate()
                    .map(|(at, value)| format!("\"k{at}\" :{value}"));
                format!("{{{}\n}}", fields.collect::<Vec<_>>().join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn every_byte_outside_the_edit_stays(
        before in prop::collection::vec(json(), 0..4),
        after in prop::collection::vec(json(), 0..4),
        model in "[a-z\"\\\\é]{1,8}",
        streams in any::<bool>(),
    ) {
        let fields = |mark: &str, values: &[String]| -> String {
            let fields = values.iter().enumerate();
            fields.map(|(at, value)| format!("\"{mark}{at}\": {value},\t")).collect()
        };
        let head = format!("{{{}\"model\": ", fields("a", &before));
        let tail = format!(
            " , {}\"stream\":{streams},\"stream_options\":{{\"include_usage\":true}},\"messages\":[]}}",
            fields("b", &after)
        );
        let body = format!("{head}\"old\"{tail}");
        let edits = Edits { model: Some(&model), ..Edits::default() };
        let edited = edit("openai-chat", &body, &edits);
        let value = edited.strip_prefix(&head).and_then(|rest| rest.strip_suffix(&tail));
        let value: Option<Value> = value.and_then(|value| serde_json::from_str(value).ok());
        prop_assert_eq!(value, Some(Value::String(model.clone())));
        let peek = dialect("openai-chat").unwrap().peek(edited.as_bytes(), None).unwrap();
        let again = peek.model.into_owned();
        prop_assert_eq!(again, model);
    }
}
