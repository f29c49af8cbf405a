//! Callers that ask without a pause until they are told to stop or nothing answers any more. It
//! must not know what becomes of the gateway.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use testkit::Client;
use tokio::task::JoinHandle;

use crate::client::Ask;
use crate::patience::{eventually, on, runtime};

/// How many connections ask at the same time.
pub(crate) const LINES: usize = 8;

/// Load that is under way.
pub(crate) struct Load {
    lines: Vec<JoinHandle<Vec<String>>>,
    answered: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Load {
    /// Starts asking the same on every connection.
    pub(crate) fn start(address: SocketAddr, ask: &Ask) -> Self {
        let answered = Arc::new(AtomicUsize::new(0));
        let is_over = Arc::new(AtomicBool::new(false));
        let lines = (0..LINES)
            .map(|_| {
                let (answered, is_over) = (Arc::clone(&answered), Arc::clone(&is_over));
                runtime().spawn(ask_on(address, ask.bytes(), answered, is_over))
            })
            .collect();
        Self {
            lines,
            answered,
            is_over,
        }
    }

    /// Counts the answers that have come whole.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Waits for so many more answers.
    pub(crate) fn await_more(&self, count: usize) {
        let wanted = self.answered() + count;
        eventually("more answers", || (self.answered() >= wanted).then_some(()));
    }

    /// Ends it and lists the decisions whose answers came whole.
    pub(crate) fn end(self) -> Vec<String> {
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
) -> Vec<String> {
    let mut decisions = Vec::new();
    let mut client = Client::connect(address).await.unwrap();
    while !is_over.load(Ordering::SeqCst) {
        // A gateway that was killed or has stopped ends the connection.
        let Ok(reply) = client.exchange(&request).await else {
            break;
        };
        assert_eq!(reply.head.status, 200, "{:?}", reply.body);
        let decision = reply.head.header("tiergate-decision").unwrap();
        decisions.push(decision.to_owned());
        answered.fetch_add(1, Ordering::SeqCst);
    }
    decisions
}
