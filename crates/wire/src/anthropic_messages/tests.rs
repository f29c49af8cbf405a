//! Tests of what the Messages API has of its own: the peek, usage in two events, the list.

use bytes::Bytes;

use crate::anthropic_messages::AnthropicMessages;
use crate::canonical::{Close, Ending, Part, StopReason, UsageChunk};
use crate::dialect::{Dialect, ListedModel, Pass, Tap};
use crate::frames::Framer;
use crate::stream::Accumulator;

#[test]
fn a_peek_finds_what_a_decision_needs() {
    let body = r#"{"model":"opus","max_tokens":9,"system":[{"type":"text","text":"S","cache_control":{}}],
        "messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"image"}]},{"type":"document"}]}],
        "metadata":{"user_id":"{\"session\":1}"},"tools":[{"name":"t"}],"tool_choice":{"type":"tool","name":"t"},
        "thinking":{"type":"enabled","budget_tokens":1024},"output_config":{"effort":"low","format":{}},
        "temperature":1,"top_k":3,"stop_sequences":["x"],"stream":true}"#;
    let peek = AnthropicMessages.peek(body.as_bytes(), None).unwrap();
    assert_eq!((&*peek.model, peek.max_tokens), ("opus", Some(9)));
    assert_eq!(peek.conversation.as_deref(), Some(r#"{"session":1}"#));
    assert!(peek.opening.system.unwrap().starts_with("[{"));
    assert!(peek.opening.user.unwrap().ends_with("\"document\"}]"));
    insta::assert_snapshot!(serde_json::to_string_pretty(&peek.features).unwrap());
}

#[test]
fn a_peek_does_not_judge_by_version() {
    let body = br#"{"model":"m","temperature":0.5,"messages":[]}"#;
    assert!(AnthropicMessages.peek(body, None).is_ok());
    let decode = |version| {
        AnthropicMessages.decode_request(
            br#"{"model":"m","max_tokens":1,"top_p":0.5,"messages":[]}"#,
            version,
        )
    };
    assert!(decode(None).is_ok());
    assert!(decode(Some("2023-06-01")).is_ok());
    let fault = decode(Some("2026-10-21")).unwrap_err();
    assert_eq!(fault.field.as_deref(), Some("top_p"));
}

fn tap(events: &[(&str, &str)]) -> Box<dyn Tap> {
    let mut tap = AnthropicMessages.tap(UsageChunk::Hide);
    let mut framer = Framer::new();
    for (name, payload) in events {
        framer.push(Bytes::from(format!("event: {name}\ndata: {payload}\n\n")));
        let frame = framer.next_frame().unwrap().unwrap();
        assert_eq!(tap.see(&frame), Pass::Forward);
    }
    tap
}

const START: (&str, &str) = (
    "message_start",
    r#"{"type":"message_start","message":{"id":"a","model":"m","usage":{"input_tokens":4,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":1}}}"#,
);

#[test]
fn usage_is_the_sum_of_what_both_events_say() {
    let delta = r#"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"bio","explanation":"E"}},"usage":{"input_tokens":0,"output_tokens":50,"output_tokens_details":{"thinking_tokens":7}}}"#;
    let seen = tap(&[START, ("message_delta", delta), ("message_stop", "{}")]);
    let usage = seen.observed().usage.unwrap();
    assert_eq!(
        (usage.input, usage.cached, usage.cache_write),
        (324, 300, 20)
    );
    assert_eq!((usage.output, usage.reasoning), (50, 7));
    let stop = seen.observed().stop.clone().unwrap();
    assert_eq!(
        (stop.reason, stop.category.as_deref()),
        (StopReason::Refusal, Some("bio"))
    );
    assert!(!seen.observed().visible_output);
    assert_eq!(seen.ending(Close::Clean), Ending::Complete);
}

#[test]
fn a_clean_close_without_message_stop_is_unfinished() {
    let delta = ("message_delta", r#"{"delta":{"stop_reason":"end_turn"}}"#);
    assert_eq!(
        tap(&[START, delta]).ending(Close::Clean),
        Ending::Unfinished
    );
    assert_eq!(tap(&[]).ending(Close::Clean), Ending::Unfinished);
    assert!(
        tap(&[START, ("content_block_delta", "{}")])
            .observed()
            .visible_output
    );
}

#[test]
fn an_answer_that_comes_whole_in_its_beginning_is_read() {
    let start = r#"{"type":"message_start","message":{"id":"a","model":"m","role":"assistant","content":[{"type":"text","text":"Hi"},{"type":"tool_use","id":"t","name":"roll","input":{"n":1},"caller":{"type":"code_execution_20250825"}}],"container":{"id":"c"},"stop_reason":"tool_use","usage":{"input_tokens":4,"output_tokens":2}}}"#;
    let stop = r#"{"type":"message_stop"}"#;
    let events = [("message_start", start), ("message_stop", stop)];
    let seen = tap(&events);
    assert!(seen.observed().visible_output);
    let reason = seen.observed().stop.clone().map(|stop| stop.reason);
    assert_eq!(reason, Some(StopReason::ToolUse));
    assert_eq!(seen.ending(Close::Clean), Ending::Complete);
    let mut reader = AnthropicMessages.events();
    let mut framer = Framer::new();
    let mut read = Vec::new();
    for (name, payload) in events {
        framer.push(Bytes::from(format!("event: {name}\ndata: {payload}\n\n")));
        let frame = framer.next_frame().unwrap().unwrap();
        reader.read(&frame, &mut read).unwrap();
    }
    let mut sum = Accumulator::default();
    for event in &read {
        sum.push(event).unwrap();
    }
    let reply = sum.finish();
    let [Part::Text(text), Part::ToolUse(call)] = &reply.parts[..] else {
        panic!("{reply:?}");
    };
    assert_eq!(
        (text.as_str(), call.arguments.as_str()),
        ("Hi", r#"{"n":1}"#)
    );
    assert_eq!(reply.stop.reason, StopReason::ToolUse);
    assert_eq!(reply.usage.map(|usage| usage.output), Some(2));
    let lost = reader.take_losses().into_iter().map(|loss| loss.path);
    let lost: Vec<_> = lost.collect();
    assert_eq!(lost, ["content[1].caller", "container"]);
}

#[test]
fn a_call_that_the_model_itself_made_loses_nothing() {
    let call = |kind: &str| {
        let body = format!(
            r#"{{"id":"a","model":"m","content":[{{"type":"tool_use","id":"t","name":"n","input":{{}},"caller":{{"type":"{kind}"}}}}],"stop_reason":"tool_use"}}"#
        );
        AnthropicMessages
            .decode_reply(body.as_bytes())
            .unwrap()
            .losses
            .len()
    };
    assert_eq!((call("direct"), call("code_execution_20250825")), (0, 1));
}

#[test]
fn the_list_of_models_is_the_dialects() {
    let row = |id, created| ListedModel {
        id,
        created,
        purpose: "p",
        owner: "tiergate",
    };
    let rows = [
        row("opus", 0),
        row("haiku", 951_782_400),
        row("x", 1_795_500_914),
    ];
    let page: serde_json::Value =
        serde_json::from_slice(&AnthropicMessages.models_page(&rows)).unwrap();
    assert_eq!(page["data"][0]["created_at"], "1970-01-01T00:00:00Z");
    assert_eq!(page["data"][1]["created_at"], "2000-02-29T00:00:00Z");
    assert_eq!(page["data"][2]["created_at"], "2026-11-24T06:15:14Z");
    assert_eq!(
        (&page["first_id"], &page["last_id"]),
        (&"opus".into(), &"x".into())
    );
    assert_eq!(page["has_more"], false);
    let alone: serde_json::Value =
        serde_json::from_slice(&AnthropicMessages.model(&rows[1])).unwrap();
    assert_eq!(page["data"][1], alone);
    let empty = AnthropicMessages.models_page(&[]);
    assert!(
        String::from_utf8(empty)
            .unwrap()
            .contains(r#""first_id":null"#)
    );
}
