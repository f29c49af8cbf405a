//! The fake provider: a server on loopback that answers by script and remembers what it got.
//!
//! It speaks HTTP by hand, since a proper HTTP library refuses to lie about lengths or to send
//! garbage. It must not know who calls it.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::answer::model_list;
use crate::behaviour::Behaviour;
use crate::library::Library;
use crate::log::{Fate, Late, Log, RecordedConnection, RecordedRequest};
use crate::plan::{STAMP_DIGITS, Step, canned, plan, whole_response};
use crate::request::{Request, read_request};
use crate::script::{Recording, Script};
use crate::speech::{Asked, Speech};
use crate::speeches::SPEECHES;

/// The header that names a behaviour, before the model's own.
const BEHAVIOUR_HEADER: &str = "fake-behaviour";
/// How many bytes a peer may send ahead while an answer is under way.
const PIPELINE_MAX: usize = 1 << 20;
/// How many canned answers are kept.
const CANNED_MAX: usize = 64;

/// Is a running fake provider; dropping it closes its listener and its connections.
pub struct FakeProvider {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    script: Mutex<Script>,
    turns: Mutex<HashMap<String, usize>>,
    canned: Mutex<HashMap<(&'static str, String), Bytes>>,
    recording: Recording,
    library: Option<Library>,
    log: Log,
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl FakeProvider {
    /// Starts a fake provider on a free loopback port.
    ///
    /// # Errors
    ///
    /// Passes on what the system says when it gives no port.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::start_on(SocketAddr::from(([127, 0, 0, 1], 0)), script).await
    }

    /// Starts a fake provider on this address.
    ///
    /// # Errors
    ///
    /// Passes on what the system says when the address is not free.
    pub async fn start_on(address: SocketAddr, script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            recording: script.recording,
            library: script.library.clone(),
            script: Mutex::new(script),
            turns: Mutex::default(),
            canned: Mutex::default(),
            log: Log::new(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    /// Tells where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells the base URL for a client of this dialect.
    #[must_use]
    pub fn base_url(&self, speech: &dyn Speech) -> String {
        format!("http://{}{}", self.address, speech.base_path())
    }

    /// Tells the base URL for an OpenAI client: with `/v1`.
    #[must_use]
    pub fn openai_base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Tells the base URL for an Anthropic client: without a path.
    #[must_use]
    pub fn anthropic_base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Gives a model another behaviour from the next request on.
    pub fn rescript(&self, model: &str, behaviour: Behaviour) {
        held(&self.shared.script).put(model, behaviour);
        held(&self.shared.turns).remove(model);
        held(&self.shared.canned).retain(|(_, id), _| id != model);
    }

    /// Counts the requests so far.
    #[must_use]
    pub fn count_requests(&self) -> usize {
        self.shared.log.count_requests()
    }

    /// Lists the requests behind the first n.
    #[must_use]
    pub fn requests_since(&self, n: usize) -> Vec<RecordedRequest> {
        self.shared.log.requests_since(n)
    }

    /// Lists the requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.log.requests()
    }

    /// Lists the requests so far and forgets them: what comes later is counted from none.
    #[must_use]
    pub fn take_requests(&self) -> Vec<RecordedRequest> {
        self.shared.log.take_requests()
    }

    /// Lists the connections so far.
    #[must_use]
    pub fn connections(&self) -> Vec<RecordedConnection> {
        self.shared.log.connections()
    }

    /// Waits until it has got n requests.
    ///
    /// # Errors
    ///
    /// Says how many there were when the time was up.
    pub async fn await_requests(&self, n: usize, within: Duration) -> Result<(), Late> {
        let log = &self.shared.log;
        log.wait_for("requests", n, within, |requests, _| requests.len())
            .await
    }

    /// Waits until n answers have been left by the peer before their end.
    ///
    /// # Errors
    ///
    /// Says how many there were when the time was up.
    pub async fn await_abandoned(&self, n: usize, within: Duration) -> Result<(), Late> {
        let log = &self.shared.log;
        log.wait_for("abandoned answers", n, within, |requests, _| {
            let left = requests.iter().filter(|it| it.fate == Fate::ClosedByPeer);
            left.count()
        })
        .await
    }

    /// Waits until n connections have been closed by the peer, in an answer or between two.
    ///
    /// # Errors
    ///
    /// Says how many there were when the time was up.
    pub async fn await_closed(&self, n: usize, within: Duration) -> Result<(), Late> {
        let log = &self.shared.log;
        log.wait_for("closed connections", n, within, |_, connections| {
            let left = connections.iter();
            left.filter(|it| it.fate == Fate::ClosedByPeer).count()
        })
        .await
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        // A failed accept concerns one peer only; the next one may be well.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        connections.spawn(serve(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let connection = shared.log.open_connection();
    // Without it small events wait for the peer's acknowledgements; nothing else depends on it.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let mut peer = Peer {
        reader,
        writer,
        buffer: BytesMut::with_capacity(8 * 1024),
    };
    let fate = converse(&mut peer, connection, &shared).await;
    // Dropped as it is, this half would end in good order even where the script resets.
    peer.writer.forget();
    shared.log.close_connection(connection, fate);
}

struct Peer {
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
    buffer: BytesMut,
}

async fn converse(peer: &mut Peer, connection: usize, shared: &Shared) -> Fate {
    loop {
        let request = match read_request(&mut peer.reader, &mut peer.buffer).await {
            Ok(Some(request)) => request,
            Ok(None) => return Fate::ClosedByPeer,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Fate::ClosedByScript;
            }
            Err(_) => return Fate::ClosedByPeer,
        };
        let kept = match shared.recording {
            Recording::Kept => Some(shared.log.open_request(connection, &request)),
            Recording::Dropped => None,
        };
        let steps = steps_of(shared, &request);
        let fate = tokio::select! {
            biased;
            fate = perform(&mut peer.writer, &steps) => fate,
            () = peer_leaves(&mut peer.reader, &mut peer.buffer) => Fate::ClosedByPeer,
        };
        if let Some(at) = kept {
            shared.log.close_request(at, fate);
        }
        if fate != Fate::Answered {
            return fate;
        }
    }
}

/// Waits until the peer closes its side, keeping what it sends ahead.
async fn peer_leaves(reader: &mut OwnedReadHalf, buffer: &mut BytesMut) {
    while buffer.len() < PIPELINE_MAX {
        match reader.read_buf(buffer).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    std::future::pending::<()>().await;
}

async fn perform(writer: &mut OwnedWriteHalf, steps: &[Step]) -> Fate {
    for step in steps {
        match step {
            Step::Wait(pause) => tokio::time::sleep(*pause).await,
            Step::Stall => std::future::pending::<()>().await,
            Step::Close => return Fate::ClosedByScript,
            Step::Reset => {
                // Where the option fails the peer sees an orderly close instead of a reset.
                let _ = writer.as_ref().set_zero_linger();
                return Fate::ClosedByScript;
            }
            Step::Send(bytes) => {
                if writer.write_all(bytes).await.is_err() {
                    return Fate::ClosedByPeer;
                }
            }
            Step::Stamp(before, after) => {
                let stamped = format!("{before}{:0STAMP_DIGITS$}{after}", wall_clock_ns());
                if writer.write_all(stamped.as_bytes()).await.is_err() {
                    return Fate::ClosedByPeer;
                }
            }
            Step::Repeat(bytes) => {
                while writer.write_all(bytes).await.is_ok() {}
                return Fate::ClosedByPeer;
            }
        }
    }
    Fate::Answered
}

/// Tells the wall clock in nanoseconds, which every process on the machine shares.
pub(crate) fn wall_clock_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX)
}

