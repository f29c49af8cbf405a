//! Callers that ask without a pause until they are told to stop or nothing answers any more. It
//! must not know what becomes of the gateway.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use testkit::Client;
use tokio::task::JoinHandle;

use crate::client::Ask;
use crate::patience::{eventually, on, runtime};

/// How many connections ask at the same time.
pub(crate) const LINES: usize = 8;

/// An answer that came whole.
pub(crate) struct Answered {
    /// When it was asked for.
    pub(crate) asked_at: Instant,
    pub(crate) decision: String,
    /// The model that gave it.
    pub(crate) model: String,
}

/// Load that is under way.
pub(crate) struct Load {
    lines: Vec<JoinHandle<Vec<Answered>>>,
    /// How many answers have come whole on each connection.
    answered: Vec<Arc<AtomicUsize>>,
    is_over: Arc<AtomicBool>,
}

impl Load {
    /// Starts asking the same on every connection.
    pub(crate) fn start(address: SocketAddr, ask: &Ask) -> Self {
        Self::on_lines(LINES, address, ask)
    }

    /// Starts asking the same on so many connections.
    pub(crate) fn on_lines(lines: usize, address: SocketAddr, ask: &Ask) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let answered: Vec<_> = (0..lines).map(|_| Arc::default()).collect();
        let line = |answered: &Arc<AtomicUsize>| {
            let (answered, is_over) = (Arc::clone(answered), Arc::clone(&is_over));
            runtime().spawn(ask_on(address, ask.bytes(), answered, is_over))
        };
        Self {
            lines: answered.iter().map(line).collect(),
            answered,
            is_over,
        }
    }

    /// Counts the answers that have come whole.
    pub(crate) fn answered(&self) -> usize {
        self.counts().sum()
    }

    fn counts(&self) -> impl Iterator<Item = usize> {
        self.answered.iter().map(|one| one.load(Ordering::SeqCst))
    }

    /// Waits for so many more answers.
    pub(crate) fn await_more(&self, count: usize) {
        let wanted = self.answered() + count;
        eventually("more answers", || (self.answered() >= wanted).then_some(()));
    }

    /// Waits for so many more answers on each connection.
    pub(crate) fn await_each(&self, more: usize) {
        let wanted: Vec<usize> = self.counts().map(|count| count + more).collect();
        eventually("more answers on each connection", || {
            let mut pairs = self.counts().zip(&wanted);
            pairs.all(|(count, wanted)| count >= *wanted).then_some(())
        });
    }

    /// Ends it and lists the answers that came whole.
    pub(crate) fn end(self) -> Vec<Answered> {
        self.is_over.store(true, Ordering::SeqCst);
        let lines = self.lines.into_iter();
        lines.flat_map(|line| on(line).unwrap()).collect()
    }
}

async fn ask_on(
    address: SocketAddr,
    request: Vec<u8>,
    answered: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
) -> Vec<Answered> {
    let mut answers = Vec::new();
    let mut client = Client::connect(address).await.unwrap();
    while !is_over.load(Ordering::SeqCst) {
        let asked_at = Instant::now();
        // A gateway that was killed or has stopped ends the connection.
        let Ok(reply) = client.exchange(&request).await else {
            break;
        };
        // What is taken back under way is no answer.
        if String::from_utf8_lossy(&reply.body).contains("\"cut_off\"") {
            continue;
        }
        assert_eq!(reply.head.status, 200, "{:?}", reply.body);
        let header = |name| reply.head.header(name).unwrap().to_owned();
        answers.push(Answered {
            asked_at,
            decision: header("tiergate-decision"),
            model: header("tiergate-model"),
        });
        answered.fetch_add(1, Ordering::SeqCst);
    }
    answers
}
