//! The simulation: the next thing that happens, one after another, until nothing is under way. At
//! one time steps end first, then failures and starts happen, then who waits at the gateway is
//! placed, then requests arrive. It must not know how a step, a choice or a failure comes about.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::MAX_ATTEMPTS;

use super::arrivals::Arrival;
use super::clock::{NEVER, Picos};
use super::costs::Costs;
use super::engine::Replica;
use super::faults::{Faults, Places};
use super::front::{Front, Pool, Rules, Standing};
use super::limits::{Engine, Limits, Pace, Role, Tally};
use super::queue::Queue;
use super::report::{Account, Finished, Measures, Price, Report};
use super::requests::{Requests, Slot};
use super::scaling::Scaling;

/// Describes a fleet and the rules before it.
#[derive(Clone, Debug)]
pub struct Setup<'s> {
    /// How long steps take.
    pub costs: &'s Costs,
    /// The limits of an engine.
    pub limits: Limits,
    /// How like steps are simulated.
    pub pace: Pace,
    /// Replicas: all that there can be.
    pub replicas: u32,
    /// The gateway's rules.
    pub rules: Rules,
    /// Kinds of failures.
    pub faults: Vec<Faults>,
    /// Autoscaling; without it all replicas run all the time.
    pub scaling: Option<Scaling>,
    /// Prefill by replicas of its own; without it each does all. It excludes autoscaling.
    pub apart: Option<Apart>,
    /// What an accelerator costs.
    pub price: Option<Price>,
    /// What random numbers begin with.
    pub seed: u64,
}

/// Describes replicas that only prefill, and the handover of caches to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Apart {
    /// How many of the replicas prefill.
    pub prefill: u32,
    /// The time of a handover for each token, in femtoseconds.
    pub per_token: u64,
}

/// Happens beside steps and arrivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Control {
    /// A place of a kind of failures fails.
    Fails(u32, u32),
    /// It is mended.
    Mends(u32, u32),
    /// A replica has started.
    Ready(u32),
    /// The autoscaler looks.
    Scale,
    /// Circuits have rested: who waits may be placed.
    Look,
    /// A request's cache has been handed over.
    Handed(Slot),
}

struct Fleet<'s, F> {
    setup: &'s Setup<'s>,
    engine: Engine<'s>,
    replicas: Vec<Replica>,
    /// How many failures keep each down.
    down: Vec<u32>,
    ends: Queue,
    controls: BinaryHeap<Reverse<(Picos, u64, Control)>>,
    /// Numbers control events, so that those of one time keep their order.
    numbered: u64,
    requests: Requests,
    front: Front,
    places: Vec<Places>,
    measures: Measures,
    now: Picos,
    /// Whether somebody who waits at the gateway may find a place now.
    has_room: bool,
    is_look_due: bool,
    provisioned: u32,
    provisioned_since: Picos,
    /// Since when fewer replicas have been enough.
    calm_since: Option<Picos>,
    done: Vec<Slot>,
    finished: F,
}

/// Simulates a fleet until all that arrives has left.
///
/// # Errors
/// Fails with the first arrival that does, as a trace with a broken line.
pub fn simulate<E>(
    setup: &Setup<'_>,
    arrivals: impl Iterator<Item = Result<Arrival, E>>,
) -> Result<Report, E> {
    observe(setup, arrivals, |_| {})
}

/// Simulates a fleet and tells of each request when it is finished.
///
/// # Errors
/// Fails with the first arrival that does.
pub fn observe<E>(
    setup: &Setup<'_>,
    arrivals: impl Iterator<Item = Result<Arrival, E>>,
    finished: impl FnMut(Finished),
) -> Result<Report, E> {
    let mut fleet = Fleet::new(setup, finished);
    fleet.run(arrivals)?;
    Ok(fleet.report())
}

impl<'s, F: FnMut(Finished)> Fleet<'s, F> {
    fn new(setup: &'s Setup<'s>, finished: F) -> Self {
        let Setup { replicas, seed, .. } = *setup;
        let count = replicas as usize;
        let first = setup
            .scaling
            .map_or(replicas, |rule| rule.least.min(replicas));
        let kinds = (0..).zip(&setup.faults);
        let split = setup
            .apart
            .map_or(replicas, |apart| apart.prefill.min(replicas));
        let role = |at: u32| match setup.apart {
            Some(_) if at < split => Role::Prefills,
            _ => Role::Serves,
        };
        let places = kinds.map(|(kind, faults)| Places::new(*faults, kind, replicas, seed));
        let mut fleet = Self {
            setup,
            engine: Engine {
                costs: setup.costs,
                limits: setup.limits,
                pace: setup.pace,
            },
            replicas: (0..replicas).map(|at| Replica::new(role(at))).collect(),
            down: vec![0; count],
            ends: Queue::new(count),
            controls: BinaryHeap::new(),
            numbered: 0,
            requests: Requests::default(),
            front: Front::new(setup.rules, replicas, first, split, seed),
            places: places.collect(),
            measures: Measures {
                most_replicas: first,
                ..Measures::default()
            },
            now: 0,
            has_room: false,
            is_look_due: false,
            provisioned: first,
            provisioned_since: 0,
            calm_since: None,
            done: Vec::new(),
            finished,
        };
        fleet.foresee();
        fleet
    }