fn steps_of(shared: &Shared, request: &Request) -> Vec<Step> {
    if let Some(library) = &shared.library {
        return replayed(library, request);
    }
    let path = request.path.split('?').next().unwrap_or_default();
    let method = request.method.as_str();
    if (method, path) == ("GET", "/v1/models") {
        return vec![Step::Send(whole_response(&model_list(&["fake-1"])))];
    }
    let spoken = SPEECHES.iter().find(|it| it.answers(method, path));
    let Some(dialect) = spoken.copied() else {
        let asked = Asked::read(SPEECHES[0], path, b"");
        return plan(&asked, &Behaviour::status(404));
    };
    let glance = dialect.glance(&request.path, &request.body);
    let picked = held(&shared.script).pick(&glance.model, request.header(BEHAVIOUR_HEADER));
    let behaviour = turn_of(shared, &glance.model, picked);
    if let Behaviour::Canned { .. } = behaviour
        && !glance.stream
    {
        let asked = || Asked::read(dialect, &request.path, &request.body);
        let key = (dialect.name(), glance.model);
        return vec![Step::Send(canned_answer(shared, key, asked, &behaviour))];
    }
    let asked = Asked::read(dialect, &request.path, &request.body);
    plan(&asked, &behaviour)
}

fn replayed(library: &Library, request: &Request) -> Vec<Step> {
    if let Some(bytes) = library.answer(request) {
        return vec![Step::Send(bytes)];
    }
    let asked = Asked::read(SPEECHES[0], &request.path, b"");
    plan(&asked, &Behaviour::status(404))
}

/// Picks the behaviour of this turn where they follow one another.
fn turn_of(shared: &Shared, model: &str, picked: Behaviour) -> Behaviour {
    let Behaviour::Sequence(turns) = picked else {
        return picked;
    };
    let mut counts = held(&shared.turns);
    let count = counts.entry(model.to_owned()).or_insert(0);
    let turn = turns.get(*count).or(turns.last()).cloned();
    *count += 1;
    turn.unwrap_or(Behaviour::normal(0))
}

/// Answers from the store, which the first request of a model fills.
fn canned_answer(
    shared: &Shared,
    key: (&'static str, String),
    asked: impl FnOnce() -> Asked,
    behaviour: &Behaviour,
) -> Bytes {
    let mut store = held(&shared.canned);
    if store.len() >= CANNED_MAX {
        store.clear();
    }
    let answer = store
        .entry(key)
        .or_insert_with(|| canned(&asked(), behaviour));
    answer.clone()
}

// What is locked here is whole after every change, so a poisoned lock is still good.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
