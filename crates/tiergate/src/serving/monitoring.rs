//! Runs the monitor of live releases, and beside it the guard that acts when the monitor does not.
//! Each has a thread of its own, so that what stops one does not stop the other. It must not know
//! what either does.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use control::{Control, ControlError};

use crate::output;

/// How often the monitor looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How often the guard sees whether the monitor looked.
const GUARD_EVERY: Duration = Duration::from_millis(500);

/// Holds the two threads.
pub(super) struct Monitoring {
    threads: Vec<(SyncSender<()>, JoinHandle<()>)>,
}

/// Starts them.
///
/// # Errors
/// Fails where the system has no thread to give.
pub(super) fn start(control: &Arc<Control>) -> std::io::Result<Monitoring> {
    let threads = [
        every(LOOK_EVERY, "tiergate-monitor", control, Control::look),
        every(GUARD_EVERY, "tiergate-guard", control, Control::guard),
    ];
    Ok(Monitoring {
        threads: threads.into_iter().collect::<Result<_, _>>()?,
    })
}

impl Monitoring {
    /// Ends them, once what they are at is done.
    pub(super) fn stop(self) {
        for (stop, thread) in self.threads {
            drop(stop);
            if thread.join().is_err() {
                tracing::error!("a thread that watched releases had died before the end");
            }
        }
    }
}

fn every(
    pause: Duration,
    name: &'static str,
    control: &Arc<Control>,
    run: fn(&Control) -> Result<(), ControlError>,
) -> std::io::Result<(SyncSender<()>, JoinHandle<()>)> {
    let (stop, stopped) = sync_channel::<()>(0);
    let control = Arc::clone(control);
    let body = move || {
        let mut last = None;
        // The end of the sender is the sign to stop.
        while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let fault = run(&control).err().map(|error| output::chain(&error));
            if fault != last {
                match &fault {
                    Some(fault) => tracing::warn!(fault, thread = name, "releases are not watched"),
                    None => tracing::info!(thread = name, "releases are watched again"),
                }
                last = fault;
            }
        }
    };
    let thread = std::thread::Builder::new().name(name.to_owned());
    Ok((stop, thread.spawn(body)?))
}
