//! Where a provider's connections rest between two requests, up to a limit. It must not open one,
//! nor know what they are for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;

use crate::line::Line;

/// The most connections that rest for one endpoint; more are closed when they come back.
pub(crate) const MAX_IDLE: usize = 256;

/// How long a connection may rest and still be used. Common servers close after 60 seconds and
/// more, and one that closes earlier is noticed before use.
const MAX_REST: Duration = Duration::from_secs(50);

/// Holds resting connections, the one that came last on top.
#[derive(Default)]
pub(crate) struct Pool {
    // A lock in the request path: held for one push or pop, with nothing awaited or allocated
    // under it. A lock-free stack would need its own memory reclamation for no measured gain.
    idle: Mutex<Vec<Resting>>,
}

struct Resting {
    line: Box<Line>,
    since: Instant,
}

impl Pool {
    /// Takes a connection that can be used now; dead and stale ones on the way are closed.
    pub(crate) fn take(&self) -> Option<Box<Line>> {
        // Only a look: who uses the connection does its work under a waker of its own.
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            let mut resting = self.lock().pop()?;
            if resting.since.elapsed() > MAX_REST {
                // Those below have rested longer still.
                let stale = std::mem::take(&mut *self.lock());
                drop(stale);
                return None;
            }
            if resting.line.poll_is_idle(&mut cx) {
                return Some(resting.line);
            }
        }
    }

    /// Takes a connection back for the next request.
    pub(crate) fn put(&self, line: Box<Line>) {
        let since = Instant::now();
        let mut idle = self.lock();
        if idle.len() < MAX_IDLE {
            idle.push(Resting { line, since });
        }
    }

    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Resting>> {
        // A panic elsewhere leaves the vector whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
