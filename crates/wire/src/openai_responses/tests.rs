//! Tests of what Responses has of its own: the peek, servers' ways in streams, seals and namespaces
//! through a client, the tap.

use bytes::Bytes;

use crate::canonical::{
    CallForm, Citation, Close, Ending, Part, Reply, Request, Stop, StopReason, ToolUse, UsageChunk,
};
use crate::dialect::{Dialect, Target};
use crate::fault::ErrorKind;
use crate::frames::Framer;
use crate::openai_responses::OpenAiResponses;
use crate::peek::{AskUsage, Edits, IncludeUsage};
use crate::sealed::Sealed;
use crate::stream::{Accumulator, Event};

fn fault(body: &str) -> (Option<String>, String) {
    let fault = OpenAiResponses.peek(body.as_bytes(), None).unwrap_err();
    (fault.field, fault.message)
}

#[test]
fn a_peek_finds_what_a_decision_needs() {
    let body = r#"{"input":[{"role":"developer","content":"Be\u0020brief"},
        {"type":"additional_tools","role":"developer","tools":[{"type":"namespace"}]},
        {"type":"message","role":"user","content":[{"type":"input_image","image_url":"x"},{"type":"input_file","file_id":"f"}]},
        {"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"y"}]},
        {"role":"assistant","content":"I"}],
        "model":"op\u0075s","stream":true,"stream_options":{"include_obfuscation":false},"max_output_tokens":5,
        "tools":[{"type":"function"},{}],"tool_choice":{"type":"function","name":"x"},"temperature":0,"top_p":null,
        "top_logprobs":2,"prompt_cache_key":"conv","previous_response_id":"resp_1","reasoning":{"effort":"high"},
        "text":{"format":{"type":"json_object"}},"unknown":{"deep":[1,{"model":"no"}]}}"#;
    let peek = OpenAiResponses.peek(body.as_bytes(), None).unwrap();
    assert_eq!(peek.model, "opus");
    assert_eq!(&body[peek.model_span.clone()], r#""op\u0075s""#);
    assert_eq!(peek.include_usage, IncludeUsage::NotNeeded);
    assert_eq!(peek.max_tokens, Some(5));
    assert_eq!(peek.conversation.as_deref(), Some("conv"));
    assert_eq!(peek.opening.system, Some(r#""Be\u0020brief""#));
    let user = peek.opening.user.unwrap();
    assert!(user.starts_with("[{\"type\":\"input_image\""), "{user}");
    insta::assert_snapshot!(serde_json::to_string_pretty(&peek.features).unwrap());
}

#[test]
fn a_peek_counts_thoughts() {
    let body = r#"{"model":"m","input":[{"type":"reasoning","id":"rs_1","summary":[]},
        {"type":"function_call"},{"type":"item_reference","id":"rs_2"},{"type":"reasoning"}]}"#;
    let peek = OpenAiResponses.peek(body.as_bytes(), None).unwrap();
    assert_eq!(peek.features.thoughts, 2);
}

