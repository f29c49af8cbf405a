//! Waiting times against queueing theory, to two percent: a server is a sequence of an engine whose
//! steps are all alike, and a job as many steps as its answer has tokens.

use super::{OPEN, WIDE, run, setup, whole_ns};
use crate::fleet::arrivals::Arrival;
use crate::fleet::clock::{SECOND, from_seconds};
use crate::fleet::costs::Costs;
use crate::fleet::front::Rules;
use crate::fleet::limits::Limits;
use crate::random::Random;

/// Steps of a mean job, each a millisecond: so many that a job is exponential up to a thousandth.
const STEPS: f64 = 1000.0;
const JOBS: u64 = 200_000;

/// Draws jobs of a mean second, so many a second.
fn jobs(rate: f64, length: impl Fn(&mut Random) -> f64) -> impl Iterator<Item = Arrival> {
    let (mut gaps, mut lengths) = (Random::new(11, 1), Random::new(11, 2));
    let mut at = 0;
    (0..JOBS).map(move |_| {
        at += whole_ns(from_seconds(gaps.exponential(1.0 / rate)));
        let output = (length(&mut lengths) * STEPS).round().max(1.0) as u32;
        Arrival {
            at,
            input: 1,
            output,
            ids: Vec::new(),
        }
    })
}

fn exponential(random: &mut Random) -> f64 {
    random.exponential(1.0)
}

fn check(found: f64, expected: f64) {
    assert!(
        (found / expected - 1.0).abs() < 0.02,
        "{found} s, not {expected} s"
    );
}

fn servers(count: u32) -> Limits {
    Limits {
        most_sequences: count,
        ..WIDE
    }
}

/// Tells the chance of waiting with so many servers and so much work offered, by Erlang's C.
fn erlang_c(servers: u32, offered: f64) -> f64 {
    let blocked = (1..=servers).fold(1.0, |blocked, count| {
        let work = offered * blocked;
        work / (f64::from(count) + work)
    });
    let idle = 1.0 - offered / f64::from(servers);
    blocked / (idle + (1.0 - idle) * blocked)
}

#[test]
fn erlangs_formula_gives_a_known_number() {
    // Four servers, 3.2 erlang: 0.5964 (any table of Erlang C).
    assert!((erlang_c(4, 3.2) - 0.5964).abs() < 1e-4);
}

#[test]
fn one_server_with_exponential_jobs_waits_as_m_m_1() {
    let costs = Costs::alike(SECOND / 1000);
    let report = run(&setup(&costs, servers(1), 1), jobs(0.6, exponential));
    check(report.queueing.mean, 0.6 / (1.0 - 0.6));
    check(report.e2e.mean, 1.0 / (1.0 - 0.6));
    check(report.utilisation, 0.6);
}

#[test]
fn one_server_with_equal_jobs_waits_as_m_d_1() {
    let costs = Costs::alike(SECOND / 1000);
    let report = run(&setup(&costs, servers(1), 1), jobs(0.7, |_| 1.0));
    check(report.queueing.mean, 0.7 / (2.0 * (1.0 - 0.7)));
}

#[test]
fn four_sequences_of_one_engine_wait_as_m_m_4() {
    let costs = Costs::alike(SECOND / 1000);
    let report = run(&setup(&costs, servers(4), 1), jobs(3.2, exponential));
    check(report.queueing.mean, erlang_c(4, 3.2) / (4.0 - 3.2));
}

#[test]
fn four_replicas_behind_the_gateways_queue_wait_as_m_m_4() {
    let costs = Costs::alike(SECOND / 1000);
    let of = crate::fleet::simulation::Setup {
        rules: Rules {
            most_in_flight: 1,
            ..OPEN
        },
        ..setup(&costs, servers(1), 4)
    };
    let report = run(&of, jobs(3.2, exponential));
    check(report.queueing.mean, erlang_c(4, 3.2) / (4.0 - 3.2));
    check(report.utilisation, 0.8);
}
