//! The times at which replicas end their steps, the earliest first: a binary heap with one place a
//! replica, so that an end can be moved and nothing stale is kept. It must not allocate per event.

use super::clock::{NEVER, Picos};

/// Orders replicas by their next end, and by number where ends are equal.
#[derive(Clone, Debug)]
pub struct Queue {
    times: Vec<Picos>,
    /// Replicas with an end, as a heap.
    heap: Vec<u32>,
    /// Where in the heap each stands.
    places: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl Queue {
    /// Opens one for so many replicas, none with an end.
    #[must_use]
    pub fn new(replicas: usize) -> Self {
        Self {
            times: vec![NEVER; replicas],
            heap: Vec::with_capacity(replicas),
            places: vec![NOWHERE; replicas],
        }
    }

    /// Tells the earliest end and whose it is.
    #[must_use]
    pub fn first(&self) -> Option<(Picos, usize)> {
        let replica = *self.heap.first()? as usize;
        Some((self.times[replica], replica))
    }

    /// Sets, or with `NEVER` takes away, the end of a replica.
    pub fn set(&mut self, replica: usize, time: Picos) {
        let place = self.places[replica];
        self.times[replica] = time;
        match (place == NOWHERE, time == NEVER) {
            (true, true) => {}
            (true, false) => {
                self.heap.push(replica as u32);
                self.rise(self.heap.len() - 1);
            }
            (false, true) => self.remove(place as usize, replica),
            (false, false) => {
                let place = self.rise(place as usize);
                self.sink(place);
            }
        }
    }

    fn remove(&mut self, place: usize, replica: usize) {
        self.places[replica] = NOWHERE;
        let Some(last) = self.heap.pop() else {
            return;
        };
        if place < self.heap.len() {
            self.heap[place] = last;
            let place = self.rise(place);
            self.sink(place);
        }
    }

    fn key(&self, place: usize) -> (Picos, u32) {
        let replica = self.heap[place];
        (self.times[replica as usize], replica)
    }

    fn rise(&mut self, mut place: usize) -> usize {
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.key(parent) <= self.key(place) {
                break;
            }
            self.swap(place, parent);
            place = parent;
        }
        self.mark(place);
        place
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let children = [2 * place + 1, 2 * place + 2];
            let among = children
                .into_iter()
                .filter(|child| *child < self.heap.len());
            let Some(least) = among.min_by_key(|child| self.key(*child)) else {
                break;
            };
            if self.key(place) <= self.key(least) {
                break;
            }
            self.swap(place, least);
            place = least;
        }
        self.mark(place);
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.heap.swap(one, other);
        self.mark(one);
        self.mark(other);
    }

    fn mark(&mut self, place: usize) {
        self.places[self.heap[place] as usize] = place as u32;
    }
}
