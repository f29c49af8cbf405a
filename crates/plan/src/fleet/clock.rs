//! Simulated time as whole picoseconds: a thousandth of a nanosecond, so that what one cached token
//! adds to a step is a whole number and sums over steps are exact. It must not read a clock.

/// Is a time since the start, or a length of time, in picoseconds. It reaches for 213 days.
pub type Picos = u64;

/// A nanosecond.
pub const NANOSECOND: Picos = 1_000;
/// A second.
pub const SECOND: Picos = 1_000_000_000_000;
/// A time that never comes.
pub const NEVER: Picos = u64::MAX;
/// The latest arrival: what comes after has the other half of the range.
pub const LATEST: Picos = u64::MAX / 2;

/// Takes seconds; what is negative is none, what is too long is never.
#[must_use]
pub fn from_seconds(seconds: f64) -> Picos {
    // The cast saturates at both ends, as it is meant to.
    (seconds * SECOND as f64).round() as Picos
}

/// Tells seconds.
#[must_use]
pub fn seconds(time: Picos) -> f64 {
    time as f64 / SECOND as f64
}
