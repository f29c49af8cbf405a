//! Requests get whole answers, streams and errors as the dialect has them.

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use providers::{Class, Deadlines};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{answer, ask};
use crate::engine::{Ask, AskFault, Engine, Listener, Said};
use crate::host::Host;
use crate::tests::models;

/// Longer than any test here may take.
const PATIENCE: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_millis(30);
const PATIENT: Deadlines = Deadlines {
    connect: PATIENCE,
    headers: PATIENCE,
    first_token: PATIENCE,
    idle: PATIENCE,
};

struct Answered {
    status: u16,
    kind: String,
    body: String,
}

fn host() -> (tempfile::TempDir, Host) {
    let directory = tempfile::tempdir().unwrap();
    let (config, _) = models(directory.path(), "tiny", "llama");
    (directory, Host::start(config).unwrap())
}

async fn send(host: &Host, model: &str, body: &Value) -> Answered {
    let response = answer(host, model, Bytes::from(body.to_string()), PATIENT).await;
    Answered {
        status: response.status().as_u16(),
        kind: response.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned(),
        body: String::from_utf8(
            response
                .into_body()
                .read_whole(1 << 20)
                .await
                .unwrap()
                .to_vec(),
        )
        .unwrap(),
    }
}

fn chat(content: &str) -> Value {
    json!({ "model": "any", "messages": [{ "role": "user", "content": content }], "max_tokens": 8 })
}

#[tokio::test]
async fn a_whole_answer_counts_its_tokens() {
    let (_directory, host) = host();
    let answered = send(&host, "tiny", &chat("x")).await;
    assert_eq!(
        (answered.status, answered.kind.as_str()),
        (200, "application/json")
    );
    let body: Value = serde_json::from_str(&answered.body).unwrap();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["model"], "tiny");
    assert_eq!(body["choices"][0]["message"]["role"], "assistant");
    let usage = &body["usage"];
    assert!(usage["prompt_tokens"].as_u64() > Some(0));
    assert!((1..=8).contains(&usage["completion_tokens"].as_u64().unwrap()));
    let sum =
        usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap();
    assert_eq!(usage["total_tokens"].as_u64(), Some(sum));
}

#[tokio::test]
async fn a_stream_says_what_the_whole_answer_says() {
    let (_directory, host) = host();
    let whole: Value = serde_json::from_str(&send(&host, "tiny", &chat("x")).await.body).unwrap();
    for asks_usage in [false, true] {
        let mut body = chat("x");
        body["stream"] = json!(true);
        body["stream_options"] = json!({ "include_usage": asks_usage });
        let answered = send(&host, "tiny", &body).await;
        assert_eq!(
            (answered.status, answered.kind.as_str()),
            (200, "text/event-stream")
        );
        let mut events: Vec<&str> = answered
            .body
            .split_terminator("\n\n")
            .map(|event| event.strip_prefix("data: ").unwrap())
            .collect();
        assert_eq!(events.pop(), Some("[DONE]"));
        let mut events: Vec<Value> = events
            .iter()
            .map(|event| serde_json::from_str(event).unwrap())
            .collect();
        if asks_usage {
            let usage = events.pop().unwrap();
            assert_eq!(usage["choices"], json!([]));
            let counts = ["prompt_tokens", "completion_tokens"];
            assert!(
                counts
                    .iter()
                    .all(|count| usage["usage"][count] == whole["usage"][count])
            );
        }
        let last = events.pop().unwrap();
        assert_eq!(
            last["choices"][0]["finish_reason"],
            whole["choices"][0]["finish_reason"]
        );
        assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
        let text: String = events
            .iter()
            .map(|event| event["choices"][0]["delta"]["content"].as_str().unwrap())
            .collect();
        assert_eq!(text, whole["choices"][0]["message"]["content"]);
    }
}

