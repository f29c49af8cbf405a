//! Drives requests over keep-alive connections and times them.
//!
//! It must not know a dialect, a gateway or how a result is shown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::task::JoinSet;

use crate::client::{Client, ClientError};
use crate::fake::wall_clock_ns;
use crate::plan::STAMP_DIGITS;
use crate::request::find;

/// How long one request may take before the round counts as failed.
const REQUEST_DEADLINE: Duration = Duration::from_secs(120);
/// The largest event of a stamped stream.
const EVENT_MAX: usize = 1 << 20;

/// Says why a round could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// An exchange failed.
    #[error("a request failed")]
    Exchange(#[from] ClientError),
    /// An exchange took too long.
    #[error("a request took longer than {REQUEST_DEADLINE:?}")]
    Deadline,
    /// The answer has another status than 200.
    #[error("a request was answered with {status}: {body}")]
    Status {
        /// The status.
        status: u16,
        /// The start of the body.
        body: String,
    },
    /// A stream held no stamped event.
    #[error("a stream held no stamped event")]
    NoStamps,
    /// A driving task ended by itself.
    #[error("a driving task ended by itself")]
    Lost(#[from] tokio::task::JoinError),
}

/// Holds the times of many requests, sorted.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Sorts the times.
    #[must_use]
    pub fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// Counts them.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Tells the time that this share of the requests did not exceed; zero when there is none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Duration {
        let last = self.0.len().saturating_sub(1);
        let rank = (share.clamp(0.0, 1.0) * self.0.len() as f64).ceil() as usize;
        let at = rank.saturating_sub(1).min(last);
        self.0.get(at).copied().unwrap_or_default()
    }
}

/// Holds what one round measured.
#[derive(Clone, Debug)]
pub struct Round {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// The time of each request.
    pub latencies: Latencies,
}

/// Holds the times of streams whose deltas are stamped when they are sent.
#[derive(Clone, Debug, Default)]
pub struct StreamTimes {
    /// From the request to the first delta, one a stream.
    pub first: Vec<Duration>,
    /// From sending to arrival, one a delta.
    pub transit: Vec<Duration>,
    /// Between two deltas as they arrive.
    pub gaps: Vec<Duration>,
}

