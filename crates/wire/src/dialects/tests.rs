//! Tests over every dialect and every pair of them: identity on the canonical form, and streams
//! that add up to the unstreamed answer.

mod goldens;
mod identity;
mod losses;
mod mutations;
mod recordings;

use bytes::Bytes;

use crate::canonical::{
    CallForm, Close, Ending, Part, Reply, Stop, StopReason, ToolUse, Usage, UsageChunk,
};
use crate::dialect::{Dialect, Pass};
use crate::dialects::DIALECTS;
use crate::fault::{ErrorKind, WireError};
use crate::frames::{Frame, Framer};
use crate::stream::{Accumulator, Event};

fn frames(stream: &[u8]) -> Vec<Frame> {
    let mut framer = Framer::new();
    framer.push(Bytes::copy_from_slice(stream));
    let mut frames: Vec<_> = std::iter::from_fn(|| framer.next_frame().unwrap()).collect();
    frames.extend(framer.finish());
    frames
}

fn decode(dialect: &dyn Dialect, stream: &[u8], close: Close) -> (Vec<Event>, Ending) {
    let mut reader = dialect.events();
    let mut events = Vec::new();
    for frame in frames(stream) {
        reader.read(&frame, &mut events).unwrap();
    }
    let ending = reader.close(close, &mut events);
    (events, ending)
}

fn encode(dialect: &dyn Dialect, usage: UsageChunk, events: &[Event]) -> Vec<u8> {
    let mut writer = dialect.writer(usage);
    let mut out = Vec::new();
    for event in events {
        writer.write(event, &mut out);
    }
    out
}

fn sum(events: &[Event]) -> Reply {
    let mut sum = Accumulator::default();
    for event in events {
        sum.push(event).unwrap();
    }
    sum.finish()
}

fn events(reply: &Reply) -> Vec<Event> {
    let mut events = vec![Event::Start {
        id: reply.id.clone(),
        model: reply.model.clone(),
        usage: None,
        created: reply.created,
        service_tier: reply.service_tier.clone(),
    }];
    let mut calls = 0;
    for part in &reply.parts {
        match part {
            Part::Text(text) => {
                // A text is whole behind what is said of it.
                end_text(&mut events);
                events.push(Event::Text(text.clone()));
                continue;
            }
            Part::Citation(citation) => {
                events.push(Event::Citation(citation.clone()));
                continue;
            }
            Part::Logprobs(list) => {
                events.push(Event::Logprobs(list.clone()));
                continue;
            }
            _ => end_text(&mut events),
        }
        match part {
            Part::Refusal(text) => events.extend([Event::Refusal(text.clone()), Event::PartEnd]),
            Part::HiddenThinking(text) => events.push(Event::HiddenThinking(text.clone())),
            Part::Thinking { text, signature } => {
                events.push(Event::Thinking(text.clone()));
                events.extend(signature.clone().map(Event::Signature));
                events.push(Event::PartEnd);
            }
            Part::ToolUse(call) => {
                let (id, name) = (call.id.clone(), call.name.clone());
                events.push(Event::ToolStart {
                    call: calls,
                    id,
                    name,
                    form: call.form,
                    signature: call.signature.clone(),
                });
                for letter in call.arguments.chars().filter(|_| call.arguments != "{}") {
                    let text = letter.to_string();
                    events.push(Event::ToolArguments { call: calls, text });
                }
                events.push(Event::ToolStop { call: calls });
                calls += 1;
            }
            other => panic!("{other:?} is no part of an answer"),
        }
    }
    end_text(&mut events);
    events.extend(reply.usage.map(Event::Usage));
    events.extend([Event::Stop(reply.stop.clone()), Event::End]);
    events
}

