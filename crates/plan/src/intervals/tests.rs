//! Spreads of numbers written by hand. They must not know a measured row.

use super::{ENOUGH_ROWS, Reach, TAIL, least_error, spread};

fn of(count: u32) -> Vec<f64> {
    (1..=count).rev().map(f64::from).collect()
}

#[test]
fn a_spread_leaves_a_tenth_on_either_side_by_conformal_ranks() {
    // The next of 100 is one of 101, of which a tenth is ten whole ranks.
    let found = spread(Reach::Known, "g".to_owned(), of(100), TAIL).expect("enough rows");
    assert_eq!((found.low, found.high, found.rows), (10.0, 91.0, 100));
}

#[test]
fn few_rows_state_no_spread_of_their_own() {
    let enough = u32::try_from(ENOUGH_ROWS).expect("small");
    assert!(spread(Reach::Known, "g".to_owned(), of(enough - 1), TAIL).is_none());
    assert!(spread(Reach::Known, "g".to_owned(), of(enough), TAIL).is_some());
}

#[test]
fn a_shift_is_that_of_the_least_mean_relative_error() {
    // Most measurements are a fifth above the prediction, in logarithms.
    let logs: Vec<f64> = (0..60).map(|at| if at < 50 { 0.2 } else { 0.0 }).collect();
    let found = least_error(&logs);
    assert!((found - 0.2).abs() < 1e-9, "{found}");
}
