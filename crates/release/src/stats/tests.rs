//! Published figures, to their printed digits (sources named at each).

use super::{
    Interval, clopper_pearson, clopper_pearson_upper, clustered_mean, newcombe_difference, wilson,
};

fn close(found: f64, printed: f64, digits: i32) {
    let half = 0.5 * 10_f64.powi(-digits) * 1.000_001;
    assert!(
        (found - printed).abs() <= half,
        "{found} is not {printed} to {digits} digits"
    );
}

fn ends(found: Interval, lower: f64, upper: f64, digits: i32) {
    close(found.lower, lower, digits);
    close(found.upper, upper, digits);
}

#[test]
fn newcombe_1998_single_proportions() {
    for (hits, count, wilson_ends, exact_ends) in [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ] {
        let score = wilson(f64::from(hits), f64::from(count), 0.05);
        ends(score, wilson_ends.0, wilson_ends.1, 4);
        let exact = clopper_pearson(hits as u64, count as u64, 0.05);
        ends(exact, exact_ends.0, exact_ends.1, 4);
    }
}

#[test]
fn newcombe_1998_difference() {
    ends(
        newcombe_difference((56.0, 70.0), (48.0, 80.0), 0.05),
        0.0524,
        0.3339,
        4,
    );
}

#[test]
fn zero_events_have_the_upper_bounds_of_the_reference() {
    close(clopper_pearson_upper(0, 300, 0.05), 0.009_936_08, 8);
    close(clopper_pearson_upper(0, 299, 0.05), 0.009_969_15, 8);
    close(clopper_pearson_upper(0, 59, 0.05), 0.049_507_6, 7);
}

#[test]
fn a_detector_corrected_rate_gets_an_interval_that_holds_its_point() {
    ends(clopper_pearson(145, 243, 0.05), 0.532_10, 0.658_93, 5);
    ends(wilson(145.0, 243.0, 0.05), 0.533_99, 0.656_42, 5);
}

#[test]
fn clustered_error_of_five_clusters_of_four() {
    let scores = ["1101", "0001", "1111", "0100", "1110"];
    let names = ["a", "b", "c", "d", "e"];
    let observations = names
        .iter()
        .zip(scores)
        .flat_map(|(name, scores)| scores.bytes().map(|digit| (*name, f64::from(digit - b'0'))));
    let found = clustered_mean(observations).unwrap();
    assert_eq!((found.count, found.clusters), (20, 5));
    close(found.mean, 0.6, 12);
    close(found.error, 0.134_164_08, 8);
    close(found.corrected_error(), 0.15, 9);
}

#[test]
fn a_paired_difference_has_the_error_of_the_reference() {
    let (a, b) = ("11101011011101101111", "10101110010101101011");
    let names: Vec<String> = (0..20).map(|item| format!("item-{item:02}")).collect();
    let pairs = a.bytes().zip(b.bytes()).zip(&names);
    let found =
        clustered_mean(pairs.map(|((a, b), name)| (name.as_str(), f64::from(a) - f64::from(b))));
    let found = found.unwrap();
    close(found.mean, 0.15, 12);
    close(found.corrected_error(), 0.109_424_3, 7);
}

#[test]
fn observations_that_do_not_vary_still_leave_room_for_what_was_not_seen() {
    let names: Vec<String> = (0..59).map(|item| item.to_string()).collect();
    let found = clustered_mean(names.iter().map(|name| (name.as_str(), 0.0))).unwrap();
    close(found.lower(0.05), -0.049_507_6, 7);
}