fn end_text(events: &mut Vec<Event>) {
    let last = events.last();
    let is_text = |event: &Event| {
        matches!(
            event,
            Event::Text(_) | Event::Citation(_) | Event::Logprobs(_)
        )
    };
    if last.is_some_and(is_text) {
        events.push(Event::PartEnd);
    }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn tool(id: &str, arguments: &str) -> Part {
    Part::ToolUse(ToolUse {
        id: id.to_owned(),
        name: format!("tool_{id}"),
        arguments: arguments.to_owned(),
        form: CallForm::Json,
        signature: None,
    })
}

fn reply(reason: StopReason, parts: Vec<Part>) -> Reply {
    Reply {
        id: "a1".to_owned(),
        model: "some-model".to_owned(),
        parts,
        stop: Stop::of(reason),
        usage: Some(Usage {
            input: 100,
            cached: 60,
            cache_write: 10,
            cache_write_1h: 0,
            output: 20,
            reasoning: 5,
        }),
        created: Some(0),
        service_tier: None,
    }
}

/// Answers that every dialect can say in full.
fn answers() -> Vec<(&'static str, Reply)> {
    let mut refusal = reply(StopReason::Refusal, vec![text("I began")]);
    refusal.stop.explanation = Some("no".to_owned());
    vec![
        ("text", reply(StopReason::End, vec![text("Hé \"you\"\n😀")])),
        ("cut", reply(StopReason::MaxTokens, vec![text("Once")])),
        (
            "one tool",
            reply(
                StopReason::ToolUse,
                vec![text("Let me"), tool("x", r#"{"n": 1.0}"#)],
            ),
        ),
        (
            "three tools",
            reply(
                StopReason::ToolUse,
                vec![
                    tool("x", r#"{"big":12345678901234567890}"#),
                    tool("y", r#"{"a":{"b":"}"}}"#),
                    tool("z", r#"{"c":[]}"#),
                ],
            ),
        ),
        (
            "no arguments",
            reply(StopReason::ToolUse, vec![tool("x", "{}"), tool("y", "{}")]),
        ),
        ("nothing", reply(StopReason::End, vec![])),
        ("refusal", refusal),
    ]
}

/// What a client of the dialect reads of an answer, streamed or not: its time is not compared.
fn seen(mut reply: Reply) -> Reply {
    reply.created = None;
    reply
}

/// What of a usage arrives through dialects: one has no field for what was written to a cache.
fn counted(dialects: &[&dyn Dialect], usage: Option<Usage>) -> Option<Usage> {
    let mut usage = usage?;
    if dialects.iter().any(|dialect| dialect.name() == "gemini") {
        usage.cache_write = 0;
    }
    Some(usage)
}

#[test]
fn a_stream_adds_up_to_the_unstreamed_answer() {
    for client in DIALECTS {
        for provider in DIALECTS {
            for (name, reply) in answers() {
                let case = format!("{name}: {} -> {}", provider.name(), client.name());
                let body = provider.encode_reply(&reply).value;
                let unstreamed = provider.decode_reply(&body).unwrap().value;
                let body = client.encode_reply(&unstreamed).value;
                let unstreamed = client.decode_reply(&body).unwrap().value;

                let stream = encode(*provider, UsageChunk::Show, &events(&reply));
                let (events, ending) = decode(*provider, &stream, Close::Clean);
                assert_eq!(ending, Ending::Complete, "{case}");
                let stream = encode(*client, UsageChunk::Show, &events);
                let (events, ending) = decode(*client, &stream, Close::Clean);
                assert_eq!(ending, Ending::Complete, "{case}");
                assert_eq!(seen(sum(&events)), seen(unstreamed.clone()), "{case}");
                assert_eq!(unstreamed.stop.reason, reply.stop.reason, "{case}");
                let counted = counted(&[*client, *provider], reply.usage);
                assert_eq!(unstreamed.usage, counted, "{case}");
            }
        }
    }
}

#[test]
fn a_tap_reads_of_a_stream_what_is_in_it() {
    for dialect in DIALECTS {
        for (name, reply) in answers() {
            let case = format!("{name}: {}", dialect.name());
            for usage in [UsageChunk::Show, UsageChunk::Hide] {
                let stream = encode(*dialect, UsageChunk::Show, &events(&reply));
                let mut tap = dialect.tap(usage);
                let mut shown = Vec::new();
                for frame in frames(&stream) {
                    if tap.see(&frame) == Pass::Forward {
                        shown.extend_from_slice(frame.raw());
                    }
                }
                let hidden = encode(*dialect, usage, &events(&reply));
                assert_eq!(shown, hidden, "{case}");
                let seen = tap.observed();
                // One dialect ends a stream by its close, so a cut would not be told from it.
                let close = if seen.terminated {
                    Close::Cut
                } else {
                    Close::Clean
                };
                assert_eq!(seen.terminated, dialect.name() != "gemini", "{case}");
                assert_eq!(tap.ending(close), Ending::Complete, "{case}");
                let counted = counted(&[*dialect], reply.usage);
                assert_eq!(seen.usage, counted, "{case}");
                assert_eq!(
                    seen.stop.as_ref().unwrap().reason,
                    reply.stop.reason,
                    "{case}"
                );
                assert_eq!(seen.visible_output, !reply.parts.is_empty(), "{case}");
            }
            let whole = dialect.observe(&dialect.encode_reply(&reply).value);
            let counted = counted(&[*dialect], reply.usage);
            assert_eq!(whole.usage, counted, "{case}");
            assert_eq!(whole.stop.unwrap().reason, reply.stop.reason, "{case}");
            assert_eq!(whole.visible_output, !reply.parts.is_empty(), "{case}");
            assert!(whole.terminated, "{case}");
        }
    }
}

#[test]
fn a_stream_cut_anywhere_is_never_complete() {
    for dialect in DIALECTS {
        for (name, reply) in answers() {
            let all = frames(&encode(*dialect, UsageChunk::Show, &events(&reply)));
            for kept in 0..all.len() {
                let mut tap = dialect.tap(UsageChunk::Hide);
                let mut reader = dialect.events();
                let mut events = Vec::new();
                for frame in all.iter().take(kept) {
                    tap.see(frame);
                    reader.read(frame, &mut events).unwrap();
                }
                let case = format!("{name}: {} after {kept}", dialect.name());
                assert_eq!(tap.ending(Close::Cut), Ending::Unfinished, "{case}");
                assert_eq!(
                    reader.close(Close::Cut, &mut events),
                    Ending::Unfinished,
                    "{case}"
                );
                assert!(!events.contains(&Event::End), "{case}");
            }
        }
    }
}

/// The last event without its number, which a dialect may give each event of a stream.
fn unnumbered(stream: &[u8]) -> String {
    let stream = String::from_utf8(stream.to_vec()).unwrap();
    let Some((front, rest)) = stream.rsplit_once("\"sequence_number\":") else {
        return stream;
    };
    let behind = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    format!("{front}{behind}")
}

#[test]
fn an_error_within_a_stream_is_one_event_and_the_last() {
    let error = WireError::new(0, ErrorKind::Overloaded, "too much");
    for dialect in DIALECTS {
        let start = Event::Start {
            id: "a".to_owned(),
            model: "m".to_owned(),
            usage: None,
            created: None,
            service_tier: None,
        };
        let said = [
            start,
            Event::Text("Hi".to_owned()),
            Event::Error(error.clone()),
            Event::End,
        ];
        let stream = encode(*dialect, UsageChunk::Show, &said);
        let told = unnumbered(&dialect.error_event(&error));
        assert!(unnumbered(&stream).ends_with(&told), "{}", dialect.name());
        let (events, ending) = decode(*dialect, &stream, Close::Clean);
        let Ending::Failed(read) = ending else {
            panic!("{}: {ending:?}", dialect.name());
        };
        assert_eq!(
            (read.kind, read.message.as_str()),
            (ErrorKind::Overloaded, "too much")
        );
        assert!(matches!(events.last(), Some(Event::Error(_))));
        let mut tap = dialect.tap(UsageChunk::Hide);
        for frame in frames(&stream) {
            assert_eq!(tap.see(&frame), Pass::Forward);
        }
        assert!(
            matches!(tap.ending(Close::Clean), Ending::Failed(_)),
            "{}",
            dialect.name()
        );
    }
}

#[test]
fn an_error_body_comes_back() {
    for dialect in DIALECTS {
        for status in [400, 401, 402, 403, 404, 413, 429, 500, 504, 529] {
            let kind = ErrorKind::of_status(status);
            let mut error = WireError::new(status, kind, "what, why, how");
            error.code = Some("some_code".to_owned());
            error.param = Some("messages[0].content".to_owned());
            let status = dialect.status_of(&error);
            let read = dialect.read_error(status, &dialect.error_body(&error));
            assert_eq!(read.kind, kind, "{} {status}", dialect.name());
            assert_eq!((&read.code, &read.param), (&error.code, &error.param));
            assert_eq!(read.message, error.message);
        }
        let read = dialect.read_error(502, b"<html>bad gateway</html>");
        assert_eq!((read.status, read.kind), (502, ErrorKind::Api));
        assert!(!read.message.contains("html"));
    }
}

#[test]
fn a_stream_split_at_any_byte_reads_alike() {
    for dialect in DIALECTS {
        for (name, reply) in answers() {
            let stream = encode(*dialect, UsageChunk::Show, &events(&reply));
            let payloads = |frames: Vec<Frame>| -> Vec<Vec<u8>> {
                let payloads = frames.iter().filter_map(|frame| frame.payload());
                payloads.map(<[u8]>::to_vec).collect()
            };
            let whole = payloads(frames(&stream));
            for at in 0..=stream.len() {
                let mut framer = Framer::new();
                let mut found = Vec::new();
                for piece in [&stream[..at], &stream[at..]] {
                    framer.push(Bytes::copy_from_slice(piece));
                    found.extend(std::iter::from_fn(|| framer.next_frame().unwrap()));
                }
                found.extend(framer.finish());
                assert_eq!(payloads(found), whole, "{name}: {} at {at}", dialect.name());
            }
        }
    }
}
