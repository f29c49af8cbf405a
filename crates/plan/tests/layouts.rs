//! Laws of the search for layouts, whatever is asked: more bandwidth is never dearer, more memory
//! never takes a layout away, a looser aim is never dearer, no cost is negative, all that is listed
//! is within the aim; and what is impossible says why.
#![allow(clippy::expect_used)]

use std::sync::LazyLock;

use plan::accelerators::{Accelerator, Accelerators};
use plan::assumptions::Assumptions;
use plan::deployment::{Deployment, Layout, Serving};
use plan::layouts::{
    Aim, Common, Found, Load, Pools, Question, Ready, SearchFault, Shape, ShapeFault, Terms,
    Traffic, Unit, search, shapes,
};
use plan::model::Model;
use plan::models::{Models, sketch};
use plan::precision::Precision;
use plan::serving::Estimator;
use plan::units::Seconds;
use proptest::prelude::*;

static MODELS: LazyLock<Models> = LazyLock::new(|| Models::shipped().expect("models"));
static PARTS: LazyLock<Accelerators> = LazyLock::new(|| Accelerators::shipped().expect("parts"));
static ESTIMATOR: LazyLock<Estimator> = LazyLock::new(|| Estimator::shipped().expect("estimator"));
static ASSUMPTIONS: LazyLock<Assumptions> =
    LazyLock::new(|| Assumptions::shipped().expect("assumptions"));

/// Holds what a case varies.
#[derive(Clone, Debug)]
struct Case {
    model: &'static Model,
    part: Accelerator,
    engine: [&'static str; 1],
    precision: [Precision; 1],
    pools: Pools,
    traffic: Traffic,
    aim: Aim,
}

impl Case {
    fn found(&self) -> Found {
        let parts = [&self.part];
        let question = Question {
            model: self.model,
            accelerators: &parts,
            engines: &self.engine,
            precisions: &self.precision,
            pools: self.pools,
            traffic: self.traffic,
            aim: self.aim,
            only: None,
            assumptions: &ASSUMPTIONS,
        };
        search(&question, &ESTIMATOR, 50).expect("a search")
    }

