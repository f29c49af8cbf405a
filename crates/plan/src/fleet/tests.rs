//! The simulation against what is known: queues with closed solutions, laws that hold for any
//! fleet, and itself, step by step.

mod jump;
mod laws;
mod parts;
mod queueing;
mod traces;

use std::convert::Infallible;
use std::time::Duration;

use domain::Balance;

use super::arrivals::Arrival;
use super::clock::{NANOSECOND, SECOND};
use super::costs::Costs;
use super::front::Rules;
use super::limits::{Limits, Pace};
use super::report::Report;
use super::simulation::{Setup, simulate};

/// An engine that takes whatever comes.
const WIDE: Limits = Limits {
    most_sequences: 256,
    most_tokens: 8192,
    blocks: 1 << 40,
    context: u32::MAX,
    id_tokens: None,
};

/// A gateway that lets everything through.
const OPEN: Rules = Rules {
    balance: Balance::Least,
    most_in_flight: u32::MAX,
    most_waiting: usize::MAX,
    rest: Duration::from_millis(100),
};

fn setup(costs: &Costs, limits: Limits, replicas: u32) -> Setup<'_> {
    Setup {
        costs,
        limits,
        pace: Pace::Jump,
        replicas,
        rules: OPEN,
        faults: Vec::new(),
        scaling: None,
        apart: None,
        price: None,
        seed: 1,
    }
}

fn run(setup: &Setup<'_>, arrivals: impl Iterator<Item = Arrival>) -> Report {
    let Ok(report) = simulate(setup, arrivals.map(Ok::<_, Infallible>));
    report
}

/// A request that arrives after so many milliseconds.
fn at_ms(ms: u64, input: u32, output: u32) -> Arrival {
    Arrival {
        at: ms * (SECOND / 1000),
        input,
        output,
        ids: Vec::new(),
    }
}

fn whole_ns(time: u64) -> u64 {
    time / NANOSECOND * NANOSECOND
}
