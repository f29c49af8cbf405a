//! Failures: when a replica, or all of a rack, fails and mends, drawn for each from a stream of its
//! own. It must not know what a failure does to requests.

use super::clock::{NANOSECOND, Picos, from_seconds};
use crate::random::Random;

/// Describes failures of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faults {
    /// Mean time from mending to the next failure, in seconds.
    pub between: f64,
    /// Mean time to mend, in seconds.
    pub mend: f64,
    /// Replicas that fail together, such as those of a rack.
    pub together: u32,
}

/// Draws the failures of the places of one kind.
#[derive(Clone, Debug)]
pub struct Places {
    of: Faults,
    replicas: u32,
    streams: Vec<Random>,
}

/// The first stream of failures; each kind has as many as there can be replicas.
const STREAMS: u64 = 1 << 32;

impl Places {
    /// Makes the places of the n-th kind among so many replicas.
    #[must_use]
    pub fn new(of: Faults, kind: u32, replicas: u32, seed: u64) -> Self {
        let count = replicas.div_ceil(of.together.max(1));
        let first = STREAMS * (u64::from(kind) + 1);
        let streams = (0..count).map(|place| Random::new(seed, first + u64::from(place)));
        Self {
            of,
            replicas,
            streams: streams.collect(),
        }
    }

    /// Tells how many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.streams.len() as u32
    }

    /// Lists the replicas of a place.
    #[must_use]
    pub fn replicas(&self, place: u32) -> std::ops::Range<usize> {
        let first = place * self.of.together;
        first as usize..(first + self.of.together).min(self.replicas) as usize
    }

    /// Draws how long a place lasts.
    pub fn lasts(&mut self, place: u32) -> Picos {
        self.draw(place, self.of.between)
    }

    /// Draws how long it takes to mend.
    pub fn mends(&mut self, place: u32) -> Picos {
        self.draw(place, self.of.mend)
    }

    fn draw(&mut self, place: u32, mean: f64) -> Picos {
        let drawn = self.streams[place as usize].exponential(mean);
        // At least a nanosecond, so that time goes on.
        from_seconds(drawn).max(NANOSECOND)
    }
}
