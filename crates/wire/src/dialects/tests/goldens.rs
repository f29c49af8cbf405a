//! Golden translations: each shows what came in, what went out and what was lost.

mod gemini;
mod responses;

use std::fmt::Write;

use super::{decode, encode};
use crate::canonical::{Close, UsageChunk};
use crate::dialect::{Dialect, Target};
use crate::dialects::dialect;
use crate::fault::Loss;
use crate::stream::Event;

const CHAT: &str = "openai-chat";
const MESSAGES: &str = "anthropic-messages";

fn named(name: &str) -> &'static dyn Dialect {
    dialect(name).unwrap()
}

fn listed(losses: &[Loss]) -> String {
    let mut text = String::new();
    for loss in losses {
        writeln!(text, "lost {}: {}", loss.path, loss.why).unwrap();
    }
    text
}

fn request(from: &str, to: &str, version: &str, body: &str) -> String {
    let target = Target {
        model: "provider-model",
        default_max_tokens: 32_000,
        version: Some(version),
        fixed: &[],
    };
    let translate = || {
        let mut decoded = named(from).decode_request(body.as_bytes(), Some(version))?;
        let call = named(from).call("opus", body.contains("\"stream\":true"));
        let peek = named(from).peek(body.as_bytes(), call.as_deref())?;
        peek.complete(&mut decoded.value);
        let encoded = named(to).encode_request(&decoded.value, &target)?;
        let body = String::from_utf8(encoded.body.to_vec()).unwrap();
        let lost = listed(&decoded.losses) + &listed(&encoded.losses);
        Ok(format!("out {body}\n{lost}"))
    };
    let out =
        translate().unwrap_or_else(|fault: crate::fault::BadRequest| format!("400 {fault}\n"));
    format!("{from} -> {to} ({version})\nin  {body}\n{out}\n")
}

fn reply(from: &str, to: &str, body: &str) -> String {
    let decoded = named(from).decode_reply(body.as_bytes()).unwrap();
    let encoded = named(to).encode_reply(&decoded.value);
    let out = String::from_utf8(encoded.value).unwrap();
    let lost = listed(&decoded.losses) + &listed(&encoded.losses);
    format!("{from} -> {to}\nin  {body}\nout {out}\n{lost}\n")
}

fn stream(from: &str, to: &str, payloads: &[&str]) -> String {
    let lines = payloads
        .iter()
        .map(|payload| format!("data: {payload}\n\n"));
    let stream: String = lines.collect();
    let (mut events, ending) = decode(named(from), stream.as_bytes(), Close::Clean);
    if ending == crate::canonical::Ending::Unfinished {
        events.push(Event::Error(crate::fault::WireError::new(
            0,
            crate::fault::ErrorKind::Api,
            "the provider stopped before the end",
        )));
    }
    let out = encode(named(to), UsageChunk::Show, &events);
    let out = String::from_utf8(out).unwrap();
    format!("{from} -> {to}\n{}\n\n{out}", payloads.join("\n"))
}

