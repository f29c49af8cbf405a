//! Bills of runs against published figures. It must not rest on what the code computes itself.

use super::{Bill, Run, bill, loss};
use crate::accelerators::Accelerators;
use crate::assumptions::Assumptions;
use crate::models::{Models, sketch};
use crate::precision::Precision;
use crate::scaling::{CHINCHILLA, EPOCH};

fn is_near(found: f64, stated: f64, within: f64) {
    assert!(
        (found / stated - 1.0).abs() <= within,
        "{found} is not {stated} within {within}"
    );
}

fn billed(text: &str, tokens: f64, on: &str, precision: Precision, set: &[&str]) -> Bill {
    let parts = Accelerators::shipped().expect("accelerators");
    let mut assumptions = Assumptions::shipped().expect("assumptions");
    for one in set {
        assumptions.set(one, &parts).expect(one);
    }
    let models = Models::shipped().expect("models");
    let model = models.find(text).cloned();
    let model = model.unwrap_or_else(|_| sketch::read(text).expect("a sketch"));
    let run = Run {
        model: &model,
        tokens,
        part: parts.find(on).expect(on),
        count: None,
        precision,
        divided: None,
        teachers: &[],
        teacher_precision: Precision::Fp8,
        assumptions: &assumptions,
    };
    bill(&run).expect("a bill")
}

#[test]
fn a_run_of_ten_trillion_parameters_costs_what_the_notes_work_out() {
    // Capacity notes, section 6: 30 % of the FP8 peak of GB300 at 3 USD an hour, no goodput.
    let set = ["mfu=0.3", "goodput=1", "gpu_hour=3"];
    let dense = billed("10T", 216.2e12, "GB300", Precision::Fp8, &set);
    is_near(dense.flop, 1.3e28, 0.03);
    is_near(dense.accelerator_hours.value, 2.4e9, 0.15);
    is_near(dense.usd.value, 7.2e9, 0.15);
    assert!(
        !dense.is_plausible && dense.why[0].contains("billion USD"),
        "{:?}",
        dense.why
    );
    let text = "10T, 0.8T active, 128 experts";
    let sparse = billed(text, 40e12, "GB300", Precision::Fp8, &set);
    is_near(sparse.flop, 1.92e26, 0.03);
    is_near(sparse.accelerator_hours.value, 36e6, 0.12);
    is_near(sparse.usd.value, 107e6, 0.12);
    assert!(sparse.is_plausible, "{:?}", sparse.why);
}

#[test]
fn hours_of_a_published_run_are_within_the_stated_spread() {
    // Llama 3.1 405B: 30.84 million H100 hours on 15.6T tokens (model card).
    let found = billed("Llama-3.1-405B", 15.6e12, "H100", Precision::Bf16, &[]);
    let hours = found.accelerator_hours;
    assert!(hours.low < 30.84e6 && 30.84e6 < hours.high, "{hours:?}");
}

#[test]
fn a_teachers_forward_pass_is_two_operations_a_parameter_and_token() {
    let parts = Accelerators::shipped().expect("accelerators");
    let models = Models::shipped().expect("models");
    let mut assumptions = Assumptions::shipped().expect("assumptions");
    // So short that attention's own products do not count.
    for one in ["sequence=1", "mfu=0.5", "goodput=1"] {
        assumptions.set(one, &parts).expect(one);
    }
    let teacher = models.find("Llama-3.1-70B").expect("a model").clone();
    let run = |teachers, precision| {
        let run = Run {
            model: models.find("Llama-3.2-1B").expect("a model"),
            tokens: 1e12,
            part: parts.find("H100").expect("a part"),
            count: None,
            precision: Precision::Bf16,
            divided: None,
            teachers,
            teacher_precision: precision,
            assumptions: &assumptions,
        };
        bill(&run).expect("a bill")
    };
    let alone = run(&[], Precision::Fp8);
    let taught = run(std::slice::from_ref(&teacher), Precision::Fp8);
    let slower = run(std::slice::from_ref(&teacher), Precision::Bf16);
    assert!(alone.teacher_flop.abs() < 1.0);
    // 69.5e9 parameters that a token passes, without the input embedding.
    is_near(taught.teacher_flop, 2.0 * 69.5e9 * 1e12, 0.01);
    let more = |bill: &Bill| bill.accelerator_hours.value - alone.accelerator_hours.value;
    // 1.39e23 operations at half of 1.978e15 a second: 39,040 hours.
    is_near(more(&taught), 39_040.0, 0.01);
    is_near(more(&slower), 2.0 * more(&taught), 1e-9);
}

#[test]
fn states_are_divided_as_the_published_figure_shows() {
    // ZeRO (Rajbhandari et al. 2020), figure 1: 7.5B parameters on 64 ranks take 120, 31.4, 16.6
    // and 1.9 GB. The sketch has 7.5B within its rounding.
    let parts = Accelerators::shipped().expect("accelerators");
    let assumptions = Assumptions::shipped().expect("assumptions");
    let model = sketch::read("7.5B").expect("a sketch");
    let run = Run {
        model: &model,
        tokens: 1e12,
        part: parts.find("B200").expect("a part"),
        count: Some(64.0),
        precision: Precision::Bf16,
        divided: Some(1.0),
        teachers: &[],
        teacher_precision: Precision::Fp8,
        assumptions: &assumptions,
    };
    let found = bill(&run).expect("a bill");
    let scale = model.parameters() / 7.5e9;
    for (stage, stated) in found.memory.iter().zip([120.0, 31.4, 16.6, 1.9]) {
        is_near(stage.states_gb / scale, stated, 0.02);
    }
}

#[test]
fn laws_of_loss_differ_by_more_than_a_generation_gains() {
    // Capacity notes: 1.75 and 1.84 for ten trillion dense parameters on 216T tokens.
    is_near(CHINCHILLA.loss(10e12, 216e12), 1.75, 0.01);
    is_near(EPOCH.loss(10e12, 216e12), 1.84, 0.01);
    let found = loss(&sketch::read("10T").expect("a sketch"), 216e12);
    assert!(found.disagreement > found.gain_of_tenfold);
    assert!(found.reading.contains("no choice"), "{}", found.reading);
}

#[test]
fn the_optimum_of_a_law_has_no_better_neighbour_at_its_work() {
    for law in [CHINCHILLA, EPOCH] {
        for flop in [1e20, 1e24, 1.3e28] {
            let (parameters, tokens) = law.optimal(flop);
            is_near(6.0 * parameters * tokens, flop, 1e-9);
            let least = law.loss(parameters, tokens);
            for factor in [0.8, 1.25] {
                assert!(law.loss(parameters * factor, tokens / factor) > least);
            }
        }
    }
}

#[test]
fn a_sparse_model_has_a_lower_and_an_upper_count() {
    let found = loss(
        &sketch::read("10T, 0.8T active, 128 experts").expect("a sketch"),
        40e12,
    );
    let counted: Vec<f64> = found.by_law.iter().map(|one| one.parameters).collect();
    assert_eq!(counted.len(), 6);
    assert!(counted[0] < counted[3]);
    assert!(found.by_law[3].loss < found.by_law[0].loss);
}
