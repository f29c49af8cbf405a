//! The right recording answers, with its own bytes. It must not know where real ones are.

use bytes::Bytes;

use super::Library;
use crate::client::{Client, Reply};
use crate::fake::FakeProvider;
use crate::load::post;
use crate::recordings::{Api, Exchange, Form};
use crate::script::Script;

fn exchange(target: &str, request: &str, body: &str) -> Exchange {
    Exchange {
        name: "a".to_owned(),
        api: Api::OpenaiChat,
        method: "POST".to_owned(),
        target: target.to_owned(),
        request: Some(Bytes::copy_from_slice(request.as_bytes())),
        request_headers: Vec::new(),
        status: 200,
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("content-length".to_owned(), "99999".to_owned()),
            ("set-cookie".to_owned(), "a=b".to_owned()),
        ],
        body: Bytes::copy_from_slice(body.as_bytes()),
        form: Form::Whole,
    }
}

async fn ask(exchanges: Vec<Exchange>, asks: &[(&str, &str)]) -> Vec<Reply> {
    let script = Script::new().replaying(Library::new(exchanges));
    let fake = FakeProvider::start(script).await.unwrap();
    let mut client = Client::connect(fake.address()).await.unwrap();
    let mut replies = Vec::new();
    for (path, body) in asks {
        replies.push(client.exchange(&post(path, &[], body)).await.unwrap());
    }
    replies
}

fn bodies(replies: &[Reply]) -> Vec<&[u8]> {
    replies.iter().map(|reply| &reply.body[..]).collect()
}

const PATH: &str = "/x/chat/completions";

#[tokio::test]
async fn method_path_and_body_find_the_recording() {
    let held = vec![
        exchange(PATH, r#"{"model":"m","a":1}"#, r#"{"b": 1.0  }"#),
        exchange(PATH, r#"{"model":"m","a":2}"#, "{}"),
    ];
    let spliced = r#"{"a":1,"model":"m","stream_options":{"include_usage":true}}"#;
    let asks = [
        (PATH, spliced),
        (PATH, r#"{"model":"m","a":2}"#),
        (PATH, r#"{"model":"m","a":3}"#),
        ("/y/chat/completions", r#"{"model":"m","a":1}"#),
    ];
    let replies = ask(held, &asks).await;
    assert_eq!(bodies(&replies)[..2], [&br#"{"b": 1.0  }"#[..], &b"{}"[..]]);
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.head.status).collect();
    assert_eq!(statuses, [200, 200, 404, 404]);
    assert_eq!(replies[0].head.header("set-cookie"), None);
}

#[tokio::test]
async fn one_request_recorded_twice_is_answered_in_turn() {
    let held = vec![
        exchange(PATH, r#"{"model":"m"}"#, "[1]"),
        exchange(PATH, r#"{"model":"m"}"#, "[2]"),
    ];
    let replies = ask(held, &[(PATH, r#"{"model":"m"}"#); 3]).await;
    assert_eq!(bodies(&replies), [b"[1]", b"[2]", b"[2]"]);
}

#[tokio::test]
async fn a_model_may_stand_for_a_recording() {
    let mut stream = exchange(PATH, "{}", "data: {}  \n\ndata: [DONE]\n\n");
    stream.form = Form::Stream;
    let gemini = exchange("/v1beta/models/g-1:generateContent", "{}", "[3]");
    let held = vec![stream, gemini];
    let asks = [
        (PATH, r#"{"model":"recording-0","other":1}"#),
        ("/v1beta/models/recording-1:generateContent", "{}"),
        ("/elsewhere", r#"{"model":"recording-0"}"#),
    ];
    let replies = ask(held, &asks).await;
    assert_eq!(&replies[0].body[..], b"data: {}  \n\ndata: [DONE]\n\n");
    assert_eq!(&replies[1].body[..], b"[3]");
    assert_eq!(replies[2].head.status, 404);
}
