//! Tests of what passes through: what is read of it, what is edited, what an answer tells.

use bytes::Bytes;

use super::{COMPLETIONS, COUNT_TOKENS, EMBEDDINGS, PASSED};
use crate::canonical::{Close, Ending, UsageChunk};
use crate::dialect::{Dialect, Pass};
use crate::dialects::dialect;
use crate::frames::Framer;
use crate::peek::Edits;

fn named(name: &str) -> &'static dyn Dialect {
    dialect(name).unwrap()
}

fn edit(name: &str, body: &str) -> String {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let peek = named(name).peek(&body, None).unwrap();
    let edits = Edits {
        model: Some("its-id"),
        ..Edits::default()
    };
    String::from_utf8(named(name).edit(&body, &peek, &edits).to_vec()).unwrap()
}

#[test]
fn the_model_alone_is_edited_and_a_stream_tells_its_usage() {
    assert_eq!(
        edit(
            EMBEDDINGS,
            r#"{"input":["a",1.0], "model":"m" ,"dimensions":1e2}"#
        ),
        r#"{"input":["a",1.0], "model":"its-id" ,"dimensions":1e2}"#
    );
    assert_eq!(
        edit(
            COUNT_TOKENS,
            r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#
        ),
        r#"{"model":"its-id","messages":[{"role":"user","content":"Hi"}]}"#
    );
    assert_eq!(
        edit(COMPLETIONS, r#"{"model":"m","prompt":"Hi","stream":true}"#),
        r#"{"stream_options":{"include_usage":true},"model":"its-id","prompt":"Hi","stream":true}"#
    );
    assert_eq!(
        edit(COMPLETIONS, r#"{"model":"m","prompt":"Hi"}"#),
        r#"{"model":"its-id","prompt":"Hi"}"#
    );
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let fault = |name: &str, body: &str| {
        let fault = named(name).peek(body.as_bytes(), None).unwrap_err();
        fault.field.unwrap_or_default()
    };
    assert_eq!(fault(EMBEDDINGS, r#"{"model":"m"}"#), "input");
    assert_eq!(fault(EMBEDDINGS, r#"{"model":"m","input":null}"#), "input");
    assert_eq!(fault(COMPLETIONS, r#"{"prompt":"x"}"#), "model");
    assert_eq!(fault(COMPLETIONS, r#"{"model":7,"prompt":"x"}"#), "model");
    let twice = r#"{"model":"m","model":"n","messages":[]}"#;
    assert_eq!(fault(COUNT_TOKENS, twice), "model");
    assert_eq!(
        fault(COMPLETIONS, r#"{"model":"m","prompt":"","stream":1}"#),
        "stream"
    );
    assert_eq!(fault(COUNT_TOKENS, "[]"), "");
}

#[test]
fn an_answer_tells_its_usage_and_is_whole_where_it_is_an_object() {
    let seen = named(EMBEDDINGS).observe(
        br#"{"object":"list","data":[{"index":0,"embedding":[0.5]}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}}"#,
    );
    assert!(seen.terminated);
    assert_eq!(seen.usage.unwrap().input, 8);
    let seen = named(COUNT_TOKENS).observe(br#"{"input_tokens":14}"#);
    assert!(seen.terminated && seen.usage.is_none());
    for broken in [&b"{\"input_tokens\":1"[..], b"[]", b"<html>", b"{} {}"] {
        assert!(
            !named(COUNT_TOKENS).observe(broken).terminated,
            "{broken:?}"
        );
    }
    let failed = named(EMBEDDINGS).observe(br#"{"error":{"message":"no"}}"#);
    assert!(!failed.terminated && failed.error.is_some());
}

#[test]
fn a_streamed_completion_is_watched() {
    let stream = concat!(
        r#"data: {"id":"c","choices":[{"text":"Hi","index":0,"finish_reason":null}],"model":"m"}"#,
        "\n\n",
        r#"data: {"id":"c","choices":[{"text":"","index":0,"finish_reason":"stop"}],"model":"m"}"#,
        "\n\n",
        r#"data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#,
        "\n\ndata: [DONE]\n\n",
    );
    let mut tap = named(COMPLETIONS).tap(UsageChunk::Hide);
    let mut framer = Framer::new();
    framer.push(Bytes::from_static(stream.as_bytes()));
    let mut passes = Vec::new();
    let mut is_visible = Vec::new();
    while let Some(frame) = framer.next_frame().unwrap() {
        passes.push(tap.see(&frame));
        is_visible.push(tap.observed().visible_output);
    }
    let hidden = [Pass::Forward, Pass::Forward, Pass::Hide, Pass::Forward];
    assert_eq!(passes, hidden);
    assert!(is_visible[0], "a text is there to be shown");
    assert_eq!(tap.observed().usage.unwrap().output, 1);
    assert_eq!(tap.ending(Close::Cut), Ending::Complete);
}

#[test]
fn nothing_is_translated() {
    for kind in PASSED {
        let fault = kind.decode_request(b"{}", None).unwrap_err();
        assert_eq!(fault.field.as_deref(), Some("model"));
        assert!(fault.message.contains("only models behind"), "{fault}");
        assert!(kind.decode_reply(b"{}").is_err());
    }
}
