//! Makes a behaviour into the steps that a socket carries out.
//!
//! It must not know a socket, a clock or what was recorded.

use std::time::Duration;

use bytes::Bytes;

use crate::behaviour::{Behaviour, Complaint};
use crate::speech::{Answer, Asked};

/// How far a declared length lies beside the true one.
const LENGTH_LIE: usize = 512;
/// What is sent as garbage: no status line, no UTF-8, a stray end of head.
const GARBAGE: &[u8] = b"\x16\x03\x01\xff\xfe garbage \x00\x00\r\n\r\nnot http at all";
/// The delta text that an endless stream repeats.
const ENDLESS_TEXT: &str = " more";

/// Is one thing to do on the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Send these bytes.
    Send(Bytes),
    /// Send these bytes until the peer leaves.
    Repeat(Bytes),
    /// Send a delta whose text is the wall clock: what stands before and after it.
    Stamp(String, String),
    /// Do nothing for so long.
    Wait(Duration),
    /// Do nothing until the peer leaves.
    Stall,
    /// Close the connection in good order.
    Close,
    /// Reset the connection.
    Reset,
}

/// Stands in a stamped delta where the time goes.
const STAMP_PLACE: &str = "STAMP";
/// How many digits a stamp has, so that every stamped delta is equally long.
pub(crate) const STAMP_DIGITS: usize = 20;

/// Makes the steps of one answer.
pub(crate) fn plan(asked: &Asked, behaviour: &Behaviour) -> Vec<Step> {
    match behaviour {
        Behaviour::StallHeaders => vec![Step::Stall],
        Behaviour::CutBeforeHeaders => vec![Step::Reset],
        Behaviour::Garbage => vec![send(GARBAGE), Step::Close],
        Behaviour::Replay(bytes) => vec![Step::Send(bytes.clone()), Step::Close],
        Behaviour::EndlessHeaders => vec![
            send("HTTP/1.1 200 OK\r\n"),
            Step::Repeat(Bytes::from_static(b"x-more: more and more and more\r\n")),
        ],
        Behaviour::Status {
            code,
            headers,
            body,
        } => vec![plan_status(asked, *code, headers, body)],
        Behaviour::Redirect(location) => {
            let headers = [("location".to_owned(), location.clone())];
            vec![plan_status(asked, 307, &headers, "")]
        }
        Behaviour::SlowHeaders(pause) => {
            let mut steps = vec![Step::Wait(*pause)];
            steps.extend(plan(asked, &Behaviour::normal(0)));
            steps
        }
        Behaviour::Complaint(complaint) => plan_complaint(asked, *complaint),
        Behaviour::RejectsPrefill if asked.is_prefilled => {
            let body = asked
                .dialect
                .error_envelope(400, "prefill is not supported");
            vec![plan_status(asked, 400, &[], &body)]
        }
        Behaviour::Thinks if asked.dialect.foreign_thought(asked).is_some() => {
            let body = asked.dialect.foreign_thought(asked).unwrap_or_default();
            vec![plan_status(asked, 400, &[], &body)]
        }
        Behaviour::EndlessStream => plan_endless(asked),
        _ if asked.streamed => plan_stream(asked, behaviour),
        _ => plan_whole(asked, behaviour),
    }
}

fn plan_complaint(asked: &Asked, complaint: Complaint) -> Vec<Step> {
    let streamed = asked.streamed.then_some(asked.dialect);
    if let Some(events) = streamed.and_then(|it| it.complaint_in_stream(asked, complaint)) {
        let mut steps = vec![send(stream_head(&[]))];
        steps.extend(events.iter().map(|event| chunk(event)));
        steps.push(end_of_chunks());
        return steps;
    }
    let answer = asked.dialect.complaint(complaint);
    let (code, body) = answer.unwrap_or_else(|| (400, asked.error_envelope(400)));
    vec![plan_status(asked, code, &[], &body)]
}

