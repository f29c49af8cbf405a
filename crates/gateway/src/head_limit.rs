//! The time limit on a request's head: one timer a connection, kept from request to request. It
//! must not know what a request is.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// Makes the limits of one connection. Every head is waited for under a limit, which is hardly
/// ever reached; so the one timer is only moved when it fires, and a request does not touch the
/// runtime's timer wheel.
#[derive(Clone)]
pub struct HeadLimits {
    // Only the connection's own task locks it.
    timer: Arc<Mutex<Pin<Box<tokio::time::Sleep>>>>,
}

impl HeadLimits {
    /// Makes the limits of a connection that has just been accepted.
    #[must_use]
    pub fn new(first: Duration) -> Self {
        Self {
            timer: Arc::new(Mutex::new(Box::pin(tokio::time::sleep(first)))),
        }
    }
}

impl Timer for HeadLimits {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(HeadLimit {
            deadline: deadline.into(),
            limits: self.clone(),
        })
    }

    fn now(&self) -> Instant {
        // The runtime's clock, which tests may hold.
        tokio::time::Instant::now().into_std()
    }
}

impl fmt::Debug for HeadLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeadLimits").finish_non_exhaustive()
    }
}

/// Is ready when one head has taken too long.
struct HeadLimit {
    deadline: tokio::time::Instant,
    limits: HeadLimits,
}

impl Future for HeadLimit {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.limits.timer.lock();
        let mut timer = timer.unwrap_or_else(PoisonError::into_inner);
        if timer.deadline() > self.deadline {
            timer.as_mut().reset(self.deadline);
        }
        loop {
            ready!(timer.as_mut().poll(cx));
            if tokio::time::Instant::now() >= self.deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(self.deadline);
        }
    }
}

impl Sleep for HeadLimit {}

#[cfg(test)]
mod tests;
