//! Laws that hold for whatever is estimated: more bandwidth is never slower, a larger batch never
//! lowers the rate, a longer input never shortens anything, intervals hold their estimates.
#![allow(clippy::expect_used)]

use std::sync::LazyLock;

use plan::accelerators::{Accelerator, Accelerators};
use plan::deployment::{Deployment, Layout, Pool, Serving, Speculation};
use plan::model::Model;
use plan::models::{Models, sketch};
use plan::precision::Precision;
use plan::serving::{Estimate, Estimator};
use proptest::prelude::*;

static MODELS: LazyLock<Models> = LazyLock::new(|| Models::shipped().expect("models"));
static PARTS: LazyLock<Accelerators> = LazyLock::new(|| Accelerators::shipped().expect("parts"));
static ESTIMATOR: LazyLock<Estimator> = LazyLock::new(|| Estimator::shipped().expect("estimator"));

const PRECISIONS: [Precision; 3] = [Precision::Bf16, Precision::Fp8, Precision::Fp4];
const ENGINES: [&str; 4] = ["vllm", "sglang", "trtllm", "another"];

fn estimate(of: &Deployment<'_>) -> Estimate {
    ESTIMATOR.estimate(of)
}

/// Draws a place among what ships, and a load.
fn cases() -> impl Strategy<Value = Deployment<'static>> {
    let models: Vec<&Model> = MODELS.all().collect();
    let parts: Vec<&Accelerator> = PARTS.all().iter().collect();
    let what = (
        prop::sample::select(models),
        prop::sample::select(parts),
        prop::sample::select(&ENGINES[..]),
        prop::sample::select(&PRECISIONS[..]),
    );
    let load = (1.0..4096.0_f64, 64.0..100_000.0_f64, 16.0..8_192.0_f64);
    (what, 0_u32..4, any::<bool>(), any::<bool>(), load).prop_map(
        |((model, accelerator, engine, precision), power, by_requests, is_apart, load)| {
            let degree = f64::from(1_u32 << power);
            let layout = if by_requests {
                Layout {
                    tensor: 1.0,
                    data: degree,
                    expert: degree,
                }
            } else {
                Layout::tensor(degree)
            };
            let pool = |workers| Pool { layout, workers };
            let apart = Serving::Apart {
                prefill: pool(None),
                decode: pool(Some(2.0)),
            };
            Deployment {
                model,
                accelerator,
                engine,
                version: None,
                precision,
                serving: if is_apart {
                    apart
                } else {
                    Serving::Together(layout)
                },
                concurrency: load.0.round(),
                input: load.1.round(),
                output: load.2.round(),
                cached: 0.0,
                speculation: None,
            }
        },
    )
}

/// Rounding may turn an equality by this share.
const SLACK: f64 = 1e-9;

fn at_most(one: f64, other: f64) -> bool {
    one <= other * (1.0 + SLACK)
}

proptest! {
    #[test]
    fn estimates_are_positive_and_inside_their_intervals(of in cases()) {
        let found = estimate(&of);
        for bounded in [found.step, found.first] {
            let (low, high) = bounded.interval;
            prop_assert!(bounded.time.get() > 0.0 && bounded.time.get().is_finite());
            prop_assert!(at_most(low.get(), bounded.time.get()), "{bounded:?}");
            prop_assert!(at_most(bounded.time.get(), high.get()), "{bounded:?}");
        }
    }

    #[test]
    fn more_bandwidth_is_never_slower(of in cases(), factor in 1.0..10.0_f64) {
        let faster = of.accelerator.clone().with_bandwidth(factor);
        let other = Deployment { accelerator: &faster, ..of.clone() };
        let (before, after) = (estimate(&of), estimate(&other));
        prop_assert!(at_most(after.step.time.get(), before.step.time.get()));
        let linked = of.accelerator.clone().with_links(factor);
        let other = Deployment { accelerator: &linked, ..of.clone() };
        let after = estimate(&other);
        prop_assert!(at_most(after.step.time.get(), before.step.time.get()));
        prop_assert!(at_most(after.first.time.get(), before.first.time.get()));
    }

    #[test]
    fn a_larger_batch_never_lowers_the_rate_of_steps(of in cases(), factor in 1.0..8.0_f64) {
        let more = Deployment { concurrency: of.concurrency * factor, ..of.clone() };
        let rate = |of: &Deployment<'_>| of.concurrency / estimate(of).step.time.get();
        prop_assert!(at_most(rate(&of), rate(&more)));
        let (before, after) = (estimate(&of).step.time, estimate(&more).step.time);
        prop_assert!(at_most(before.get(), after.get()), "a step with more in it is not shorter");
    }

    #[test]
    fn a_prefix_that_is_cached_never_delays_the_first_token(of in cases(), share in 0.0..0.9_f64) {
        let cached = Deployment { cached: share, ..of.clone() };
        let (before, after) = (estimate(&of), estimate(&cached));
        prop_assert!(at_most(after.first.time.get(), before.first.time.get()));
    }

    #[test]
    fn guesses_that_are_never_kept_cost_time(of in cases(), guessed in 1.0..8.0_f64) {
        let none = Speculation { guessed, kept: 1.0 };
        let wasted = Deployment { speculation: Some(none), ..of.clone() };
        let (before, after) = (estimate(&of), estimate(&wasted));
        prop_assert!(at_most(before.step.time.get(), after.step.time.get()));
    }

    #[test]
    fn a_sketch_is_as_large_as_it_says(total in 1e9..2e13_f64, share in 0.02..0.3_f64) {
        let text = format!("{total:.0}, {:.0} active, 256 experts", total * (share + 0.04));
        let model = sketch::read(&text).expect("a sketch");
        let found = model.parameters();
        prop_assert!((found / total - 1.0).abs() < 0.25, "{found} for {total}");
        prop_assert!(model.active_parameters() < found);
    }

    #[test]
    fn the_same_question_has_the_same_answer(of in cases()) {
        let (one, two) = (estimate(&of), estimate(&of));
        prop_assert_eq!(one.step, two.step);
        prop_assert_eq!(one.first, two.first);
    }
}