fn answer_of(asked: &Asked, behaviour: &Behaviour) -> Answer {
    match behaviour {
        Behaviour::ToolCalls(times) => asked.call_tools(*times),
        Behaviour::Refusal => asked.dialect.refuse(asked),
        Behaviour::Thinks => asked.dialect.think(asked),
        Behaviour::Task => asked.go_on(),
        Behaviour::HugeEvent(bytes) => asked.say(&["x".repeat(*bytes)]),
        Behaviour::Normal { tokens, .. } => asked.say(&asked.pieces(*tokens)),
        Behaviour::StallAfter(n)
        | Behaviour::CutAfter(n)
        | Behaviour::EndAfter(n)
        | Behaviour::MalformedEvent(n)
        | Behaviour::ErrorEvent(n) => asked.say(&asked.pieces(n.saturating_add(3))),
        Behaviour::Canned { bytes } => {
            let bare = asked.say(&asked.pieces(0)).whole.len();
            let mut pieces = asked.pieces(0);
            pieces.push("x".repeat(bytes.saturating_sub(bare)));
            asked.say(&pieces)
        }
        _ => asked.say(&asked.pieces(0)),
    }
}

/// Makes the whole response of a canned answer.
pub(crate) fn canned(asked: &Asked, behaviour: &Behaviour) -> Bytes {
    whole_response(&answer_of(asked, behaviour).whole)
}

/// Makes a complete response with a JSON body.
pub(crate) fn whole_response(body: &str) -> Bytes {
    Bytes::from(format!("{}{body}", json_head(200, body.len(), &[])))
}

fn plan_whole(asked: &Asked, behaviour: &Behaviour) -> Vec<Step> {
    let answer = answer_of(asked, behaviour);
    let body = answer.whole;
    let half = body.floor_char_boundary(body.len() / 2);
    let (first, _) = body.split_at(half);
    let head = json_head(200, body.len(), &[]);
    match behaviour {
        Behaviour::StallFirstToken => vec![send(head), Step::Stall],
        Behaviour::StallAfter(_) => vec![send(head + first), Step::Stall],
        Behaviour::CutAfter(_) => vec![send(head + first), Step::Close],
        Behaviour::EndAfter(_) | Behaviour::MalformedEvent(_) => {
            vec![Step::Send(whole_response(first))]
        }
        Behaviour::LieLengthLong => {
            let head = json_head(200, body.len() + LENGTH_LIE, &[]);
            vec![send(head + &body), Step::Close]
        }
        Behaviour::LieLengthShort => {
            let head = json_head(200, half, &[]);
            vec![send(head + &body), Step::Close]
        }
        Behaviour::ErrorEvent(_) => vec![Step::Send(whole_response(&asked.error_envelope(500)))],
        Behaviour::SetCookie => {
            let head = json_head(200, body.len(), &private_headers());
            vec![send(head + &body)]
        }
        Behaviour::SlowFirstToken(pause) => {
            vec![send(head), Step::Wait(*pause), send(&body)]
        }
        Behaviour::Normal { tokens, gap } if !gap.is_zero() => {
            let count = u32::try_from(*tokens).unwrap_or(u32::MAX);
            vec![Step::Wait(gap.saturating_mul(count)), send(head + &body)]
        }
        _ => vec![send(head + &body)],
    }
}

fn plan_stream(asked: &Asked, behaviour: &Behaviour) -> Vec<Step> {
    let answer = answer_of(asked, behaviour);
    match behaviour {
        Behaviour::StallFirstToken => vec![send(stream_head(&[])), Step::Stall],
        Behaviour::LieLengthLong | Behaviour::LieLengthShort => plan_lie(&answer, behaviour),
        Behaviour::Stamped { tokens, gap } => plan_stamped(asked, &answer, *tokens, *gap),
        _ => plan_events(asked, &answer, behaviour),
    }
}

/// Sends the events one by one and leaves the way where the behaviour says.
fn plan_events(asked: &Asked, answer: &Answer, behaviour: &Behaviour) -> Vec<Step> {
    let mut steps = vec![send(match behaviour {
        Behaviour::SetCookie => stream_head(&private_headers()),
        _ => stream_head(&[]),
    })];
    steps.extend(answer.opening.iter().map(|event| chunk(event)));
    for at in 0..=answer.deltas.len() {
        match behaviour {
            Behaviour::StallAfter(n) if *n == at => {
                steps.push(Step::Stall);
                return steps;
            }
            Behaviour::CutAfter(n) if *n == at => {
                steps.push(Step::Close);
                return steps;
            }
            Behaviour::EndAfter(n) if *n == at => {
                steps.push(end_of_chunks());
                return steps;
            }
            Behaviour::ErrorEvent(n) if *n == at => {
                steps.push(chunk(&asked.dialect.error_event()));
                steps.push(end_of_chunks());
                return steps;
            }
            Behaviour::MalformedEvent(n) if *n == at => {
                steps.push(chunk(asked.dialect.malformed_event()));
            }
            Behaviour::SlowFirstToken(pause) if at == 0 => steps.push(Step::Wait(*pause)),
            Behaviour::Normal { gap, .. } if !gap.is_zero() && at < answer.deltas.len() => {
                steps.push(Step::Wait(*gap));
            }
            _ => {}
        }
        steps.extend(answer.deltas.get(at).map(|event| chunk(event)));
    }
    steps.extend(answer.closing.iter().map(|event| chunk(event)));
    if *behaviour != Behaviour::NoTerminator && !answer.terminator.is_empty() {
        steps.push(chunk(&answer.terminator));
    }
    steps.push(end_of_chunks());
    steps
}