#[test]
fn requests() {
    let mut all = String::new();
    for (version, body) in [
        (
            "2023-06-01",
            r#"{"model":"opus","messages":[{"role":"developer","content":"Be brief."},{"role":"system","content":[{"type":"text","text":"In French."}]},{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"high"}},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]}],"temperature":1.5,"top_p":0.90,"max_tokens":50,"stop":"END","seed":7,"user":"u1","metadata":{"a":"b"},"made_up":1}"#,
        ),
        (
            "2026-10-21",
            r#"{"model":"opus","messages":[{"role":"user","content":"Hi"}],"temperature":0.2,"stream":true,"reasoning_effort":"minimal","response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object","properties":{"x":{"maximum":1.0}}}}}}"#,
        ),
        (
            "2026-10-21",
            r#"{"model":"opus","messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"w","arguments":"{\"n\":12345678901234567890,\"x\":1.0}"}},{"id":"call.2","type":"function","function":{"name":"w","arguments":""}}]},{"role":"tool","tool_call_id":"call_1","content":"rain"},{"role":"tool","tool_call_id":"call.2","content":[{"type":"text","text":"sun"}]},{"role":"user","content":"And?"},{"role":"system","content":"Hurry."}],"tools":[{"type":"function","function":{"name":"w","parameters":{"type":"object"}}},{"type":"function","function":{"name":"bare"}}],"tool_choice":"required","parallel_tool_calls":false}"#,
        ),
        ("2026-10-21", r#"{"model":"opus","messages":[],"n":2}"#),
        (
            "2026-10-21",
            r#"{"model":"opus","messages":[],"logit_bias":{"1":-1}}"#,
        ),
        (
            "2026-10-21",
            r#"{"model":"opus","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]}"#,
        ),
        (
            "2026-10-21",
            r#"{"model":"opus","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Well"}]}"#,
        ),
        (
            "2026-10-21",
            r#"{"model":"opus","messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"w","arguments":"{}"}}]},{"role":"user","content":"Hi"}]}"#,
        ),
    ] {
        all += &request(CHAT, MESSAGES, version, body);
    }
    for (version, body) in [
        (
            "2023-06-01",
            r#"{"model":"opus","max_tokens":100,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"In French."}],"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"s"},{"type":"text","text":"Let me"},{"type":"tool_use","id":"toolu_1","name":"a_name_of_more_than_sixty-four_letters_which_the_other_dialect_refuses","input":{"x":1.0}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"broken"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"text","text":"So?"}]}],"tools":[{"name":"a_name_of_more_than_sixty-four_letters_which_the_other_dialect_refuses","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true},"temperature":1.0,"top_k":5,"stop_sequences":["A","B"],"metadata":{"user_id":"u1"},"thinking":{"type":"enabled","budget_tokens":8000},"service_tier":"auto","stream":true}"#,
        ),
        (
            "2026-10-21",
            r#"{"model":"opus","max_tokens":1,"temperature":1,"messages":[]}"#,
        ),
        (
            "2026-10-21",
            r#"{"model":"opus","max_tokens":1,"messages":[],"tools":[{"type":"web_search_20250305","name":"web_search"}]}"#,
        ),
        (
            "2026-10-21",
            r#"{"model":"opus","max_tokens":1,"messages":[{"role":"user","content":[{"type":"search_result","source":"x"}]}]}"#,
        ),
        (
            "2026-10-21",
            r#"{"model":"opus","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]}"#,
        ),
        ("2026-10-21", r#"{"model":"opus","messages":[]}"#),
    ] {
        all += &request(MESSAGES, CHAT, version, body);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn replies() {
    let mut all = String::new();
    for body in [
        r#"{"id":"c1","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null,"reasoning_content":"hm"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":6}}}"#,
        r#"{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"type":"function","function":{"name":"w","arguments":"{\"x\":1.0}"}},{"id":"b","type":"function","function":{"name":"w","arguments":"{\"cut"}}]},"finish_reason":"stop"}]}"#,
        r#"{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"I cannot."},"finish_reason":"stop"}]}"#,
        r#"{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"content_filter"}]}"#,
    ] {
        all += &reply(CHAT, MESSAGES, body);
    }
    for body in [
        r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"Hm","signature":"s"},{"type":"text","text":"Hi"},{"type":"server_tool_use","id":"x","name":"web_search","input":{}},{"type":"tool_use","id":"t","name":"w","input":{"n":1e2}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4},"service_tier":"standard"}}"#,
        r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":"cyber","explanation":"No."},"usage":{"input_tokens":1,"output_tokens":0}}"#,
        r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"A"}],"stop_reason":"stop_sequence","stop_sequence":"END","usage":{"input_tokens":1,"output_tokens":1}}"#,
        r#"{"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"A"}],"stop_reason":"pause_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}"#,
    ] {
        all += &reply(MESSAGES, CHAT, body);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn streams() {
    let chunk = |delta: &str| {
        format!(
            r#"{{"id":"c1","model":"m","created":5,"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#
        )
    };
    let interleaved = [
        chunk(r#"{"role":"assistant","content":"","tool_calls":[]}"#),
        chunk(
            r#"{"content":"See","tool_calls":[{"index":0,"id":"a","function":{"name":"w","arguments":"{\"x\""}}]}"#,
        ),
        chunk(r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"v","arguments":""}}]}"#),
        chunk(
            r#"{"tool_calls":[{"index":1,"function":{"arguments":"{\"y\":"}},{"index":0,"function":{"arguments":":1}"}}]}"#,
        ),
        chunk(r#"{"tool_calls":[{"index":1,"function":{"arguments":"2}"}}]}"#),
        r#"{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#.to_owned(),
        r#"{"id":"c1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#.to_owned(),
        "[DONE]".to_owned(),
    ];
    let interleaved: Vec<_> = interleaved.iter().map(String::as_str).collect();
    let text = chunk(r#"{"content":"Hi"}"#);
    let start = r#"{"type":"message_start","message":{"id":"m1","model":"m","usage":{"input_tokens":3,"cache_read_input_tokens":5,"output_tokens":1}}}"#;
    let messages = [
        start,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"w","input":{}}}"#,
        r#"{"type":"content_block_stop","index":2}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":12}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let failed = [
        start,
        r#"{"type":"ping"}"#,
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
    ];
    let all = [
        stream(CHAT, MESSAGES, &interleaved),
        stream(CHAT, MESSAGES, &[&text]),
        stream(MESSAGES, CHAT, &messages),
        stream(MESSAGES, CHAT, &failed),
        stream(
            CHAT,
            MESSAGES,
            &[
                &text,
                r#"{"error":{"message":"slow","type":"server_error","param":null,"code":429}}"#,
            ],
        ),
    ];
    insta::assert_snapshot!(all.join("\n---\n\n"));
}
