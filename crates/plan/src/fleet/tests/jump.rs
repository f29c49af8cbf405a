//! Jumping over like steps gives, for every request, the same picosecond as going step by step,
//! whatever happens in between.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::Duration;

use domain::Balance;
use proptest::prelude::*;

use super::{OPEN, WIDE};
use crate::accelerators::Accelerators;
use crate::deployment::{Deployment, Layout, Serving};
use crate::fleet::arrivals::Arrival;
use crate::fleet::clock::{NANOSECOND, SECOND};
use crate::fleet::costs::Costs;
use crate::fleet::faults::Faults;
use crate::fleet::front::Rules;
use crate::fleet::limits::{Limits, Pace};
use crate::fleet::report::Report;
use crate::fleet::scaling::Scaling;
use crate::fleet::simulation::{Apart, Setup, observe};
use crate::models::Models;
use crate::precision::Precision;
use crate::random::Random;
use crate::serving::Estimator;

/// The step-time function of a model with grouped attention, one with sliding windows, one with a
/// latent cache and experts; and steps of a millisecond, which end when requests arrive.
static COSTS: LazyLock<Vec<Costs>> = LazyLock::new(|| {
    let models = Models::shipped().expect("models");
    let accelerators = Accelerators::shipped().expect("accelerators");
    let estimator = Estimator::shipped().expect("estimator");
    let of = |name: &str, layout: Layout| {
        let deployment = Deployment {
            model: models.find(name).expect(name),
            accelerator: accelerators.find("H200").expect("known"),
            engine: "vllm",
            version: None,
            precision: Precision::Fp8,
            serving: Serving::Together(layout),
            concurrency: 16.0,
            input: 300.0,
            output: 100.0,
            cached: 0.0,
            speculation: None,
        };
        Costs::of(&deployment, &estimator, 16)
    };
    let experts = Layout {
        tensor: 1.0,
        data: 8.0,
        expert: 8.0,
    };
    let tensor = Layout::tensor(1.0);
    vec![
        of("Llama-3.1-8B", tensor),
        of("gpt-oss-120b", tensor),
        of("DeepSeek-V3", experts),
        Costs::alike(SECOND / 1000),
    ]
});

#[derive(Clone, Debug)]
struct Case {
    costs: usize,
    limits: Limits,
    replicas: u32,
    rules: Rules,
    faults: Vec<Faults>,
    scaling: Option<Scaling>,
    apart: Option<Apart>,
    seed: u64,
    rate: f64,
    requests: usize,
}

impl Case {
    fn arrivals(&self) -> impl Iterator<Item = Arrival> {
        let mut draws = Random::new(self.seed, 9);
        let (rate, mut at) = (self.rate, 0);
        let unit = if self.costs == 3 {
            SECOND / 1000
        } else {
            NANOSECOND
        };
        (0..self.requests).map(move |_| {
            at += (draws.exponential(1.0 / rate) * SECOND as f64) as u64 / unit * unit;
            let input = 1 + (draws.bits() % 400) as u32;
            let output = 1 + (draws.bits() % 120) as u32;
            // A few conversations that go on, so that prefixes are shared.
            let conversation = draws.bits() % 5;
            let ids = (0..u64::from(input.div_ceil(32))).map(|at| conversation * 1000 + at);
            Arrival {
                at,
                input,
                output,
                ids: ids.collect(),
            }
        })
    }

    /// Tells what each request was given, in the order of their ends, and the report.
    fn run(&self, pace: Pace) -> (Vec<[u64; 4]>, Report) {
        let setup = Setup {
            costs: &COSTS[self.costs],
            limits: self.limits,
            pace,
            replicas: self.replicas,
            rules: self.rules,
            faults: self.faults.clone(),
            scaling: self.scaling,
            apart: self.apart,
            price: None,
            seed: self.seed,
        };
        let mut seen = Vec::new();
        let arrivals = self.arrivals().map(Ok::<_, Infallible>);
        let Ok(report) = observe(&setup, arrivals, |of| {
            seen.push([of.arrived, of.taken, of.first, of.last]);
        });
        (seen, report)
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let limits = (
        1..16_u32,
        prop::sample::select(&[32_u32, 200, 2048][..]),
        33..160_u64,
    );
    let limits = (limits, any::<bool>()).prop_map(|((sequences, tokens, blocks), keeps)| Limits {
        most_sequences: sequences,
        most_tokens: tokens,
        blocks,
        context: 510,
        id_tokens: keeps.then_some(32),
    });
    let rules = (
        prop::sample::select(&Balance::ALL[..]),
        1..20_u32,
        0..30_usize,
    );
    let rules = rules.prop_map(|(balance, most_in_flight, most_waiting)| Rules {
        balance,
        most_in_flight,
        most_waiting,
        rest: Duration::from_millis(20),
    });
    let faults = (0.05..2.0_f64, 0.01..0.5_f64, 1..3_u32);
    let faults = faults.prop_map(|(between, mend, together)| Faults {
        between,
        mend,
        together,
    });
    let scaling = (1..3_u32, 1..10_u32, 1..50_u64).prop_map(|(least, each, cold)| Scaling {
        least,
        most: 4,
        each,
        every: SECOND / 10,
        cold_start: cold * SECOND / 100,
        patience: SECOND / 5,
    });
    let apart = (1..3_u32, 0..2_000_000_000_u64);
    let apart = apart.prop_map(|(prefill, per_token)| Apart { prefill, per_token });
    let around = (
        prop::collection::vec(faults, 0..3),
        prop::option::of(scaling),
        prop::option::of(apart),
        any::<u64>(),
    );
    let load = (5.0..400.0_f64, 1..150_usize);
    (0..4_usize, limits, 1..5_u32, rules, around, load).prop_map(
        |(costs, limits, replicas, rules, (faults, scaling, apart, seed), (rate, requests))| Case {
            costs,
            limits,
            replicas: replicas.max(scaling.map_or(3, |_| 4)),
            rules,
            faults,
            scaling,
            // The two exclude each other.
            apart: apart.filter(|_| scaling.is_none()),
            seed,
            rate,
            requests,
        },
    )
}

/// Writes a report without the number of events, which is what jumping saves.
fn without_events(report: &Report) -> String {
    let report = Report {
        events: 0,
        ..report.clone()
    };
    serde_json::to_string(&report).expect("a report")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn jumping_is_the_same_as_stepping(case in cases()) {
        let (jumped, report) = case.run(Pace::Jump);
        let (stepped, slow) = case.run(Pace::Step);
        prop_assert_eq!(&jumped, &stepped);
        prop_assert_eq!(without_events(&report), without_events(&slow));
        prop_assert!(report.events <= slow.events);
        for account in [report.requests, report.input_tokens, report.output_tokens] {
            prop_assert!(account.adds_up(), "{:?}", account);
        }
    }
}

#[test]
fn jumping_saves_events() {
    let case = Case {
        costs: 0,
        limits: Limits {
            most_sequences: 16,
            ..WIDE
        },
        replicas: 1,
        rules: OPEN,
        faults: Vec::new(),
        scaling: None,
        apart: None,
        seed: 3,
        rate: 5.0,
        requests: 200,
    };
    let (_, fast) = case.run(Pace::Jump);
    let (_, slow) = case.run(Pace::Step);
    assert!(
        fast.events * 5 < slow.events,
        "{} of {}",
        fast.events,
        slow.events
    );
}
