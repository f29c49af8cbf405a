//! Bodies and streams that are broken in made-up ways: every dialect reads or refuses them, names
//! the field where a field is wrong, and writes nothing that is broken itself.

use bytes::Bytes;
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{answers, encode, events, identity};
use crate::canonical::{Close, Ending, Request, Stream, UsageChunk};
use crate::dialect::{Dialect, Target};
use crate::dialects::DIALECTS;
use crate::fault::{BadRequest, ErrorKind, WireError};
use crate::frames::Framer;
use crate::stream::Event;

/// How many broken requests, and how many broken answers, each dialect is given.
const CASES: u32 = 5_000;
/// How much longer than what was read what is written of it may be, beside a fixed frame.
const MOST_GROWTH: usize = 64;
const FRAME_BYTES: usize = 64 << 10;

/// One way to break a text.
#[derive(Clone, Debug)]
enum Break {
    /// Puts other bytes in the place of so many.
    Bytes {
        at: prop::sample::Index,
        gone: usize,
        put: Vec<u8>,
    },
    /// Says a piece of it twice.
    Twice {
        at: prop::sample::Index,
        length: usize,
    },
    /// Cuts it off.
    Cut(prop::sample::Index),
    /// Puts another value in the place of one, in the JSON that it is or holds.
    Value { at: prop::sample::Index, put: Value },
    /// Takes a field away, or an item.
    Gone(prop::sample::Index),
    /// Calls a field by the name of another.
    Renamed(prop::sample::Index, &'static str),
}

/// Values that are seldom what is expected.
fn odd() -> impl Strategy<Value = Value> {
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    prop::sample::select(vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!(u64::MAX),
        json!(""),
        json!("data:image/png;base64,%"),
        json!("tiergate:gemini:t:"),
        json!("\u{0}\u{7f}\u{2028}😀"),
        json!([]),
        json!([[]]),
        json!([null, 1, "x", {}]),
        json!({}),
        json!({ "type": "text" }),
        json!({ "type": "tool_use", "input": 7 }),
        json!({ "type": "image_url", "image_url": {} }),
        json!({ "function": { "name": 1 } }),
        deep,
    ])
}

fn breaks() -> impl Strategy<Value = Vec<Break>> {
    let at = any::<prop::sample::Index>;
    let names = prop::sample::select(vec![
        "type", "content", "role", "model", "text", "parts", "input", "id", "delta", "index",
    ]);
    let one = prop_oneof![
        2 => (at(), 0usize..4, prop::collection::vec(any::<u8>(), 0..4))
            .prop_map(|(at, gone, put)| Break::Bytes { at, gone, put }),
        1 => (at(), 0usize..200).prop_map(|(at, length)| Break::Twice { at, length }),
        1 => at().prop_map(Break::Cut),
        6 => (at(), odd()).prop_map(|(at, put)| Break::Value { at, put }),
        2 => at().prop_map(Break::Gone),
        2 => (at(), names).prop_map(|(at, name)| Break::Renamed(at, name)),
    ];
    prop::collection::vec(one, 1..4)
}

/// Lists the way to every value of a document.
fn places(value: &Value, here: &str, out: &mut Vec<String>) {
    out.push(here.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(inner, &format!("{here}/{name}"), out);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                places(inner, &format!("{here}/{at}"), out);
            }
        }
        _ => {}
    }
}

fn picked<'p>(at: &prop::sample::Index, places: &'p [String]) -> &'p str {
    &places[at.index(places.len())]
}

fn parent(place: &str) -> Option<(&str, String)> {
    let (above, name) = place.rsplit_once('/')?;
    Some((above, name.replace("~1", "/").replace("~0", "~")))
}

impl Break {
    /// Breaks a document, where it is a way to break one.
    fn document(&self, document: &mut Value) {
        let mut all = Vec::new();
        places(document, "", &mut all);
        match self {
            Self::Value { at, put } => {
                if let Some(value) = document.pointer_mut(picked(at, &all)) {
                    *value = put.clone();
                }
            }
            Self::Gone(at) | Self::Renamed(at, _) => {
                let Some((above, name)) = parent(picked(at, &all)) else {
                    return;
                };
                match document.pointer_mut(above) {
                    Some(Value::Object(fields)) => {
                        let value = fields.remove(&name);
                        if let (Self::Renamed(_, other), Some(value)) = (self, value) {
                            fields.insert((*other).to_owned(), value);
                        }
                    }
                    Some(Value::Array(items)) => {
                        if let Ok(at) = name.parse::<usize>() {
                            items.remove(at);
                        }
                    }
                    _ => {}
                }
            }
            Self::Bytes { .. } | Self::Twice { .. } | Self::Cut(_) => {}
        }
    }

