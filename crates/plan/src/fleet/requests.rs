//! The requests under way, a column a field, in slots that are used again: memory follows what is
//! under way, not how long the trace is. It must not know where a request is served.

use super::arrivals::Arrival;
use super::clock::{NEVER, Picos};

/// Is the slot of a request.
pub type Slot = u32;

/// Holds the requests under way.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// When each arrived.
    pub arrived: Vec<Picos>,
    /// When it was first taken into a step; `NEVER` before.
    pub taken: Vec<Picos>,
    /// When its first token came; `NEVER` before.
    pub first: Vec<Picos>,
    /// Its tokens.
    pub input: Vec<u32>,
    /// The tokens of its answer.
    pub output: Vec<u32>,
    /// Those of them that there were when it was last taken in or put back.
    pub made: Vec<u32>,
    /// Tokens still to be prefilled.
    pub left: Vec<u32>,
    /// Cached blocks of its prefix that it holds on to.
    pub held: Vec<u32>,
    /// The step of its replica at which it is finished.
    pub last_step: Vec<u64>,
    /// Changes whenever it is taken in or leaves, so that what is noted of it elsewhere is known to
    /// be stale.
    pub stamp: Vec<u32>,
    /// Attempts until now.
    pub tries: Vec<u8>,
    /// Whether its input is prefilled elsewhere and handed over.
    pub is_filled: Vec<bool>,
    /// The ids of its blocks of input.
    pub ids: Vec<Vec<u64>>,
    free: Vec<Slot>,
}

impl Requests {
    /// Takes in one that has arrived.
    pub fn add(&mut self, arrival: Arrival) -> Slot {
        let slot = self.free.pop().unwrap_or_else(|| self.grow());
        let at = slot as usize;
        self.arrived[at] = arrival.at;
        self.taken[at] = NEVER;
        self.first[at] = NEVER;
        self.input[at] = arrival.input;
        self.output[at] = arrival.output;
        self.made[at] = 0;
        self.left[at] = 0;
        self.held[at] = 0;
        self.tries[at] = 0;
        self.is_filled[at] = false;
        self.ids[at] = arrival.ids;
        slot
    }

    /// Lets one go.
    pub fn remove(&mut self, slot: Slot) {
        self.stamp[slot as usize] = self.stamp[slot as usize].wrapping_add(1);
        self.free.push(slot);
    }

    /// Tells how many slots were ever needed at once.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.arrived.len()
    }

    /// Tells how many requests are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrived.len() - self.free.len()
    }

    /// Lists the places of those under way.
    pub fn under_way(&self) -> impl Iterator<Item = usize> + use<> {
        let mut is_used = vec![true; self.arrived.len()];
        for slot in &self.free {
            is_used[*slot as usize] = false;
        }
        (0..)
            .zip(is_used)
            .filter_map(|(at, is_used)| is_used.then_some(at))
    }

    /// Says whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn grow(&mut self) -> Slot {
        let slot = self.arrived.len() as Slot;
        self.arrived.push(0);
        self.taken.push(0);
        self.first.push(0);
        self.input.push(0);
        self.output.push(0);
        self.made.push(0);
        self.left.push(0);
        self.held.push(0);
        self.last_step.push(0);
        self.stamp.push(0);
        self.tries.push(0);
        self.is_filled.push(false);
        self.ids.push(Vec::new());
        slot
    }
}
