//! What a simulated fleet did: counts that add up, percentiles, use and cost. It must not know how
//! it came about.

use serde::Serialize;

use super::clock::{Picos, SECOND, seconds};
use super::histogram::{Histogram, Percentiles};
use super::limits::Tally;

/// Counts what becomes of requests, or of their tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// All that arrived.
    pub arrived: u64,
    /// Finished.
    pub finished: u64,
    /// Refused, as no replica can hold it: longer than the context or the cache, or empty.
    pub refused_unfit: u64,
    /// Refused, as too many waited.
    pub refused_full: u64,
    /// Given up after too many failures.
    pub dropped: u64,
    /// Still under way at the end.
    pub running: u64,
}

impl Account {
    /// Says whether nothing was lost or invented.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        let refused = self.refused_unfit + self.refused_full;
        self.arrived == self.finished + refused + self.dropped + self.running
    }
}

/// Tells of a request that is finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// When it arrived.
    pub arrived: Picos,
    /// When it was first taken into a step.
    pub taken: Picos,
    /// When its first token came.
    pub first: Picos,
    /// When its last token came.
    pub last: Picos,
    /// Its tokens.
    pub input: u32,
    /// The tokens of its answer.
    pub output: u32,
}

/// Measures while a simulation runs.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// Requests.
    pub requests: Account,
    /// Their input tokens.
    pub input: Account,
    /// The output tokens that they ask for.
    pub output: Account,
    /// Attempts that began anew after a failure before anything was shown.
    pub retried: u64,
    /// Answers that a failure cut after something was shown, each begun anew.
    pub interrupted: u64,
    /// Output tokens that failures threw away.
    pub lost_output: u64,
    /// Failures of replicas.
    pub failures: u64,
    /// Arrival to first step.
    pub queueing: Histogram,
    /// Arrival to first token.
    pub first: Histogram,
    /// Mean time of a token after the first, of each request.
    pub each: Histogram,
    /// Arrival to last token.
    pub whole: Histogram,
    /// Events.
    pub events: u64,
    /// Replica time that was paid for, in picoseconds.
    pub reserved: u128,
    /// Most replicas at once.
    pub most_replicas: u32,
    /// When the last of it happened.
    pub end: Picos,
    /// Most requests under way at once.
    pub slots: usize,
}

/// Prices a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Accelerators of one replica.
    pub accelerators: u32,
    /// Micro-USD of an accelerator's hour.
    pub per_hour: u64,
}

/// Reports a simulation.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What the random numbers began with.
    pub seed: u64,
    /// From the start to the last event, in seconds.
    pub seconds: f64,
    /// Requests.
    pub requests: Account,
    /// Their input tokens.
    pub input_tokens: Account,
    /// The output tokens that they ask for.
    pub output_tokens: Account,
    /// Begun anew after a failure before anything was shown.
    pub retried: u64,
    /// Cut by a failure after something was shown, and begun anew.
    pub interrupted: u64,
    /// Output tokens that failures threw away.
    pub lost_output_tokens: u64,
    /// Failures of replicas.
    pub failures: u64,
    /// Time to the first token, in seconds.
    pub ttft: Percentiles,
    /// Time of a token after the first, in seconds.
    pub tpot: Percentiles,
    /// Time to the last token, in seconds.
    pub e2e: Percentiles,
    /// Wait before the first step, in seconds.
    pub queueing: Percentiles,
    /// Output tokens a second.
    pub output_rate: f64,
    /// The share of paid time with a step under way.
    pub utilisation: f64,
    /// Requests put back for want of cache blocks, and computed again.
    pub preempted: u64,
    /// Tokens prefilled.
    pub prefilled_tokens: u64,
    /// Tokens that prefix caches spared.
    pub spared_tokens: u64,
    /// Those over all that were asked for.
    pub prefix_hits: f64,
    /// Most replicas at once.
    pub most_replicas: u32,
    /// Most requests under way at once.
    pub most_under_way: usize,
    /// Money; none where no price was given.
    pub cost: Option<Cost>,
    /// Events simulated.
    pub events: u64,
    /// Engine steps that they stand for.
    pub steps: u64,
}

/// Holds what a fleet costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// By the time for which accelerators were reserved, in micro-USD.
    pub reserved_micro_usd: u128,
    /// By the time in which steps were under way, in micro-USD.
    pub used_micro_usd: u128,
    /// By reservation, in USD per million tokens of finished answers.
    pub usd_per_million_output: f64,
}

impl Price {
    /// Tells what replica time costs, in micro-USD; nothing is rounded but the last of them.
    #[must_use]
    pub fn of(&self, time: u128) -> u128 {
        let hour = u128::from(SECOND) * 3600;
        time * u128::from(self.accelerators) * u128::from(self.per_hour) / hour
    }
}

impl Measures {
    /// Notes the times of a request that is finished.
    pub fn finished(&mut self, of: &Finished) {
        self.queueing.add(of.taken - of.arrived);
        self.first.add(of.first - of.arrived);
        self.whole.add(of.last - of.arrived);
        if of.output > 1 {
            self.each
                .add((of.last - of.first) / u64::from(of.output - 1));
        }
    }

    /// Reports.
    #[must_use]
    pub fn report(&self, seed: u64, tally: &Tally, price: Option<Price>) -> Report {
        let span = seconds(self.end);
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let asked = (tally.prefilled + tally.spared) as f64;
        Report {
            seed,
            seconds: span,
            requests: self.requests,
            input_tokens: self.input,
            output_tokens: self.output,
            retried: self.retried,
            interrupted: self.interrupted,
            lost_output_tokens: self.lost_output,
            failures: self.failures,
            ttft: self.first.percentiles(),
            tpot: self.each.percentiles(),
            e2e: self.whole.percentiles(),
            queueing: self.queueing.percentiles(),
            output_rate: share(self.output.finished as f64, span),
            utilisation: share(tally.busy as f64, self.reserved as f64),
            preempted: tally.preempted,
            prefilled_tokens: tally.prefilled,
            spared_tokens: tally.spared,
            prefix_hits: share(tally.spared as f64, asked),
            most_replicas: self.most_replicas,
            most_under_way: self.slots,
            cost: price.map(|price| self.cost(price, tally)),
            events: self.events,
            steps: tally.steps,
        }
    }

    fn cost(&self, price: Price, tally: &Tally) -> Cost {
        let reserved = price.of(self.reserved);
        let millions = self.output.finished as f64 / 1e6;
        Cost {
            reserved_micro_usd: reserved,
            used_micro_usd: price.of(tally.busy),
            usd_per_million_output: if millions > 0.0 {
                reserved as f64 / 1e6 / millions
            } else {
                0.0
            },
        }
    }
}
