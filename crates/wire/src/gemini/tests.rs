//! Tests of what the Gemini API has of its own: paths, both spellings, arguments in pieces, ids
//! that are made, seals in base64, the list.

mod requests;

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::canonical::{
    Citation, Close, Ending, Part, Reply, Stop, StopReason, ToolUse, UsageChunk,
};
use crate::dialect::{Dialect, ListedModel};
use crate::fault::{BadRequest, ErrorKind, WireError};
use crate::frames::{Framer, Framing};
use crate::gemini::partial::{Partial, Piece};
use crate::gemini::{Gemini, call, schema};
use crate::peek::Edits;
use crate::stream::{Accumulator, Event};

const CALL: Option<&str> = Some("opus:generateContent");

fn fault(body: &str) -> (Option<String>, String) {
    let fault = Gemini.peek(body.as_bytes(), CALL).unwrap_err();
    (fault.field, fault.message)
}

#[test]
fn a_path_names_the_model_and_the_method() {
    let read = |segment| call::read(segment).map(|call| (call.model.into_owned(), call.stream));
    let opus = |stream| Some(("opus".to_owned(), stream));
    assert_eq!(read("opus:generateContent"), opus(false));
    assert_eq!(read("opus:streamGenerateContent"), opus(true));
    assert_eq!(
        read("llama:8b:generateContent"),
        Some(("llama:8b".to_owned(), false))
    );
    assert_eq!(
        read("release%2Fm%2fcandidate:generateContent"),
        Some(("release/m/candidate".to_owned(), false))
    );
    for other in [
        "",
        "opus",
        ":generateContent",
        "opus:countTokens",
        "opus:generatecontent",
        "opus:generateContent:",
        "o%2:generateContent",
        "o%zz:generateContent",
        "o%ff:generateContent",
    ] {
        assert_eq!(read(other), None, "{other}");
        assert!(!Gemini.answers(other), "{other}");
    }
    for model in ["opus", "a/b c", "é%:", "x:y@z"] {
        for stream in [false, true] {
            let written = Gemini.call(model, stream).unwrap();
            let told = call::read(&written).map(|call| (call.model.into_owned(), call.stream));
            assert_eq!(told, Some((model.to_owned(), stream)), "{written}");
        }
    }
}

const BOTH: [&str; 2] = [
    r#"{"contents":[{"parts":[{"text":"Hi"},{"inlineData":{"mimeType":"image/png","data":"A"}}]},
        {"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{},
            "parts":[{"inlineData":{"mimeType":"application/pdf","data":"A"}}]}},
            {"fileData":{"fileUri":"https://e.org/a.mp3","mimeType":"audio/mp3"}}]}],
        "systemInstruction":{"parts":[{"text":"Be brief"}]},
        "tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]},{"googleSearch":{}}],
        "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},
        "generationConfig":{"temperature":0,"topP":0.5,"topK":null,"candidateCount":1,
            "maxOutputTokens":7,"stopSequences":["x"],"responseMimeType":"application/json",
            "thinkingConfig":{"thinkingBudget":100}},"cachedContent":"c"}"#,
    r#"{"contents":[{"parts":[{"text":"Hi"},{"inline_data":{"mime_type":"image/png","data":"A"}}]},
        {"role":"model","parts":[{"function_call":{"name":"f","args":{}}}]},
        {"role":"user","parts":[{"function_response":{"name":"f","response":{},
            "parts":[{"inline_data":{"mime_type":"application/pdf","data":"A"}}]}},
            {"file_data":{"file_uri":"https://e.org/a.mp3","mime_type":"audio/mp3"}}]}],
        "system_instruction":{"parts":[{"text":"Be brief"}]},
        "tools":[{"function_declarations":[{"name":"f"},{"name":"g"}]},{"google_search":{}}],
        "tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["f"]}},
        "generation_config":{"temperature":0,"top_p":0.5,"top_k":null,"candidate_count":1,
            "max_output_tokens":"7","stop_sequences":["x"],"response_mime_type":"application/json",
            "thinking_config":{"thinking_budget":100}},"cached_content":"c"}"#,
];