    /// Schedules what happens by itself.
    fn foresee(&mut self) {
        for kind in 0..self.places.len() {
            for place in 0..self.places[kind].count() {
                let lasts = self.places[kind].lasts(place);
                self.schedule(lasts, Control::Fails(kind as u32, place));
            }
        }
        if let Some(rule) = self.setup.scaling {
            self.schedule(rule.every, Control::Scale);
        }
    }

    fn run<E>(&mut self, arrivals: impl Iterator<Item = Result<Arrival, E>>) -> Result<(), E> {
        let mut arrivals = arrivals;
        let mut next = arrivals.next().transpose()?;
        loop {
            let arrives = next.as_ref().map_or(NEVER, |arrival| arrival.at);
            let (ends, replica) = self.ends.first().unwrap_or((NEVER, 0));
            let happens = self.controls.peek().map_or(NEVER, |Reverse((at, ..))| *at);
            if self.has_room && ends.min(happens) > self.now {
                self.has_room = false;
                self.place_waiting();
                continue;
            }
            let is_over = next.is_none() && self.requests.is_empty();
            let at = arrives.min(ends).min(happens);
            if is_over || at == NEVER {
                return Ok(());
            }
            self.now = at;
            self.measures.events += 1;
            if ends == at {
                self.end(replica);
            } else if happens == at {
                if let Some(Reverse((_, _, control))) = self.controls.pop() {
                    self.control(control);
                }
            } else if let Some(arrival) = next.take() {
                self.arrive(arrival);
                next = arrivals.next().transpose()?;
            }
        }
    }

    fn report(mut self) -> Report {
        self.account();
        let mut tally = Tally::default();
        for replica in &self.replicas {
            let of = replica.tally;
            tally.busy += of.busy;
            tally.steps += of.steps;
            tally.preempted += of.preempted;
            tally.prefilled += of.prefilled;
            tally.spared += of.spared;
        }
        let mut measures = self.measures;
        measures.slots = self.requests.slots();
        measures.end = self.now;
        for at in self.requests.under_way() {
            measures.requests.running += 1;
            measures.input.running += u64::from(self.requests.input[at]);
            measures.output.running += u64::from(self.requests.output[at]);
        }
        measures.report(self.setup.seed, &tally, self.setup.price)
    }

    fn schedule(&mut self, at: Picos, control: Control) {
        self.numbered += 1;
        self.controls.push(Reverse((at, self.numbered, control)));
    }

    fn arrive(&mut self, arrival: Arrival) {
        let (input, output) = (arrival.input, arrival.output);
        self.count((input, output), |account| &mut account.arrived);
        if input == 0 || output == 0 || !self.engine.fits(input, output) {
            self.count((input, output), |account| &mut account.refused_unfit);
            return;
        }
        let slot = self.requests.add(arrival);
        // Who waits already comes first.
        self.place_or_wait(slot);
    }

    fn place_or_wait(&mut self, slot: Slot) {
        if self.front.waiting(self.pool(slot)) > 0 || !self.place(slot, None) {
            self.wait(slot);
        }
    }

    /// Tells where a request goes next.
    fn pool(&self, slot: Slot) -> Pool {
        if self.requests.is_filled[slot as usize] {
            Pool::Second
        } else {
            Pool::First
        }
    }

    /// Ends what is under way at a replica.
    fn end(&mut self, replica: usize) {
        let mut done = std::mem::take(&mut self.done);
        let of = &mut self.replicas[replica];
        of.end(self.now, &self.engine, &mut self.requests, &mut done);
        for slot in done.drain(..) {
            let at = slot as usize;
            if self.requests.made[at] == self.requests.output[at] {
                self.finish(slot);
            } else {
                self.hand_over(slot);
            }
            self.front.left(replica);
            self.front.answered(replica);
            self.has_room |= Pool::ALL.iter().any(|pool| self.front.waiting(*pool) > 0);
        }
        self.done = done;
        self.begin(replica);
        self.settle(replica);
    }