fn plan_stamped(asked: &Asked, answer: &Answer, tokens: usize, gap: Duration) -> Vec<Step> {
    let mut steps = vec![send(stream_head(&[]))];
    steps.extend(answer.opening.iter().map(|event| chunk(event)));
    let delta = asked.delta(STAMP_PLACE);
    let (before, after) = delta.split_once(STAMP_PLACE).unwrap_or((&delta, ""));
    let size = before.len() + STAMP_DIGITS + after.len();
    for _ in 0..tokens {
        steps.push(Step::Wait(gap));
        steps.push(Step::Stamp(
            format!("{size:x}\r\n{before}"),
            format!("{after}\r\n"),
        ));
    }
    steps.extend(answer.closing.iter().map(|event| chunk(event)));
    if !answer.terminator.is_empty() {
        steps.push(chunk(&answer.terminator));
    }
    steps.push(end_of_chunks());
    steps
}

/// Sends the whole stream under a declared length that is wrong.
fn plan_lie(answer: &Answer, behaviour: &Behaviour) -> Vec<Step> {
    let mut body = answer.opening.concat() + &answer.deltas.concat();
    body += &answer.closing.concat();
    body += &answer.terminator;
    let declared = match behaviour {
        Behaviour::LieLengthLong => body.len() + LENGTH_LIE,
        _ => body.len() / 2,
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {declared}\r\n\r\n"
    );
    vec![send(head + &body), Step::Close]
}

fn plan_endless(asked: &Asked) -> Vec<Step> {
    let answer = asked.say(&asked.pieces(0));
    let mut steps = vec![send(stream_head(&[]))];
    steps.extend(answer.opening.iter().map(|event| chunk(event)));
    if let Step::Send(bytes) = chunk(&asked.delta(ENDLESS_TEXT)) {
        steps.push(Step::Repeat(bytes));
    }
    steps
}

fn plan_status(asked: &Asked, code: u16, headers: &[(String, String)], body: &str) -> Step {
    let own = asked.error_envelope(code);
    let body = if body.is_empty() { own.as_str() } else { body };
    send(json_head(code, body.len(), headers) + body)
}

/// Lists headers of a provider that must not reach a caller.
fn private_headers() -> [(String, String); 2] {
    [
        ("set-cookie".to_owned(), "session=fake; Path=/".to_owned()),
        ("keep-alive".to_owned(), "timeout=5".to_owned()),
    ]
}

fn json_head(code: u16, length: usize, headers: &[(String, String)]) -> String {
    let reason = reason_of(code);
    let more = lines_of(headers);
    format!(
        "HTTP/1.1 {code} {reason}\r\ncontent-type: application/json\r\n\
         x-request-id: req_fake\r\nrequest-id: req_fake\r\n{more}content-length: {length}\r\n\r\n"
    )
}

fn stream_head(headers: &[(String, String)]) -> String {
    let more = lines_of(headers);
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
         cache-control: no-cache\r\nx-request-id: req_fake\r\nrequest-id: req_fake\r\n\
         {more}transfer-encoding: chunked\r\n\r\n"
    )
}

fn lines_of(headers: &[(String, String)]) -> String {
    let lines = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    lines.collect()
}

fn reason_of(code: u16) -> &'static str {
    match code {
        200 => "OK",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Scripted",
    }
}

fn send(bytes: impl AsRef<[u8]>) -> Step {
    Step::Send(Bytes::copy_from_slice(bytes.as_ref()))
}

fn chunk(event: &str) -> Step {
    send(format!("{:x}\r\n{event}\r\n", event.len()))
}

fn end_of_chunks() -> Step {
    send("0\r\n\r\n")
}
