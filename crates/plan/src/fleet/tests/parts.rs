//! The parts alone: time, random numbers, the histogram, the queue of ends, the prefix cache, the
//! autoscaler's rule, the tables of costs.

use crate::accelerators::Accelerators;
use crate::deployment::{Deployment, Layout, Serving};
use crate::fleet::clock::{NEVER, SECOND, seconds};
use crate::fleet::costs::{Costs, Line, blocks};
use crate::fleet::histogram::Histogram;
use crate::fleet::prefix::PrefixCache;
use crate::fleet::queue::Queue;
use crate::fleet::scaling::Scaling;
use crate::models::Models;
use crate::precision::Precision;
use crate::random::{Random, mixed};
use crate::serving::Estimator;

#[test]
fn the_mixing_function_gives_published_numbers() {
    // The first numbers of SplitMix64 from seed 1234567 (Rosetta Code, read 2026-11-27).
    let state = |n: u64| 1_234_567_u64.wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let expected = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973];
    assert_eq!([mixed(state(0)), mixed(state(1))], expected);
}

#[test]
fn distributions_have_their_moments() {
    let check = |draw: &dyn Fn(&mut Random) -> f64, mean: f64, variance: f64| {
        let mut random = Random::new(3, 1);
        let drawn: Vec<f64> = (0..100_000).map(|_| draw(&mut random)).collect();
        let count = drawn.len() as f64;
        let found = drawn.iter().sum::<f64>() / count;
        let spread = drawn.iter().map(|one| (one - found).powi(2)).sum::<f64>() / count;
        assert!((found - mean).abs() < 0.02, "mean {found}, not {mean}");
        assert!(
            (spread / variance - 1.0).abs() < 0.05,
            "variance {spread}, not {variance}"
        );
    };
    check(&|random| random.exponential(2.0), 2.0, 4.0);
    check(&Random::normal, 0.0, 1.0);
    check(&|random| random.gamma(0.4), 1.0, 1.0 / 0.4);
    check(&|random| random.gamma(3.0), 1.0, 1.0 / 3.0);
    check(&|random| random.log_normal(2.0, 0.5), 2.0, 1.0);
}

#[test]
fn a_quantile_is_within_a_hundredth() {
    let mut histogram = Histogram::default();
    (1..=1_000_000_u64).for_each(|time| histogram.add(time * 7));
    for share in [0.001, 0.5, 0.9, 0.99, 1.0] {
        let exact = share * 7e6;
        let found = histogram.quantile(share) as f64;
        assert!(
            (found / exact - 1.0).abs() < 0.008,
            "{share}: {found}, not {exact}"
        );
    }
    histogram.add(u64::MAX);
    assert_eq!(histogram.percentiles().max, seconds(u64::MAX));
}

#[test]
fn ends_come_in_order_and_can_be_moved() {
    let mut queue = Queue::new(200);
    let mut random = Random::new(5, 1);
    let mut times = vec![NEVER; 200];
    for _ in 0..20_000 {
        let replica = (random.bits() % 200) as usize;
        let time = if random.bits().is_multiple_of(4) {
            NEVER
        } else {
            random.bits() % 50
        };
        queue.set(replica, time);
        times[replica] = time;
        let first = (0..200)
            .map(|one| (times[one], one))
            .min()
            .filter(|(time, _)| *time < NEVER);
        assert_eq!(queue.first(), first);
    }
}

#[test]
fn a_prefix_cache_forgets_the_least_recently_used_and_ends_first() {
    let mut cache = PrefixCache::default();
    for ids in [[1, 2, 3], [1, 2, 4]] {
        ids.iter().for_each(|id| cache.hold(*id));
    }
    cache.release(&[1, 2, 3]);
    assert_eq!((cache.held(), cache.idle()), (3, 1));
    cache.release(&[1, 2, 4]);
    assert_eq!(
        (cache.held(), cache.idle(), cache.matched(&[1, 2, 3, 5])),
        (0, 4, 3)
    );
    cache.evict();
    assert_eq!(
        (cache.matched(&[1, 2, 3]), cache.matched(&[1, 2, 4])),
        (2, 3)
    );
    cache.evict();
    cache.evict();
    assert_eq!((cache.matched(&[1, 2, 4]), cache.idle()), (1, 1));
    cache.evict();
    cache.evict();
    assert_eq!((cache.matched(&[1]), cache.idle(), cache.held()), (0, 0, 0));
}

#[test]
fn a_load_wants_as_many_replicas_as_the_rule_says() {
    let rule = Scaling {
        least: 2,
        most: 9,
        each: 10,
        every: 1,
        cold_start: 1,
        patience: 1,
    };
    assert_eq!(
        [0, 20, 21, 90, 91, u64::MAX].map(|load| rule.wanted(load)),
        [2, 2, 3, 9, 9, 9]
    );
}

#[test]
fn a_line_sums_up_what_its_steps_take() {
    let line = Line {
        first: 1_000,
        more: 7,
        steps: 50,
    };
    let sum: u64 = (0..50).map(|step| 1_000 + 7 * step).sum();
    assert_eq!(
        (line.after(0), line.after(1), line.after(50)),
        (0, 1_000, sum)
    );
}

#[test]
fn tables_tell_what_the_step_time_function_does() {
    let models = Models::shipped().expect("models");
    let accelerators = Accelerators::shipped().expect("accelerators");
    let estimator = Estimator::shipped().expect("estimator");
    for (model, layout) in [
        ("Llama-3.1-70B", Layout::tensor(8.0)),
        ("gpt-oss-120b", Layout::tensor(2.0)),
        (
            "DeepSeek-V3",
            Layout {
                tensor: 1.0,
                data: 8.0,
                expert: 8.0,
            },
        ),
    ] {
        let of = Deployment {
            model: models.find(model).expect(model),
            accelerator: accelerators.find("B200").expect("known"),
            engine: "vllm",
            version: None,
            precision: Precision::Fp8,
            serving: Serving::Together(layout),
            concurrency: 64.0,
            input: 1000.0,
            output: 200.0,
            cached: 0.0,
            speculation: None,
        };
        let costs = Costs::of(&of, &estimator, 64);
        // A step without prefill and the share of prefill that falls on it are together the
        // estimate of the function, at the deployment's own load and at others.
        for sequences in [1_u32, 3, 8, 64] {
            let load = f64::from(sequences);
            let line = costs.decode(sequences.into(), u64::from(sequences) * 1100);
            let step = line.first as f64 / SECOND as f64;
            let prefill = costs.prefill(0, 1000) / SECOND as f64 * load / 200.0;
            let at = Deployment {
                concurrency: load,
                ..of.clone()
            };
            let estimate = estimator.estimate(&at).step.time.get();
            let found = step + prefill;
            assert!(
                (found / estimate - 1.0).abs() < 1e-5,
                "{model}, {sequences}: {found} for {estimate}"
            );
        }
        assert!(blocks(&of).expect("it fits") > 1000);
    }
}
