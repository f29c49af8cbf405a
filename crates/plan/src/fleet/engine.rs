//! One replica's engine: continuous batching with a budget of tokens for chunked prefill, cache
//! blocks, preemption by recomputing, and a prefix cache. Like decode steps are one span, jumped in
//! closed form. It must not know other replicas, nor when requests arrive.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::clock::{NEVER, Picos};
use super::costs::{BLOCK, Line};
use super::limits::{Engine, Pace, Role, Tally, blocks_of};
use super::prefix::PrefixCache;
use super::requests::{Requests, Slot};

/// Is one replica's engine.
#[derive(Clone, Debug, Default)]
pub struct Replica {
    waiting: VecDeque<Slot>,
    /// Requests that are prefilled, in the order in which they were taken in.
    filling: VecDeque<Slot>,
    /// What the step under way prefills, for the first of them.
    chunks: Vec<u32>,
    /// Decoding requests by their last step. A stale stamp marks one that has left.
    finishing: BinaryHeap<Reverse<(u64, Slot, u32)>>,
    /// Requests in the order in which they were taken in; stale stamps as above.
    taken: Vec<(Slot, u32)>,
    decoding: u64,
    /// The lengths of the decoding sequences, together.
    cached: u64,
    /// Decoding sequences by the step, modulo a block, at which they need a new block.
    phases: [u32; BLOCK as usize],
    /// Steps until now.
    step: u64,
    /// Blocks that requests have for themselves.
    own: u64,
    prefix: PrefixCache,
    span: Option<Span>,
    role: Role,
    /// What it did.
    pub tally: Tally,
}

/// Is what is under way: one step with prefill, or decode steps that are alike.
#[derive(Clone, Copy, Debug)]
struct Span {
    began: Picos,
    line: Line,
    steps: u64,
}

