//! The fleet simulation allocates for what is under way, not for what happens: twice the trace is
//! no more allocations.

use std::convert::Infallible;
use std::time::Duration;

use domain::Balance;
use plan::fleet::arrivals::{Fitted, Moments};
use plan::fleet::clock::SECOND;
use plan::fleet::costs::Costs;
use plan::fleet::front::Rules;
use plan::fleet::limits::{Limits, Pace};
use plan::fleet::simulation::{Setup, simulate};

/// Simulates so many requests; tells allocations and events.
fn counted(requests: u64) -> (u64, u64) {
    let costs = Costs::alike(SECOND / 100);
    let setup = Setup {
        costs: &costs,
        limits: Limits {
            most_sequences: 64,
            most_tokens: 8192,
            blocks: 20_000,
            context: 65_536,
            id_tokens: None,
        },
        pace: Pace::Jump,
        replicas: 4,
        rules: Rules {
            balance: Balance::TwoChoices,
            most_in_flight: 80,
            most_waiting: 100,
            rest: Duration::from_secs(1),
        },
        faults: Vec::new(),
        scaling: None,
        apart: None,
        price: None,
        seed: 1,
    };
    let moments = Moments {
        rate: 60.0,
        burstiness: 1.0,
        input: 1155.0,
        input_variation: 0.96,
        output: 211.0,
        output_variation: 0.77,
    };
    let mut events = 0;
    let info = allocation_counter::measure(|| {
        let arrivals = Fitted::new(moments, requests, 1).map(Ok::<_, Infallible>);
        let Ok(report) = simulate(&setup, arrivals);
        events = report.events;
    });
    (info.count_total, events)
}

#[test]
fn twice_the_trace_is_no_more_allocations() {
    let (few, events) = counted(20_000);
    let (more, later) = counted(40_000);
    assert!(later > events + 40_000, "{events} and {later} events");
    // A queue that grows once more than before is a handful.
    assert!(more <= few + 20, "{few} and {more} allocations");
}
