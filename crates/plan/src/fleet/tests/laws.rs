//! Laws: nothing is lost or invented, nobody waits beside an idle server, the same seed gives the
//! same bytes, and a run written as a trace is replayed byte for byte.

use std::convert::Infallible;

use super::{OPEN, WIDE, at_ms, run, setup};
use crate::fleet::arrivals::{Arrival, Fitted, Moments, Seen};
use crate::fleet::clock::SECOND;
use crate::fleet::costs::Costs;
use crate::fleet::faults::Faults;
use crate::fleet::front::Rules;
use crate::fleet::limits::{Limits, Pace};
use crate::fleet::report::{Price, Report};
use crate::fleet::scaling::Scaling;
use crate::fleet::simulation::{Apart, Setup, observe};
use crate::fleet::trace::{OWN, Reader, write};

const MOMENTS: Moments = Moments {
    rate: 20.0,
    burstiness: 1.8,
    input: 800.0,
    input_variation: 1.0,
    output: 150.0,
    output_variation: 0.9,
};

fn bytes(report: &Report) -> String {
    serde_json::to_string(report).expect("a report")
}

/// A fleet in which everything goes wrong that can.
fn troubled(costs: &Costs) -> Setup<'_> {
    let limits = Limits {
        most_sequences: 8,
        blocks: 900,
        context: 9_000,
        ..WIDE
    };
    Setup {
        rules: Rules {
            most_in_flight: 12,
            most_waiting: 15,
            ..OPEN
        },
        faults: vec![
            Faults {
                between: 60.0,
                mend: 5.0,
                together: 1,
            },
            Faults {
                between: 200.0,
                mend: 10.0,
                together: 4,
            },
        ],
        scaling: Some(Scaling {
            least: 2,
            most: 8,
            each: 6,
            every: SECOND,
            cold_start: 3 * SECOND,
            patience: 20 * SECOND,
        }),
        price: Some(Price {
            accelerators: 8,
            per_hour: 2_000_000,
        }),
        ..setup(costs, limits, 8)
    }
}