#[tokio::test]
async fn an_error_names_its_field_and_keeps_its_status() {
    let (_directory, host) = host();
    let mut tools = chat("x");
    tools["tools"] = json!([{}]);
    for (model, body, status, param, code) in [
        (
            "tiny",
            chat(&"a".repeat(400)),
            400,
            json!("messages"),
            json!("context_length_exceeded"),
        ),
        ("tiny", tools, 400, json!("tools"), Value::Null),
        ("tiny", json!([]), 400, Value::Null, Value::Null),
        (
            "absent",
            chat("x"),
            404,
            json!("model"),
            json!("model_not_found"),
        ),
        (
            "../tiny",
            chat("x"),
            404,
            json!("model"),
            json!("model_not_found"),
        ),
    ] {
        let mut streamed = body.clone();
        if streamed.is_object() {
            streamed["stream"] = json!(true);
        }
        for body in [body, streamed] {
            let answered = send(&host, model, &body).await;
            assert_eq!(
                (answered.status, answered.kind.as_str()),
                (status, "application/json")
            );
            let error: Value = serde_json::from_str(&answered.body).unwrap();
            assert_eq!(error["error"]["param"], param, "{error}");
            assert_eq!(error["error"]["code"], code);
            assert_eq!(error["error"]["type"], "invalid_request_error");
        }
    }
}

/// Says some words, then nothing more until nobody listens.
struct Stalling {
    words: usize,
    stopped: Mutex<mpsc::Sender<()>>,
}

impl Engine for Stalling {
    fn answer(&self, _ask: &Ask, listener: &mut dyn Listener) -> Result<(), AskFault> {
        listener.hear(Said::Began {
            input_tokens: 1,
            cached_tokens: 0,
        });
        for _ in 0..self.words {
            listener.hear(Said::Text("word ".to_owned()));
        }
        while !listener.is_gone() {
            thread::yield_now();
        }
        self.stopped.lock().unwrap().send(()).unwrap();
        Ok(())
    }

    fn weights(&self) -> &str {
        ""
    }
}

/// Starts a host whose model stalls after some words, and returns what hears that it stopped.
fn stalling(words: usize) -> (tempfile::TempDir, Host, mpsc::Receiver<()>) {
    let (directory, host) = host();
    let (sender, stopped) = mpsc::channel();
    let stopped_by = Mutex::new(sender);
    host.offer(
        "stalling",
        Arc::new(Stalling {
            words,
            stopped: stopped_by,
        }),
    );
    (directory, host, stopped)
}

fn streamed_chat() -> Vec<u8> {
    let mut body = chat("x");
    body["stream"] = json!(true);
    body.to_string().into_bytes()
}

#[tokio::test]
async fn a_stream_that_stalls_ends_at_its_deadline_and_so_does_the_engine() {
    for (words, class) in [(0, Class::TimeoutFirstToken), (2, Class::TimeoutIdle)] {
        let (_directory, host, stopped) = stalling(words);
        let deadlines = match class {
            Class::TimeoutIdle => Deadlines {
                idle: SOON,
                ..PATIENT
            },
            _ => Deadlines {
                first_token: SOON,
                ..PATIENT
            },
        };
        let response = ask(&host, "stalling", &streamed_chat(), deadlines).await;
        let mut body = response.unwrap().into_body();
        let mut pieces = 0;
        let fault = loop {
            match body.next_piece().await.unwrap() {
                Ok(_) => pieces += 1,
                Err(fault) => break fault,
            }
        };
        assert_eq!((fault.class, pieces), (class, 1 + words));
        assert!(body.next_piece().await.is_none());
        stopped.recv_timeout(PATIENCE).unwrap();
    }
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_engine() {
    let (_directory, host, stopped) = stalling(1);
    let response = ask(&host, "stalling", &streamed_chat(), PATIENT).await;
    let mut body = response.unwrap().into_body();
    body.next_piece().await.unwrap().unwrap();
    drop(body);
    stopped.recv_timeout(PATIENCE).unwrap();
    // One who waits for a whole answer leaves by no longer asking.
    let whole = chat("x").to_string();
    let asked = ask(&host, "stalling", whole.as_bytes(), PATIENT);
    assert!(timeout(SOON, asked).await.is_err());
    stopped.recv_timeout(PATIENCE).unwrap();
}
