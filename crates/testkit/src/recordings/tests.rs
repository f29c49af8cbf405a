//! Recordings are read from files of every kind. It must not know where real ones are.

use std::fs;

use super::{Api, Form, recordings};

const CASSETTE: &str = "interactions:
- request:
    body: '{\"model\":\"m\",\"n\":1.0}'
    headers:
      Accept: [a, b]
    method: POST
    uri: https://host.example/api/v1/chat/completions?x=1#stream
  response:
    body: {string: \"data: {}\\n\\n\"}
    headers:
      Content-Type: ['text/event-stream; charset=utf-8']
    status: {code: 200, message: OK}
- request:
    method: POST
    parsed_body: {model: m, temperature: 1.0}
    uri: https://host.example/v1/messages
  response:
    headers: {content-type: [application/json]}
    parsed_body: {z: 1, a: 2.50}
    status: {code: 404, message: Not Found}
version: 1
";

#[test]
fn a_cassette_gives_its_exchanges() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.yaml"), CASSETTE).unwrap();
    let read = recordings(folder.path()).unwrap();
    let [chat, messages] = read.as_slice() else {
        panic!("{read:?}");
    };
    assert_eq!((chat.api, chat.form), (Api::OpenaiChat, Form::Stream));
    assert_eq!(chat.target, "/api/v1/chat/completions?x=1");
    assert_eq!(chat.path(), "/api/v1/chat/completions");
    assert_eq!(
        chat.request.as_deref(),
        Some(&br#"{"model":"m","n":1.0}"#[..])
    );
    assert_eq!(chat.request_headers.len(), 2);
    assert_eq!(&chat.body[..], b"data: {}\n\n");
    assert_eq!(
        (messages.api, messages.form),
        (Api::AnthropicMessages, Form::Whole)
    );
    assert_eq!(messages.status, 404);
    assert_eq!(&messages.body[..], br#"{"z":1,"a":2.50}"#);
    assert_eq!(
        messages.request.as_deref(),
        Some(&br#"{"model":"m","temperature":1.0}"#[..])
    );
}

#[test]
fn bare_streams_and_bodies_are_known_by_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        (
            "a.chunks.txt",
            "{\"type\":\"message_start\"}\n\n{\"type\":\"message_stop\"}\n",
        ),
        ("b.chunks.txt", "{\"object\":\"chat.completion.chunk\"}"),
        (
            "c.sse",
            "event: response.created\ndata: {\"type\":\"response.created\"}\n\n",
        ),
        ("d.json", "{\"type\":\"message\"}"),
        (
            "e.json",
            "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\"}}",
        ),
        ("f.txt", "no stream at all\n"),
        ("g.md", "nothing"),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let read = recordings(folder.path()).unwrap();
    let seen: Vec<_> = read.iter().map(|it| (it.api, it.form, it.status)).collect();
    assert_eq!(
        seen,
        [
            (Api::AnthropicMessages, Form::Stream, 200),
            (Api::OpenaiChat, Form::Stream, 200),
            (Api::OpenaiResponses, Form::Stream, 200),
            (Api::AnthropicMessages, Form::Whole, 200),
            (Api::Gemini, Form::Whole, 429),
        ]
    );
    let stream = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n\
                  event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    assert_eq!(&read[0].body[..], stream.as_bytes());
    assert!(read[1].body.ends_with(b"\n\ndata: [DONE]\n\n"));
}

#[test]
fn a_file_that_is_no_recording_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("broken.yaml"), "interactions: [").unwrap();
    let error = recordings(folder.path()).unwrap_err();
    assert!(error.to_string().contains("broken.yaml"), "{error}");
}

#[test]
fn answers_of_several_turns_in_one_file_are_several_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let begun = r#"{"type":"response.created","n":1}"#;
    let ended = r#"{"type":"response.completed"}"#;
    let text = [begun, ended, begun, ended].join("\n");
    fs::write(folder.path().join("a.chunks.txt"), text).unwrap();
    let read = recordings(folder.path()).unwrap();
    let names: Vec<_> = read.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a.chunks.txt#0", "a.chunks.txt#1"]);
    let framed = format!(
        "event: response.created\ndata: {begun}\n\nevent: response.completed\ndata: {ended}\n\n"
    );
    assert!(read.iter().all(|it| it.body == framed));
    let start = r#"{"type":"message_start"}"#;
    let stop = r#"{"type":"message_stop"}"#;
    for (payloads, count) in [
        (vec![start, stop, start, stop], 2),
        // In the midst of an answer it is what a broken server sends.
        (vec![start, start, stop], 1),
    ] {
        fs::write(folder.path().join("a.chunks.txt"), payloads.join("\n")).unwrap();
        assert_eq!(recordings(folder.path()).unwrap().len(), count);
    }
}