    /// Tells what a request costs at best, reserved and active, in USD of its input and output.
    fn best(&self) -> Option<(f64, f64)> {
        let found = self.found();
        let of = found.offers.first()?;
        let (input, output) = (of.usd_per_million_input, of.usd_per_million_output);
        let request = |input: f64, output: f64| {
            (input * self.traffic.input + output * self.traffic.output) / 1e6
        };
        let reserved = request(input.reserved.value, output.reserved.value);
        Some((reserved, request(input.active.value, output.active.value)))
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let names = [
        "Llama-3.1-8B",
        "Qwen3-32B",
        "Qwen3-30B-A3B",
        "Llama-3.1-70B",
    ];
    let models: Vec<&Model> = names
        .iter()
        .map(|name| MODELS.find(name).expect(name))
        .collect();
    let names = ["H100", "H200", "B200", "L40S", "MI300X", "GB200"];
    let parts: Vec<&Accelerator> = names
        .iter()
        .map(|name| PARTS.find(name).expect(name))
        .collect();
    let load = prop_oneof![
        Just(Load::Full),
        (1.0..2_000.0_f64).prop_map(|flight| Load::Flight(flight.round())),
        (0.01..100.0_f64).prop_map(Load::Rate),
    ];
    let what = (prop::sample::select(models), prop::sample::select(parts));
    let how = (
        prop::sample::select(vec!["vllm", "sglang"]),
        prop::sample::select(vec![Precision::Bf16, Precision::Fp8, Precision::Fp4]),
        prop::sample::select(vec![Pools::Together, Pools::Apart]),
    );
    let lengths = (128.0..16_000.0_f64, 16.0..2_000.0_f64, 0.0..0.9_f64);
    let aim = (
        prop::option::of(100.0..10_000.0_f64),
        prop::option::of(5.0..200.0_f64),
    );
    (what, how, load, lengths, aim).prop_map(|(what, how, load, lengths, aim)| Case {
        model: what.0,
        part: what.1.clone(),
        engine: [how.0],
        precision: [how.1],
        pools: how.2,
        traffic: Traffic {
            input: lengths.0.round(),
            output: lengths.1.round(),
            cached: lengths.2,
            load,
        },
        aim: Aim {
            first: aim.0.map(Seconds::from_ms),
            step: aim.1.map(Seconds::from_ms),
        },
    })
}

/// Loads are found on a grid, so that a cost may lie this share beside the best.
const GRID: f64 = 0.02;

fn is_not_dearer(one: Option<(f64, f64)>, other: Option<(f64, f64)>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.0 <= other.0 * (1.0 + GRID),
        (None, Some(_)) => false,
        (_, None) => true,
    }
}

#[test]
fn a_large_worker_prefills_where_a_small_one_is_too_slow_though_it_fits() {
    let of = |factor: f64, first: Option<f64>| Case {
        model: MODELS.find("Llama-3.1-70B").expect("known"),
        part: PARTS
            .find("H200")
            .expect("known")
            .clone()
            .with_memory(factor),
        engine: ["sglang"],
        precision: [Precision::Bf16],
        pools: Pools::Apart,
        traffic: Traffic {
            input: 6399.0,
            output: 16.0,
            cached: 0.0,
            load: Load::Full,
        },
        aim: Aim {
            first: first.map(Seconds::from_ms),
            step: None,
        },
    };
    // With twice the memory the weights fit one accelerator, which takes longer for a prefill.
    let loose = of(2.3, None).found();
    assert!(
        loose
            .offers
            .iter()
            .any(|offer| offer.layout.contains("tp1)"))
    );
    let times = |case: Case| {
        let offers = case.found().offers;
        offers.into_iter().map(|offer| offer.ttft_ms.value)
    };
    // Within an aim that only a large one is near, the quickest is found whatever the memory.
    let quickest = times(of(1.0, Some(500.0))).fold(f64::INFINITY, f64::min);
    assert!(quickest.is_finite());
    for factor in [1.0, 2.3] {
        let found = of(factor, Some(quickest * 1.01)).found().offers;
        assert!(!found.is_empty(), "{factor}");
        assert!(
            found
                .iter()
                .all(|offer| !offer.layout.starts_with("prefill 1×(tp1)"))
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_listed_is_within_the_aim_and_the_memory_and_costs_something(case in cases()) {
        for offer in case.found().offers {
            let holds = |ms: f64, most: Option<Seconds>| {
                most.is_none_or(|most| ms <= most.ms() * (1.0 + 1e-9))
            };
            prop_assert!(holds(offer.ttft_ms.value, case.aim.first), "{offer:?}");
            prop_assert!(holds(offer.tpot_ms.value, case.aim.step), "{offer:?}");
            let memory = offer.memory;
            let taken = memory.weights_gb + memory.caches_gb;
            prop_assert!(taken <= memory.usable_gb * (1.0 + 1e-6), "{memory:?}");
            prop_assert!(offer.in_flight_each <= memory.most_sequences.max(1.0));
            prop_assert!(offer.reserved_accelerators >= offer.accelerators);
            for money in [offer.usd_per_million_input, offer.usd_per_million_output] {
                let (active, reserved) = (money.active.value, money.reserved.value);
                prop_assert!(0.0 <= active && active <= reserved);
                prop_assert!(money.reserved.low <= money.reserved.value);
                prop_assert!(money.reserved.value <= money.reserved.high);
            }
        }
    }

    #[test]
    fn a_looser_aim_is_never_dearer(case in cases(), factor in 1.0..10.0_f64) {
        let loosened = |time: Option<Seconds>| time.map(|time| time * factor);
        let aim = Aim { first: loosened(case.aim.first), step: loosened(case.aim.step) };
        let looser = Case { aim, ..case.clone() };
        let open = Case { aim: Aim::default(), ..case.clone() };
        let [tight, loose, none] = [case.best(), looser.best(), open.best()];
        prop_assert!(is_not_dearer(loose, tight), "{loose:?} {tight:?}");
        prop_assert!(is_not_dearer(none, loose), "{none:?} {loose:?}");
    }

    #[test]
    fn more_bandwidth_is_never_dearer(case in cases(), factor in 1.0..4.0_f64) {
        let part = case.part.clone().with_bandwidth(factor).with_links(factor);
        let faster = Case { part, ..case.clone() };
        let (before, after) = (case.best(), faster.best());
        prop_assert!(is_not_dearer(after, before), "{after:?} {before:?}");
    }

    #[test]
    fn more_memory_never_takes_a_layout_away(case in cases(), factor in 1.0..4.0_f64) {
        let part = case.part.clone().with_memory(factor);
        let larger = Case { part, ..case.clone() };
        let (before, after) = (case.found(), larger.found());
        if case.pools == Pools::Together {
            prop_assert!(before.verdicts[0].fit <= after.verdicts[0].fit);
        }
        prop_assert!(before.offers.is_empty() || !after.offers.is_empty());
    }

    #[test]
    fn the_same_question_has_the_same_answer(case in cases()) {
        prop_assert_eq!(case.found().offers, case.found().offers);
    }

    #[test]
    fn a_shape_reads_as_it_is_written(case in cases()) {
        for shape in shapes(case.model, &case.part) {
            prop_assert_eq!(Shape::read(&shape.name()), Ok(shape));
            prop_assert_eq!(shape.check(case.model), Ok(()));
        }
    }
}

fn asked<'q>(model: &'q Model, parts: &'q [&'q Accelerator], only: Option<Shape>) -> Question<'q> {
    Question {
        model,
        accelerators: parts,
        engines: &["vllm"],
        precisions: &[Precision::Fp8],
        pools: Pools::Either,
        traffic: Traffic {
            input: 1024.0,
            output: 1024.0,
            cached: 0.0,
            load: Load::Full,
        },
        aim: Aim::default(),
        only,
        assumptions: &ASSUMPTIONS,
    }
}