    fn begin(&mut self, replica: usize) {
        let of = &mut self.replicas[replica];
        let end = of.begin(self.now, &self.engine, &mut self.requests);
        self.ends.set(replica, end);
    }

    fn finish(&mut self, slot: Slot) {
        let at = slot as usize;
        let of = &self.requests;
        let finished = Finished {
            arrived: of.arrived[at],
            taken: of.taken[at],
            first: of.first[at],
            last: self.now,
            input: of.input[at],
            output: of.output[at],
        };
        (self.finished)(finished);
        self.measures.finished(&finished);
        let (input, output) = (finished.input, finished.output);
        self.count((input, output), |account| &mut account.finished);
        self.requests.remove(slot);
    }

    /// Sends a request that is prefilled to those that decode.
    fn hand_over(&mut self, slot: Slot) {
        const FEMTO: u64 = 1_000;
        let at = slot as usize;
        self.requests.is_filled[at] = true;
        let per_token = self.setup.apart.map_or(0, |apart| apart.per_token);
        let takes = u64::from(self.requests.input[at]).saturating_mul(per_token) / FEMTO;
        self.schedule(self.now.saturating_add(takes), Control::Handed(slot));
    }

    /// Gives a request to a replica, trying others while replicas fail it; says whether it is dealt
    /// with, or has to wait.
    fn place(&mut self, slot: Slot, failed_at: Option<usize>) -> bool {
        let at = slot as usize;
        let mut but = failed_at;
        // The first block is what an organisation's requests have in common; the second tells them
        // apart.
        let ids = &self.requests.ids[at];
        let key = ids.get(1).or(ids.first()).copied();
        let pool = self.pool(slot);
        while let Some(replica) = self.front.choose(pool, key, but, self.now) {
            if self.down[replica] == 0 {
                self.give(slot, replica);
                return true;
            }
            self.front.left(replica);
            self.front.failed(replica, self.now);
            if !self.may_retry(slot) {
                return true;
            }
            self.measures.retried += 1;
            but = Some(replica);
        }
        false
    }

    fn give(&mut self, slot: Slot, replica: usize) {
        let of = &mut self.replicas[replica];
        if let Some(end) = of.push(slot, self.now, &self.engine) {
            self.ends.set(replica, end);
        }
        if of.is_idle() {
            self.begin(replica);
        }
    }

    /// Counts a failed attempt; drops the request where it was the last one allowed.
    fn may_retry(&mut self, slot: Slot) -> bool {
        let at = slot as usize;
        self.requests.tries[at] += 1;
        if u32::from(self.requests.tries[at]) < MAX_ATTEMPTS {
            return true;
        }
        self.drop(slot, |account| &mut account.dropped);
        false
    }

    fn drop(&mut self, slot: Slot, of: fn(&mut Account) -> &mut u64) {
        let at = slot as usize;
        let lengths = (self.requests.input[at], self.requests.output[at]);
        self.count(lengths, of);
        self.requests.remove(slot);
    }

    fn wait(&mut self, slot: Slot) {
        if !self.front.wait(self.pool(slot), slot) {
            return self.drop(slot, |account| &mut account.refused_full);
        }
        self.look_later();
    }

    /// Sees to it that whoever waits for a circuit alone is placed when it has rested.
    fn look_later(&mut self) {
        if self.front.is_troubled() && !self.is_look_due {
            self.is_look_due = true;
            self.schedule(self.now.saturating_add(self.front.rest()), Control::Look);
        }
    }