#[test]
fn a_peek_finds_what_a_decision_needs_in_either_spelling() {
    let mut shown = Vec::new();
    for body in BOTH {
        let peek = Gemini
            .peek(body.as_bytes(), Some("opus:streamGenerateContent"))
            .unwrap();
        assert_eq!((&*peek.model, peek.max_tokens), ("opus", Some(7)));
        assert!(peek.model_span.is_empty());
        assert!(peek.stream && peek.features.stream);
        let system = r#"{"parts":[{"text":"Be brief"}]}"#;
        assert_eq!(peek.opening.system, Some(system));
        assert!(peek.opening.user.unwrap().starts_with(r#"[{"text":"Hi"},"#));
        shown.push(serde_json::to_string_pretty(&peek.features).unwrap());
    }
    assert_eq!(shown[0], shown[1]);
    insta::assert_snapshot!(shown[0]);
}

#[test]
fn a_peek_refuses_by_field_or_position() {
    let field = |name: &str| Some(name.to_owned());
    assert_eq!(fault("{}").0, field("contents"));
    assert_eq!(fault(r#"{"contents":{}}"#).0, field("contents"));
    assert_eq!(fault(r#"{"contents":[],"model":7}"#).0, field("model"));
    assert_eq!(
        fault(r#"{"contents":[],"generationConfig":{},"generation_config":{}}"#).0,
        field("generationConfig")
    );
    assert_eq!(
        fault(r#"{"contents":[],"generationConfig":{"maxOutputTokens":true}}"#).0,
        field("generationConfig.maxOutputTokens")
    );
    for body in ["", "[]", "{", "{\"contents\":[]} x"] {
        assert_eq!(fault(body).0, None, "{body}");
    }
    let deep = format!(r#"{{"contents":[],"x":{}}}"#, "[".repeat(100_000));
    assert!(fault(&deep).1.contains("nesting"));
    let unnamed = Gemini.peek(b"{\"contents\":[]}", None).unwrap_err();
    assert_eq!(unnamed.field, field("model"));
}

fn edit(body: &str, model: &str, fixed: &[(&str, &str)]) -> String {
    let fixed: Vec<_> = fixed
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let body = Bytes::copy_from_slice(body.as_bytes());
    let peek = Gemini.peek(&body, CALL).unwrap();
    let edits = Edits {
        model: Some(model),
        fixed: &fixed,
        ..Edits::default()
    };
    String::from_utf8(Gemini.edit(&body, &peek, &edits).to_vec()).unwrap()
}

#[test]
fn an_edit_leaves_every_other_byte() {
    let body = r#" { "contents" : [1.0], "x":0.10 } "#;
    assert_eq!(edit(body, "m", &[]), body);
    assert_eq!(
        edit(r#"{"model":"models/opus" ,"contents":[]}"#, "m\"", &[]),
        r#"{"model":"models/m\"" ,"contents":[]}"#
    );
    let fixed = [
        ("generationConfig", r#"{"temperature":0,"seed":1}"#),
        ("store", "false"),
    ];
    assert_eq!(
        edit(r#"{"contents":[]}"#, "m", &fixed),
        r#"{"generationConfig":{"temperature":0,"seed":1},"store":false,"contents":[]}"#
    );
    assert_eq!(
        edit(
            r#"{"contents":[], "generation_config" : { "topP":1.0, "temperature" : 2 },
            "store":null}"#,
            "m",
            &fixed
        ),
        r#"{"contents":[], "generation_config" : {"seed":1, "topP":1.0, "temperature" : 0 },
            "store":false}"#
    );
    assert_eq!(
        edit(r#"{"generationConfig":{},"contents":[]}"#, "m", &fixed[..1]),
        r#"{"generationConfig":{"temperature":0,"seed":1},"contents":[]}"#
    );
}

fn frames(payloads: &[&str]) -> Framer {
    let mut framer = Framer::new();
    let lines = payloads
        .iter()
        .map(|payload| format!("data: {payload}\r\n\r\n"));
    framer.push(Bytes::from(lines.collect::<String>()));
    framer
}

fn ending(payloads: &[&str], close: Close) -> Ending {
    let mut tap = Gemini.tap(UsageChunk::Hide);
    let mut reader = Gemini.events();
    let mut framer = frames(payloads);
    let mut events = Vec::new();
    while let Some(frame) = framer.next_frame().unwrap() {
        tap.see(&frame);
        reader.read(&frame, &mut events).unwrap();
    }
    let ending = reader.close(close, &mut events);
    assert_eq!(tap.ending(close), ending, "{payloads:?}");
    assert_eq!(
        events.last() == Some(&Event::End),
        ending == Ending::Complete
    );
    ending
}

fn sum(payloads: &[&str]) -> Reply {
    let mut reader = Gemini.events();
    let mut framer = frames(payloads);
    let mut events = Vec::new();
    while let Some(frame) = framer.next_frame().unwrap() {
        reader.read(&frame, &mut events).unwrap();
    }
    assert_eq!(reader.close(Close::Clean, &mut events), Ending::Complete);
    let mut sum = Accumulator::default();
    events.iter().for_each(|event| sum.push(event).unwrap());
    sum.finish()
}

const TEXT: &str = r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"index":0}],"responseId":"r","modelVersion":"m"}"#;
const STOP: &str =
    r#"{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP","index":0}]}"#;
const USAGE: &str = r#"{"usageMetadata":{"promptTokenCount":9}}"#;

#[test]
fn a_clean_close_behind_the_last_reason_alone_is_an_end() {
    assert_eq!(ending(&[TEXT, STOP], Close::Clean), Ending::Complete);
    assert_eq!(ending(&[TEXT, STOP, USAGE], Close::Clean), Ending::Complete);
    assert_eq!(ending(&[TEXT, STOP], Close::Cut), Ending::Unfinished);
    assert_eq!(ending(&[TEXT], Close::Clean), Ending::Unfinished);
    assert_eq!(
        ending(&[TEXT, STOP, TEXT], Close::Clean),
        Ending::Unfinished
    );
    assert_eq!(ending(&[], Close::Clean), Ending::Unfinished);
    assert_eq!(ending(&[USAGE], Close::Clean), Ending::Unfinished);
    let second = TEXT.replace("\"index\":0", "\"index\":1");
    assert_eq!(
        ending(&[TEXT, &second, STOP], Close::Clean),
        Ending::Unfinished
    );
    let failed = r#"{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}"#;
    let Ending::Failed(error) = ending(&[TEXT, failed, STOP], Close::Clean) else {
        panic!("an error is no end");
    };
    assert_eq!((error.kind, error.status), (ErrorKind::Overloaded, 503));
}

#[test]
fn a_blocked_prompt_is_a_refusal() {
    let blocked = r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT","blockReasonMessage":"No."},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4},"modelVersion":"m","responseId":"r"}"#;
    assert_eq!(ending(&[blocked], Close::Clean), Ending::Complete);
    let reply = Gemini.decode_reply(blocked.as_bytes()).unwrap().value;
    assert_eq!(reply, sum(&[blocked]));
    let stop = Stop {
        native: Some("PROHIBITED_CONTENT".to_owned()),
        explanation: Some("No.".to_owned()),
        ..Stop::of(StopReason::Refusal)
    };
    assert_eq!((reply.stop, reply.usage.unwrap().input), (stop, 4));
    let seen = Gemini.observe(blocked.as_bytes());
    assert_eq!(seen.stop.unwrap().reason, StopReason::Refusal);
    assert!(seen.terminated && !seen.visible_output);
}

#[test]
fn every_reason_has_its_meaning_and_comes_back() {
    let reply = |reason: &str| {
        let body = STOP.replace("\"STOP\"", &format!("{reason:?}"));
        Gemini.decode_reply(body.as_bytes()).unwrap().value
    };
    for (word, reason) in [
        ("STOP", StopReason::End),
        ("MAX_TOKENS", StopReason::MaxTokens),
        ("SAFETY", StopReason::Refusal),
        ("PROHIBITED_CONTENT", StopReason::Refusal),
        ("BLOCKLIST", StopReason::Refusal),
        ("SPII", StopReason::Refusal),
        ("RECITATION", StopReason::Refusal),
        ("IMAGE_SAFETY", StopReason::Refusal),
        ("LANGUAGE", StopReason::Other("LANGUAGE".to_owned())),
        ("OTHER", StopReason::Other("OTHER".to_owned())),
        (
            "MALFORMED_FUNCTION_CALL",
            StopReason::Other("MALFORMED_FUNCTION_CALL".to_owned()),
        ),
        ("NEWER", StopReason::Other("NEWER".to_owned())),
    ] {
        let read = reply(word);
        assert_eq!(read.stop.reason, reason, "{word}");
        let again = Gemini
            .decode_reply(&Gemini.encode_reply(&read).value)
            .unwrap();
        let word_again = again.value.stop;
        if word == "NEWER" {
            // An SDK would stumble over a word that it does not know.
            assert_eq!(word_again.reason, StopReason::Other("OTHER".to_owned()));
            assert_eq!(word_again.native.as_deref(), Some("NEWER"));
        } else {
            assert_eq!(word_again, read.stop, "{word}");
        }
    }
}

#[test]
fn a_refusal_and_its_sources_stand_where_clients_look() {
    let cited = Part::Citation(Citation {
        url: Some("https://e.org".to_owned()),
        ..Citation::default()
    });
    let mut reply = Reply {
        parts: vec![Part::Text("I".to_owned()), cited],
        stop: Stop::of(StopReason::Refusal),
        ..Reply::default()
    };
    reply.stop.explanation = Some("will not.".to_owned());
    let told = |reply: &Reply| {
        let whole = Gemini.encode_reply(reply);
        let whole: Value = serde_json::from_slice(&whole.value).unwrap();
        whole["candidates"][0].clone()
    };
    let candidate = told(&reply);
    let sources = &candidate["citationMetadata"]["citationSources"];
    assert_eq!(sources[0]["uri"], "https://e.org");
    let said = json!([{"text": "I"}, {"text": "will not."}]);
    assert_eq!(candidate["content"]["parts"], said);
    reply.parts = vec![Part::Refusal("No.".to_owned())];
    assert_eq!(told(&reply)["content"]["parts"], json!([{"text": "No."}]));
}

#[test]
fn a_providers_own_word_for_a_plain_end_is_no_loss() {
    let mut reply = Reply::default();
    reply.stop.native = Some("completed".to_owned());
    let written = Gemini.encode_reply(&reply);
    assert_eq!(written.losses, []);
    let read = Gemini.decode_reply(&written.value).unwrap().value;
    assert_eq!(read.stop, reply.stop);
}

#[test]
fn a_peek_counts_thoughts_and_no_signature_that_stands_for_one() {
    let any = crate::gemini::seal::PLACEHOLDER;
    let body = format!(
        r#"{{"contents":[{{"role":"model","parts":[{{"text":"a","thought":true,"thoughtSignature":"c2ln"}},
            {{"text":"b","thought":false}},{{"text":"","thought_signature":"c2ln"}},
            {{"functionCall":{{"name":"f"}},"thoughtSignature":"{any}"}}]}}]}}"#
    );
    let peek = Gemini.peek(body.as_bytes(), Some("m:generateContent"));
    assert_eq!(peek.unwrap().features.thoughts, 2);
}

#[test]
fn usage_is_the_last_sum_and_thoughts_and_tools_are_added() {
    let later = r#"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":30,"cachedContentTokenCount":20,"candidatesTokenCount":5,"thoughtsTokenCount":7,"toolUsePromptTokenCount":11,"totalTokenCount":53,"promptTokensDetails":[{"modality":"TEXT","tokenCount":30}],"trafficType":"ON_DEMAND"}}"#;
    let usage = sum(&[USAGE, TEXT, later]).usage.unwrap();
    assert_eq!((usage.input, usage.cached), (41, 20));
    assert_eq!((usage.output, usage.reasoning), (12, 7));
    let kept = later.replace("TokenCount", "Elsewhere");
    assert_eq!(sum(&[TEXT, USAGE, &kept]).usage.unwrap().input, 9);
}

#[test]
fn arguments_in_pieces_become_one_object() {
    let chunk = |call: &str| {
        format!(r#"{{"candidates":[{{"content":{{"parts":[{{"functionCall":{call}}}]}}}}]}}"#)
    };
    let chunks = [
        chunk(r#"{"name":"w","willContinue":true}"#),
        chunk(
            r#"{"partialArgs":[{"jsonPath":"$.city","stringValue":"Bos","willContinue":true}],"willContinue":true}"#,
        ),
        chunk(
            r#"{"partialArgs":[{"jsonPath":"$.city","stringValue":"ton"},{"jsonPath":"$.days[0]['a b']","numberValue":1.0}],"willContinue":true}"#,
        ),
        chunk("{}"),
        chunk(r#"{"name":"v","args":{"x":12345678901234567890}}"#),
        STOP.to_owned(),
    ];
    let chunks: Vec<_> = chunks.iter().map(String::as_str).collect();
    let reply = sum(&chunks);
    assert_eq!(reply.stop.reason, StopReason::ToolUse);
    let calls: Vec<_> = reply.parts.iter().map(call_of).collect();
    assert_eq!(
        calls[0].arguments,
        r#"{"city":"Boston","days":[{"a b":1.0}]}"#
    );
    assert_eq!(calls[1].arguments, r#"{"x":12345678901234567890}"#);
    assert_ne!(calls[0].id, calls[1].id);
}

fn call_of(part: &Part) -> &ToolUse {
    match part {
        Part::ToolUse(call) => call,
        other => panic!("{other:?} is no call"),
    }
}

#[test]
fn a_place_that_cannot_be_is_refused() {
    let put = |paths: &[&str]| -> Result<(), BadRequest> {
        let mut partial = Partial::default();
        paths
            .iter()
            .try_for_each(|path| partial.put(path, Piece::Whole("1")))
    };
    for bad in [
        "", "a", "$", "$.", "$..a", "$[", "$.a[1]", "$.a[x]", "$['a", "$['a'x",
    ] {
        assert!(put(&[bad]).is_err(), "{bad}");
    }
    assert!(put(&["$.a", "$.a.b"]).is_err());
    assert!(put(&["$.a", "$.a"]).is_err());
    assert!(put(&["$[0]"]).is_err());
    assert!(put(&[&format!("$.a{}", "[0]".repeat(100_000))]).is_err());
    assert!(put(&["$.a[0]", "$.a[1]", "$.b['.[']"]).is_ok());
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~é😀\\n]{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::from),
            prop::collection::vec(("[a-c'\\\\ .\\[]{1,4}", inner), 1..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn pieces(value: &Value, path: &str, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('\\', "\\\\").replace('\'', "\\'");
                pieces(value, &format!("{path}['{name}']"), out);
            }
        }
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                pieces(value, &format!("{path}[{at}]"), out);
            }
        }
        leaf => out.push((path.to_owned(), leaf.clone())),
    }
}

proptest! {
    #[test]
    fn any_object_comes_back_from_its_pieces(value in json()) {
        let whole = serde_json::json!({ "a": value });
        let mut places = Vec::new();
        pieces(&whole, "$", &mut places);
        let mut partial = Partial::default();
        for (path, leaf) in places {
            match &leaf {
                Value::String(text) => {
                    for letter in text.chars() {
                        partial.put(&path, Piece::Text(&letter.to_string())).unwrap();
                    }
                    partial.put(&path, Piece::Text("")).unwrap();
                }
                other => partial.put(&path, Piece::Whole(&other.to_string())).unwrap(),
            }
        }
        let read: Value = serde_json::from_str(&partial.write()).unwrap();
        prop_assert_eq!(read, whole);
    }
}

#[test]
fn an_own_schema_becomes_a_json_schema() {
    let own = r##"{"type":"OBJECT","nullable":true,"propertyOrdering":["b","a"],"required":["a"],
        "properties":{"a":{"type":"STRING","format":"enum","enum":["x"],"nullable":true},
        "type":{"type":"ARRAY","minItems":"1","items":{"type":"TYPE_UNSPECIFIED"}},
        "b":{"anyOf":[{"type":"INTEGER","minimum":1.0},{"ref":"#/$defs/d"}],"nullable":true}},
        "defs":{"d":{"type":"BOOLEAN"}}}"##;
    let wanted = concat!(
        r#"{"type":["object","null"],"required":["a"],"properties":{"b":{"anyOf":["#,
        r#"{"type":"integer","minimum":1.0},{"$ref":"#,
        "\"#/$defs/d\"",
        r#"},{"type":"null"}]},"a":{"type":["string","null"],"enum":["x",null]},"#,
        r#""type":{"type":"array","minItems":1,"items":{}}},"$defs":{"d":{"type":"boolean"}}}"#
    );
    assert_eq!(schema::rewrite(own), wanted);
}

#[test]
fn an_error_says_how_long_to_wait_in_its_body() {
    let error = |delay: &str| {
        let body = format!(
            r#"[{{"error":{{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":{delay:?}}}]}}}}]"#
        );
        let read = Gemini.read_error(429, body.as_bytes());
        assert_eq!(read.kind, ErrorKind::RateLimit);
        Gemini.retry_after(body.as_bytes())
    };
    assert_eq!(error("34.5s"), Some(Duration::from_millis(34_500)));
    for bad in ["", "s", "-1s", "NaNs", "1e300s", "5"] {
        assert_eq!(error(bad), None, "{bad}");
    }
    assert_eq!(Gemini.retry_after(b"<html>"), None);
}

#[test]
fn an_error_tells_its_code_field_and_decision() {
    let mut error = WireError::new(400, ErrorKind::InvalidRequest, "what");
    error.code = Some("bad_request".to_owned());
    error.param = Some("contents".to_owned());
    error.decision = Some("d".to_owned());
    let body = Gemini.error_body(&error);
    assert_eq!(Gemini.read_error(400, &body), error);
    insta::assert_snapshot!(String::from_utf8(body).unwrap());
}

#[test]
fn a_stream_is_events_or_an_array_as_the_query_says() {
    for query in ["alt=sse", "key=k&alt=sse", "$alt=sse&x=1"] {
        assert_eq!(Gemini.framing(Some(query)), Framing::Events, "{query}");
    }
    for query in [None, Some("alt=json"), Some("xalt=sse"), Some("alt=sses")] {
        assert_eq!(Gemini.framing(query), Framing::Array, "{query:?}");
    }
}

#[test]
fn the_list_of_models_is_the_dialects() {
    let row = ListedModel {
        id: "opus",
        created: 5,
        purpose: "hard things",
        owner: "tiergate",
    };
    let page = String::from_utf8(Gemini.models_page(&[row])).unwrap();
    assert_eq!(
        page,
        r#"{"models":[{"name":"models/opus","displayName":"opus","description":"hard things","supportedGenerationMethods":["generateContent","streamGenerateContent"]}]}"#
    );
    let alone = String::from_utf8(Gemini.model(&row)).unwrap();
    assert!(page.contains(&format!("[{alone}]")), "{alone}");
}