#[test]
fn an_impossible_layout_says_what_is_possible() {
    let dense = MODELS.find("Llama-3.1-8B").expect("a model");
    let sparse = MODELS.find("DeepSeek-V3").expect("a model");
    let said = |model: &Model, text: &str| {
        let shape = Shape::read(text).expect(text);
        shape.check(model).expect_err(text).to_string()
    };
    assert!(said(dense, "tp5").contains("possible are tp1, tp2, tp4, tp8"));
    assert!(said(dense, "tp2,dp4").contains("has none"));
    assert!(said(dense, "tp1,pp64").contains("32 layers"));
    assert!(said(sparse, "tp1,dp16,ep8").contains("which is 16"));
    assert!(said(sparse, "tp1,dp3,ep3").contains("256 experts"));
    assert!(said(sparse, "tp1,dp8,ep8,pp2").contains("not modelled"));
    for text in ["", "8", "tp0", "tp-1", "xp4", "tp8;pp2", "tp8,tp4", "tpß"] {
        assert!(
            matches!(Shape::read(text), Err(ShapeFault::Form(_))),
            "{text}"
        );
    }
    let parts = [PARTS.find("H200").expect("a part")];
    let only = Some(Shape::read("tp5").expect("a shape"));
    let fault = search(&asked(dense, &parts, only), &ESTIMATOR, 1).expect_err("impossible");
    assert!(matches!(
        fault,
        SearchFault::Shape(ShapeFault::Heads { .. })
    ));
}

