//! Frames under every cut and every damage, and what becomes of their events.

use std::fs;
use std::path::Path;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use proptest::prelude::*;

use super::{Frames, MAX_FRAME, header, unframed};
use crate::body::Body;
use crate::fault::{Class, Fault};

const DIALECT: &str = "anthropic-messages";

fn frame(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    let mut message = Message::new(Bytes::copy_from_slice(payload.as_bytes()));
    for (name, value) in headers {
        let value = HeaderValue::String((*value).to_owned().into());
        message = message.add_header(Header::new((*name).to_owned(), value));
    }
    let mut frame = Vec::new();
    write_message_to(&message, &mut frame).unwrap();
    frame
}

fn chunk(event: &str) -> Vec<u8> {
    let headers = [
        (":event-type", "chunk"),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    let bytes = STANDARD.encode(event);
    frame(&headers, &format!(r#"{{"bytes":"{bytes}","p":"abcd"}}"#))
}

fn exception(name: &str, payload: &str) -> Vec<u8> {
    let headers = [(":exception-type", name), (":message-type", "exception")];
    frame(&headers, payload)
}

async fn read(pieces: Vec<Vec<u8>>) -> (String, Option<Class>) {
    let pieces = pieces.into_iter().map(|piece| Ok(Bytes::from(piece)));
    let mut body = unframed(Body::stream(stream::iter(pieces)), DIALECT).unwrap();
    let mut text = String::new();
    let mut class = None;
    while let Some(piece) = body.next_piece().await {
        match piece {
            Ok(piece) => text.push_str(std::str::from_utf8(&piece).unwrap()),
            Err(Fault { class: fault, .. }) => {
                assert_eq!(class, None, "nothing follows a fault");
                class = Some(fault);
            }
        }
    }
    (text, class)
}

fn now<T>(future: impl Future<Output = T>) -> T {
    futures_util::FutureExt::now_or_never(future).unwrap()
}

/// An answer as Bedrock sends it, with what only Bedrock says in its last event.
fn answer() -> Vec<u8> {
    [
        chunk(r#"{"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":3}}}"#),
        chunk(r#"{"type":"ping"}"#),
        chunk(r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ä😀"}}"#),
        chunk(
            r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":3}}"#,
        ),
    ]
    .concat()
}

const EVENTS: &str = "event: message_start\n\
    data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"usage\":{\"input_tokens\":3}}}\n\
    \n\
    event: ping\n\
    data: {\"type\":\"ping\"}\n\
    \n\
    event: content_block_delta\n\
    data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\
    \"text\":\"ä😀\"}}\n\
    \n\
    event: message_stop\n\
    data: {\"type\":\"message_stop\",\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":3}}\n\
    \n";

#[test]
fn every_cut_in_two_gives_the_same_events() {
    let whole = answer();
    for at in 0..=whole.len() {
        let pieces = vec![whole[..at].to_vec(), whole[at..].to_vec()];
        assert_eq!(now(read(pieces)), (EVENTS.to_owned(), None), "cut at {at}");
    }
}

#[test]
fn an_end_inside_a_frame_is_a_cut() {
    let whole = answer();
    let ends: Vec<usize> = {
        let mut frames = Frames::default();
        frames.push(&whole);
        let mut ends = vec![0];
        while frames.next().unwrap().is_some() {
            ends.push(whole.len() - frames.bytes.len());
        }
        ends
    };
    assert_eq!(ends.len(), 5);
    for at in 0..whole.len() {
        let (text, class) = now(read(vec![whole[..at].to_vec()]));
        assert!(EVENTS.starts_with(&text));
        let wanted = (!ends.contains(&at)).then_some(Class::Cut);
        assert_eq!(class, wanted, "end at {at}");
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let whole = answer();
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            let (text, class) = now(read(vec![damaged]));
            assert_eq!(class, Some(Class::Garbage), "bit {bit} of byte {at}");
            assert!(EVENTS.starts_with(&text), "bit {bit} of byte {at}");
        }
    }
}

proptest! {
    #[test]
    fn any_cuts_give_the_same_events(mut cuts in proptest::collection::vec(0usize..900, 0..40)) {
        let whole = answer();
        cuts.iter_mut().for_each(|cut| *cut = (*cut).min(whole.len()));
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts {
            pieces.push(whole[from..cut].to_vec());
            from = cut;
        }
        pieces.push(whole[from..].to_vec());
        prop_assert_eq!(now(read(pieces)), (EVENTS.to_owned(), None));
    }

    #[test]
    fn noise_is_never_an_event(noise in proptest::collection::vec(any::<u8>(), 1..200)) {
        let (text, class) = now(read(vec![noise]));
        prop_assert_eq!(text, "");
        prop_assert!(class.is_some());
    }
}

#[test]
fn exceptions_are_errors_of_the_dialect() {
    let mut seen = String::new();
    for (name, payload) in [
        ("throttlingException", r#"{"message":"too many"}"#),
        ("serviceUnavailableException", r#"{"message":"not now"}"#),
        ("internalServerException", r#"{"message":"our fault"}"#),
        (
            "modelStreamErrorException",
            r#"{"message":"broke","originalStatusCode":500}"#,
        ),
        ("modelTimeoutException", r#"{"message":"too long"}"#),
        ("ValidationException", r#"{"Message":"wrong"}"#),
        ("newException", "{}"),
    ] {
        let (text, class) = now(read(vec![exception(name, payload)]));
        assert_eq!(class, None);
        seen.push_str(&text);
    }
    let headers = [
        (":message-type", "error"),
        (":error-code", "InternalFailure"),
        (":error-message", "gone"),
    ];
    seen.push_str(&now(read(vec![frame(&headers, "")])).0);
    insta::assert_snapshot!(seen);
}

#[test]
fn what_is_no_event_is_passed_over_and_what_is_no_json_is_not() {
    let kind = |kind: &str, payload: &str| {
        let headers = [(":message-type", "event"), (":event-type", kind)];
        now(read(vec![frame(&headers, payload)]))
    };
    assert_eq!(kind("initial-response", "{}"), (String::new(), None));
    let garbage = (String::new(), Some(Class::Garbage));
    assert_eq!(kind("chunk", "{}"), garbage);
    assert_eq!(kind("chunk", r#"{"bytes":"*"}"#), garbage);
    assert_eq!(
        kind("chunk", r#"{"bytes":"e30="}"#),
        garbage,
        "an event without a type"
    );
    assert_eq!(now(read(vec![frame(&[], "{}")])), garbage);
}

#[test]
fn lines_inside_an_event_are_lines_of_it() {
    let event = "{\"type\":\n\"a\\nevent: b\",\r\n\"x\":1}";
    let (text, class) = now(read(vec![chunk(event)]));
    assert_eq!(class, None);
    let lines =
        "event: aevent: b\ndata: {\"type\":\ndata: \"a\\nevent: b\",\ndata: \ndata: \"x\":1}";
    assert_eq!(text, format!("{lines}\n\n"));
}

#[test]
fn a_length_over_the_limit_is_not_waited_for() {
    for length in [0, 11, u32::try_from(MAX_FRAME).unwrap() + 1, u32::MAX] {
        let mut prelude = [length.to_be_bytes(), 0_u32.to_be_bytes()].concat();
        prelude.extend_from_slice(&crc32fast::hash(&prelude).to_be_bytes());
        let (_, class) = now(read(vec![prelude]));
        let class = class.unwrap();
        assert!(
            matches!(class, Class::Garbage | Class::TooLarge),
            "{length}: {class:?}"
        );
    }
}

/// Reads the binary bodies of a recording: blocks of base64, indented below their name.
fn recorded(file: &Path) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(file).unwrap();
    let blocks = text.split("string: !!binary |\n").skip(1);
    let decode = |block: &str| {
        let lines = block
            .lines()
            .take_while(|line| line.starts_with("        "));
        STANDARD
            .decode(lines.map(str::trim).collect::<String>())
            .unwrap()
    };
    blocks.map(decode).collect()
}

#[test]
fn recorded_frames_are_read_to_their_end() {
    // The recordings lie beside the checkout; a checkout alone has none.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/transcripts/pydantic-ai/test_bedrock");
    if !folder.is_dir() {
        let is_ci = std::env::var_os("CI").is_some_and(|set| !set.is_empty());
        assert!(!is_ci, "there are no recordings");
        #[allow(clippy::print_stdout)]
        {
            println!("skipped: 1 recording, frames of Bedrock (no recordings beside the checkout)");
        }
        return;
    }
    let mut kinds = Vec::new();
    for name in [
        "test_bedrock_model_stream",
        "test_bedrock_model_thinking_part_stream",
    ] {
        for body in recorded(&folder.join(name).with_extension("yaml")) {
            let mut frames = Frames::default();
            frames.push(&body);
            while let Some(message) = frames.next().unwrap() {
                assert_eq!(header(&message, ":message-type"), Some("event"));
                kinds.push(header(&message, ":event-type").unwrap().to_owned());
            }
            frames.end().unwrap();
        }
    }
    assert!(kinds.len() > 20, "{kinds:?}");
    for kind in [
        "messageStart",
        "contentBlockDelta",
        "messageStop",
        "metadata",
    ] {
        assert!(kinds.iter().any(|there| there == kind), "{kind}");
    }
}