/// Makes the bytes of a POST with a JSON body.
#[must_use]
pub fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Bytes {
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    Bytes::from(format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         {lines}content-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// Is a set of open connections to one target that send the same request.
pub struct Crew {
    clients: Vec<Client>,
    request: Bytes,
}

impl Crew {
    /// Opens so many connections.
    ///
    /// # Errors
    ///
    /// Says where a connection could not be made.
    pub async fn connect(
        address: SocketAddr,
        concurrency: usize,
        request: Bytes,
    ) -> Result<Self, LoadError> {
        let mut clients = Vec::with_capacity(concurrency);
        for _ in 0..concurrency {
            clients.push(Client::connect(address).await?);
        }
        Ok(Self { clients, request })
    }

    /// Sends so many requests, each connection its next one as soon as it has its answer.
    ///
    /// # Errors
    ///
    /// Says which fault ended the round: a failed or late exchange, or an answer other than 200.
    pub async fn drive(&mut self, requests: usize) -> Result<Round, LoadError> {
        let left = Arc::new(AtomicUsize::new(requests));
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for client in self.clients.drain(..) {
            tasks.spawn(work(client, self.request.clone(), Arc::clone(&left)));
        }
        let mut times = Vec::with_capacity(requests);
        while let Some(done) = tasks.join_next().await {
            let (client, mut own) = done??;
            self.clients.push(client);
            times.append(&mut own);
        }
        Ok(Round {
            elapsed: started.elapsed(),
            latencies: Latencies::new(times),
        })
    }
}

async fn work(
    mut client: Client,
    request: Bytes,
    left: Arc<AtomicUsize>,
) -> Result<(Client, Vec<Duration>), LoadError> {
    let mut times = Vec::new();
    while take_one(&left) {
        times.push(time_one(&mut client, &request).await?);
    }
    Ok((client, times))
}

fn take_one(left: &AtomicUsize) -> bool {
    let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
    taken.is_ok()
}

async fn time_one(client: &mut Client, request: &[u8]) -> Result<Duration, LoadError> {
    let started = Instant::now();
    let reply = tokio::time::timeout(REQUEST_DEADLINE, client.exchange(request)).await;
    let reply = reply.map_err(|_| LoadError::Deadline)??;
    let took = started.elapsed();
    if reply.head.status == 200 {
        return Ok(took);
    }
    Err(refused(reply.head.status, &reply.body))
}

fn refused(status: u16, body: &[u8]) -> LoadError {
    let start = body.get(..400).unwrap_or(body);
    LoadError::Status {
        status,
        body: String::from_utf8_lossy(start).into_owned(),
    }
}

/// Sends requests to several targets in turn, one at a time, and times each target's own.
///
/// # Errors
///
/// Says which fault ended it: a failed or late exchange, or an answer other than 200.
pub async fn alternate(
    targets: &[(SocketAddr, Bytes)],
    requests: usize,
) -> Result<Vec<Latencies>, LoadError> {
    let mut clients = Vec::with_capacity(targets.len());
    for (address, request) in targets {
        let client = Client::connect(*address).await?;
        clients.push((client, request, Vec::with_capacity(requests)));
    }
    for _ in 0..requests {
        for (client, request, times) in &mut clients {
            times.push(time_one(client, request).await?);
        }
    }
    let times = clients.into_iter().map(|(_, _, times)| times);
    Ok(times.map(Latencies::new).collect())
}

/// Opens so many streams at once and times every stamped delta.
///
/// # Errors
///
/// Says which fault ended it: a failed or late stream, an answer other than 200, no stamps.
pub async fn stream_times(
    address: SocketAddr,
    request: &Bytes,
    concurrency: usize,
) -> Result<StreamTimes, LoadError> {
    let mut tasks = JoinSet::new();
    for _ in 0..concurrency {
        let request = request.clone();
        tasks.spawn(async move {
            let timed = tokio::time::timeout(REQUEST_DEADLINE, one_stream(address, request));
            timed.await.map_err(|_| LoadError::Deadline)?
        });
    }
    let mut all = StreamTimes::default();
    while let Some(done) = tasks.join_next().await {
        let mut one = done??;
        all.first.append(&mut one.first);
        all.transit.append(&mut one.transit);
        all.gaps.append(&mut one.gaps);
    }
    Ok(all)
}

async fn one_stream(address: SocketAddr, request: Bytes) -> Result<StreamTimes, LoadError> {
    let mut client = Client::connect(address).await?;
    let started = Instant::now();
    client.send(&request).await?;
    let head = client.read_head().await?;
    let mut times = StreamTimes::default();
    let mut waiting = BytesMut::new();
    let mut last: Option<Instant> = None;
    while let Some(piece) = client.next_piece().await? {
        if head.status != 200 {
            return Err(refused(head.status, &piece));
        }
        let (arrived, now_ns) = (Instant::now(), wall_clock_ns());
        waiting.extend_from_slice(&piece);
        while let Some(end) = find(&waiting, b"\n\n") {
            let event = waiting.split_to(end + 2);
            let Some(sent_ns) = stamp_in(&event) else {
                continue;
            };
            times
                .transit
                .push(Duration::from_nanos(now_ns.saturating_sub(sent_ns)));
            match last {
                None => times.first.push(arrived - started),
                Some(before) => times.gaps.push(arrived - before),
            }
            last = Some(arrived);
        }
        if waiting.len() > EVENT_MAX {
            return Err(ClientError::TooLarge("event").into());
        }
    }
    if times.first.is_empty() {
        return Err(LoadError::NoStamps);
    }
    Ok(times)
}

/// Finds the stamp of an event: the only text in it that is so many digits between quotes.
fn stamp_in(event: &[u8]) -> Option<u64> {
    let quoted = event.split(|byte| *byte == b'"');
    let stamp = quoted
        .into_iter()
        .find(|text| text.len() == STAMP_DIGITS && text.iter().all(u8::is_ascii_digit))?;
    std::str::from_utf8(stamp).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
