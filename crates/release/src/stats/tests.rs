//! Published figures, to their printed digits (sources named at each).

mod fixed;

use proptest::prelude::*;

use super::{
    Interval, clopper_pearson, clopper_pearson_upper, clustered_mean, holm, mcnemar_exact,
    newcombe_difference, wilson,
};

pub(super) fn close(found: f64, printed: f64, digits: i32) {
    let half = 0.5 * 10_f64.powi(-digits) * 1.000_001;
    assert!(
        (found - printed).abs() <= half,
        "{found} is not {printed} to {digits} digits"
    );
}

pub(super) fn ends(found: Interval, lower: f64, upper: f64, digits: i32) {
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

#[test]
fn the_lower_bound_of_a_paired_difference_rests_on_the_corrected_error() {
    let (a, b) = ("11101011011101101111", "10101110010101101011");
    let names: Vec<String> = (0..20).map(|item| format!("item-{item:02}")).collect();
    let pairs = a.bytes().zip(b.bytes()).zip(&names);
    let found =
        clustered_mean(pairs.map(|((a, b), name)| (name.as_str(), f64::from(a) - f64::from(b))));
    // .15 − 1.729133 × .1094243, the .95 quantile of t with 19 degrees of freedom.
    close(found.unwrap().lower(0.05), -0.039_209_1, 6);
    assert_eq!(
        clustered_mean([("a", 1.0)]).unwrap().lower(0.05),
        f64::NEG_INFINITY
    );
}

#[test]
fn mcnemar_exact_of_agresti_and_of_a_small_table() {
    close(mcnemar_exact(150, 86), 3.715_94e-5, 10);
    close(mcnemar_exact(121, 59), 4.434_45e-6, 11);
    close(mcnemar_exact(3, 12), 0.035_156_25, 8);
    assert_eq!(mcnemar_exact(0, 0), 1.0);
    assert_eq!(mcnemar_exact(4, 4), 1.0);
}

#[test]
fn holm_rejects_three_of_benjamini_and_hochberg_1995() {
    let mut p = vec![
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0,
    ];
    let expected: Vec<bool> = (0..15).map(|rank| rank < 3).collect();
    assert_eq!(holm(&p, 0.05), expected);
    p.reverse();
    assert_eq!(
        holm(&p, 0.05),
        expected.into_iter().rev().collect::<Vec<bool>>()
    );
    assert_eq!(holm(&[f64::NAN, 0.001], 0.05), [false, true]);
    assert!(holm(&[], 0.05).is_empty());
}

proptest! {
    #[test]
    fn one_more_miss_never_raises_the_bound(
        scores in proptest::collection::vec((any::<bool>(), any::<bool>()), 30..120),
        sparse in any::<bool>(), item in 0_usize..30, attempts in 1_u32..20,
    ) {
        // The sparse half has few differences, where the error is small.
        let ours = |index: usize, pair: &(bool, bool)| pair.0 || (sparse && index > 3);
        let bound = |missed: Option<usize>| {
            let names: Vec<String> = (0..scores.len()).map(|index| index.to_string()).collect();
            let differences = scores.iter().enumerate().map(|(index, pair)| {
                let our = ours(index, pair) && missed != Some(index);
                let their = if sparse { ours(index, pair) } else { pair.1 };
                f64::from(u8::from(our)) - f64::from(u8::from(their))
            });
            let named = names.iter().map(String::as_str).zip(differences);
            clustered_mean(named).unwrap().lower(super::alpha_of_attempt(0.05, attempts))
        };
        prop_assert!(bound(Some(item)) <= bound(None) + 1e-12);
    }
}

/// By hand: the mean of 1 to 5 is 3, its standard error √0.5, and Student's t with 4 degrees of
/// freedom is 2.776445 at 97.5 % (Student 1908, as tabulated since).
#[test]
fn a_mean_of_clusters_of_one_has_students_interval() {
    let values = ["a", "b", "c", "d", "e"]
        .into_iter()
        .zip([1.0, 2.0, 3.0, 4.0, 5.0]);
    let found = clustered_mean(values).unwrap().interval(0.05).unwrap();
    let half = 2.776_445 * 0.5_f64.sqrt();
    ends(found, 3.0 - half, 3.0 + half, 5);
    let single = clustered_mean([("a", 1.0), ("a", 2.0)]).unwrap();
    assert_eq!(single.interval(0.05), None);
}