#[test]
fn a_peek_names_the_conversation_by_what_stays_the_same() {
    let named = |rest: &str| {
        let body = format!(r#"{{"model":"m",{rest}}}"#);
        let peek = OpenAiResponses.peek(body.as_bytes(), None).unwrap();
        peek.conversation.map(|id| id.into_owned())
    };
    let some = |id: &str| Some(id.to_owned());
    assert_eq!(named(r#""input":"Hi""#), None);
    assert_eq!(named(r#""previous_response_id":"r""#), some("r"));
    assert_eq!(named(r#""conversation":"c""#), some("c"));
    assert_eq!(named(r#""conversation":{"id":"c"}"#), some("c"));
    let all = r#""previous_response_id":"r","prompt_cache_key":"k","input":"Hi""#;
    assert_eq!(named(all), some("k"));
    let all = r#""prompt_cache_key":"k","conversation":{"id":"c"},"input":[]"#;
    assert_eq!(named(all), some("c"));
    assert_eq!(named(r#""input":"Hi","prompt_cache_key":"""#), None);
}

#[test]
fn a_peek_refuses_by_field_or_position() {
    let field = |name: &str| Some(name.to_owned());
    assert_eq!(fault(r#"{"input":"Hi"}"#).0, field("model"));
    assert_eq!(fault(r#"{"model":"","input":"Hi"}"#).0, field("model"));
    assert_eq!(fault(r#"{"model":"m"}"#).0, field("input"));
    assert_eq!(fault(r#"{"model":"m","input":null}"#).0, field("input"));
    assert_eq!(
        fault(r#"{"model":"m","input":{}}"#),
        (
            field("input"),
            "must be a string or an array, not an object".to_owned()
        )
    );
    assert_eq!(
        fault(r#"{"model":"a","input":"Hi","model":"b"}"#).0,
        field("model")
    );
    assert_eq!(
        fault(r#"{"model":"m","input":"Hi","max_output_tokens":"1"}"#).0,
        field("max_output_tokens")
    );
    assert_eq!(fault("{\"model\":\"m\",\"input\":[}").0, None);
    for body in [
        r#"{"model":"m","prompt":{"id":"p"}}"#,
        r#"{"model":"m","previous_response_id":"r"}"#,
    ] {
        assert!(
            OpenAiResponses.peek(body.as_bytes(), None).is_ok(),
            "{body}"
        );
    }
}

#[test]
fn an_edit_touches_the_model_and_fixed_fields_alone() {
    let body = r#"{ "model" : "opus", "input":"Hi", "stream":true, "x":1.0 ,"store":true}"#;
    let bytes = Bytes::from_static(body.as_bytes());
    let peek = OpenAiResponses.peek(&bytes, None).unwrap();
    let fixed = [("store".to_owned(), "false".to_owned())];
    let edits = Edits {
        model: Some("m"),
        usage: AskUsage::Always,
        fixed: &fixed,
    };
    let edited = OpenAiResponses.edit(&bytes, &peek, &edits);
    let wanted = r#"{ "model" : "m", "input":"Hi", "stream":true, "x":1.0 ,"store":false}"#;
    assert_eq!(edited, wanted);
}

/// Reads a stream of payloads; gives its events, how it ended and what was lost.
fn read(payloads: &[&str]) -> (Vec<Event>, Ending, Vec<String>) {
    let mut framer = Framer::new();
    let lines = payloads
        .iter()
        .map(|payload| format!("data: {payload}\n\n"));
    framer.push(Bytes::from(lines.collect::<String>()));
    let mut reader = OpenAiResponses.events();
    let mut events = Vec::new();
    while let Some(frame) = framer.next_frame().unwrap() {
        reader.read(&frame, &mut events).unwrap();
    }
    let ending = reader.close(Close::Clean, &mut events);
    let losses = reader.take_losses().into_iter().map(|loss| loss.path);
    (events, ending, losses.collect())
}

fn sum(events: &[Event]) -> Reply {
    let mut sum = Accumulator::default();
    for event in events {
        sum.push(event).unwrap();
    }
    sum.finish()
}

const CREATED: &str = r#"{"type":"response.created","response":{"id":"r","model":"m","created_at":1,"status":"in_progress"}}"#;
const COMPLETED: &str = r#"{"type":"response.completed","response":{"id":"r","model":"m","created_at":1,"status":"completed","output":[]}}"#;

#[test]
fn what_a_server_does_not_stream_is_read_where_an_item_is_done() {
    let (events, ending, _) = read(&[
        CREATED,
        r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","content":[]}}"#,
        r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"He"}"#,
        r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"Hello","annotations":[{"type":"url_citation","start_index":0,"end_index":5,"url":"https://e.org","title":"e"}]}]}}"#,
        r#"{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","call_id":"c","name":"w","arguments":"{\"x\":1}"}}"#,
        COMPLETED,
    ]);
    assert_eq!(ending, Ending::Complete);
    let reply = sum(&events);
    assert_eq!(reply.stop.reason, StopReason::ToolUse);
    let [
        Part::Text(text),
        Part::Citation(citation),
        Part::ToolUse(call),
    ] = reply.parts.as_slice()
    else {
        panic!("{:?}", reply.parts);
    };
    assert_eq!(text, "Hello");
    assert_eq!(citation.url.as_deref(), Some("https://e.org"));
    assert_eq!(
        (call.id.as_str(), call.arguments.as_str()),
        ("c", r#"{"x":1}"#)
    );
}

#[test]
fn a_server_that_streams_nothing_but_its_end_is_read() {
    let (events, ending, _) = read(&[
        r#"{"type":"response.completed","response":{"id":"r","model":"m","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}],"usage":{"input_tokens":2,"output_tokens":1}}}"#,
        "[DONE]",
    ]);
    assert_eq!(ending, Ending::Complete);
    let reply = sum(&events);
    assert_eq!(reply.parts, [Part::Text("Hi".to_owned())]);
    assert_eq!((reply.id.as_str(), reply.usage.unwrap().input), ("r", 2));
}

#[test]
fn thoughts_and_their_summary_are_told_once() {
    let (events, ..) = read(&[
        CREATED,
        r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}}"#,
        r#"{"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"whole"}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"short"}"#,
        r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"short"}],"content":[{"type":"reasoning_text","text":"whole"}]}}"#,
        COMPLETED,
    ]);
    let item = r#"{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"short"}],"content":[{"type":"reasoning_text","text":"whole"}]}"#;
    let told = Part::Thinking {
        text: "whole".to_owned(),
        signature: Some(Sealed::new("openai-responses", item)),
    };
    assert_eq!(sum(&events).parts, [told]);
}

#[test]
fn a_seal_that_comes_too_late_is_named_as_lost() {
    let (events, ending, losses) = read(&[
        CREATED,
        r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}}"#,
        r#"{"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"Hm"}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"4"}"#,
        r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[],"content":[{"type":"reasoning_text","text":"Hm"}]}}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"2"}"#,
        COMPLETED,
    ]);
    assert_eq!(ending, Ending::Complete);
    assert_eq!(losses, ["output[0]"]);
    let told = Part::Thinking {
        text: "Hm".to_owned(),
        signature: None,
    };
    assert_eq!(sum(&events).parts, [told, Part::Text("42".to_owned())]);
}

#[test]
fn every_form_of_a_failure_is_the_error_that_it_is() {
    let failed = |payload: &str| {
        let (events, ending, _) = read(&[CREATED, payload, COMPLETED]);
        let Ending::Failed(error) = ending else {
            panic!("{payload}: {ending:?}");
        };
        assert_eq!(
            events.last(),
            Some(&Event::Error(error.clone())),
            "{payload}"
        );
        let mut tap = OpenAiResponses.tap(UsageChunk::Hide);
        let mut framer = Framer::new();
        framer.push(Bytes::from(format!("data: {payload}\n\n")));
        tap.see(&framer.next_frame().unwrap().unwrap());
        assert_eq!(tap.ending(Close::Clean), Ending::Failed(error.clone()));
        (error.kind, error.message)
    };
    for (payload, kind, message) in [
        (
            r#"{"type":"error","code":"server_error","message":"a","param":null}"#,
            ErrorKind::Api,
            "a",
        ),
        (
            r#"{"type":"error","error":{"type":"insufficient_quota","code":"insufficient_quota","message":"b"}}"#,
            ErrorKind::RateLimit,
            "b",
        ),
        (
            r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"invalid_prompt","message":"c"}}}"#,
            ErrorKind::InvalidRequest,
            "c",
        ),
        (
            r#"{"error":{"message":"d","type":"server_error","code":503}}"#,
            ErrorKind::Api,
            "d",
        ),
    ] {
        assert_eq!(failed(payload), (kind, message.to_owned()), "{payload}");
    }
    let (kind, message) =
        failed(r#"{"type":"response.failed","response":{"status":"failed","error":null}}"#);
    assert_eq!(kind, ErrorKind::Api);
    assert!(message.contains("\"failed\""), "{message}");
}

#[test]
fn a_failed_or_unfinished_response_is_no_answer() {
    for status in ["failed", "cancelled", "queued", "in_progress"] {
        let body = format!(
            r#"{{"id":"r","model":"m","status":"{status}","error":{{"code":"rate_limit_exceeded","message":"x"}},"output":[]}}"#
        );
        assert!(OpenAiResponses.decode_reply(body.as_bytes()).is_err());
        let seen = OpenAiResponses.observe(body.as_bytes());
        assert!(!seen.terminated, "{status}");
        assert_eq!(seen.error.unwrap().kind, ErrorKind::RateLimit, "{status}");
    }
    let seen = OpenAiResponses.observe(br#"{"error":{"message":"x","type":"server_error"}}"#);
    assert_eq!(seen.error.unwrap().message, "x");
}

/// What a client of Responses is told and gives back as it was: the items of an answer.
fn there_and_back(parts: Vec<Part>) -> Vec<Part> {
    let reply = Reply {
        id: "r".to_owned(),
        model: "m".to_owned(),
        parts,
        ..Reply::default()
    };
    let told = OpenAiResponses.encode_reply(&reply).value;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let mut input = vec![serde_json::json!({"role": "user", "content": "Hi"})];
    input.extend(told["output"].as_array().unwrap().iter().cloned());
    let body = serde_json::json!({"model": "m", "input": input}).to_string();
    let request = OpenAiResponses
        .decode_request(body.as_bytes(), None)
        .unwrap();
    assert_eq!(request.losses, []);
    request.value.messages.last().unwrap().parts.clone()
}

#[test]
fn what_makers_seal_comes_back_through_a_client_in_place() {
    for maker in ["anthropic-messages", "gemini", "openai-chat"] {
        let seal = |text: &str| Sealed::new(maker, text);
        let call = |id: &str, signature| {
            Part::ToolUse(ToolUse {
                id: id.to_owned(),
                name: "w".to_owned(),
                arguments: "{}".to_owned(),
                form: CallForm::Json,
                signature,
            })
        };
        let parts = vec![
            Part::Thinking {
                text: "Hm\n\nSo".to_owned(),
                signature: Some(seal("s:1\n=")),
            },
            Part::Thinking {
                text: String::new(),
                signature: Some(seal("alone")),
            },
            Part::HiddenThinking(seal("d\u{e9}")),
            Part::Thinking {
                text: "free".to_owned(),
                signature: None,
            },
            Part::Text("See".to_owned()),
            call("a", Some(seal("c"))),
            call("b", None),
        ];
        assert_eq!(there_and_back(parts.clone()), parts, "{maker}");
    }
}

#[test]
fn a_providers_own_thoughts_go_back_to_it_byte_for_byte() {
    let item = r#"{"id":"rs_1", "type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"gA==","future":1.0}"#;
    let sealed = Sealed::new("openai-responses", item);
    let parts = vec![
        Part::Thinking {
            text: "Hm".to_owned(),
            signature: Some(sealed),
        },
        Part::Text("A".to_owned()),
    ];
    let message = |role, parts| crate::canonical::Message { role, parts };
    let user = || {
        message(
            crate::canonical::Role::User,
            vec![Part::Text("Hi".to_owned())],
        )
    };
    let request = Request {
        messages: vec![
            user(),
            message(crate::canonical::Role::Assistant, parts),
            user(),
        ],
        ..Request::default()
    };
    let target = Target {
        model: "m",
        default_max_tokens: 1,
        version: None,
        fixed: &[],
    };
    let encoded = OpenAiResponses.encode_request(&request, &target).unwrap();
    assert_eq!(encoded.losses, []);
    let body = String::from_utf8(encoded.body.to_vec()).unwrap();
    assert!(body.contains(item), "{body}");
    assert!(body.contains(r#""include":["reasoning.encrypted_content"]"#));
}

#[test]
fn a_seal_that_holds_no_item_is_named_as_lost_and_not_sent() {
    for text in ["", "x\"", "{\"type\":\"message\"}", "[]"] {
        let sealed = Sealed::new("openai-responses", text);
        let message = |role, part| crate::canonical::Message {
            role,
            parts: vec![part],
        };
        let user = || message(crate::canonical::Role::User, Part::Text("Hi".to_owned()));
        let thoughts = message(
            crate::canonical::Role::Assistant,
            Part::HiddenThinking(sealed),
        );
        let request = Request {
            messages: vec![user(), thoughts, user()],
            ..Request::default()
        };
        let target = Target {
            model: "m",
            default_max_tokens: 1,
            version: None,
            fixed: &[],
        };
        let encoded = OpenAiResponses.encode_request(&request, &target).unwrap();
        assert_eq!(encoded.losses[0].path, "messages[1].content[0]");
        assert!(serde_json::from_slice::<serde_json::Value>(&encoded.body).is_ok());
    }
}

#[test]
fn a_seal_that_its_client_changed_or_left_alone_is_named_as_lost() {
    let lost = |items: &str| {
        let body = format!(r#"{{"model":"m","input":[{{"role":"user","content":"Hi"}},{items}]}}"#);
        let read = OpenAiResponses
            .decode_request(body.as_bytes(), None)
            .unwrap();
        let paths = read.losses.into_iter().map(|loss| loss.path);
        paths.collect::<Vec<_>>()
    };
    let item = |summary: &str, sealed: &str| {
        format!(
            r#"{{"type":"reasoning","id":"rs_tiergate_1","summary":[{summary}],"encrypted_content":"{sealed}"}}"#
        )
    };
    let told = r#"{"type":"summary_text","text":"Hm"}"#;
    let call = r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#;
    for summary in ["", told] {
        let changed = item(summary, "tiergate:anthropie-messages:t:Eq==");
        assert_eq!(lost(&changed), ["input[1].encrypted_content"]);
        let whole = item(summary, "tiergate:anthropic-messages:t:Eq==");
        assert!(lost(&whole).is_empty());
    }
    let seal = item("", "tiergate:gemini:c:c2ln");
    assert!(lost(&format!("{seal},{call}")).is_empty());
    assert_eq!(lost(&seal), ["input[1]"]);
    assert_eq!(lost(&format!("{seal},{seal},{call}")), ["input[1]"]);
}

#[test]
fn a_tool_of_a_namespace_comes_back_under_it() {
    let body = r#"{"model":"m","input":"Hi","tools":[{"type":"namespace","name":"files","description":"d","tools":[{"type":"function","name":"read"},{"type":"custom","name":"sh"}]},{"type":"function","name":"read"}]}"#;
    let request = OpenAiResponses
        .decode_request(body.as_bytes(), None)
        .unwrap()
        .value;
    let target = Target {
        model: "m",
        default_max_tokens: 1,
        version: None,
        fixed: &[],
    };
    for provider in crate::dialects::DIALECTS {
        let encoded = provider.encode_request(&request, &target).unwrap();
        let sent: serde_json::Value = serde_json::from_slice(&encoded.body).unwrap();
        let name = &sent["tools"][0];
        let name = [
            &name["name"],
            &name["function"]["name"],
            &name["functionDeclarations"][0]["name"],
        ];
        let name = name.iter().find_map(|name| name.as_str()).unwrap();
        assert!(name.starts_with("files_read"), "{name}");
        let mut reply = Reply {
            parts: vec![Part::ToolUse(ToolUse {
                id: "c".to_owned(),
                name: name.to_owned(),
                arguments: "{}".to_owned(),
                form: CallForm::Json,
                signature: None,
            })],
            ..Reply::default()
        };
        encoded.tool_names.restore_reply(&mut reply);
        let told = OpenAiResponses.encode_reply(&reply).value;
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(
            told["output"][0]["namespace"],
            "files",
            "{}",
            provider.name()
        );
        assert_eq!(told["output"][0]["name"], "read", "{}", provider.name());
    }
}

#[test]
fn a_namespace_that_no_client_of_another_api_declared_is_named_as_lost() {
    let call = r#"{"type":"function_call","call_id":"c","name":"read","namespace":"files","arguments":"{}"}"#;
    let whole = format!(r#"{{"id":"r","model":"m","status":"completed","output":[{call}]}}"#);
    let read = OpenAiResponses.decode_reply(whole.as_bytes()).unwrap();
    let stream = format!(
        "data: {{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{call}}}\n\n\
         data: {{\"type\":\"response.completed\",\"response\":{whole}}}\n\n"
    );
    let mut framer = Framer::new();
    framer.push(Bytes::from(stream));
    let mut reader = OpenAiResponses.events();
    let mut events = Vec::new();
    while let Some(frame) = framer.next_frame().unwrap() {
        reader.read(&frame, &mut events).unwrap();
    }
    let mut sum = Accumulator::default();
    for event in &events {
        sum.push(event).unwrap();
    }
    for (reply, losses) in [
        (read.value, read.losses),
        (sum.finish(), reader.take_losses()),
    ] {
        let paths: Vec<_> = losses.iter().map(|loss| loss.path.as_str()).collect();
        assert_eq!(paths, ["output[0].namespace"]);
        assert!(matches!(&reply.parts[..], [Part::ToolUse(call)] if call.name == "read"));
    }
}

#[test]
fn a_status_of_a_servers_own_does_not_make_an_answer_none() {
    let answer = |status: &str| {
        let body = format!(
            r#"{{"id":"r","model":"m","status":"{status}","output":[{{"type":"message","role":"assistant","content":[{{"type":"output_text","text":"Hi"}}]}}]}}"#
        );
        OpenAiResponses.decode_reply(body.as_bytes())
    };
    let read = answer("complete").unwrap().value;
    assert_eq!(read.parts, [Part::Text("Hi".to_owned())]);
    assert_eq!(read.stop, Stop::of(StopReason::End));
    for none in ["failed", "cancelled", "queued", "in_progress"] {
        assert!(answer(none).is_err(), "{none}");
    }
}

/// Writes a stream of events and reads each event's type and number.
fn written(events: &[Event]) -> Vec<String> {
    let mut writer = OpenAiResponses.writer(UsageChunk::Hide);
    let mut out = Vec::new();
    for event in events {
        writer.write(event, &mut out);
    }
    let mut framer = Framer::new();
    framer.push(Bytes::from(out));
    let mut types = Vec::new();
    while let Some(frame) = framer.next_frame().unwrap() {
        let payload = frame.payload().unwrap();
        let payload: serde_json::Value = serde_json::from_slice(payload).unwrap();
        assert_eq!(payload["sequence_number"], types.len());
        assert_eq!(payload["type"].as_str(), frame.event());
        types.push(frame.event().unwrap().to_owned());
    }
    types
}

#[test]
fn each_event_has_its_name_and_number_and_parts_are_closed_in_order() {
    let citation = Citation {
        url: Some("https://e.org".to_owned()),
        ..Citation::default()
    };
    let types = written(&[
        Event::Start {
            id: "r".to_owned(),
            model: "m".to_owned(),
            usage: None,
            created: None,
            service_tier: None,
        },
        Event::Text("Hi".to_owned()),
        Event::Citation(citation),
        Event::PartEnd,
        Event::Refusal("No".to_owned()),
        Event::Stop(Stop::of(StopReason::Refusal)),
        Event::End,
        Event::Text("behind the end".to_owned()),
    ]);
    assert_eq!(
        types,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.annotation.added",
            "response.output_text.done",
            "response.content_part.done",
            "response.content_part.added",
            "response.refusal.delta",
            "response.refusal.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
}

#[test]
fn a_tap_forwards_what_it_does_not_know_and_sees_what_comes_late() {
    let mut tap = OpenAiResponses.tap(UsageChunk::Hide);
    let told = [
        (
            "response.created",
            r#"{"type":"response.created","response":{"id":"r","model":"m"}}"#,
        ),
        (
            "response.output_text.delta",
            r#"{"type":"response.output_text.delta","delta":"a"}"#,
        ),
        ("response.output_text.delta", "broken"),
        (
            "response.of_the_future",
            r#"{"type":"response.of_the_future"}"#,
        ),
        (
            "response.output_item.added",
            r#"{"type":"response.output_item.added","item":{"type":"function_call"}}"#,
        ),
        (
            "response.completed",
            r#"{"type":"response.completed","response":{"id":"r","status":"completed","usage":{"input_tokens":3,"output_tokens":4,"output_tokens_details":{"reasoning_tokens":2}}}}"#,
        ),
    ];
    let stream = told.map(|(name, payload)| format!("event: {name}\ndata: {payload}\n\n"));
    let mut framer = Framer::new();
    framer.push(Bytes::from(stream.concat()));
    let mut visible = Vec::new();
    while let Some(frame) = framer.next_frame().unwrap() {
        assert_eq!(tap.see(&frame), crate::dialect::Pass::Forward);
        visible.push(tap.observed().visible_output);
    }
    assert_eq!(visible, [false, true, true, true, true, true]);
    let seen = tap.observed();
    assert_eq!(seen.stop, Some(Stop::of(StopReason::ToolUse)));
    let usage = seen.usage.unwrap();
    assert_eq!((usage.input, usage.output, usage.reasoning), (3, 4, 2));
    assert_eq!(tap.ending(Close::Cut), Ending::Complete);
}
