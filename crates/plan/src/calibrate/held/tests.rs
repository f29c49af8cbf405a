//! Residuals written by hand. They must not know a fit.

use super::Held;
use crate::accelerators::Accelerators;
use crate::calibrate::measured::{HoldOut, Measure, Measured, Residual};
use crate::deployment::{Deployment, Layout, Serving};
use crate::intervals::{Reach, TAIL};
use crate::models::Models;
use crate::precision::Precision;
use crate::waiting::Waiting;

const FAMILIES: [&str; 4] = ["Llama-3.1-8B", "Llama-3.1-70B", "Qwen3-32B", "Qwen3-8B"];
const EACH: usize = 60;

/// Makes rows of four families, and residuals around what each family is off by.
fn made(off: [f64; 4]) -> (Vec<Measured>, Vec<Residual>) {
    let (models, parts) = (
        Models::shipped().expect("models"),
        Accelerators::shipped().expect("accelerators"),
    );
    let rows = (0..FAMILIES.len() * EACH).map(|at| {
        let of = Deployment {
            model: models.find(FAMILIES[at / EACH]).expect("known"),
            accelerator: parts.find("H100").expect("known"),
            engine: "vllm",
            version: None,
            precision: Precision::Bf16,
            serving: Serving::Together(Layout::tensor(1.0)),
            concurrency: f64::from(u32::try_from(at % EACH).expect("small")) + 1.0,
            input: 1024.0,
            output: 512.0,
            cached: 0.0,
            speculation: None,
        };
        Measured::new(
            &at.to_string(),
            &of,
            Waiting::none(of.concurrency),
            [0.01, 0.1],
        )
    });
    let residuals = (0..FAMILIES.len() * EACH).map(|row| {
        let around = f64::from(u32::try_from(row % EACH).expect("small")) / EACH as f64 - 0.5;
        Residual {
            row,
            log: off[row / EACH] + around / 10.0,
            reach: Reach::NewFamily,
        }
    });
    (rows.collect(), residuals.collect())
}

fn held(rows: &[Measured], residuals: Vec<Residual>) -> Held<'_> {
    Held {
        rows,
        residuals,
        hold_out: HoldOut::Families,
        measure: Measure::First,
        reach: Reach::NewFamily,
    }
}

#[test]
fn what_all_families_are_off_by_is_made_good_and_what_only_one_is_off_by_is_not() {
    let (rows, residuals) = made([0.4, 0.4, 0.4, 0.4]);
    assert!(held(&rows, residuals).stated().is_shifted);
    let (rows, residuals) = made([0.6, 0.6, 0.0, 0.0]);
    assert!(!held(&rows, residuals).stated().is_shifted);
}

#[test]
fn a_family_is_scored_by_spreads_that_its_rows_are_not_in() {
    let (rows, residuals) = made([0.0, 0.0, 0.0, 3.0]);
    let held = held(&rows, residuals);
    let score = held.score(&[held.stated()]).expect("a score");
    // By their own rows the last family's would be inside; by the others' none is.
    assert!(score.covered <= 0.75, "{score:?}");
}

#[test]
fn tails_are_narrowed_until_enough_of_what_was_left_out_is_covered() {
    let (rows, residuals) = made([-0.025, 0.0, 0.0, 0.025]);
    let wide = held(&rows, residuals);
    let score = wide.score(&[wide.stated()]).expect("a score");
    assert!(
        wide.stated().tail < TAIL && score.covered >= 0.8,
        "{score:?}"
    );
    let (rows, residuals) = made([0.0; 4]);
    assert!((held(&rows, residuals).stated().tail - TAIL).abs() < 0.006);
}

#[test]
fn a_row_for_which_the_fit_reached_further_is_scored_by_what_is_as_far() {
    let (rows, near) = made([0.0; 4]);
    let (_, far) = made([0.9; 4]);
    let of = |reach, residuals: Vec<Residual>| {
        let residuals = residuals.into_iter();
        let residuals = residuals.map(|one| Residual { reach, ..one }).collect();
        Held {
            reach,
            ..held(&rows, residuals)
        }
    };
    let mut near = of(Reach::NewFamily, near);
    let far = of(Reach::NewBoth, far);
    // One family's rows of what is known share nothing with any that was fitted.
    let alone = far.residuals[..EACH].iter().cloned();
    near.residuals.splice(..EACH, alone);
    let own = near.score(&[near.stated()]).expect("a score");
    let both = near.score(&[near.stated(), far.stated()]).expect("a score");
    assert!(own.covered >= 0.75, "only the others are scored: {own:?}");
    assert!(both.covered >= 0.75 && both.mean < 0.05, "{both:?}");
    assert!(near.stated().spreads().iter().all(|one| one.high < 0.5));
}
