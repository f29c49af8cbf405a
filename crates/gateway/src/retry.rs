//! What is done after an attempt that failed before anything was shown: pure, so that every case
//! can be told in a table. It must not send, wait or draw a number.

use std::time::Duration;

use domain::{Fallback, MAX_ATTEMPTS, Then};
use providers::{Class, Retry};
use wire::Trouble;

/// The most tries of one model, the first included.
pub const MAX_TRIES: u32 = 2;
/// How long the second try of a model waits where the provider names no time; doubled for each
/// one more.
const BACKOFF: Duration = Duration::from_millis(200);
/// The longest wait for one model; one that asks for more is left for the next.
pub const MAX_WAIT: Duration = Duration::from_secs(2);
/// The most that a wait which the provider named is prolonged, so that those it told the same do
/// not come back at the same moment.
const MAX_DELAY: Duration = Duration::from_millis(100);

/// Tells what has failed.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// How the exchange failed.
    pub class: Class,
    /// What its class, or the provider, allows.
    pub retry: Retry,
    /// How long the provider asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What its error is about.
    pub trouble: Trouble,
}

/// Tells what the request has behind it, the failed attempt included.
#[derive(Clone, Copy, Debug)]
pub struct Tried {
    /// Attempts on this model.
    pub on_model: u32,
    /// Attempts on all.
    pub in_all: u32,
    /// Whether the model was known to fail, and asked only because nothing else was left.
    pub is_resting: bool,
    /// Whether there are thoughts in the request that this model could be asked without.
    pub has_thoughts: bool,
}

/// Says what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The same model again, after a wait.
    Again(Duration),
    /// The same model again, without the thoughts in the history.
    WithoutThoughts,
    /// The next model, where there is one.
    NextModel,
    /// The caller is told.
    Return,
}

/// Decides what comes after a failure. `draw` is any number; it spreads the waits.
#[must_use]
pub fn step(failure: &Failure, tried: Tried, fallback: &Fallback, draw: u32) -> Step {
    if tried.in_all >= MAX_ATTEMPTS {
        return Step::Return;
    }
    match failure.trouble {
        Trouble::Thoughts if tried.has_thoughts => return Step::WithoutThoughts,
        Trouble::Thoughts => return Step::Return,
        // The same model would say the same again.
        Trouble::Filtered => return onwards(fallback.on_refusal),
        Trouble::Overflow => return onwards(fallback.on_overflow),
        Trouble::Exhausted => return onwards(fallback.on_overload),
        Trouble::Other => {}
    }
    if failure.retry == Retry::Never {
        return Step::Return;
    }
    let wait = wait(failure.retry_after, tried.on_model, draw);
    let may_repeat = failure.retry == Retry::SameModel
        && tried.on_model < MAX_TRIES
        && !tried.is_resting
        && failure.retry_after.unwrap_or_default() <= MAX_WAIT;
    if may_repeat {
        return Step::Again(wait);
    }
    if is_overload(failure.class) {
        return onwards(fallback.on_overload);
    }
    Step::NextModel
}

/// Tells whether a failure says something of the model, rather than of the request. A queue that
/// is full says by itself when it has room.
#[must_use]
pub fn counts_against_model(failure: &Failure) -> bool {
    match failure.trouble {
        Trouble::Thoughts | Trouble::Filtered | Trouble::Overflow => false,
        Trouble::Exhausted => true,
        Trouble::Other => failure.retry > Retry::Never && failure.class != Class::Busy,
    }
}

/// Tells how long a model is to be left alone by all requests: as its provider asks, where that
/// is longer than one request would wait.
#[must_use]
pub fn quiet(failure: &Failure) -> Option<Duration> {
    failure.retry_after.filter(|asked| *asked > MAX_WAIT)
}

fn onwards(then: Then) -> Step {
    match then {
        Then::Next => Step::NextModel,
        Then::Return => Step::Return,
    }
}

fn is_overload(class: Class) -> bool {
    match class {
        Class::Busy => true,
        Class::Status(status) => matches!(status.as_u16(), 429 | 503 | 529),
        _ => false,
    }
}

/// Spreads the waits: never less than the provider asks, and between half and all of our own.
fn wait(asked: Option<Duration>, tries: u32, draw: u32) -> Duration {
    let spread = |most: Duration| most.mul_f64(f64::from(draw) / f64::from(u32::MAX));
    match asked {
        Some(asked) => asked + spread(MAX_DELAY),
        None => {
            let whole = BACKOFF * (1 << tries.saturating_sub(1).min(8));
            whole / 2 + spread(whole / 2)
        }
    }
}

#[cfg(test)]
mod tests;
