//! Tests of what Chat Completions has of its own: the peek, servers' ways in streams, the list.

use bytes::Bytes;

use crate::canonical::{
    CallForm, Close, Ending, Message, Part, Reply, Request, Role, StopReason, ToolResult, ToolUse,
    UsageChunk,
};
use crate::dialect::{Dialect, ListedModel, Pass, Tap, Target};
use crate::fault::ErrorKind;
use crate::frames::Framer;
use crate::openai_chat::OpenAiChat;
use crate::peek::IncludeUsage;
use crate::sealed::Sealed;
use crate::stream::Event;

fn fault(body: &str) -> (Option<String>, String) {
    let fault = OpenAiChat.peek(body.as_bytes(), None).unwrap_err();
    (fault.field, fault.message)
}

#[test]
fn a_peek_finds_what_a_decision_needs() {
    let body = r#"{"messages":[{"content":[{"type":"text","text":"Be\u0020brief"}],"role":"developer"},
        {"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}},{"type":"file","file":{}}]},
        {"role":"user","content":"Second"},{"role":"assistant","content":"I"}],
        "model":"op\u0075s","stream":true,"stream_options":{"include_usage":true},"max_tokens":5,
        "tools":[{"type":"function"},{}],"tool_choice":"required","temperature":0,"top_p":null,
        "logit_bias":{},"prompt_cache_key":"conv","reasoning_effort":"high","stop":["x"],
        "response_format":{"type":"json_object"},"unknown":{"deep":[1,{"model":"no"}]}}"#;
    let peek = OpenAiChat.peek(body.as_bytes(), None).unwrap();
    assert_eq!(peek.model, "opus");
    assert_eq!(&body[peek.model_span.clone()], r#""op\u0075s""#);
    assert_eq!(peek.include_usage, IncludeUsage::Asked);
    assert_eq!(peek.usage_chunk(), UsageChunk::Show);
    assert_eq!(peek.max_tokens, Some(5));
    assert_eq!(peek.conversation.as_deref(), Some("conv"));
    let system = r#"[{"type":"text","text":"Be\u0020brief"}]"#;
    assert_eq!(peek.opening.system, Some(system));
    assert!(
        peek.opening
            .user
            .unwrap()
            .starts_with("[{\"type\":\"image_url\"")
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&peek.features).unwrap());
}

