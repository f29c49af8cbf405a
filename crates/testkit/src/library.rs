//! Recordings as a fake provider replays them: which one answers a request, and with what bytes.
//! It must not know a socket, nor write a recorded body anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::Value;

use crate::recordings::{Exchange, Form};
use crate::request::Request;

/// What a model is called that stands for one recording whatever is asked.
const NAME: &str = "recording-";

/// Headers that belong to the connection of the recording, or that no answer may carry on.
const LEFT_OUT: [&str; 6] = [
    "connection",
    "content-encoding",
    "content-length",
    "keep-alive",
    "set-cookie",
    "transfer-encoding",
];

/// Holds recordings to be replayed.
///
/// A request gets the recording with its method, path and body. The same request recorded several
/// times gets them in turn, the last one again. Asked for a model by [`Library::name`], it gets
/// that one recording whatever the rest of its body says, at the recording's own path.
#[derive(Clone, Debug)]
pub struct Library {
    exchanges: Arc<Vec<Exchange>>,
    turns: Arc<Mutex<HashMap<usize, usize>>>,
}

impl Library {
    /// Takes recordings.
    #[must_use]
    pub fn new(exchanges: Vec<Exchange>) -> Self {
        Self {
            exchanges: Arc::new(exchanges),
            turns: Arc::default(),
        }
    }

    /// Names the model that stands for the recording of this number.
    #[must_use]
    pub fn name(at: usize) -> String {
        format!("{NAME}{at}")
    }

    /// Shows the recordings.
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Finds the answer to a request.
    pub(crate) fn answer(&self, request: &Request) -> Option<Bytes> {
        let path = request.path.split('?').next().unwrap_or_default();
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let is_here = |exchange: &Exchange| {
            exchange.method == request.method && is_path(exchange.path(), path)
        };
        let named = named(&asked, path);
        if let Some(exchange) = named.and_then(|at| self.exchanges.get(at)) {
            return is_here(exchange).then(|| response(exchange));
        }
        let asked = comparable(asked);
        let fits = |exchange: &Exchange| {
            is_here(exchange)
                && exchange.path() == path
                && recorded(exchange).is_some_and(|body| comparable(body) == asked)
        };
        let all = self.exchanges.iter().enumerate();
        let fitting: Vec<_> = all.filter(|(_, exchange)| fits(exchange)).collect();
        let (first, _) = fitting.first()?;
        let turn = self.turn(*first);
        let (_, exchange) = fitting.get(turn).or(fitting.last())?;
        Some(response(exchange))
    }

    fn turn(&self, first: usize) -> usize {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let count = turns.entry(first).or_insert(0);
        let turn = *count;
        *count += 1;
        turn
    }
}

fn recorded(exchange: &Exchange) -> Option<Value> {
    serde_json::from_slice(exchange.request.as_ref()?).ok()
}

/// Leaves out of a body what a gateway may ask for beside what its client asked.
fn comparable(mut body: Value) -> Value {
    if let Some(fields) = body.as_object_mut() {
        fields.remove("stream_options");
    }
    body
}

/// Reads the number of the recording that a request names, in its body or, where the API has the
/// model there, in its path.
fn named(asked: &Value, path: &str) -> Option<usize> {
    let inside = asked["model"].as_str();
    let model = inside.or_else(|| model_in(path))?;
    model.strip_prefix(NAME)?.parse().ok()
}

fn model_in(path: &str) -> Option<&str> {
    let (_, behind) = path.split_once("/models/")?;
    behind.split(':').next()
}

/// Compares two paths, leaving open which model stands in them.
fn is_path(recorded: &str, asked: &str) -> bool {
    let open = |path: &str| match model_in(path) {
        Some(model) => path.replacen(model, "*", 1),
        None => path.to_owned(),
    };
    open(recorded) == open(asked)
}

/// Writes the response: a stream in chunks, one an event, so that a reader sees the seams.
fn response(exchange: &Exchange) -> Bytes {
    let mut head = format!("HTTP/1.1 {} Replayed\r\n", exchange.status);
    for (name, value) in &exchange.headers {
        if !LEFT_OUT.contains(&name.as_str()) {
            head += &format!("{name}: {value}\r\n");
        }
    }
    let body = &exchange.body;
    if exchange.form == Form::Whole {
        head += &format!("content-length: {}\r\n\r\n", body.len());
        return [head.as_bytes(), body].concat().into();
    }
    head += "transfer-encoding: chunked\r\n\r\n";
    let mut out = head.into_bytes();
    for event in events(body) {
        out.extend_from_slice(format!("{:x}\r\n", event.len()).as_bytes());
        out.extend_from_slice(event);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out.into()
}

/// Cuts a stream behind each blank line.
fn events(body: &[u8]) -> Vec<&[u8]> {
    let mut events = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let end = crate::request::find(rest, b"\n\n").map_or(rest.len(), |at| at + 2);
        let (event, behind) = rest.split_at(end.min(rest.len()));
        events.push(event);
        rest = behind;
    }
    events
}

#[cfg(test)]
mod tests;
