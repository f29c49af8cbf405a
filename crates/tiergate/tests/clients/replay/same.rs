//! Recordings asked for in their own dialect: what the provider is sent and what the caller gets
//! are the recorded bytes, outside the edits that the design permits. It must not know an SDK.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use testkit::{Client, Exchange, Library, RecordedRequest, Reply};

use super::answers::{End, end_of, payloads};
use super::faces::Face;
use super::scene::{Asked, Scene};

/// Headers of a client that a provider of the same dialect gets as they are.
const CARRIED: [&str; 2] = ["anthropic-version", "anthropic-beta"];

#[test]
fn bytes_pass_both_ways() {
    let scenario = "recordings in their own dialect";
    let Some(scene) = Scene::start(scenario, Asked::AsRecorded) else {
        return;
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (at, exchange, face) in scene.faced() {
        let asked = asked(at, face, exchange);
        let before = scene.requests().len();
        let target = face.target(exchange, &Library::name(at));
        let reply = scene.on(ask(&scene, &target, exchange, &asked));
        let sent = scene.requests().split_off(before);
        let problems = [
            answered(&scene, exchange, &reply),
            sent_on(&sent_to(at, face, exchange), exchange, &asked, &sent),
        ];
        let named = |what| format!("{}: {what}", exchange.name);
        wrong.extend(problems.into_iter().filter_map(Result::err).map(named));
        count += 1;
    }
    println!("{count} recordings passed through in their own dialect");
    scene.tell_the_others();
    assert!(
        wrong.is_empty(),
        "{}{}",
        wrong.join("\n"),
        scene.gateway.said()
    );
}

/// Makes the body that a caller sends: the recorded one for the recording's model, or, where only
/// the answer was recorded, the least that asks for one.
fn asked(at: usize, face: &Face, exchange: &Exchange) -> Bytes {
    let name = Library::name(at);
    let Some(body) = &exchange.request else {
        return face.least(exchange, &name).to_string().into();
    };
    if face.called(exchange).is_some() {
        return body.clone();
    }
    let model = field(body, "model").expect("a recorded request names its model");
    let name = json!(name).to_string();
    [model.before, name.as_bytes(), model.behind]
        .concat()
        .into()
}

/// Makes the path and query that the provider is to be asked at: a model in it is the recorded
/// one, or, where only the answer was recorded, the recording's name.
fn sent_to(at: usize, face: &Face, exchange: &Exchange) -> String {
    match (face.called(exchange), &exchange.request) {
        (Some((model, _)), None) => exchange.target.replacen(model, &Library::name(at), 1),
        _ => exchange.target.clone(),
    }
}

async fn ask(scene: &Scene, target: &str, exchange: &Exchange, body: &[u8]) -> Reply {
    let address = scene.gateway.address.parse().unwrap();
    let mut head = format!(
        "POST {target} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         authorization: Bearer {}\r\ncontent-length: {}\r\n",
        scene.gateway.key,
        body.len()
    );
    for (name, value) in carried(exchange) {
        head += &format!("{name}: {value}\r\n");
    }
    let mut client = Client::connect(address).await.unwrap();
    let request = [head.as_bytes(), b"\r\n", body].concat();
    let exchanged = client.exchange(&request).await;
    exchanged.unwrap_or_else(|error| panic!("{}: {error:?}", exchange.name))
}

fn carried(exchange: &Exchange) -> Vec<(String, String)> {
    let headers = exchange.request_headers.iter();
    let named = headers.filter(|(name, _)| CARRIED.contains(&name.as_str()));
    named.cloned().collect()
}

/// Judges what the caller got.
fn answered(scene: &Scene, exchange: &Exchange, reply: &Reply) -> Result<(), String> {
    let status = reply.head.status;
    let is_recorded = |body: &[u8]| {
        // Where one request was recorded several times, a retry may have met the next answer.
        let all = scene.library.exchanges().iter();
        let mut alike = all.filter(|other| other.request == exchange.request);
        body == exchange.body || exchange.request.is_some() && alike.any(|it| it.body == body)
    };
    let told = || format!("status {status}: {}", String::from_utf8_lossy(&reply.body));
    match end_of(exchange) {
        End::Error { .. } if exchange.status >= 400 => {
            let is_same = status == exchange.status && is_recorded(&reply.body);
            is_same.then_some(()).ok_or_else(told)
        }
        End::Error { message, shown } => {
            let is_told = String::from_utf8_lossy(&reply.body).contains(&message);
            let is_status = if shown { status == 200 } else { status >= 400 };
            (is_told && is_status).then_some(()).ok_or_else(told)
        }
        End::Garbage => (status == 502).then_some(()).ok_or_else(told),
        End::Cut => {
            let behind = reply.body.strip_prefix(&exchange.body[..]);
            let events = behind.map(payloads).unwrap_or_default();
            let is_told = matches!(events.as_slice(), [one] if one["error"].is_object());
            is_told.then_some(()).ok_or_else(told)
        }
        End::Whole | End::Spliced => {
            let behind = reply.body.strip_prefix(&exchange.body[..]);
            // A last event that was kept without its blank line is given one.
            let is_same = behind.is_some_and(|rest| rest.iter().all(|byte| b"\r\n".contains(byte)));
            (status == 200 && is_same).then_some(()).ok_or_else(told)
        }
    }
}

/// Judges what the provider got: the recorded bytes, but for the usage that is always asked for.
fn sent_on(
    target: &str,
    exchange: &Exchange,
    asked: &Bytes,
    sent: &[RecordedRequest],
) -> Result<(), String> {
    let Some(request) = sent.last() else {
        return Err("nothing was sent to the provider".to_owned());
    };
    let wanted = exchange.request.as_ref().unwrap_or(asked);
    let (got, wanted) = (without_usage(&request.body), without_usage(wanted));
    if got != wanted {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        return Err(format!("sent {}\n  wanted {}", text(&got), text(&wanted)));
    }
    if request.path != target {
        return Err(format!("sent to {}", request.path));
    }
    for (name, value) in carried(exchange) {
        if request.header(&name) != Some(&value) {
            return Err(format!("{name} was sent as {:?}", request.header(&name)));
        }
    }
    Ok(())
}

/// Takes `stream_options` out, with the comma that it stands behind or before.
fn without_usage(body: &Bytes) -> Vec<u8> {
    let Some(found) = field(body, "stream_options") else {
        return body.to_vec();
    };
    let name = br#""stream_options""#;
    let before = found.before.trim_ascii_end();
    let before = before.strip_suffix(b":").unwrap_or(before).trim_ascii_end();
    let before = before.strip_suffix(name).unwrap_or(before).trim_ascii_end();
    match before.strip_suffix(b",") {
        Some(before) => [before, found.behind].concat(),
        None => {
            let behind = found.behind.trim_ascii_start();
            let behind = behind.strip_prefix(b",").unwrap_or(behind);
            [before, behind].concat()
        }
    }
}

/// Shows what stands before and behind the value of a top-level field.
struct Place<'b> {
    before: &'b [u8],
    behind: &'b [u8],
}

fn field<'b>(body: &'b [u8], name: &str) -> Option<Place<'b>> {
    #[derive(Deserialize)]
    struct Glance<'v> {
        #[serde(borrow)]
        model: Option<&'v RawValue>,
        #[serde(borrow)]
        stream_options: Option<&'v RawValue>,
    }
    let glance: Glance = serde_json::from_slice(body).ok()?;
    let value = match name {
        "model" => glance.model?,
        _ => glance.stream_options?,
    };
    let start = value.get().as_ptr() as usize - body.as_ptr() as usize;
    let (before, rest) = body.split_at(start);
    Some(Place {
        before,
        behind: rest.split_at(value.get().len()).1,
    })
}