#[test]
fn a_peek_refuses_by_field_or_position() {
    let field = |name: &str| Some(name.to_owned());
    assert_eq!(fault(r#"{"messages":[]}"#).0, field("model"));
    assert_eq!(fault(r#"{"model":"","messages":[]}"#).0, field("model"));
    assert_eq!(
        fault(r#"{"model":7,"messages":[]}"#),
        (field("model"), "must be a string, not a number".to_owned())
    );
    assert_eq!(fault(r#"{"model":"m"}"#).0, field("messages"));
    assert_eq!(fault(r#"{"model":"m","messages":{}}"#).0, field("messages"));
    assert_eq!(
        fault(r#"{"model":"m","messages":[],"stream":"yes"}"#).0,
        field("stream")
    );
    assert_eq!(
        fault(r#"{"model":"m","messages":[],"max_tokens":"1"}"#).0,
        field("max_tokens")
    );
    assert_eq!(
        fault(r#"{"model":"a","messages":[],"model":"b"}"#).0,
        field("model")
    );
    assert_eq!(
        fault(r#"{"model":"a","messages":[],"m\u006fdel":"b"}"#).0,
        field("model")
    );
    assert_eq!(
        fault(r#"{"model":"a","messages":[],"x":1,"x":1}"#).0,
        field("x")
    );
    let (none, message) = fault("{\"model\":\"m\",\n\"messages\":[}");
    assert_eq!(none, None);
    assert!(message.ends_with("at line 2 column 13"), "{message}");
    for body in [
        "",
        "[]",
        "null",
        "{",
        "{\"model\":\"m\",\"messages\":[]} x",
        "{\"model\":\"\\ud800\",\"messages\":[]}",
    ] {
        assert_eq!(fault(body).0, None, "{body}");
    }
    let deep = format!(
        r#"{{"model":"m","messages":[],"x":{}}}"#,
        "[".repeat(100_000)
    );
    assert!(fault(&deep).1.contains("nesting"));
    let many: String = (0..400).map(|at| format!("\"k{at}\":0,")).collect();
    assert!(
        fault(&format!("{{{many}\"model\":\"m\"}}"))
            .1
            .contains("top-level fields")
    );
}

fn tap(usage: UsageChunk, payloads: &[&str]) -> (Box<dyn Tap>, Vec<Pass>) {
    let mut tap = OpenAiChat.tap(usage);
    let mut framer = Framer::new();
    let lines = payloads
        .iter()
        .map(|payload| format!("data: {payload}\n\n"));
    framer.push(Bytes::from(lines.collect::<String>()));
    let mut passes = Vec::new();
    while let Some(frame) = framer.next_frame().unwrap() {
        passes.push(tap.see(&frame));
    }
    (tap, passes)
}

const TEXT: &str = concat!(
    r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"a \"usage\":{ b"},"#,
    r#""finish_reason":null}],"usage":null}"#
);
const STOP: &str =
    r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str =
    r#"{"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;

#[test]
fn a_server_without_done_is_complete_once_all_choices_have_ended() {
    let (complete, _) = tap(UsageChunk::Hide, &[TEXT, STOP]);
    assert_eq!(complete.ending(Close::Clean), Ending::Complete);
    assert_eq!(complete.ending(Close::Cut), Ending::Unfinished);
    let (cut, _) = tap(UsageChunk::Hide, &[TEXT]);
    assert_eq!(cut.ending(Close::Clean), Ending::Unfinished);
    let second = TEXT.replace("\"index\":0", "\"index\":1");
    let (cut, _) = tap(UsageChunk::Hide, &[TEXT, TEXT, &second, STOP]);
    assert_eq!(cut.ending(Close::Clean), Ending::Unfinished);
    let (nothing, _) = tap(UsageChunk::Hide, &[]);
    assert_eq!(nothing.ending(Close::Clean), Ending::Unfinished);
}

#[test]
fn a_chunk_like_the_last_is_told_from_one_that_says_more() {
    let chunk = |text: &str, reason: &str| {
        format!(
            r#"{{"id":"c","model":"m","choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":{reason}}}]}}"#
        )
    };
    let none = "null";
    let last = r#"null}],"usage":{"prompt_tokens":9,"completion_tokens":2},"x":[{"#;
    for (text, reason) in [
        ("d", "\"stop\""),
        ("", "\"stop\""),
        // A text that would end where the chunk's own text does, but is not all of it.
        (r#"d"},"finish_reason":"stop","y":{"z":""#, none),
        ("d", none),
    ] {
        let chunks = ["a", "b", "c", "c\\n", "c"].map(|text| chunk(text, none));
        let end = chunk(text, reason);
        let payloads = chunks.iter().chain([&end]).map(String::as_str);
        let (seen, _) = tap(UsageChunk::Hide, &payloads.collect::<Vec<_>>());
        let (fresh, _) = tap(UsageChunk::Hide, &[&chunks[0], &end]);
        assert_eq!(seen.observed(), fresh.observed(), "{end}");
        assert_eq!(seen.ending(Close::Clean), fresh.ending(Close::Clean));
    }
    let plain = ["a", "b", "c"].map(|text| chunk(text, none));
    let told = chunk("d", last);
    let payloads: Vec<&str> = plain.iter().chain([&told]).map(String::as_str).collect();
    let (seen, _) = tap(UsageChunk::Hide, &payloads);
    assert_eq!(seen.observed().usage.unwrap().input, 9);
    assert_eq!(seen.ending(Close::Clean), Ending::Unfinished);
}

#[test]
fn the_usage_chunk_alone_is_hidden() {
    let filter = r#"{"choices":[],"prompt_filter_results":[]}"#;
    let beside = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;
    let (seen, passes) = tap(UsageChunk::Hide, &[filter, TEXT, STOP, USAGE, "[DONE]"]);
    assert_eq!(
        passes,
        [
            Pass::Forward,
            Pass::Forward,
            Pass::Forward,
            Pass::Hide,
            Pass::Forward
        ]
    );
    assert_eq!(seen.observed().usage.unwrap().input, 9);
    let (_, passes) = tap(UsageChunk::Show, &[USAGE]);
    assert_eq!(passes, [Pass::Forward]);
    let (seen, passes) = tap(UsageChunk::Hide, &[TEXT, beside]);
    assert_eq!(passes, [Pass::Forward, Pass::Forward]);
    assert_eq!(seen.observed().usage.unwrap().output, 2);
}

#[test]
fn reasoning_counted_beside_the_output_is_added_to_it() {
    let usage = |total: u64| {
        let body = format!(
            r#"{{"usage":{{"prompt_tokens":307,"completion_tokens":26,"total_tokens":{total},
            "completion_tokens_details":{{"reasoning_tokens":20}}}}}}"#
        );
        let usage = OpenAiChat.observe(body.as_bytes()).usage.unwrap();
        (usage.output, usage.reasoning)
    };
    assert_eq!(usage(353), (46, 20));
    assert_eq!(usage(333), (26, 20));
}

#[test]
fn a_refusal_is_seen_in_every_form() {
    let words = r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"refusal":"No"},"finish_reason":null}]}"#;
    let filtered = STOP.replace("\"stop\"", "\"content_filter\"");
    for stream in [vec![TEXT, words, STOP], vec![TEXT, &filtered]] {
        let (seen, _) = tap(UsageChunk::Hide, &stream);
        let stop = seen.observed().stop.clone().unwrap();
        assert_eq!(stop.reason, StopReason::Refusal);
    }
    let body = br#"{"id":"c","choices":[{"message":{"content":null,"refusal":"No"},"finish_reason":"stop"}]}"#;
    assert_eq!(
        OpenAiChat.observe(body).stop.unwrap().reason,
        StopReason::Refusal
    );
}

#[test]
fn an_error_inside_a_success_is_seen() {
    let body = br#"{"error":{"message":"m","code":502}}"#;
    let seen = OpenAiChat.observe(body);
    assert_eq!((seen.error.unwrap().status, seen.terminated), (502, false));
    let (seen, _) = tap(
        UsageChunk::Hide,
        &[TEXT, r#"{"error":"overloaded"}"#, "[DONE]"],
    );
    let Ending::Failed(error) = seen.ending(Close::Clean) else {
        panic!("an error is no clean end");
    };
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Api, "overloaded")
    );
}

#[test]
fn the_list_of_models_is_the_dialects() {
    let row = ListedModel {
        id: "opus",
        created: 5,
        purpose: "hard things",
        owner: "tiergate",
    };
    let page = String::from_utf8(OpenAiChat.models_page(&[row])).unwrap();
    assert_eq!(
        page,
        r#"{"object":"list","data":[{"id":"opus","object":"model","created":5,"owned_by":"tiergate","description":"hard things"}]}"#
    );
    let alone = String::from_utf8(OpenAiChat.model(&row)).unwrap();
    assert!(page.contains(&format!("[{alone}]")), "{alone}");
}

#[test]
fn a_text_behind_a_call_is_named_as_lost_for_it_moves_in_front() {
    let text = |text: &str| Part::Text(text.to_owned());
    let call = Part::ToolUse(ToolUse {
        id: "c".to_owned(),
        name: "f".to_owned(),
        arguments: "{}".to_owned(),
        form: CallForm::Json,
        signature: None,
    });
    let told = |parts: Vec<Part>| {
        let reply = Reply {
            parts,
            ..Reply::default()
        };
        let losses = OpenAiChat.encode_reply(&reply).losses.into_iter();
        losses.map(|loss| loss.path).collect::<Vec<_>>()
    };
    assert!(told(vec![text("Hm"), call.clone()]).is_empty());
    assert_eq!(told(vec![call, text("So"), text("!")]), ["content.text"]);

    let start = Event::ToolStart {
        call: 0,
        id: "c".to_owned(),
        name: "f".to_owned(),
        form: CallForm::Json,
        signature: None,
    };
    let said = |text: &str| Event::Text(text.to_owned());
    let streamed = |events: &[Event]| {
        let mut writer = OpenAiChat.writer(UsageChunk::Show);
        events
            .iter()
            .for_each(|event| writer.write(event, &mut Vec::new()));
        let losses = writer.take_losses().into_iter();
        losses.map(|loss| loss.path).collect::<Vec<_>>()
    };
    assert!(streamed(&[said("Hm"), start.clone()]).is_empty());
    assert_eq!(streamed(&[start, said("So"), said("!")]), ["content.text"]);
}

#[test]
fn a_seal_that_its_client_changed_adds_no_field_to_the_body_and_is_named_as_lost() {
    let forged = r#"{}}]}],"model":"another","messages":[{"role":"user","content":[{"x":{}"#;
    for text in [forged, &format!("model\n{forged}"), "", "[1]", "\n{"] {
        let seal = Some(Sealed::new("openai-chat", text));
        let call = Part::ToolUse(ToolUse {
            id: "c".to_owned(),
            name: "f".to_owned(),
            arguments: "{}".to_owned(),
            form: CallForm::Json,
            signature: seal.clone(),
        });
        let thoughts = Part::Thinking {
            text: "Hm".to_owned(),
            signature: seal,
        };
        let result = Part::ToolResult(ToolResult {
            id: "c".to_owned(),
            parts: Vec::new(),
            failed: false,
        });
        let turn = |role, parts| Message { role, parts };
        let request = Request {
            messages: vec![
                turn(Role::User, vec![Part::Text("Hi".to_owned())]),
                turn(Role::Assistant, vec![thoughts, call]),
                turn(Role::User, vec![result]),
            ],
            ..Request::default()
        };
        let target = Target {
            model: "m",
            default_max_tokens: 1,
            version: None,
            fixed: &[],
        };
        let encoded = OpenAiChat.encode_request(&request, &target).unwrap();
        let lost: Vec<_> = encoded.losses.iter().map(|loss| &*loss.path).collect();
        let both = ["messages[1].content[0]", "messages[1].content[1]"];
        assert_eq!(lost, both, "{text}");
        let body: serde_json::Value = serde_json::from_slice(&encoded.body).unwrap();
        assert_eq!(body["model"], "m", "{text}");
        let said = &body["messages"][1];
        assert_eq!(said["reasoning_content"], "Hm", "{text}");
        assert!(said.get("model").is_none(), "{text}");
        assert!(said["tool_calls"][0].get("extra_content").is_none());
    }
}
