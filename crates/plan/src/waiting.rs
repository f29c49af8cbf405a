//! How long requests wait until caches have room for them, by Little's law. It must not know what
//! serving takes once there is.

use crate::deployment::Deployment;
use crate::memory::held;
use crate::serving::{Bounded, Estimate};
use crate::units::Seconds;

/// By what factor the room that engines leave to caches may differ from what is worked out. On 20
/// of the 25 calibration rows that wait, what was served lies within.
const KNOWN: f64 = 1.2;

/// Says how many requests are in flight, and for how many there is room at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waiting {
    flight: f64,
    room: f64,
}

impl Waiting {
    /// Looks at a deployment whose concurrency is all that is in flight.
    #[must_use]
    pub fn of(of: &Deployment<'_>) -> Self {
        Self {
            flight: of.concurrency,
            room: held(of).unwrap_or(f64::INFINITY),
        }
    }

    /// Takes so many requests in flight to have room.
    #[must_use]
    pub const fn none(flight: f64) -> Self {
        Self {
            flight,
            room: f64::INFINITY,
        }
    }

    /// Tells the requests in flight.
    #[must_use]
    pub const fn flight(&self) -> f64 {
        self.flight
    }

    /// Tells how many of them are served at once.
    #[must_use]
    pub fn served(&self) -> f64 {
        self.served_with(1.0)
    }

    fn served_with(&self, share: f64) -> f64 {
        self.flight.min((self.room * share).max(1.0))
    }

    /// Says whether some wait.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.served() < self.flight
    }

    /// Adds the wait to the time to a first token of those that are served. As many leave as enter,
    /// so that all that are in flight pass in `flight / served` times what one that is served
    /// takes: its first token and so many steps.
    #[must_use]
    pub fn added(&self, first: Seconds, steps: Seconds) -> Seconds {
        self.added_with(1.0, first, steps)
    }

    fn added_with(&self, share: f64, first: Seconds, steps: Seconds) -> Seconds {
        let waited = self.flight / self.served_with(share) - 1.0;
        first + (first + steps) * waited
    }

    /// Adds the wait to an estimate of those that are served. The interval holds what a fifth more
    /// or less room would make of its ends.
    #[must_use]
    pub fn estimated(&self, served: Estimate, output: f64) -> Estimate {
        let steps = (output - 1.0).max(0.0);
        let ((soon, late), (fast, slow)) = (served.first.interval, served.step.interval);
        let first = Bounded {
            time: self.added(served.first.time, served.step.time * steps),
            interval: (
                self.added_with(KNOWN, soon, fast * steps),
                self.added_with(1.0 / KNOWN, late, slow * steps),
            ),
            ..served.first
        };
        Estimate { first, ..served }
    }
}

#[cfg(test)]
mod tests;