    fn place_waiting(&mut self) {
        for pool in Pool::ALL {
            while let Some(slot) = self.front.next(pool) {
                if !self.place(slot, None) {
                    self.front.wait_on(pool, slot);
                    self.look_later();
                    break;
                }
            }
        }
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Fails(kind, place) => self.fail(kind, place),
            Control::Mends(kind, place) => self.mend(kind, place),
            Control::Ready(replica) => {
                if self.front.standing(replica as usize) == Standing::Starts {
                    self.front.stand(replica as usize, Standing::Takes);
                    self.has_room = true;
                }
            }
            Control::Scale => self.scale(),
            Control::Handed(slot) => self.place_or_wait(slot),
            Control::Look => {
                self.is_look_due = false;
                self.has_room = true;
            }
        }
    }

    fn fail(&mut self, kind: u32, place: u32) {
        let of = &mut self.places[kind as usize];
        let (replicas, mends) = (of.replicas(place), of.mends(place));
        self.schedule(self.now.saturating_add(mends), Control::Mends(kind, place));
        for replica in replicas.clone() {
            self.down[replica] += 1;
        }
        let mut lost = std::mem::take(&mut self.done);
        for replica in replicas {
            let is_off = self.front.standing(replica) == Standing::Off;
            if is_off || self.down[replica] > 1 {
                continue;
            }
            self.measures.failures += 1;
            self.replicas[replica].fail(self.now, &mut self.requests, &mut lost);
            self.ends.set(replica, NEVER);
            for slot in lost.drain(..) {
                self.lose(slot, replica);
            }
            self.settle(replica);
        }
        self.done = lost;
    }

    /// Begins a request anew whose replica has failed.
    fn lose(&mut self, slot: Slot, replica: usize) {
        let at = slot as usize;
        self.front.left(replica);
        self.front.failed(replica, self.now);
        let made = std::mem::take(&mut self.requests.made[at]);
        self.requests.first[at] = NEVER;
        (self.requests.held[at], self.requests.left[at]) = (0, 0);
        self.requests.is_filled[at] = false;
        self.measures.lost_output += u64::from(made);
        if !self.may_retry(slot) {
            return;
        }
        if made > 0 {
            self.measures.interrupted += 1;
        } else {
            self.measures.retried += 1;
        }
        // It begins anew, also where it was only decoded.
        if !self.place(slot, Some(replica)) {
            self.wait(slot);
        }
    }

    fn mend(&mut self, kind: u32, place: u32) {
        let of = &mut self.places[kind as usize];
        let (replicas, lasts) = (of.replicas(place), of.lasts(place));
        for replica in replicas {
            self.down[replica] -= 1;
        }
        self.has_room = true;
        self.schedule(self.now.saturating_add(lasts), Control::Fails(kind, place));
    }

    fn scale(&mut self) {
        let Some(rule) = self.setup.scaling else {
            return;
        };
        self.schedule(self.now.saturating_add(rule.every), Control::Scale);
        let waiting = self.front.waiting(Pool::First) as u64;
        let wanted = rule.wanted(self.front.in_flight() + waiting) as usize;
        let count = |standing| self.front.standing_as(standing).count();
        let have = count(Standing::Takes) + count(Standing::Starts);
        if wanted >= have {
            self.calm_since = None;
            return self.start(wanted - have, rule.cold_start);
        }
        let since = *self.calm_since.get_or_insert(self.now);
        if self.now - since >= rule.patience {
            self.calm_since = None;
            self.let_go(have - wanted);
        }
    }

    fn start(&mut self, count: usize, cold_start: Picos) {
        // One that still drains is warm.
        let warm: Vec<usize> = self
            .front
            .standing_as(Standing::Drains)
            .take(count)
            .collect();
        let cold = self
            .front
            .standing_as(Standing::Off)
            .take(count - warm.len());
        let cold: Vec<usize> = cold.collect();
        self.has_room |= !warm.is_empty();
        for replica in warm {
            self.front.stand(replica, Standing::Takes);
        }
        self.provision(self.provisioned + cold.len() as u32);
        for replica in cold {
            self.front.stand(replica, Standing::Starts);
            let at = self.now.saturating_add(cold_start);
            self.schedule(at, Control::Ready(replica as u32));
        }
    }

    fn let_go(&mut self, count: usize) {
        let last: Vec<usize> = self
            .front
            .standing_as(Standing::Takes)
            .rev()
            .take(count)
            .collect();
        for replica in last {
            self.front.stand(replica, Standing::Drains);
            self.settle(replica);
        }
    }

    /// Turns a replica off that has drained.
    fn settle(&mut self, replica: usize) {
        let has_drained =
            self.front.standing(replica) == Standing::Drains && self.front.load(replica) == 0;
        if has_drained {
            self.front.stand(replica, Standing::Off);
            self.provision(self.provisioned - 1);
        }
    }

    fn provision(&mut self, replicas: u32) {
        self.account();
        self.provisioned = replicas;
        self.measures.most_replicas = self.measures.most_replicas.max(replicas);
    }

    /// Accounts for the time that was paid for until now.
    fn account(&mut self) {
        let time = u128::from(self.now - self.provisioned_since);
        self.measures.reserved += time * u128::from(self.provisioned);
        self.provisioned_since = self.now;
    }

    fn count(&mut self, (input, output): (u32, u32), of: fn(&mut Account) -> &mut u64) {
        *of(&mut self.measures.requests) += 1;
        *of(&mut self.measures.input) += u64::from(input);
        *of(&mut self.measures.output) += u64::from(output);
    }
}
