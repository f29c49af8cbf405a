//! A model's circuit as a value: open while the model keeps failing, so that requests go elsewhere,
//! then probed by one of them. It must not read a clock, nor know which model it is about.

use std::time::Duration;

/// This many failures in a row open it.
const IN_A_ROW: u32 = 5;
/// Of this many answers on, a failing half opens it too.
const LEAST_SEEN: u32 = 10;
/// The answers that are looked back at.
const WINDOW: u32 = 16;
/// The longest rest, however often a probe has failed.
const MAX_REST_MS: u64 = 60_000;
/// The most that the rest is doubled.
const MAX_DOUBLINGS: u32 = 6;

const UNTIL_BITS: u32 = 36;
const SEEN_BITS: u32 = 5;
const TRIPS_BITS: u32 = 4;

/// Holds where a circuit stands, in as many bits as one atomic number has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    phase: Phase,
    /// When it may be probed, in milliseconds of the process.
    until: u64,
    /// The latest answers, one bit each, the last one lowest; set where it failed.
    recent: u16,
    /// How many of those bits count.
    seen: u32,
    /// How often it has opened since it was last closed.
    trips: u32,
}

/// Says where a circuit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Requests go through.
    Closed,
    /// Requests go elsewhere.
    Open,
    /// One request goes through, to see.
    Probing,
}

impl Phase {
    /// Shows the word used in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Probing => "probing",
        }
    }
}

/// Says whether a request may go to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admits {
    /// It may.
    Yes,
    /// It may, as the only one, to see whether the model answers again.
    Probe,
    /// It may not for now.
    No,
}

impl State {
    /// A model of which nothing bad is known.
    pub const FINE: Self = Self {
        phase: Phase::Closed,
        until: 0,
        recent: 0,
        seen: 0,
        trips: 0,
    };

    /// Shows the phase.
    #[must_use]
    pub fn phase(self) -> Phase {
        self.phase
    }

    /// Decides on a request that comes now. A probe whose end is never told, since its client
    /// left, is followed by another after one more rest.
    #[must_use]
    pub fn admits(self, now: u64, rest: Duration) -> (Self, Admits) {
        match self.phase {
            Phase::Closed => (self, Admits::Yes),
            Phase::Open | Phase::Probing if now < self.until => (self, Admits::No),
            Phase::Open | Phase::Probing => {
                let probing = Self {
                    phase: Phase::Probing,
                    until: now.saturating_add(ms(rest)),
                    ..self
                };
                (probing, Admits::Probe)
            }
        }
    }

    /// Notes a failure. `asked` is how long the provider itself wants to be left alone.
    #[must_use]
    pub fn failed(self, now: u64, rest: Duration, asked: Option<Duration>) -> Self {
        let recent = (self.recent << 1) | 1;
        let seen = (self.seen + 1).min(WINDOW);
        let noted = Self {
            recent,
            seen,
            ..self
        };
        if let Some(asked) = asked {
            let until = now.saturating_add(ms(asked).min(MAX_REST_MS));
            return Self {
                phase: Phase::Open,
                until: until.max(self.until),
                ..noted
            };
        }
        let is_hopeless = recent.trailing_ones() >= IN_A_ROW
            || (seen >= LEAST_SEEN && recent.count_ones() * 2 >= seen);
        match self.phase {
            Phase::Closed if !is_hopeless => noted,
            // What was under way when it opened says nothing new.
            Phase::Open => noted,
            Phase::Closed | Phase::Probing => {
                let doubled = ms(rest) << self.trips.min(MAX_DOUBLINGS);
                Self {
                    phase: Phase::Open,
                    until: now.saturating_add(doubled.min(MAX_REST_MS)),
                    trips: (self.trips + 1).min((1 << TRIPS_BITS) - 1),
                    ..noted
                }
            }
        }
    }

    /// Notes an answer. While it is open or probed, one is enough to close it.
    #[must_use]
    pub fn answered(self) -> Self {
        let recent = self.recent << 1;
        if self.phase != Phase::Closed || recent == 0 {
            return Self::FINE;
        }
        Self {
            recent,
            seen: (self.seen + 1).min(WINDOW),
            ..self
        }
    }

    /// Packs it.
    #[must_use]
    pub fn to_bits(self) -> u64 {
        let phase = match self.phase {
            Phase::Closed => 0,
            Phase::Open => 1,
            Phase::Probing => 2,
        };
        let until = self.until.min((1 << UNTIL_BITS) - 1);
        let mut bits = phase;
        bits = (bits << TRIPS_BITS) | u64::from(self.trips);
        bits = (bits << SEEN_BITS) | u64::from(self.seen);
        bits = (bits << WINDOW) | u64::from(self.recent);
        (bits << UNTIL_BITS) | until
    }

    /// Unpacks it.
    #[must_use]
    pub fn of_bits(bits: u64) -> Self {
        let part = |above: u32, width: u32| (bits >> above) & ((1 << width) - 1);
        let small = |above, width| u32::try_from(part(above, width)).unwrap_or_default();
        let recent_at = UNTIL_BITS;
        let seen_at = recent_at + WINDOW;
        let trips_at = seen_at + SEEN_BITS;
        Self {
            phase: match part(trips_at + TRIPS_BITS, 2) {
                0 => Phase::Closed,
                1 => Phase::Open,
                _ => Phase::Probing,
            },
            until: part(0, UNTIL_BITS),
            recent: u16::try_from(part(recent_at, WINDOW)).unwrap_or_default(),
            seen: small(seen_at, SEEN_BITS),
            trips: small(trips_at, TRIPS_BITS),
        }
    }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis())
        .unwrap_or(u64::MAX)
        .min(1 << UNTIL_BITS)
}

#[cfg(test)]
mod tests;
