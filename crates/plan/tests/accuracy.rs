//! A fixed sample of measured rows, each predicted by a fit that has not seen its point: the error
//! stays within bounds, and the stated intervals hold about as many as they state.
#![allow(clippy::expect_used)]

use plan::rows::{Known, Predicted, predict, read};

const SAMPLE: &str = include_str!("rows/sample.csv");

fn predicted() -> Vec<Predicted> {
    let known = Known::shipped().expect("the facts that ship read");
    predict(&read(SAMPLE).expect("a table"), &known)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn every_row_of_the_sample_is_answered_within_bounds() {
    let rows = predicted();
    assert_eq!(rows.len(), 80);
    let errors: Vec<f64> = rows.iter().filter_map(|row| row.error).collect();
    assert_eq!(errors.len(), rows.len(), "a row without an answer");
    let step = mean(errors.into_iter());
    let firsts = || rows.iter().filter_map(|row| row.first.as_ref());
    let first = mean(firsts().filter_map(|first| first.error_ttft));
    assert!(step < 0.15, "mean error of a step: {step}");
    assert!(first < 0.30, "mean error of a first token: {first}");
}

#[test]
fn intervals_hold_about_four_fifths_of_the_sample() {
    let rows = predicted();
    let covered = mean(rows.iter().map(|row| {
        let observed = row.observed.as_f64().expect("a number");
        let [low, high] = row.interval.expect("an interval");
        f64::from(u8::from((low..=high).contains(&observed)))
    }));
    // Four fifths of 80 rows, give or take three standard deviations of a count.
    assert!(
        (0.66..=0.94).contains(&covered),
        "{covered} of the steps are covered"
    );
}

#[test]
fn the_scores_of_the_fit_meet_the_aims() {
    let facts: toml::Value =
        toml::from_str(include_str!("../facts/serving.toml")).expect("the coefficients");
    let scores = facts["scores"].as_array().expect("scores");
    let score = |measure: &str, held_out: &str, of: &str| {
        let is_it = |one: &&toml::Value| {
            one["measure"].as_str() == Some(measure) && one["held_out"].as_str() == Some(held_out)
        };
        let found = scores.iter().find(is_it).expect("a score");
        found[of].as_float().expect("a number")
    };
    for (measure, most) in [("step", 0.15), ("first", 0.30)] {
        assert!(score(measure, "points", "mean") <= most);
        assert!((0.75..=0.85).contains(&score(measure, "points", "covered")));
        assert!(score(measure, "points", "half_width") <= 0.35);
    }
    assert!(score("step", "systems", "mean") <= 0.25);
    assert!(score("first", "systems", "mean") <= 0.45);
}