#[test]
fn a_model_that_cannot_fit_says_by_how_much() {
    let model = sketch::read("10T").expect("a sketch");
    let parts = [
        PARTS.find("L4").expect("a part"),
        PARTS.find("GB300").expect("a part"),
    ];
    let found = search(&asked(&model, &parts, None), &ESTIMATOR, 1).expect("a search");
    let [small, large] = &found.verdicts[..] else {
        panic!("two verdicts")
    };
    assert_eq!((small.fit, small.best), (0, None));
    assert!(small.why.contains("may give 23.2 GB"), "{}", small.why);
    assert!(large.fit > 0 && large.best == Some(0), "{large:?}");
}

#[test]
fn ten_trillion_parameters_take_the_accelerators_that_the_notes_work_out() {
    // Capacity notes, section 6: 10 TB at FP8 with 63 % of memory for weights are about 53 GB300,
    // 82 B200 or 105 H200; the least powers of two that hold them are 64, 64 (at 90 %) and 128.
    let model = sketch::read("10T, 0.8T active, 128 experts").expect("a sketch");
    for (name, least) in [("GB300", 64.0), ("B200", 64.0), ("H200", 128.0)] {
        let parts = [PARTS.find(name).expect(name)];
        let found = search(&asked(&model, &parts, None), &ESTIMATOR, 10_000).expect("a search");
        let each = found.offers.iter().map(|offer| offer.accelerators_each);
        assert_eq!(each.fold(f64::INFINITY, f64::min), least, "{name}");
    }
}

#[test]
fn an_idle_half_of_the_day_doubles_what_is_reserved_and_not_what_is_active() {
    let model = MODELS.find("Llama-3.1-70B").expect("a model");
    let parts = [PARTS.find("H200").expect("a part")];
    let cost = |busy: &str| {
        let mut assumptions = ASSUMPTIONS.clone();
        assumptions.set(busy, &PARTS).expect("set");
        let question = Question {
            assumptions: &assumptions,
            ..asked(model, &parts, None)
        };
        let found = search(&question, &ESTIMATOR, 1).expect("a search");
        found.offers[0].usd_per_million_output
    };
    let (whole, half) = (cost("busy=1"), cost("busy=0.5"));
    assert!((half.reserved.value / whole.reserved.value - 2.0).abs() < 1e-9);
    assert!((half.active.value / whole.active.value - 1.0).abs() < 1e-9);
}

#[test]
fn twice_the_price_is_twice_the_cost() {
    let model = MODELS.find("Qwen3-30B-A3B").expect("a model");
    let parts = [PARTS.find("H100").expect("a part")];
    let cost = |price: &str| {
        let mut assumptions = ASSUMPTIONS.clone();
        assumptions.set(price, &PARTS).expect("set");
        let question = Question {
            assumptions: &assumptions,
            ..asked(model, &parts, None)
        };
        let found = search(&question, &ESTIMATOR, 1).expect("a search");
        found.offers[0].usd_per_million_input.active.value
    };
    assert!((cost("gpu_hour=6") / cost("gpu_hour=3") - 2.0).abs() < 1e-9);
    assert_eq!(cost("gpu_hour=0"), 0.0);
}

#[test]
fn a_sketch_is_divided_among_tensors_whatever_its_size() {
    // Of 1.2T active parameters a sketch's heads were 345, a whole number that nothing divides.
    let part = PARTS.find("GB300").expect("a part");
    for active in 7..=20 {
        let text = format!("10T, {}.{}T active, 128 experts", active / 10, active % 10);
        let model = sketch::read(&text).expect("a sketch");
        let most = shapes(&model, part)
            .iter()
            .map(|shape| shape.layout.tensor)
            .fold(0.0, f64::max);
        assert_eq!(most, 64.0, "{text}");
    }
}