    /// Breaks a text, where it is a way to break one.
    fn text(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        match self {
            Self::Bytes { at, gone, put } => {
                let at = at.index(text.len());
                let end = (at + gone).min(text.len());
                text.splice(at..end, put.iter().copied());
            }
            Self::Twice { at, length } => {
                let at = at.index(text.len());
                let piece = text[at..(at + length).min(text.len())].to_vec();
                text.splice(at..at, piece);
            }
            Self::Cut(at) => text.truncate(at.index(text.len())),
            Self::Value { .. } | Self::Gone(_) | Self::Renamed(..) => {}
        }
    }
}

fn broken(body: &[u8], breaks: &[Break]) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(body).unwrap();
    for one in breaks {
        one.document(&mut document);
    }
    let mut text = document.to_string().into_bytes();
    for one in breaks {
        one.text(&mut text);
    }
    text
}

/// Breaks the JSON in the events of a stream, then its text.
fn broken_stream(stream: &[u8], breaks: &[Break]) -> Vec<u8> {
    let text = String::from_utf8(stream.to_vec()).unwrap();
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let told: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].starts_with("data: {"))
        .collect();
    for one in breaks {
        let (Break::Value { at, .. } | Break::Gone(at) | Break::Renamed(at, _)) = one else {
            continue;
        };
        let line = &mut lines[*at.get(&told)];
        // An earlier break may have nested it deeper than this reader goes.
        let Ok(mut document) = serde_json::from_str(&line["data: ".len()..]) else {
            continue;
        };
        one.document(&mut document);
        *line = format!("data: {document}");
    }
    let mut text = lines.join("\n").into_bytes();
    for one in breaks {
        one.text(&mut text);
    }
    text
}

fn target() -> Target<'static> {
    Target {
        model: "m",
        default_max_tokens: 1,
        version: Some("2023-06-01"),
        fixed: &[],
    }
}

/// A refusal says what is wrong, and in which field wherever the body is an object at all.
fn judge(fault: &BadRequest, body: &[u8]) -> Result<(), TestCaseError> {
    prop_assert!(!fault.message.is_empty());
    let is_object = matches!(serde_json::from_slice::<Value>(body), Ok(Value::Object(_)));
    let is_deep = fault.message.contains("nest");
    prop_assert!(
        fault.field.is_some() || !is_object || is_deep,
        "{fault}\n{}",
        String::from_utf8_lossy(body)
    );
    Ok(())
}

/// Tells whether a body is JSON. A number beyond a double is, and is carried as it was written,
/// though serde's reader of values, which is stricter with strings, has no place for it.
fn is_json(body: &[u8]) -> bool {
    match serde_json::from_slice::<Value>(body) {
        Ok(_) => true,
        Err(fault) if fault.to_string().starts_with("number out of range") => {
            let text = std::str::from_utf8(body);
            text.is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
        }
        Err(_) => false,
    }
}

fn bounded(written: &[u8], read: &[u8]) -> Result<(), TestCaseError> {
    let most = read.len() * MOST_GROWTH + FRAME_BYTES;
    prop_assert!(written.len() <= most, "{} of {}", written.len(), read.len());
    Ok(())
}

fn ask(dialect: &dyn Dialect, body: &[u8]) -> Result<(), TestCaseError> {
    let call = dialect.call("m", false);
    if let Err(fault) = dialect.peek(body, call.as_deref()) {
        judge(&fault, body)?;
    }
    let request = match dialect.decode_request(body, Some("2023-06-01")) {
        Ok(decoded) => decoded.value,
        Err(fault) => return judge(&fault, body),
    };
    for provider in DIALECTS {
        match provider.encode_request(&request, &target()) {
            Ok(encoded) => {
                bounded(&encoded.body, body)?;
                prop_assert!(
                    is_json(&encoded.body),
                    "{} wrote {:?}",
                    provider.name(),
                    encoded.body
                );
            }
            Err(fault) => prop_assert!(fault.field.is_some(), "{fault}"),
        }
    }
    Ok(())
}

fn answer(dialect: &dyn Dialect, body: &[u8]) -> Result<(), TestCaseError> {
    let _ = dialect.observe(body);
    let _ = dialect.read_error(400, body);
    let Ok(reply) = dialect.decode_reply(body) else {
        return Ok(());
    };
    for client in DIALECTS {
        let written = client.encode_reply(&reply.value).value;
        bounded(&written, body)?;
        let read = client.decode_reply(&written);
        prop_assert!(
            read.is_ok(),
            "{} cannot read its own {read:?}",
            client.name()
        );
    }
    Ok(())
}

/// Reads a stream in two pieces, as far as it can be read.
fn read(dialect: &dyn Dialect, stream: &[u8], at: usize) -> (Vec<Event>, Ending) {
    let mut framer = Framer::new();
    let mut reader = dialect.events();
    let mut tap = dialect.tap(UsageChunk::Show);
    let mut told = Vec::new();
    let (front, back) = stream.split_at(at);
    for piece in [front, back] {
        framer.push(Bytes::copy_from_slice(piece));
        while let Ok(Some(frame)) = framer.next_frame() {
            tap.see(&frame);
            if reader.read(&frame, &mut told).is_err() {
                return (told, Ending::Unfinished);
            }
        }
    }
    let ending = reader.close(Close::Clean, &mut told);
    (told, ending)
}

