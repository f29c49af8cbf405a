//! What the fake provider saw: requests, connections and how each of them ended.
//!
//! It must not know a socket or a behaviour.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::watch;

use crate::request::{Request, value_of};

/// How many requests and how many connections are kept; later ones are only counted.
const RECORDS_MAX: usize = 20_000;

/// Says how an answer or a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has not ended yet.
    Open,
    /// The answer was sent as scripted.
    Answered,
    /// The peer left first.
    ClosedByPeer,
    /// The script closed the connection.
    ClosedByScript,
}

/// Holds one request that the fake provider got.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// The connection on which it came, counted from 0.
    pub connection: usize,
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
    /// When it was read.
    pub at: Instant,
    /// How its answer ended.
    pub fate: Fate,
    /// When its answer ended.
    pub ended: Option<Instant>,
}

impl RecordedRequest {
    /// Tells the first value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        value_of(&self.headers, name)
    }

    /// Reads the body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or(serde_json::Value::Null)
    }
}

/// Holds one connection that the fake provider accepted.
#[derive(Clone, Copy, Debug)]
pub struct RecordedConnection {
    /// When it was accepted.
    pub opened: Instant,
    /// How many requests came on it.
    pub requests: usize,
    /// How it ended.
    pub fate: Fate,
    /// When it ended.
    pub ended: Option<Instant>,
}

/// Says that something did not happen in time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("waited {waited:?} for {wanted} {what}, saw {seen}")]
pub struct Late {
    /// What was waited for.
    pub what: &'static str,
    /// How many were wanted.
    pub wanted: usize,
    /// How many there were.
    pub seen: usize,
    /// How long was waited.
    pub waited: Duration,
}

#[derive(Default)]
struct Pages {
    requests: Vec<RecordedRequest>,
    /// How many requests were taken out before these.
    taken: usize,
    connections: Vec<RecordedConnection>,
}

/// Collects what is seen and wakes those who wait for it.
pub(crate) struct Log {
    pages: Mutex<Pages>,
    changes: watch::Sender<u64>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            pages: Mutex::new(Pages::default()),
            changes: watch::Sender::new(0),
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.pages().requests.clone()
    }

    pub(crate) fn requests_since(&self, n: usize) -> Vec<RecordedRequest> {
        self.pages().requests.iter().skip(n).cloned().collect()
    }

    /// Takes the requests so far out; one whose answer is under way keeps the fate that it has.
    pub(crate) fn take_requests(&self) -> Vec<RecordedRequest> {
        let mut pages = self.pages();
        pages.taken += pages.requests.len();
        std::mem::take(&mut pages.requests)
    }

    pub(crate) fn count_requests(&self) -> usize {
        self.pages().requests.len()
    }

    pub(crate) fn connections(&self) -> Vec<RecordedConnection> {
        self.pages().connections.clone()
    }

    pub(crate) fn open_connection(&self) -> usize {
        let mut pages = self.pages();
        let at = pages.connections.len();
        if at < RECORDS_MAX {
            pages.connections.push(RecordedConnection {
                opened: Instant::now(),
                requests: 0,
                fate: Fate::Open,
                ended: None,
            });
        }
        drop(pages);
        self.tell();
        at
    }

    pub(crate) fn close_connection(&self, at: usize, fate: Fate) {
        if let Some(connection) = self.pages().connections.get_mut(at) {
            connection.fate = fate;
            connection.ended = Some(Instant::now());
        }
        self.tell();
    }

    pub(crate) fn open_request(&self, connection: usize, request: &Request) -> usize {
        let mut pages = self.pages();
        if let Some(connection) = pages.connections.get_mut(connection) {
            connection.requests += 1;
        }
        let kept = pages.requests.len();
        let at = pages.taken + kept;
        if kept < RECORDS_MAX {
            pages.requests.push(RecordedRequest {
                connection,
                method: request.method.clone(),
                path: request.path.clone(),
                headers: request.headers.clone(),
                body: request.body.clone(),
                at: Instant::now(),
                fate: Fate::Open,
                ended: None,
            });
        }
        drop(pages);
        self.tell();
        at
    }

    pub(crate) fn close_request(&self, at: usize, fate: Fate) {
        let mut pages = self.pages();
        let kept = at.checked_sub(pages.taken);
        if let Some(request) = kept.and_then(|kept| pages.requests.get_mut(kept)) {
            request.fate = fate;
            request.ended = Some(Instant::now());
        }
        drop(pages);
        self.tell();
    }

    /// Waits until `count` says at least `wanted`.
    pub(crate) async fn wait_for(
        &self,
        what: &'static str,
        wanted: usize,
        within: Duration,
        count: fn(&[RecordedRequest], &[RecordedConnection]) -> usize,
    ) -> Result<(), Late> {
        let seen = || {
            let pages = self.pages();
            count(&pages.requests, &pages.connections)
        };
        let mut changes = self.changes.subscribe();
        let reached = changes.wait_for(|_| seen() >= wanted);
        if tokio::time::timeout(within, reached).await.is_ok() {
            return Ok(());
        }
        Err(Late {
            what,
            wanted,
            seen: seen(),
            waited: within,
        })
    }

    fn tell(&self) {
        self.changes.send_modify(|change| *change += 1);
    }

    // A page is whole after every change, so a poisoned lock is still good to read.
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
