//! Requests that are wrong in themselves: the right status, and one message with its remedy in
//! the envelope of the dialect asked. It must not test broken HTTP.

use serde_json::Value;

use crate::bench::Bench;
use crate::client::{Answer, Ask};

/// One bad request: what it is, and what is said of it in either dialect.
struct Row {
    symptom: &'static str,
    change: fn(Ask) -> Ask,
    status: u16,
    code: &'static str,
    kinds: [&'static str; 2],
    remedy: &'static str,
}

const INVALID: [&str; 2] = ["invalid_request_error", "invalid_request_error"];
const PERMISSION: [&str; 2] = ["permission_error", "permission_error"];
const UNREADABLE: &str = "mend the field named";
const TYPE: &str = "send `content-type: application/json`";

const ROWS: &[Row] = &[
    Row {
        symptom: "an unknown tier",
        change: |ask| named(ask, "llama"),
        status: 404,
        code: "model_not_found",
        kinds: ["not_found_error", "not_found_error"],
        remedy: "GET /v1/models",
    },
    Row {
        symptom: "an undeclared use case",
        change: |ask| ask.with("tiergate-use-case", "world-peace"),
        status: 403,
        code: "use_case_undeclared",
        kinds: PERMISSION,
        remedy: "name a declared one",
    },
    Row {
        symptom: "a use case that the key does not list",
        change: |ask| ask.with("tiergate-use-case", "code-help"),
        status: 403,
        code: "use_case_not_held",
        kinds: PERMISSION,
        remedy: "ask for a key that lists it",
    },
    Row {
        symptom: "two use cases",
        change: |ask| {
            ask.with("tiergate-use-case", "code-help")
                .with("tiergate-use-case", "sales")
        },
        status: 400,
        code: "bad_header",
        kinds: INVALID,
        remedy: "once",
    },
    unreadable("malformed JSON", |ask| {
        ask.sending(r#"{"model": "haiku", "#)
    }),
    unreadable("an empty body", |ask| ask.sending("")),
    unreadable("no object", |ask| ask.sending("[]")),
    unreadable("no model", |ask| ask.sending(r#"{"messages": []}"#)),
    unreadable("a model that is no text", |ask| {
        ask.sending(r#"{"model": 4, "messages": []}"#)
    }),
    unreadable("bytes that are no text", |ask| {
        ask.sending(&b"{\"model\": \"\xff\xfe\"}"[..])
    }),
    unreadable("text behind the object", |ask| {
        let twice = [&ask.body[..], &ask.body[..]].concat();
        ask.sending(twice)
    }),
    unreadable("two models", |ask| {
        ask.sending(r#"{"model": "haiku", "model": "hidden", "messages": []}"#)
    }),
    unreadable("two models, one in disguise", |ask| {
        ask.sending(r#"{"model": "haiku", "mod\u0065l": "hidden", "messages": []}"#)
    }),
    unreadable("a name that is thousands deep", |ask| {
        let deep = "[".repeat(20_000);
        ask.sending(format!(r#"{{"model": "haiku", "messages": {deep}"#))
    }),
    of_type("another content type", |ask| typed(ask, &["text/plain"])),
    of_type("no content type", |ask| typed(ask, &[])),
    of_type("two content types", |ask| {
        typed(ask, &["application/json", "text/plain"])
    }),
    of_type("a form", |ask| {
        typed(ask, &["application/x-www-form-urlencoded"])
    }),
    of_type("a compressed body", |ask| {
        ask.with("content-encoding", "gzip")
    }),
];

const fn unreadable(symptom: &'static str, change: fn(Ask) -> Ask) -> Row {
    Row {
        symptom,
        change,
        status: 400,
        code: "bad_request",
        kinds: INVALID,
        remedy: UNREADABLE,
    }
}

const fn of_type(symptom: &'static str, change: fn(Ask) -> Ask) -> Row {
    Row {
        symptom,
        change,
        status: 415,
        code: "content_type",
        kinds: INVALID,
        remedy: TYPE,
    }
}

fn named(ask: Ask, name: &str) -> Ask {
    let text = String::from_utf8(ask.body.to_vec()).unwrap();
    let text = text.replace("\"haiku\"", &format!("\"{name}\""));
    ask.sending(text)
}

fn typed(ask: Ask, types: &[&str]) -> Ask {
    let ask = ask.without("content-type");
    types
        .iter()
        .fold(ask, |ask, media| ask.with("content-type", media))
}

#[test]
fn each_gets_its_status_and_one_message_with_its_remedy_in_either_dialect() {
    let bench = Bench::start();
    for row in ROWS {
        for (ask, kind) in [bench.chat("haiku"), bench.messages("haiku")]
            .into_iter()
            .zip(row.kinds)
        {
            let path = ask.path.clone();
            let answer = (row.change)(ask).to(bench.gateway.listen);
            let symptom = format!("{} at {path}: {}", row.symptom, answer.text());
            assert_eq!(answer.status, row.status, "{symptom}");
            check_envelope(&answer, &path, row, kind, &symptom);
        }
    }
    // Not one of them has reached a provider, and what is right still does.
    assert!(bench.fake.requests().is_empty());
    bench.chat("haiku").to(bench.gateway.listen).is(200);
    bench.messages("haiku").to(bench.gateway.listen).is(200);
}

fn check_envelope(answer: &Answer, path: &str, row: &Row, kind: &str, symptom: &str) {
    let told = answer.json();
    let error = &told["error"];
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains(row.remedy), "{symptom}");
    assert_eq!(error["type"], kind, "{symptom}");
    assert_eq!(
        answer.header("tiergate-error"),
        Some("gateway"),
        "{symptom}"
    );
    let decision = answer.header("tiergate-decision").unwrap();
    if path == "/v1/messages" {
        assert_eq!(told["type"], "error", "{symptom}");
        assert_eq!(error["details"]["error_code"], row.code, "{symptom}");
        assert_eq!(told["request_id"], decision, "{symptom}");
    } else {
        assert_eq!(error["code"], row.code, "{symptom}");
        assert_eq!(error["decision"], decision, "{symptom}");
        assert!(error.get("param").is_some(), "{symptom}");
    }
}

#[test]
fn the_field_at_fault_is_named() {
    let bench = Bench::start();
    for body in [
        r#"{"model": "haiku", "model": "hidden", "messages": []}"#,
        r#"{"model": 4, "messages": []}"#,
        r#"{"messages": []}"#,
    ] {
        let listen = bench.gateway.listen;
        let chat = bench.chat("haiku").sending(body).to(listen).json();
        assert_eq!(chat["error"]["param"], Value::from("model"), "{body}");
        let messages = bench.messages("haiku").sending(body).to(listen).json();
        let field = &messages["error"]["details"]["field"];
        assert_eq!(*field, Value::from("model"), "{body}");
    }
}

#[test]
fn a_missing_or_wrong_key_is_told_before_the_body_is_looked_at() {
    let bench = Bench::start();
    for (ask, code) in [
        (Ask::chat("haiku"), "no_credential"),
        (Ask::chat("haiku").bearer("tg_c_wrong"), "bad_credential"),
        (Ask::chat("haiku").sending("{"), "no_credential"),
        (
            Ask::chat("haiku").with("authorization", "Basic eDp5"),
            "bad_credential",
        ),
    ] {
        let told = ask.to(bench.gateway.listen).is(401).json();
        assert_eq!(told["error"]["code"], code, "{told}");
        assert_eq!(told["error"]["type"], "authentication_error");
    }
    let twice = bench.chat("haiku").bearer(&bench.caller.key);
    let told = twice.to(bench.gateway.listen).is(400).json();
    assert_eq!(told["error"]["code"], "credential_header", "{told}");
}