fn relay(dialect: &dyn Dialect, stream: &[u8], at: usize) -> Result<(), TestCaseError> {
    let (mut told, ending) = read(dialect, stream, at);
    if ending != Ending::Complete {
        prop_assert!(!told.contains(&Event::End), "an end without one: {told:?}");
        let error = WireError::new(0, ErrorKind::Api, "the provider stopped before the end");
        told.push(Event::Error(error));
    }
    for client in DIALECTS {
        let written = encode(*client, UsageChunk::Show, &told);
        bounded(&written, stream)?;
        let (_, again) = read(*client, &written, written.len() / 2);
        let is_complete = again == Ending::Complete;
        prop_assert_eq!(is_complete, ending == Ending::Complete, "{}", client.name());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]
    #[test]
    fn a_broken_request_is_read_or_refused_with_its_field(
        request in identity::request(),
        breaks in breaks(),
    ) {
        for dialect in DIALECTS {
            // What a dialect cannot say it is not given.
            let mut said = Request { stream: Stream::Whole, ..request.clone() };
            if dialect.name() == "openai-responses" {
                said.stop.clear();
            }
            let Ok(encoded) = dialect.encode_request(&said, &target()) else { continue };
            ask(*dialect, &broken(&encoded.body, &breaks))?;
        }
    }

    #[test]
    fn a_broken_answer_never_becomes_a_whole_one(
        picked in any::<prop::sample::Index>(),
        breaks in breaks(),
        at in any::<prop::sample::Index>(),
    ) {
        let answers = answers();
        let (_, reply) = picked.get(&answers);
        for dialect in DIALECTS {
            let body = dialect.encode_reply(reply).value;
            answer(*dialect, &broken(&body, &breaks))?;
            let stream = encode(*dialect, UsageChunk::Show, &events(reply));
            let stream = broken_stream(&stream, &breaks);
            relay(*dialect, &stream, at.index(stream.len() + 1))?;
        }
    }
}

#[test]
fn arguments_too_deep_to_stand_in_a_body_are_refused() {
    let deep = |levels: usize| {
        let arguments = format!(r#"{{"a":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
        json!({
            "model": "m", "messages": [
                { "role": "user", "content": "Hi" },
                { "role": "assistant", "tool_calls": [{ "id": "c", "type": "function",
                    "function": { "name": "f", "arguments": arguments } }] },
                { "role": "tool", "tool_call_id": "c", "content": "ok" },
            ],
        })
        .to_string()
    };
    let chat = crate::dialects::dialect(crate::dialects::CHAT).unwrap();
    for levels in [1, 60, 100, 110, 120, 126, 127, 128, 200] {
        ask(chat, deep(levels).as_bytes()).unwrap();
    }
    let request = chat
        .decode_request(deep(120).as_bytes(), None)
        .unwrap()
        .value;
    let refused = DIALECTS
        .iter()
        .filter(|dialect| dialect.encode_request(&request, &target()).is_err());
    assert!(
        refused.count() >= 2,
        "an object in the body has no room for it"
    );
}

#[test]
fn a_number_beyond_a_double_is_carried_as_it_was_written() {
    let arguments = r#"{"n":1E2345678901234567890}"#;
    let body = json!({
        "model": "m", "messages": [
            { "role": "user", "content": "Hi" },
            { "role": "assistant", "tool_calls": [{ "id": "c", "type": "function",
                "function": { "name": "f", "arguments": arguments } }] },
            { "role": "tool", "tool_call_id": "c", "content": "ok" },
        ],
    });
    let chat = crate::dialects::dialect(crate::dialects::CHAT).unwrap();
    let body = body.to_string();
    ask(chat, body.as_bytes()).unwrap();
    let request = chat.decode_request(body.as_bytes(), None).unwrap().value;
    for dialect in DIALECTS {
        let encoded = dialect.encode_request(&request, &target()).unwrap();
        let written = String::from_utf8_lossy(&encoded.body);
        let name = dialect.name();
        assert!(
            written.contains("1E2345678901234567890"),
            "{name}: {written}"
        );
    }
}

#[test]
fn a_call_that_a_client_can_read_it_can_send_back() {
    let chat = crate::dialects::dialect(crate::dialects::CHAT).unwrap();
    for levels in [1, 60, 90, 94, 95, 96, 100, 110, 120] {
        let arguments = format!(r#"{{"a":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
        let body = json!({
            "id": "x", "model": "m", "choices": [{ "index": 0, "finish_reason": "tool_calls",
                "message": { "role": "assistant", "content": null, "tool_calls": [{ "id": "c",
                    "type": "function", "function": { "name": "f", "arguments": arguments } }] },
            }],
        });
        answer(chat, body.to_string().as_bytes()).unwrap();
    }
}
