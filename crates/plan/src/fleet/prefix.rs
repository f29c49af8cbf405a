//! What an engine keeps of inputs that it has seen, by the ids of their blocks: held while a
//! request uses them, else the least recently used go first. It must not know a request.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::random::mixed;

/// Keeps blocks by id. An id stands for its block and all before it.
#[derive(Clone, Debug, Default)]
pub struct PrefixCache {
    places: HashMap<u64, u32, BuildHasherDefault<Mixing>>,
    entries: Vec<Entry>,
    free: Vec<u32>,
    /// The ends of the list of entries that nobody holds: first to go, last to go.
    oldest: Option<u32>,
    newest: Option<u32>,
    idle: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    id: u64,
    holders: u32,
    older: Option<u32>,
    newer: Option<u32>,
}

/// Hashes ids, which are numbers already, in the same way in every process.
#[derive(Clone, Default)]
pub struct Mixing(u64);

impl Hasher for Mixing {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mixed(self.0 ^ number);
    }
}

impl PrefixCache {
    /// Tells how many of the first ids are there, without a gap.
    #[must_use]
    pub fn matched(&self, ids: &[u64]) -> usize {
        ids.iter()
            .take_while(|id| self.places.contains_key(id))
            .count()
    }

    /// Tells how many of some ids are there and held by nobody.
    #[must_use]
    pub fn idle_among(&self, ids: &[u64]) -> u64 {
        let is_idle = |id: &&u64| {
            let place = self.places.get(id);
            place.is_some_and(|place| self.entries[*place as usize].holders == 0)
        };
        ids.iter().filter(is_idle).count() as u64
    }

    /// Tells the entries that nobody holds.
    #[must_use]
    pub const fn idle(&self) -> u64 {
        self.idle
    }

    /// Tells the entries that somebody holds.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.places.len() as u64 - self.idle
    }

    /// Holds on to an id, which is added where it is not there.
    pub fn hold(&mut self, id: u64) {
        let Some(place) = self.places.get(&id).copied() else {
            return self.add(id);
        };
        if self.entries[place as usize].holders == 0 {
            self.unlink(place);
        }
        self.entries[place as usize].holders += 1;
    }

    /// Lets go of ids, the last first, so that an end goes before what it continues.
    pub fn release(&mut self, ids: &[u64]) {
        for id in ids.iter().rev() {
            let Some(place) = self.places.get(id).copied() else {
                continue;
            };
            let entry = &mut self.entries[place as usize];
            entry.holders = entry.holders.saturating_sub(1);
            if entry.holders == 0 {
                self.link(place);
            }
        }
    }

    /// Forgets the least recently used entry that nobody holds.
    pub fn evict(&mut self) {
        let Some(place) = self.oldest else {
            return;
        };
        self.unlink(place);
        self.places.remove(&self.entries[place as usize].id);
        self.free.push(place);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.places.clear();
        self.entries.clear();
        self.free.clear();
        (self.oldest, self.newest, self.idle) = (None, None, 0);
    }

    fn add(&mut self, id: u64) {
        let entry = Entry {
            id,
            holders: 1,
            older: None,
            newer: None,
        };
        let place = match self.free.pop() {
            Some(place) => {
                self.entries[place as usize] = entry;
                place
            }
            None => {
                self.entries.push(entry);
                (self.entries.len() - 1) as u32
            }
        };
        self.places.insert(id, place);
    }

    fn link(&mut self, place: u32) {
        let before = self.newest.replace(place);
        let entry = &mut self.entries[place as usize];
        (entry.older, entry.newer) = (before, None);
        match before {
            Some(before) => self.entries[before as usize].newer = Some(place),
            None => self.oldest = Some(place),
        }
        self.idle += 1;
    }

    fn unlink(&mut self, place: u32) {
        let Entry { older, newer, .. } = self.entries[place as usize];
        match older {
            Some(older) => self.entries[older as usize].newer = newer,
            None => self.oldest = newer,
        }
        match newer {
            Some(newer) => self.entries[newer as usize].older = older,
            None => self.newest = older,
        }
        self.idle -= 1;
    }
}
