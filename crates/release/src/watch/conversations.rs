//! Sums up what is told into conversations, the units of every statistic: requests of one
//! conversation depend on each other, and two conversations do not. It must not compare arms.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::Timestamp;

use super::metric::{COUNT, METRICS, OUTCOME};
use super::observation::{Observation, Reported, WatchedArm};

/// The most requests that one conversation is counted with.
const MOST_REQUESTS: u32 = 64;
/// The most conversations that are under way; the one that is due first is closed.
const MOST_OPEN: usize = 100_000;
/// The most closed conversations that are remembered.
const MOST_CLOSED: usize = 1 << 20;

/// Holds a closed conversation: the mean of what its requests gave, metric by metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unit {
    pub(super) arm: WatchedArm,
    pub(super) values: [Option<f64>; COUNT],
    /// Whether every request had a price.
    pub(super) is_priced: bool,
}

/// Holds the conversations that are under way, and remembers those that are closed: a
/// conversation counts once.
#[derive(Clone, Debug)]
pub(super) struct Conversations {
    quiet_ms: i64,
    open: HashMap<u64, Open>,
    due: BTreeSet<(Timestamp, u64)>,
    closed: HashSet<u64>,
}

#[derive(Clone, Debug)]
struct Open {
    arm: WatchedArm,
    due: Timestamp,
    requests: u32,
    means: [Mean; COUNT],
    is_priced: bool,
    /// Whether requests of it went to both arms, so that it is of neither.
    has_crossed: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn push(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn value(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

impl Conversations {
    /// Closes a conversation once it has been quiet for so long.
    pub(super) fn new(quiet_ms: i64) -> Self {
        Self {
            quiet_ms,
            open: HashMap::new(),
            due: BTreeSet::new(),
            closed: HashSet::new(),
        }
    }

    pub(super) fn quiet_ms(&self) -> i64 {
        self.quiet_ms
    }

    /// Takes one answer. A conversation that had begun before anything was watched counts for
    /// nothing: it stayed with the incumbent whatever the share, and is longer than those beside.
    pub(super) fn observe(&mut self, one: &Observation) -> Option<Unit> {
        let id = one.conversation;
        if self.closed.contains(&id) {
            return None;
        }
        let is_known = self.open.contains_key(&id);
        if !is_known && !one.begun {
            self.remember(id);
            return None;
        }
        let due = self.after_quiet(one.at);
        let open = self.open.entry(id).or_insert_with(|| Open {
            arm: one.arm,
            due,
            requests: 0,
            means: [Mean::default(); COUNT],
            is_priced: true,
            has_crossed: false,
        });
        self.due.remove(&(open.due, id));
        open.due = due.max(open.due);
        open.requests += 1;
        open.has_crossed |= open.arm != one.arm;
        open.is_priced &= one.cost.is_some();
        for (mean, metric) in open.means.iter_mut().zip(&METRICS) {
            if let Some(value) = (metric.of)(one) {
                mean.push(value);
            }
        }
        self.due.insert((open.due, id));
        let is_full = open.requests >= MOST_REQUESTS;
        if is_full {
            self.close(id)
        } else if self.open.len() > MOST_OPEN {
            let first = self.due.first().map(|(_, id)| *id);
            first.and_then(|id| self.close(id))
        } else {
            None
        }
    }

    /// Takes one report; one of a conversation that is not under way comes too late.
    pub(super) fn report(&mut self, one: &Reported) {
        let due = self.after_quiet(one.at);
        let Some(open) = self.open.get_mut(&one.conversation) else {
            return;
        };
        self.due.remove(&(open.due, one.conversation));
        open.due = due.max(open.due);
        self.due.insert((open.due, one.conversation));
        for (mean, metric) in open.means.iter_mut().zip(&METRICS) {
            if metric.name == OUTCOME {
                mean.push(one.value.value());
            }
        }
    }

    /// Closes the next conversation that has been quiet for long enough, in the order in which
    /// they are due.
    pub(super) fn next_quiet(&mut self, now: Timestamp) -> Option<Unit> {
        loop {
            let (due, id) = *self.due.first()?;
            if due > now {
                return None;
            }
            if let Some(unit) = self.close(id) {
                return Some(unit);
            }
        }
    }

    fn close(&mut self, id: u64) -> Option<Unit> {
        let open = self.open.remove(&id)?;
        self.due.remove(&(open.due, id));
        self.remember(id);
        (!open.has_crossed).then(|| Unit {
            arm: open.arm,
            values: open.means.map(Mean::value),
            is_priced: open.is_priced,
        })
    }

    fn remember(&mut self, id: u64) {
        if self.closed.len() >= MOST_CLOSED {
            self.closed.clear();
        }
        self.closed.insert(id);
    }

    fn after_quiet(&self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.saturating_add(self.quiet_ms))
    }
}
