//! Waiting, always with a deadline: for a future, or for a condition that nothing reports. It must
//! not know what is waited for.

use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

/// How long anything may take before a test gives up: far more than on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How often a condition that nothing reports is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Runs a future of the fake provider or of a client to its end.
pub(crate) fn on<F: Future>(future: F) -> F::Output {
    runtime().block_on(future)
}

/// Shows the runtime that all tests share, so that a blocked test holds up no provider.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2).enable_all().build().unwrap()
    })
}

/// Waits for a condition that nothing reports, up to the deadline.
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    in_time(PATIENCE, look).unwrap_or_else(|| panic!("not in {PATIENCE:?}: {what}"))
}

/// Looks at a condition until it holds; nothing where it does not before the deadline.
pub(crate) fn in_time<T>(most: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + most;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() > deadline {
            return None;
        }
        thread::park_timeout(LOOK_EVERY);
    }
}