#[test]
fn a_faster_accelerator_carries_a_rate_on_no_more_units() {
    // Whole requests in flight left a faster unit 1.3 % of its rate unused, and a node more idle.
    let case = |part: Accelerator| Case {
        model: MODELS.find("Qwen3-32B").expect("a model"),
        part,
        engine: ["vllm"],
        precision: [Precision::Bf16],
        pools: Pools::Apart,
        traffic: Traffic {
            input: 10_275.0,
            output: 1_880.0,
            cached: 0.198_253_164_157_023_46,
            load: Load::Rate(59.204_029_418_937_18),
        },
        aim: Aim::default(),
    };
    let part = PARTS.find("MI300X").expect("a part");
    let factor = 1.066_478_845_498_088_2;
    let faster = part.clone().with_bandwidth(factor).with_links(factor);
    let [before, after] = [part.clone(), faster].map(|part| case(part).best().expect("an offer"));
    assert!(after.0 <= before.0 * (1.0 + 1e-9), "{after:?} {before:?}");
}

#[test]
fn of_two_accelerators_at_one_price_the_faster_and_larger_is_never_dearer() {
    let model = sketch::read("10T, 0.8T active, 128 experts").expect("a sketch");
    let mut assumptions = ASSUMPTIONS.clone();
    assumptions.set("gpu_hour=1", &PARTS).expect("set");
    let cost = |name: &str, precision: Precision| {
        let parts = [PARTS.find(name).expect("a part")];
        let question = Question {
            assumptions: &assumptions,
            precisions: &[precision],
            aim: Aim {
                first: Some(Seconds::new(10.0)),
                step: Some(Seconds::new(0.1)),
            },
            ..asked(&model, &parts, None)
        };
        let found = search(&question, &ESTIMATOR, 1).expect("a search");
        let best = &found.offers[0];
        // What a request of as many tokens in as out costs.
        let [input, output] = [best.usd_per_million_input, best.usd_per_million_output];
        input.reserved.value + output.reserved.value
    };
    for precision in [Precision::Fp8, Precision::Fp4] {
        for [faster, slower] in [
            ["GB300", "GB200"],
            ["GB200", "B200"],
            ["GB300", "B300"],
            ["B300", "B200"],
            ["B200", "H200"],
            ["MI325X", "MI300X"],
        ] {
            let costs = [faster, slower].map(|name| cost(name, precision));
            assert!(costs[0] <= costs[1], "{faster}, {slower}: {costs:?}");
        }
    }
}

#[test]
fn a_token_passes_every_stage_of_a_pipeline_and_waits_for_the_fullest() {
    let model = MODELS.find("DeepSeek-V3").expect("a model");
    let part = PARTS.find("H200").expect("a part");
    let terms = Terms::of(part, &ASSUMPTIONS).expect("terms");
    let of = Deployment {
        model,
        accelerator: part,
        engine: "vllm",
        version: None,
        precision: Precision::Fp8,
        serving: Serving::Together(Layout::tensor(8.0)),
        concurrency: 1.0,
        input: 1024.0,
        output: 1024.0,
        cached: 0.0,
        speculation: None,
    };
    let ready = |name: &str| {
        let unit = Unit::Together(Shape::read(name).expect(name));
        Ready::new(unit, &Common::new(unit, &of, &terms, &ESTIMATOR), terms)
    };
    let (flat, staged) = (ready("tp8,ep8"), ready("tp8,ep8,pp4"));
    let (one, four) = (flat.times(8.0), staged.times(32.0));
    // 61 layers in four stages: the fullest has 16, and each works 0.85 of its time. A batch of 32
    // is four of eight, which follow each other through all of the layers.
    let slower = 16.0 / (61.0 / 4.0) / 0.85;
    let least = one.step.time.ms() * slower;
    assert!(four.step.time.ms() >= least, "{four:?} {least}");
    assert!(four.step.time.ms() <= least + 1.0, "{four:?} {least}");
    // Four times the accelerators yield at most four times as much.
    let rates = staged.rate(32.0) / flat.rate(8.0);
    assert!(rates > 2.0 && rates <= 4.0 / slower + 1e-9, "{rates}");
}