impl Replica {
    /// Makes one of a role.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self {
            role,
            ..Self::default()
        }
    }

    /// Takes a request; tells when what is under way ends now, where that has changed.
    pub fn push(&mut self, slot: Slot, now: Picos, engine: &Engine<'_>) -> Option<Picos> {
        // Whoever waits already waits for a sequence to finish; so will this one.
        let is_blocked = !self.waiting.is_empty();
        let is_full = self.running() >= u64::from(engine.limits.most_sequences);
        self.waiting.push_back(slot);
        let span = self.span.as_mut().filter(|_| !is_blocked && !is_full)?;
        let steps = span.first_after(now)?;
        (steps < span.steps).then(|| {
            span.steps = steps;
            span.end()
        })
    }

    /// Says whether nothing is under way.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.span.is_none()
    }

    /// Begins what comes next and tells its end; never, where there is nothing to do.
    pub fn begin(&mut self, now: Picos, engine: &Engine<'_>, requests: &mut Requests) -> Picos {
        self.make_room(engine, requests);
        let work = self.plan_prefill(now, engine, requests);
        let line = if !self.chunks.is_empty() {
            let tokens = self.chunks.iter().sum();
            let load = (self.decoding, self.cached);
            self.own += self.needed(1);
            self.keep_within(engine);
            let first = engine.costs.mixed(load, tokens, work).max(1);
            Line {
                first,
                more: 0,
                steps: 1,
            }
        } else if self.decoding > 0 {
            engine.costs.decode(self.decoding, self.cached)
        } else {
            return NEVER;
        };
        let steps = match engine.pace {
            Pace::Step => 1,
            Pace::Jump if line.steps == 1 => 1,
            Pace::Jump => self.alike(engine, requests).min(line.steps).max(1),
        };
        let span = Span {
            began: now,
            line,
            steps,
        };
        self.span = Some(span);
        span.end()
    }

    /// Ends what is under way and lists the requests that leave by it: those that are finished, and
    /// where it only prefills, those that are prefilled.
    pub fn end(
        &mut self,
        now: Picos,
        engine: &Engine<'_>,
        requests: &mut Requests,
        done: &mut Vec<Slot>,
    ) {
        let Some(span) = self.span.take() else {
            return;
        };
        self.tally.busy += u128::from(now - span.began);
        self.tally.steps += span.steps;
        if self.chunks.is_empty() {
            self.own += self.needed(span.steps);
            self.keep_within(engine);
        }
        self.cached += self.decoding * span.steps;
        self.step += span.steps;
        self.finish_decoding(engine, requests, done);
        self.finish_prefill(now, engine, requests, done);
        self.forget_stale(requests);
    }

    /// Fails: everything is lost. Lists the requests that it had, with the tokens made by then.
    pub fn fail(&mut self, now: Picos, requests: &mut Requests, lost: &mut Vec<Slot>) {
        if let Some(span) = self.span.take() {
            let steps = span.first_after(now).map_or(span.steps, |steps| steps - 1);
            self.step += if self.chunks.is_empty() { steps } else { 0 };
            self.tally.busy += u128::from(now - span.began);
            self.tally.steps += steps;
        }
        for (slot, stamp) in self.taken.drain(..) {
            let at = slot as usize;
            if requests.stamp[at] == stamp {
                requests.made[at] = made(requests, at, self.step);
                leave(requests, at);
                lost.push(slot);
            }
        }
        lost.extend(self.waiting.drain(..));
        self.filling.clear();
        self.chunks.clear();
        self.finishing.clear();
        self.prefix.clear();
        (self.decoding, self.cached, self.own) = (0, 0, 0);
        self.phases = [0; BLOCK as usize];
    }

    /// Tells the requests in steps.
    fn running(&self) -> u64 {
        self.decoding + self.filling.len() as u64
    }

    /// Tells the new blocks that so many next steps of decoding need.
    fn needed(&self, steps: u64) -> u64 {
        let block = u64::from(BLOCK);
        let rest =
            (0..steps % block).map(|later| u64::from(self.phases[phase_at(self.step + later)]));
        steps / block * self.decoding + rest.sum::<u64>()
    }

    /// Tells how many steps of decoding the free blocks are enough for.
    fn affordable(&self, engine: &Engine<'_>) -> u64 {
        let block = u64::from(BLOCK);
        let free = engine
            .limits
            .blocks
            .saturating_sub(self.taken_blocks(engine));
        let rounds = free / self.decoding.max(1);
        let mut left = free % self.decoding.max(1);
        let mut steps = rounds.saturating_mul(block);
        for later in 0..block {
            let need = u64::from(self.phases[phase_at(self.step + later)]);
            let Some(rest) = left.checked_sub(need) else {
                break;
            };
            left = rest;
            steps = steps.saturating_add(1);
        }
        steps
    }

    /// Tells the blocks that cannot be had for the asking: idle entries of the prefix cache can.
    fn taken_blocks(&self, engine: &Engine<'_>) -> u64 {
        self.own + self.prefix.held() * engine.per_id()
    }

    /// Tells how many of the next decode steps are alike: until one finishes or blocks run out.
    fn alike(&mut self, engine: &Engine<'_>, requests: &Requests) -> u64 {
        while let Some(Reverse((last, slot, stamp))) = self.finishing.peek() {
            if requests.stamp[*slot as usize] == *stamp {
                return (last - self.step).min(self.affordable(engine));
            }
            self.finishing.pop();
        }
        1
    }

    /// Puts the last taken in back until the next step's new blocks can be had.
    fn make_room(&mut self, engine: &Engine<'_>, requests: &mut Requests) {
        while self.taken_blocks(engine) + self.needed(1) > engine.limits.blocks {
            let Some((slot, stamp)) = self.taken.pop() else {
                return;
            };
            if requests.stamp[slot as usize] == stamp {
                self.put_back(slot, engine, requests);
            }
        }
    }

    fn put_back(&mut self, slot: Slot, engine: &Engine<'_>, requests: &mut Requests) {
        let at = slot as usize;
        let is_filling = requests.left[at] > 0;
        requests.made[at] = made(requests, at, self.step);
        let length = u64::from(requests.input[at]) + u64::from(requests.made[at]);
        if is_filling {
            self.filling.pop_back();
            self.give_back(length, at, engine, requests);
        } else {
            self.cached -= length;
            self.decoding -= 1;
            self.phases[phase_of(length, self.step)] -= 1;
            self.give_back(length - 1, at, engine, requests);
        }
        leave(requests, at);
        self.tally.preempted += 1;
        self.waiting.push_front(slot);
    }

    /// Gives back the blocks of a request that has so many tokens in them.
    fn give_back(&mut self, tokens: u64, at: usize, engine: &Engine<'_>, requests: &mut Requests) {
        let held = requests.held[at] as usize;
        self.own -= blocks_of(tokens) - held as u64 * engine.per_id();
        self.prefix.release(&requests.ids[at][..held]);
        requests.held[at] = 0;
    }

    /// Plans what the next step prefills, and tells its work.
    fn plan_prefill(&mut self, now: Picos, engine: &Engine<'_>, requests: &mut Requests) -> f64 {
        self.chunks.clear();
        let mut budget = u64::from(engine.limits.most_tokens).saturating_sub(self.decoding) as u32;
        let mut work = 0.0;
        for place in 0..self.filling.len() {
            work += self.add_chunk(self.filling[place] as usize, &mut budget, engine, requests);
        }
        while budget > 0 && self.running() < u64::from(engine.limits.most_sequences) {
            let Some(slot) = self.waiting.front().copied() else {
                break;
            };
            let at = slot as usize;
            if requests.is_filled[at] {
                if !self.take_over(slot, engine, requests) {
                    break;
                }
                self.waiting.pop_front();
                budget -= 1;
                continue;
            }
            if !self.take_in(slot, engine, requests) {
                break;
            }
            requests.taken[at] = requests.taken[at].min(now);
            self.waiting.pop_front();
            work += self.add_chunk(at, &mut budget, engine, requests);
        }
        work
    }

    fn add_chunk(
        &mut self,
        at: usize,
        budget: &mut u32,
        engine: &Engine<'_>,
        requests: &Requests,
    ) -> f64 {
        let left = requests.left[at];
        let chunk = left.min(*budget);
        if chunk == 0 {
            return 0.0;
        }
        *budget -= chunk;
        self.chunks.push(chunk);
        let before = requests.input[at] + requests.made[at] - left;
        engine.costs.prefill(before, chunk)
    }

    /// Takes in a request where its blocks can be had.
    fn take_in(&mut self, slot: Slot, engine: &Engine<'_>, requests: &mut Requests) -> bool {
        let at = slot as usize;
        let length = requests.input[at] + requests.made[at];
        // The last token is computed in any case: the next one comes out of it.
        let most = engine
            .limits
            .id_tokens
            .map_or(0, |tokens| (length - 1) / tokens) as usize;
        let ids = &requests.ids[at][..engine.full(requests, at).min(most)];
        let matched = self.prefix.matched(ids);
        let ids = &ids[..matched];
        let own = blocks_of(u64::from(length)) - matched as u64 * engine.per_id();
        let woken = self.prefix.idle_among(ids) * engine.per_id();
        let needed = self.taken_blocks(engine) + woken + own + self.needed(1);
        if needed > engine.limits.blocks {
            return false;
        }
        for id in ids {
            self.prefix.hold(*id);
        }
        self.own += own;
        let spared = matched as u32 * engine.limits.id_tokens.unwrap_or_default();
        self.tally.spared += u64::from(spared);
        requests.held[at] = matched as u32;
        requests.left[at] = length - spared;
        requests.stamp[at] = requests.stamp[at].wrapping_add(1);
        self.taken.push((slot, requests.stamp[at]));
        self.filling.push_back(slot);
        true
    }

    /// Takes over a request that is prefilled, where its blocks can be had: it decodes at once.
    fn take_over(&mut self, slot: Slot, engine: &Engine<'_>, requests: &mut Requests) -> bool {
        let at = slot as usize;
        let length = u64::from(requests.input[at]) + u64::from(requests.made[at]);
        let own = blocks_of(length - 1);
        let phase = phase_of(length, self.step);
        let next = u64::from(phase == phase_at(self.step));
        let needed = self.taken_blocks(engine) + own + self.needed(1) + next;
        if needed > engine.limits.blocks {
            return false;
        }
        self.own += own;
        // Where it is put back, it is computed again here.
        requests.is_filled[at] = false;
        requests.stamp[at] = requests.stamp[at].wrapping_add(1);
        self.taken.push((slot, requests.stamp[at]));
        self.decode_on(slot, length, requests);
        true
    }

    /// Lets a request decode that has so many tokens in the next step.
    fn decode_on(&mut self, slot: Slot, length: u64, requests: &mut Requests) {
        let at = slot as usize;
        self.cached += length;
        self.decoding += 1;
        self.phases[phase_of(length, self.step)] += 1;
        let left = requests.output[at] - requests.made[at];
        requests.last_step[at] = self.step + u64::from(left);
        let key = (requests.last_step[at], slot, requests.stamp[at]);
        self.finishing.push(Reverse(key));
    }

    /// Forgets idle entries of the prefix cache until the blocks in use have room.
    fn keep_within(&mut self, engine: &Engine<'_>) {
        // INVARIANT: no more blocks are in use than there are; the test of jumping holds it.
        debug_assert!(self.taken_blocks(engine) <= engine.limits.blocks);
        let per_id = engine.per_id();
        while self.prefix.idle() > 0
            && self.taken_blocks(engine) + self.prefix.idle() * per_id > engine.limits.blocks
        {
            self.prefix.evict();
        }
    }

    fn finish_decoding(
        &mut self,
        engine: &Engine<'_>,
        requests: &mut Requests,
        done: &mut Vec<Slot>,
    ) {
        while let Some(Reverse((last, slot, stamp))) = self.finishing.peek().copied() {
            let at = slot as usize;
            let is_stale = requests.stamp[at] != stamp;
            if !is_stale && last > self.step {
                return;
            }
            self.finishing.pop();
            if is_stale {
                continue;
            }
            let length = u64::from(requests.input[at]) + u64::from(requests.output[at]);
            self.cached -= length;
            self.decoding -= 1;
            self.phases[phase_of(length, self.step)] -= 1;
            self.give_back(length - 1, at, engine, requests);
            requests.made[at] = requests.output[at];
            leave(requests, at);
            done.push(slot);
        }
    }

    fn finish_prefill(
        &mut self,
        now: Picos,
        engine: &Engine<'_>,
        requests: &mut Requests,
        done: &mut Vec<Slot>,
    ) {
        // Only the last of those that got a chunk can have something left.
        for place in 0..self.chunks.len() {
            let chunk = self.chunks[place];
            self.tally.prefilled += u64::from(chunk);
            let Some(slot) = self.filling.front().copied() else {
                break;
            };
            let at = slot as usize;
            requests.left[at] -= chunk;
            if requests.left[at] > 0 {
                break;
            }
            self.filling.pop_front();
            self.keep_prefix(at, engine, requests);
            requests.first[at] = requests.first[at].min(now);
            let length = u64::from(requests.input[at]) + u64::from(requests.made[at]);
            requests.made[at] += 1;
            let is_finished = requests.made[at] == requests.output[at];
            if is_finished || self.role == Role::Prefills {
                self.give_back(length, at, engine, requests);
                leave(requests, at);
                done.push(slot);
            } else {
                self.decode_on(slot, length + 1, requests);
            }
        }
        self.chunks.clear();
    }

    /// Keeps what was prefilled for others: its full blocks become the cache's, one copy each.
    fn keep_prefix(&mut self, at: usize, engine: &Engine<'_>, requests: &mut Requests) {
        let full = engine.full(requests, at);
        let held = requests.held[at] as usize;
        for id in requests.ids[at].get(held..full).into_iter().flatten() {
            self.prefix.hold(*id);
            self.own -= engine.per_id();
        }
        requests.held[at] = held.max(full) as u32;
    }

    /// Forgets who has left, once those are more than who has not.
    fn forget_stale(&mut self, requests: &Requests) {
        /// Below this many it is not worth the walk.
        const FEW: usize = 64;
        if self.taken.len() > 2 * self.running() as usize + FEW {
            let is_here = |(slot, stamp): &(Slot, u32)| requests.stamp[*slot as usize] == *stamp;
            self.taken.retain(is_here);
        }
        if self.finishing.len() > 2 * self.decoding as usize + FEW {
            self.finishing
                .retain(|Reverse((_, slot, stamp))| requests.stamp[*slot as usize] == *stamp);
        }
    }
}

