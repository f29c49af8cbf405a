//! The gateway before a fleet: whom a request goes to by the gateway's own balancing and circuits,
//! and who waits or is refused where nobody takes it. It must not know what a step takes.

use std::collections::VecDeque;
use std::time::Duration;

use domain::{Admits, Balance, CircuitState};

use super::clock::{Picos, SECOND};
use super::requests::Slot;
use crate::random::Random;

/// Holds the gateway's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How a replica is chosen.
    pub balance: Balance,
    /// Most requests in flight at one replica; the next wait at the gateway.
    pub most_in_flight: u32,
    /// Most requests that wait at the gateway; the next are refused.
    pub most_waiting: usize,
    /// How long a replica that keeps failing is left alone.
    pub rest: Duration,
}

/// Says whether the gateway counts on a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It takes requests.
    Takes,
    /// It is being started.
    Starts,
    /// It takes no more and ends what it has.
    Drains,
    /// It is off.
    Off,
}

/// Names the replicas among which one is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// Where requests begin: all replicas, or those that prefill where others decode.
    First,
    /// Those that decode what the first have prefilled.
    Second,
}

/// Is the gateway.
#[derive(Clone, Debug)]
pub struct Front {
    rules: Rules,
    loads: Vec<u32>,
    standings: Vec<Standing>,
    circuits: Vec<CircuitState>,
    /// How many circuits are not fine.
    troubled: usize,
    /// Replicas of the first pool; those behind them are of the second.
    split: usize,
    in_flight: [u64; 2],
    waiting: [VecDeque<Slot>; 2],
    draws: Random,
}

/// The stream of random numbers that balancing uses.
const STREAM: u64 = 4;

impl Pool {
    /// Lists both.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    const fn place(self) -> usize {
        match self {
            Self::First => 0,
            Self::Second => 1,
        }
    }
}

impl Front {
    /// Opens one before so many replicas, of which the first so many take requests. `split` of them
    /// are the first pool.
    #[must_use]
    pub fn new(rules: Rules, replicas: u32, taking: u32, split: u32, seed: u64) -> Self {
        let count = replicas as usize;
        let standing = |at| {
            if at < taking {
                Standing::Takes
            } else {
                Standing::Off
            }
        };
        Self {
            rules,
            loads: vec![0; count],
            standings: (0..replicas).map(standing).collect(),
            circuits: vec![CircuitState::FINE; count],
            troubled: 0,
            split: split as usize,
            in_flight: [0; 2],
            waiting: [VecDeque::new(), VecDeque::new()],
            draws: Random::new(seed, STREAM),
        }
    }

    /// Chooses a replica of a pool for a request with a prefix, other than the one where it just
    /// failed.
    pub fn choose(
        &mut self,
        pool: Pool,
        key: Option<u64>,
        but: Option<usize>,
        now: Picos,
    ) -> Option<usize> {
        let draw = self.draws.bits();
        let (ms, rest) = (milliseconds(now), self.rules.rest);
        let (loads, standings, circuits) = (&self.loads, &self.standings, &self.circuits);
        let is_troubled = self.troubled > 0;
        // What is prefilled already has its place by right.
        let (first, count, most) = match pool {
            Pool::First => (0, self.split, self.rules.most_in_flight),
            Pool::Second => (self.split, loads.len() - self.split, u32::MAX),
        };
        let load = |place: usize| {
            let replica = first + place;
            let is_open = standings[replica] == Standing::Takes && loads[replica] < most;
            if !is_open || but == Some(replica) {
                return None;
            }
            let admits = !is_troubled || circuits[replica].admits(ms, rest).1 != Admits::No;
            admits.then_some(loads[replica])
        };
        let in_flight = self.in_flight[pool.place()];
        let balance = self.rules.balance;
        let chosen = first + balance.choose(count, in_flight, key, draw, load)?;
        if is_troubled {
            // A probe is the only one of its time: the circuit notes that it is under way.
            self.circuits[chosen] = self.circuits[chosen].admits(ms, rest).0;
        }
        self.loads[chosen] += 1;
        self.in_flight[pool.place()] += 1;
        Some(chosen)
    }

    /// Notes that a request has left a replica.
    pub fn left(&mut self, replica: usize) {
        self.loads[replica] -= 1;
        self.in_flight[usize::from(replica >= self.split)] -= 1;
    }

    /// Notes that a replica has answered.
    pub fn answered(&mut self, replica: usize) {
        if self.troubled > 0 {
            self.change(replica, CircuitState::answered);
        }
    }

    /// Notes that a replica has failed a request.
    pub fn failed(&mut self, replica: usize, now: Picos) {
        let rest = self.rules.rest;
        self.change(replica, |state| state.failed(milliseconds(now), rest, None));
    }

    /// Lets a request wait for a pool; says whether there was room.
    pub fn wait(&mut self, pool: Pool, slot: Slot) -> bool {
        let waiting = &mut self.waiting[pool.place()];
        let has_room = pool == Pool::Second || waiting.len() < self.rules.most_waiting;
        if has_room {
            waiting.push_back(slot);
        }
        has_room
    }

    /// Takes the request that has waited longest.
    pub fn next(&mut self, pool: Pool) -> Option<Slot> {
        self.waiting[pool.place()].pop_front()
    }

    /// Puts it back at its place.
    pub fn wait_on(&mut self, pool: Pool, slot: Slot) {
        self.waiting[pool.place()].push_front(slot);
    }

    /// Tells how many wait.
    #[must_use]
    pub fn waiting(&self, pool: Pool) -> usize {
        self.waiting[pool.place()].len()
    }

    /// Tells how many are at replicas.
    #[must_use]
    pub const fn in_flight(&self) -> u64 {
        self.in_flight[0] + self.in_flight[1]
    }

    /// Tells the load of a replica.
    #[must_use]
    pub fn load(&self, replica: usize) -> u32 {
        self.loads[replica]
    }

    /// Says whether some circuit is not fine, so that waiting may end by time alone.
    #[must_use]
    pub const fn is_troubled(&self) -> bool {
        self.troubled > 0
    }

    /// Tells how long a circuit rests.
    #[must_use]
    pub fn rest(&self) -> Picos {
        let millis = u64::try_from(self.rules.rest.as_millis()).unwrap_or(u64::MAX);
        millis.saturating_mul(SECOND / 1000).max(1)
    }

    /// Tells whether it counts on a replica.
    #[must_use]
    pub fn standing(&self, replica: usize) -> Standing {
        self.standings[replica]
    }

    /// Sets whether it counts on a replica.
    pub fn stand(&mut self, replica: usize, standing: Standing) {
        self.standings[replica] = standing;
    }

    /// Lists the replicas of a standing, the first first.
    pub fn standing_as(&self, standing: Standing) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let is_so = move |replica: &usize| self.standings[*replica] == standing;
        (0..self.standings.len()).filter(is_so)
    }

    fn change(&mut self, replica: usize, next: impl FnOnce(CircuitState) -> CircuitState) {
        let before = self.circuits[replica];
        let after = next(before);
        self.circuits[replica] = after;
        match (before == CircuitState::FINE, after == CircuitState::FINE) {
            (true, false) => self.troubled += 1,
            (false, true) => self.troubled -= 1,
            _ => {}
        }
    }
}

fn milliseconds(time: Picos) -> u64 {
    time / (SECOND / 1000)
}