#[test]
fn what_arrives_is_finished_refused_dropped_or_under_way() {
    let costs = Costs::alike(SECOND / 100);
    let report = run(&troubled(&costs), Fitted::new(MOMENTS, 20_000, 5));
    assert_eq!(report.requests.arrived, 20_000);
    for account in [report.requests, report.input_tokens, report.output_tokens] {
        assert!(account.adds_up(), "{account:?}");
        assert_eq!(
            account.running, 0,
            "nothing is left when all has been served"
        );
    }
    // The case is worth something only where each of these happened.
    let happened = [
        report.requests.refused_full,
        report.requests.refused_unfit,
        report.requests.dropped + report.interrupted,
        report.retried,
        report.failures,
        report.preempted,
    ];
    assert!(happened.iter().all(|count| *count > 0), "{happened:?}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let costs = Costs::alike(SECOND / 100);
    let of = |seed| {
        let setup = Setup {
            seed,
            ..troubled(&costs)
        };
        bytes(&run(&setup, Fitted::new(MOMENTS, 3_000, seed)))
    };
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

#[test]
fn a_run_that_is_written_down_is_replayed_byte_for_byte() {
    let costs = Costs::alike(SECOND / 100);
    let mut trace = format!("{OWN}\n");
    let first = Fitted::new(MOMENTS, 3_000, 5).inspect(|arrival| write(arrival, &mut trace));
    // The trace's clock begins with its first request.
    let arrivals: Vec<Arrival> = first.collect();
    let start = arrivals[0].at;
    let shifted = arrivals.into_iter().map(|one| Arrival {
        at: one.at - start,
        ..one
    });
    let made = run(&troubled(&costs), shifted);
    let mut reader = Reader::default();
    let lines = trace
        .lines()
        .filter_map(|line| reader.read(line).expect("a line"));
    assert_eq!(bytes(&made), bytes(&run(&troubled(&costs), lines)));
}

#[test]
fn nobody_waits_beside_an_idle_server() {
    // As long as somebody waits, all three servers work: with work always there, three jobs end
    // in the time of one.
    let costs = Costs::alike(SECOND / 1000);
    let of = Setup {
        rules: Rules {
            most_in_flight: 1,
            ..OPEN
        },
        ..setup(
            &costs,
            Limits {
                most_sequences: 1,
                ..WIDE
            },
            3,
        )
    };
    let report = run(&of, (0..300).map(|_| at_ms(0, 10, 500)));
    assert!(
        (report.seconds - 300.0 / 3.0 * 0.5).abs() < 1e-9,
        "{}",
        report.seconds
    );
    assert!(
        (report.utilisation - 1.0).abs() < 1e-9,
        "{}",
        report.utilisation
    );
}

#[test]
fn a_request_alone_takes_its_steps_and_no_more() {
    let costs = Costs::alike(SECOND / 1000);
    let mut seen = Vec::new();
    let arrivals = std::iter::once(Ok::<_, Infallible>(at_ms(5, 20_000, 100)));
    let Ok(report) = observe(&setup(&costs, WIDE, 1), arrivals, |of| seen.push(of));
    // 20,000 tokens in steps of 8,192 are three steps, and the last gives the first token.
    assert_eq!(seen[0].first - seen[0].arrived, 3 * SECOND / 1000);
    assert_eq!(seen[0].last - seen[0].first, 99 * SECOND / 1000);
    assert_eq!((report.steps, report.prefilled_tokens), (102, 20_000));
}

#[test]
fn what_no_replica_can_hold_is_refused_and_counted() {
    let costs = Costs::alike(SECOND / 1000);
    let limits = Limits {
        context: 4096,
        blocks: 100,
        ..WIDE
    };
    let arrivals = [(4000, 97), (1500, 101), (1500, 100), (0, 5), (5, 0)];
    let arrivals = (0..)
        .zip(arrivals)
        .map(|(ms, (input, output))| at_ms(ms, input, output));
    let report = run(&setup(&costs, limits, 1), arrivals);
    assert_eq!(
        (report.requests.refused_unfit, report.requests.finished),
        (4, 1)
    );
    assert_eq!(report.output_tokens.refused_unfit, 97 + 101 + 5);
}

#[test]
fn slots_are_used_again() {
    let costs = Costs::alike(SECOND / 1000);
    let slots = |count| run(&setup(&costs, WIDE, 2), Fitted::new(MOMENTS, count, 5)).most_under_way;
    assert!(
        slots(40_000) < 2 * slots(2_000),
        "{} and {}",
        slots(40_000),
        slots(2_000)
    );
}

#[test]
fn reserved_time_is_paid_and_used_time_is_less() {
    let costs = Costs::alike(SECOND / 1000);
    let price = Some(Price {
        accelerators: 8,
        per_hour: 2_000_000,
    });
    let of = Setup {
        price,
        ..setup(&costs, WIDE, 3)
    };
    // Half an hour passes between two requests of 0.1 s.
    let report = run(
        &of,
        [at_ms(0, 10, 100), at_ms(1_800_000, 10, 100)].into_iter(),
    );
    let cost = report.cost.expect("a price was given");
    let expected = 3.0 * 8.0 * 2.0 * (1800.1 / 3600.0);
    assert!(
        (cost.reserved_micro_usd as f64 / 1e6 - expected).abs() < 1e-5,
        "{cost:?}"
    );
    let used = 8.0 * 2.0 * (0.2 / 3600.0);
    assert!(
        (cost.used_micro_usd as f64 / 1e6 - used).abs() < 1e-5,
        "{cost:?}"
    );
}

#[test]
fn moments_of_what_is_drawn_are_those_that_were_asked_for() {
    let mut seen = Seen::default();
    Fitted::new(MOMENTS, 200_000, 5).for_each(|arrival| seen.add(&arrival));
    let found = seen.moments().expect("many");
    let pairs = [
        (found.rate, MOMENTS.rate),
        (found.burstiness, MOMENTS.burstiness),
        (found.input, MOMENTS.input),
        (found.input_variation, MOMENTS.input_variation),
        (found.output, MOMENTS.output),
        (found.output_variation, MOMENTS.output_variation),
    ];
    let is_near = |(found, asked): &(f64, f64)| (found / asked - 1.0).abs() < 0.03;
    assert!(pairs.iter().all(is_near), "{pairs:?}");
}

#[test]
fn prefill_apart_hands_caches_over() {
    let costs = Costs::alike(SECOND / 1000);
    // A picosecond a token is 500 for 500 tokens, beside a step of prefill and 99 of decoding.
    let apart = Some(Apart {
        prefill: 1,
        per_token: 1_000,
    });
    let of = Setup {
        apart,
        ..setup(&costs, WIDE, 3)
    };
    let mut seen = Vec::new();
    let arrivals = (0..40).map(|ms| Ok::<_, Infallible>(at_ms(ms * 1_000, 500, 100)));
    let Ok(report) = observe(&of, arrivals, |of| {
        seen.push((of.first - of.arrived, of.last - of.first))
    });
    assert!(
        seen.iter()
            .all(|times| *times == (SECOND / 1000, 500 + 99 * SECOND / 1000)),
        "{seen:?}"
    );
    assert_eq!(
        (report.requests.finished, report.prefilled_tokens),
        (40, 20_000)
    );
}

#[test]
fn a_smaller_cache_preempts_and_still_serves_all() {
    let costs = Costs::alike(SECOND / 1000);
    let limits = Limits {
        blocks: 40,
        context: 600,
        most_sequences: 16,
        ..WIDE
    };
    let of = Setup {
        pace: Pace::Jump,
        ..setup(&costs, limits, 1)
    };
    let report = run(&of, (0..50).map(|ms| at_ms(ms, 60, 300)));
    assert!(report.preempted > 0);
    assert_eq!(report.requests.finished, 50);
}