impl Span {
    fn end(&self) -> Picos {
        self.began.saturating_add(self.line.after(self.steps))
    }

    /// Finds the first of its steps that ends after a time; none where all have.
    fn first_after(&self, now: Picos) -> Option<u64> {
        let ends_after = |steps: u64| self.began.saturating_add(self.line.after(steps)) > now;
        if !ends_after(self.steps) {
            return None;
        }
        let (mut least, mut most) = (1, self.steps);
        while least < most {
            let middle = least + (most - least) / 2;
            if ends_after(middle) {
                most = middle;
            } else {
                least = middle + 1;
            }
        }
        Some(least)
    }
}

/// Marks that a request is no longer in steps.
fn leave(requests: &mut Requests, at: usize) {
    requests.stamp[at] = requests.stamp[at].wrapping_add(1);
}

/// Tells the tokens that a request in steps has made.
fn made(requests: &Requests, at: usize, step: u64) -> u32 {
    if requests.left[at] > 0 {
        return requests.made[at];
    }
    // It is not finished, so what is left is at least one and at most all of its answer.
    let left = u32::try_from(requests.last_step[at] - step).unwrap_or(u32::MAX);
    requests.output[at].saturating_sub(left)
}

/// Tells the place, among phases, of a sequence that has so many tokens in the next step: a step
/// needs a new block where it writes the first token of one.
fn phase_of(length: u64, step: u64) -> usize {
    let block = u64::from(BLOCK);
    ((length - 1 + block - step % block) % block) as usize
}

/// Tells the place of those that need a new block in a step.
fn phase_at(step: u64) -> usize {
    let block = u64::from(BLOCK);
    ((block - step % block) % block) as usize
}
