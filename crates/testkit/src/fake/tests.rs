//! Every behaviour as a raw client sees it. It must not know a gateway.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

use super::FakeProvider;
use crate::behaviour::Behaviour;
use crate::client::{Client, ClientError};
use crate::load::post;
use crate::log::Fate;
use crate::script::Script;
use crate::speeches::SPEECHES;

/// Long enough for a busy machine, short enough to end a hung test.
const DEADLINE: Duration = Duration::from_secs(20);
const OPENAI: &str = "/v1/chat/completions";
const ANTHROPIC: &str = "/v1/messages";

fn ask(path: &str, model: &str, streamed: bool) -> Bytes {
    let body = json!({
        "model": model, "stream": streamed, "max_tokens": 9,
        "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "hello you"}],
        "tools": [{"type": "function", "name": "look", "function": {"name": "look"}}],
    });
    post(path, &[], &body.to_string())
}

/// What a client has when the exchange is over, well or badly.
struct Seen {
    status: Option<u16>,
    text: String,
    end: Result<(), ClientError>,
}

async fn look(fake: &FakeProvider, request: &[u8]) -> Seen {
    let mut client = Client::connect(fake.address()).await.unwrap();
    client.send(request).await.unwrap();
    let mut seen = Seen {
        status: None,
        text: String::new(),
        end: Ok(()),
    };
    let reading = async {
        seen.status = Some(client.read_head().await?.status);
        let mut body = BytesMut::new();
        let end = loop {
            match client.next_piece().await {
                Ok(Some(piece)) => body.extend_from_slice(&piece),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        seen.text = String::from_utf8_lossy(&body).into_owned();
        end
    };
    let end = tokio::time::timeout(DEADLINE, reading)
        .await
        .expect("no hang");
    seen.end = end;
    seen
}

async fn see(model: &str, path: &str, streamed: bool) -> Seen {
    let fake = FakeProvider::start(Script::new()).await.unwrap();
    look(&fake, &ask(path, model, streamed)).await
}

fn payloads(text: &str) -> Vec<Value> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Joins the visible text of a stream in either dialect.
fn spoken(text: &str) -> String {
    let texts = payloads(text).into_iter().filter_map(|event| {
        let openai = event["choices"][0]["delta"]["content"].as_str();
        let anthropic = event["delta"]["text"].as_str();
        openai.or(anthropic).map(str::to_owned)
    });
    texts.collect()
}

#[tokio::test]
async fn both_dialects_answer_from_the_request() {
    let openai: Value = serde_json::from_str(&see("m-1", OPENAI, false).await.text).unwrap();
    assert_eq!(
        openai["choices"][0]["message"]["content"],
        "m-1 heard: hello you"
    );
    assert_eq!(openai["usage"]["prompt_tokens"], 2);
    assert_eq!(openai["usage"]["completion_tokens"], 4);
    let anthropic: Value = serde_json::from_str(&see("m-1", ANTHROPIC, false).await.text).unwrap();
    assert_eq!(anthropic["content"][0]["text"], "m-1 heard: hello you");
    assert_eq!(anthropic["usage"]["output_tokens"], 4);
}

#[tokio::test]
async fn streams_say_the_same_and_end_properly() {
    let openai = see("m-1", OPENAI, true).await;
    assert_eq!(spoken(&openai.text), "m-1 heard: hello you");
    assert!(openai.text.ends_with("data: [DONE]\n\n"));
    assert!(openai.end.is_ok());
    let usage = payloads(&openai.text).pop().unwrap();
    assert_eq!(usage["usage"]["completion_tokens"], 4);
    let anthropic = see("m-1", ANTHROPIC, true).await;
    assert_eq!(spoken(&anthropic.text), "m-1 heard: hello you");
    let last = payloads(&anthropic.text).pop().unwrap();
    assert_eq!(last["type"], "message_stop");
}

#[tokio::test]
async fn every_dialect_says_the_same_streamed_and_whole_and_knows_its_own_errors() {
    let fake = FakeProvider::start(Script::new()).await.unwrap();
    for speech in SPEECHES {
        let ask = async |model: &str, is_stream: bool| {
            let question = speech.question(model, is_stream);
            let request = post(&question.path, &[], &question.body.to_string());
            look(&fake, &request).await.text
        };
        let whole = serde_json::from_str(&ask("m-1", false).await).unwrap();
        let stream = ask("m-1", true).await;
        let events = payloads(&stream);
        let spoken: String = events.iter().map(|it| speech.text_of_event(it)).collect();
        assert_eq!(spoken, "m-1 heard: hello out there", "{}", speech.name());
        assert_eq!(spoken, speech.text_of(&whole));
        assert!(speech.ends_well(&stream) && !speech.is_error(&whole));
        let failed = ask("error-event-1", true).await;
        assert!(!speech.ends_well(&failed), "{failed}");
        let failed = payloads(&failed);
        let errors = failed.iter().filter(|it| speech.is_error(it)).count();
        assert_eq!(errors, 1, "{failed:?}");
        assert!(speech.is_error(&serde_json::from_str(&ask("status-503", false).await).unwrap()));
    }
}

#[tokio::test]
async fn the_events_of_responses_are_numbered_and_an_overflow_is_one() {
    let responses = SPEECHES.iter().find(|it| it.name() == "openai-responses");
    for (model, last) in [
        ("m-1", "response.completed"),
        ("overflow", "response.failed"),
    ] {
        let question = responses.unwrap().question(model, true);
        let fake = FakeProvider::start(Script::new()).await.unwrap();
        let request = post(&question.path, &[], &question.body.to_string());
        let events = payloads(&look(&fake, &request).await.text);
        for (at, event) in events.iter().enumerate() {
            assert_eq!(event["sequence_number"], at, "{event}");
        }
        assert_eq!(events.last().unwrap()["type"], last);
    }
}

/// Asks a model that thinks, with these turns and a tool.
async fn think(dialect: &str, model: &str, turns: &[Value]) -> Value {
    let speech = SPEECHES.iter().find(|it| it.name() == dialect).unwrap();
    let mut question = speech.question(model, false);
    let (field, tools) = match dialect {
        "gemini" => (
            "contents",
            json!([{"functionDeclarations": [{"name": "look"}]}]),
        ),
        _ => ("input", json!([{"type": "function", "name": "look"}])),
    };
    question.body[field] = json!(turns);
    question.body["tools"] = tools;
    let thinks = Script::new().otherwise(Behaviour::Thinks);
    let fake = FakeProvider::start(thinks).await.unwrap();
    let request = post(&question.path, &[], &question.body.to_string());
    serde_json::from_str(&look(&fake, &request).await.text).unwrap()
}

#[tokio::test]
async fn sealed_reasoning_is_taken_by_its_maker_whole_and_by_no_other() {
    let user = json!({"role": "user", "content": "hello you"});
    let result = json!({"type": "function_call_output", "call_id": "call_fake0", "output": "x"});
    let answer = think("openai-responses", "a", std::slice::from_ref(&user)).await;
    let items = answer["output"].as_array().unwrap().clone();
    let history = [vec![user.clone()], items, vec![result]].concat();
    let taken = think("openai-responses", "a", &history).await;
    assert_eq!(taken["output"][2]["type"], "message", "{taken}");
    let foreign = think("openai-responses", "b", &history).await;
    assert_eq!(foreign["error"]["code"], "invalid_encrypted_content");
    let missing = |gone: &[usize]| {
        let kept = history.iter().enumerate();
        let kept = kept.filter(|(at, _)| !gone.contains(at));
        kept.map(|(_, item)| item.clone()).collect::<Vec<_>>()
    };
    let bare = think("openai-responses", "b", &missing(&[1, 2])).await;
    let why = bare["error"]["message"].as_str().unwrap();
    assert!(
        why.contains("without its required 'reasoning' item: 'rs_a-1'"),
        "{why}"
    );
    let idle = think("openai-responses", "a", &missing(&[3])).await;
    let why = idle["error"]["message"].as_str().unwrap();
    assert!(why.contains("without its required following item"), "{why}");
}

#[tokio::test]
async fn a_signature_is_taken_by_its_maker_in_its_place_and_by_no_other() {
    let user = json!({"role": "user", "parts": [{"text": "hello you"}]});
    let told = json!({"functionResponse": {"name": "look", "response": {}}});
    let result = json!({"role": "user", "parts": [told]});
    let answer = think("gemini", "a", std::slice::from_ref(&user)).await;
    let content = answer["candidates"][0]["content"].clone();
    let history = [user, content, result];
    let taken = think("gemini", "a", &history).await;
    let parts = &taken["candidates"][0]["content"]["parts"];
    assert_eq!(parts[2]["text"], "a heard:", "{taken}");
    let refused = async |model: &str, history: &[Value; 3]| {
        let told = think("gemini", model, history).await;
        told["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(refused("b", &history).await.contains("not valid"));
    let mut bare = history.clone();
    bare[1]["parts"] = json!([history[1]["parts"][2]]);
    bare[1]["parts"][0]["thoughtSignature"] = Value::Null;
    assert!(
        refused("b", &bare)
            .await
            .contains("missing a thought_signature")
    );
    let any = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";
    bare[1]["parts"][0]["thoughtSignature"] = json!(any);
    assert_eq!(refused("b", &bare).await, "");
}

#[tokio::test]
async fn tool_calls_name_the_requests_tool() {
    let whole: Value =
        serde_json::from_str(&see("tool-calls-2", OPENAI, false).await.text).unwrap();
    let calls = &whole["choices"][0]["message"]["tool_calls"];
    assert_eq!(calls[1]["function"]["name"], "look");
    assert_eq!(calls[1]["function"]["arguments"], r#"{"text":"hello you"}"#);
    let stream = see("tool-calls-2", ANTHROPIC, true).await;
    let parts = payloads(&stream.text).into_iter().filter_map(|event| {
        let part = event["delta"]["partial_json"].as_str();
        part.map(str::to_owned)
    });
    let twice = r#"{"text":"hello you"}{"text":"hello you"}"#;
    assert_eq!(parts.collect::<String>(), twice);
}

#[tokio::test]
async fn canned_answers_have_their_size() {
    let script = Script::new().model("fake-1", Behaviour::Canned { bytes: 1024 });
    let fake = FakeProvider::start(script).await.unwrap();
    for _ in 0..2 {
        let seen = look(&fake, &ask(OPENAI, "fake-1", false)).await;
        assert_eq!(seen.text.len(), 1024);
        assert!(serde_json::from_str::<Value>(&seen.text).is_ok());
    }
}

#[tokio::test]
async fn cuts_are_cuts_and_early_ends_are_ends() {
    let cut = see("cut-after-2", OPENAI, true).await;
    assert_eq!(spoken(&cut.text), "cut-after-2 heard:");
    assert!(matches!(cut.end, Err(ClientError::Cut)));
    let whole = see("cut-after-2", ANTHROPIC, false).await;
    assert!(matches!(whole.end, Err(ClientError::Cut)));
    let ended = see("end-after-2", OPENAI, true).await;
    assert!(ended.end.is_ok());
    assert!(!ended.text.contains("[DONE]") && !ended.text.contains("\"stop\""));
    let reset = see("cut-before-headers", OPENAI, false).await;
    assert_eq!(reset.status, None);
    assert!(
        matches!(reset.end, Err(ClientError::Broken(_))),
        "{:?}",
        reset.end
    );
}

#[tokio::test]
async fn lengths_lie_as_scripted() {
    for streamed in [true, false] {
        let long = see("lie-length-long", OPENAI, streamed).await;
        assert!(matches!(long.end, Err(ClientError::Cut)));
        let short = see("lie-length-short", OPENAI, streamed).await;
        assert!(short.end.is_ok());
        assert!(!short.text.contains("[DONE]"));
        assert!(serde_json::from_str::<Value>(&short.text).is_err());
    }
}

#[tokio::test]
async fn faults_within_a_stream_come_after_their_delta() {
    let garbage = see("garbage", OPENAI, true).await;
    assert!(matches!(garbage.end, Err(ClientError::NotHttp(_))));
    let malformed = see("malformed-event-1", ANTHROPIC, true).await;
    assert!(malformed.text.contains("{\"type\": \"content_blo\n\n"));
    assert!(spoken(&malformed.text).starts_with("malformed-event-1 heard:"));
    let unterminated = see("no-terminator", OPENAI, true).await;
    assert!(unterminated.text.contains("\"finish_reason\":\"stop\""));
    assert!(!unterminated.text.contains("[DONE]") && unterminated.end.is_ok());
    let openai = see("error-event-1", OPENAI, true).await;
    assert_eq!(spoken(&openai.text), "error-event-1");
    assert!(payloads(&openai.text).pop().unwrap()["error"]["message"].is_string());
    let anthropic = see("error-event-0", ANTHROPIC, true).await;
    assert!(anthropic.text.contains("event: error\n"));
    assert_eq!(spoken(&anthropic.text), "");
}

#[tokio::test]
async fn statuses_carry_headers_and_the_dialects_envelope() {
    let limited = Behaviour::Status {
        code: 429,
        headers: vec![("retry-after".into(), "7".into())],
        body: String::new(),
    };
    let script = Script::new()
        .model("limited", limited)
        .model("moved", Behaviour::Redirect("http://127.0.0.1:1/".into()))
        .model("cookie", Behaviour::SetCookie);
    let fake = FakeProvider::start(script).await.unwrap();
    let mut client = Client::connect(fake.address()).await.unwrap();
    let reply = client
        .exchange(&ask(ANTHROPIC, "limited", true))
        .await
        .unwrap();
    assert_eq!(reply.head.status, 429);
    assert_eq!(reply.head.header("retry-after"), Some("7"));
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["error"]["type"], "rate_limit_error");
    let reply = client.exchange(&ask(OPENAI, "moved", false)).await.unwrap();
    assert_eq!(reply.head.status, 307);
    assert_eq!(reply.head.header("location"), Some("http://127.0.0.1:1/"));
    let reply = client
        .exchange(&ask(OPENAI, "cookie", false))
        .await
        .unwrap();
    assert!(reply.head.header("set-cookie").is_some());
    let reply = client
        .exchange(&post("/v1/nothing", &[], "{}"))
        .await
        .unwrap();
    assert_eq!(reply.head.status, 404);
}

#[tokio::test]
async fn huge_slow_and_replayed_answers_arrive() {
    let huge = see("huge-event-300000", OPENAI, true).await;
    assert_eq!(spoken(&huge.text).len(), 300_000);
    let slow = see("slow-headers-20", OPENAI, false).await;
    assert_eq!(slow.status, Some(200));
    let recorded = Bytes::from_static(b"HTTP/1.1 201 Made\r\ncontent-length: 2\r\n\r\nok");
    let script = Script::new().otherwise(Behaviour::Replay(recorded));
    let fake = FakeProvider::start(script).await.unwrap();
    let replayed = look(&fake, &ask(OPENAI, "any", false)).await;
    assert_eq!((replayed.status, replayed.text.as_str()), (Some(201), "ok"));
}

#[tokio::test]
async fn failures_end_after_their_number_and_a_header_overrides() {
    let fake = FakeProvider::start(Script::new()).await.unwrap();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let seen = look(&fake, &ask(OPENAI, "fail-times-2", false)).await;
        statuses.push(seen.status.unwrap());
    }
    assert_eq!(statuses, [503, 503, 200, 200]);
    let request = post(
        OPENAI,
        &[("fake-behaviour", "status-418")],
        r#"{"model":"m"}"#,
    );
    assert_eq!(look(&fake, &request).await.status, Some(418));
    fake.rescript("m", Behaviour::status(402));
    let request = post(OPENAI, &[], r#"{"model":"m"}"#);
    assert_eq!(look(&fake, &request).await.status, Some(402));
}

/// Starts an answer, leaves it once `pieces` have come, and expects that this is recorded.
async fn leave(model: &str, with_head: bool, pieces: usize) {
    let fake = FakeProvider::start(Script::new()).await.unwrap();
    let mut client = Client::connect(fake.address()).await.unwrap();
    client.send(&ask(OPENAI, model, true)).await.unwrap();
    fake.await_requests(1, DEADLINE).await.unwrap();
    if with_head {
        client.read_head().await.unwrap();
    }
    for _ in 0..pieces {
        assert!(client.next_piece().await.unwrap().is_some());
    }
    assert_eq!(fake.requests()[0].fate, Fate::Open, "{model}");
    drop(client);
    fake.await_abandoned(1, DEADLINE).await.unwrap();
    fake.await_closed(1, DEADLINE).await.unwrap();
    assert_eq!(fake.connections()[0].requests, 1);
    assert!(fake.requests()[0].ended.is_some());
}

#[tokio::test]
async fn a_peer_that_leaves_is_seen_in_every_phase() {
    leave("stall-headers", false, 0).await;
    leave("stall-first-token", true, 0).await;
    leave("stall-after-2", true, 3).await;
    leave("endless-stream", true, 9).await;
    leave("endless-headers", false, 0).await;
    leave("slow-headers-60000", false, 0).await;
}

#[tokio::test]
async fn requests_are_recorded_whole_and_an_orderly_end_is_no_abandonment() {
    let fake = FakeProvider::start(Script::new()).await.unwrap();
    let mut client = Client::connect(fake.address()).await.unwrap();
    let request = post(ANTHROPIC, &[("x-api-key", "k")], r#"{"model":"m","x":1}"#);
    client.exchange(&request).await.unwrap();
    client.exchange(&ask(OPENAI, "m", true)).await.unwrap();
    drop(client);
    fake.await_closed(1, DEADLINE).await.unwrap();
    let requests = fake.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].header("x-api-key"), Some("k"));
    assert_eq!(requests[0].json()["x"], 1);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str()),
        ("POST", ANTHROPIC)
    );
    assert!(requests.iter().all(|it| it.fate == Fate::Answered));
    let none = fake.await_abandoned(1, Duration::from_millis(1)).await;
    assert_eq!(none.unwrap_err().seen, 0);
}

#[tokio::test]
async fn requests_taken_out_are_forgotten_and_later_ones_have_their_own_fates() {
    let fake = FakeProvider::start(Script::new()).await.unwrap();
    let mut client = Client::connect(fake.address()).await.unwrap();
    client.exchange(&ask(OPENAI, "first", false)).await.unwrap();
    assert_eq!(fake.take_requests().len(), 1);
    assert_eq!(fake.count_requests(), 0);
    client
        .exchange(&ask(OPENAI, "second", false))
        .await
        .unwrap();
    drop(client);
    fake.await_closed(1, DEADLINE).await.unwrap();
    let later = fake.take_requests();
    assert_eq!(later[0].json()["model"], "second");
    assert_eq!((later.len(), later[0].fate), (1, Fate::Answered));
}

#[tokio::test]
async fn chunked_requests_and_requests_sent_ahead_are_read() {
    let fake = FakeProvider::start(Script::new()).await.unwrap();
    let mut client = Client::connect(fake.address()).await.unwrap();
    let chunked = "POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n\
                   8\r\n{\"model\"\r\n5\r\n:\"m\"}\r\n0\r\n\r\n";
    client.send(chunked.repeat(2).as_bytes()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(client.read_head().await.unwrap().status, 200);
        while client.next_piece().await.unwrap().is_some() {}
    }
    assert_eq!(fake.requests()[1].json()["model"], "m");
}
