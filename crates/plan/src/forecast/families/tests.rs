//! Holds `families` to figures by hand and to its laws.

use domain::Date;
use proptest::prelude::*;

use super::{By, Family, FamilyFault};
use crate::forecast::days;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Makes a family with a day each month of rows `(probability, weight)`.
fn family(rows: &[(f64, f64)]) -> Family {
    let start = day("2027-01-31");
    let points = (0..).zip(rows).map(|(at, (probability, weight))| By {
        day: days::after(start, at * 30),
        probability: *probability,
        weight: *weight,
        line: usize::try_from(at).unwrap() + 1,
    });
    Family::new("it", points.collect()).unwrap()
}

fn probabilities(family: &Family) -> Vec<f64> {
    family.points().iter().map(|one| one.probability).collect()
}

fn cost(family: &Family, other: &[f64]) -> f64 {
    let pairs = family.points().iter().zip(other);
    pairs
        .map(|(one, other)| one.weight * (one.probability - other).powi(2))
        .sum()
}

#[test]
fn a_quarter_by_april_and_a_half_by_june_is_coherent_and_the_reverse_names_both_rows() {
    let at = |text: &str, probability: f64, line: usize| By {
        day: day(text),
        probability,
        weight: 1.0,
        line,
    };
    let [april, june] = ["2027-04-30", "2027-06-30"];
    let good = Family::new("it", vec![at(june, 0.54, 8), at(april, 0.26, 7)]).unwrap();
    assert!(good.incoherences().is_empty());
    assert_eq!(good.points()[0].line, 7, "the earliest day stands first");
    let wrong = Family::new("it", vec![at(april, 0.54, 7), at(june, 0.26, 8)]).unwrap();
    let said = wrong.incoherences()[0].to_string();
    let expected = "lines 7 and 8: `it` has 0.54 by 2027-04-30 and only 0.26 by 2027-06-30, \
                    although what has come by the first has come by the second";
    assert_eq!(said, expected);
    // Equal weights meet in the middle.
    let repaired = wrong.repaired();
    assert_eq!(probabilities(&repaired.family), [0.4, 0.4]);
    assert_eq!(repaired.changes.len(), 2);
    assert_eq!(
        (repaired.changes[1].from, repaired.changes[1].to),
        (0.26, 0.4)
    );
}

#[test]
fn a_repair_weighs_its_rows() {
    // (3·0.6 + 1·0.2) / 4, by hand.
    let repaired = family(&[(0.1, 1.0), (0.6, 3.0), (0.2, 1.0), (0.9, 1.0)]).repaired();
    let found = probabilities(&repaired.family);
    for (found, expected) in found.iter().zip([0.1, 0.5, 0.5, 0.9]) {
        assert!(
            (found - expected).abs() < 1e-12,
            "{found} is not {expected}"
        );
    }
    let moved: Vec<usize> = repaired.changes.iter().map(|one| one.line).collect();
    assert_eq!(moved, [2, 3]);
}

#[test]
fn what_is_no_family_says_where_and_why() {
    let at = |text: &str, probability: f64, weight: f64, line: usize| By {
        day: day(text),
        probability,
        weight,
        line,
    };
    let fault = |points: Vec<By>| Family::new("it", points).unwrap_err();
    assert!(matches!(fault(Vec::new()), FamilyFault::Empty { .. }));
    for wrong in [1.2, -0.1, f64::NAN] {
        let fault = fault(vec![at("2027-04-30", wrong, 1.0, 5)]);
        assert!(
            matches!(fault, FamilyFault::Range { line: 5, .. }),
            "{fault}"
        );
    }
    for wrong in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        let fault = fault(vec![at("2027-04-30", 0.5, wrong, 5)]);
        assert!(
            matches!(fault, FamilyFault::Weight { line: 5, .. }),
            "{fault}"
        );
    }
    let twice = fault(vec![
        at("2027-04-30", 0.5, 1.0, 9),
        at("2027-04-30", 0.6, 1.0, 4),
    ]);
    assert!(
        matches!(
            twice,
            FamilyFault::Twice {
                first: 4,
                line: 9,
                ..
            }
        ),
        "{twice}"
    );
}

#[test]
fn between_two_rows_the_probability_lies_between_theirs() {
    let family = family(&[(0.2, 1.0), (0.6, 1.0)]);
    let reach = |text: &str| {
        let found = family.by(day(text));
        (found.at_least, found.at_most)
    };
    assert_eq!(reach("2027-01-01"), (0.0, 0.2));
    assert_eq!(reach("2027-01-31"), (0.2, 0.2));
    assert_eq!(reach("2027-02-10"), (0.2, 0.6));
    assert_eq!(reach("2027-03-02"), (0.6, 0.6));
    assert_eq!(reach("2027-03-03"), (0.6, 1.0));
}

fn rows() -> impl Strategy<Value = Vec<(f64, f64)>> {
    proptest::collection::vec((0.0..=1.0_f64, 0.1..10.0_f64), 1..8)
}

/// Lists every non-decreasing family of so many rows over the tenths.
fn monotone(rows: usize) -> Vec<Vec<f64>> {
    let mut all = vec![Vec::new()];
    for _ in 0..rows {
        let longer = all.iter().flat_map(|one: &Vec<f64>| {
            (0..=10)
                .map(f64::from)
                .map(|tenths| tenths / 10.0)
                .filter_map(|next| {
                    let is_next = one.last().is_none_or(|last| next >= *last);
                    is_next.then(|| one.iter().copied().chain([next]).collect())
                })
        });
        all = longer.collect();
    }
    all
}

proptest! {
    #[test]
    fn a_repaired_family_is_monotone_and_repairing_it_again_changes_nothing(rows in rows()) {
        let once = family(&rows).repaired();
        prop_assert!(once.family.incoherences().is_empty());
        let values = probabilities(&once.family);
        prop_assert!(values.iter().all(|one| (0.0..=1.0).contains(one)));
        let twice = once.family.repaired();
        prop_assert!(twice.changes.is_empty());
    }

    #[test]
    fn a_coherent_family_is_left_alone(mut rows in rows()) {
        rows.sort_by(|one, other| one.0.total_cmp(&other.0));
        let whole = family(&rows);
        prop_assert_eq!(&whole.repaired().family, &whole);
        prop_assert!(whole.repaired().changes.is_empty());
    }

    /// A better family on the grid would refute that the repair is the nearest.
    #[test]
    fn no_monotone_family_on_a_grid_is_nearer(
        rows in proptest::collection::vec((0.0..=1.0_f64, 0.1..10.0_f64), 1..5)
    ) {
        let whole = family(&rows);
        let least = cost(&whole, &probabilities(&whole.repaired().family));
        for other in monotone(rows.len()) {
            prop_assert!(least <= cost(&whole, &other) + 1e-12, "{:?} is nearer", other);
        }
    }

    /// The cone of what can come is convex and holds the outcome, so that the nearest point of it
    /// is never further from the outcome.
    #[test]
    fn a_repair_never_worsens_the_weighted_score(rows in rows(), comes in 0_usize..9) {
        let whole = family(&rows);
        let outcome: Vec<f64> =
            (0..rows.len()).map(|at| if at >= comes { 1.0 } else { 0.0 }).collect();
        let after = cost(&whole.repaired().family, &outcome);
        prop_assert!(after <= cost(&whole, &outcome) + 1e-12);
    }
}
