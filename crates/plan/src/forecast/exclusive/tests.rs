//! Holds `exclusive` to figures by hand and to its laws.

use proptest::prelude::*;

use super::{excess, repaired};
use crate::forecast::days;
use crate::forecast::families::{By, Family};

type Rows<'r> = &'r [(f64, f64)];

/// Makes a family with a day each month of rows `(probability, weight)`.
fn family(event: &str, rows: Rows<'_>) -> Family {
    let points = (0..).zip(rows).map(|(at, (probability, weight))| By {
        day: days::after("2027-01-31".parse().unwrap(), at * 30),
        probability: *probability,
        weight: *weight,
        line: usize::try_from(at).unwrap() + 1,
    });
    Family::new(event, points.collect()).unwrap()
}

fn cost(families: &[Family], other: &[Vec<f64>]) -> f64 {
    let rows = families.iter().flat_map(Family::points);
    let pairs = rows.zip(other.iter().flatten());
    pairs
        .map(|(one, other)| one.weight * (one.probability - other).powi(2))
        .sum()
}

fn values(families: &[Family]) -> Vec<Vec<f64>> {
    let nearest = repaired(families);
    let each = nearest.iter().map(|one| one.family.points());
    each.map(|points| points.iter().map(|one| one.probability).collect())
        .collect()
}

#[test]
fn three_that_sum_to_more_than_one_give_way_alike() {
    let families = [
        family("a", &[(0.6, 1.0)]),
        family("b", &[(0.5, 1.0)]),
        family("c", &[(0.2, 1.0)]),
    ];
    let found = excess(&families).unwrap();
    assert!((found.sum - 1.3).abs() < 1e-12);
    let said = found.to_string();
    let expected = "`a`, `b`, `c` exclude each other and sum to 1.3000, above 1 (lines 1, 1, 1)";
    assert_eq!(said, expected);
    // 0.3 is shared out in equal parts, by hand.
    for (found, expected) in values(&families).iter().zip([0.5, 0.4, 0.1]) {
        assert!((found[0] - expected).abs() < 1e-9, "{found:?}");
    }
}

#[test]
fn a_heavier_row_gives_way_less_and_none_goes_below_zero() {
    // With weights 1 and 3 the excess of 0.4 is shared 3 to 1.
    let families = [family("a", &[(0.7, 1.0)]), family("b", &[(0.7, 3.0)])];
    let found = values(&families);
    assert!((found[0][0] - 0.4).abs() < 1e-9 && (found[1][0] - 0.6).abs() < 1e-9);
    let families = [
        family("a", &[(1.0, 1.0)]),
        family("b", &[(0.9, 1.0)]),
        family("c", &[(0.05, 1.0)]),
    ];
    let found = values(&families);
    assert_eq!(found[2][0], 0.0);
    assert!((found[0][0] - 0.55).abs() < 1e-9 && (found[1][0] - 0.45).abs() < 1e-9);
}

#[test]
fn what_sums_to_one_is_left_alone() {
    let families = [
        family("a", &[(0.2, 1.0), (0.7, 1.0)]),
        family("b", &[(0.1, 1.0), (0.3, 2.0)]),
    ];
    assert_eq!(excess(&families), None);
    assert!(repaired(&families).iter().all(|one| one.changes.is_empty()));
}

/// Lists every way to give two families of two rows tenths that are coherent.
fn grid() -> Vec<Vec<Vec<f64>>> {
    let tenths = || (0..=10).map(f64::from).map(|one| one / 10.0);
    let pairs: Vec<Vec<f64>> = tenths()
        .flat_map(|one| {
            tenths()
                .filter(move |two| *two >= one)
                .map(move |two| vec![one, two])
        })
        .collect();
    let both = pairs.iter().flat_map(|one| {
        let fits = pairs.iter().filter(|two| one[1] + two[1] <= 1.0 + 1e-12);
        fits.map(|two| vec![one.clone(), two.clone()])
    });
    both.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_joint_repair_is_coherent_and_none_on_a_grid_is_nearer(
        rows in proptest::collection::vec((0.0..=1.0_f64, 0.1..10.0_f64), 4)
    ) {
        let families = [family("a", &rows[..2]), family("b", &rows[2..])];
        let nearest = repaired(&families);
        prop_assert!(nearest.iter().all(|one| one.family.incoherences().is_empty()));
        let sum: f64 = nearest.iter().map(|one| one.family.last()).sum();
        prop_assert!(sum <= 1.0 + 1e-9);
        let least = cost(&families, &values(&families));
        for other in grid() {
            prop_assert!(least <= cost(&families, &other) + 1e-9, "{:?} is nearer", other);
        }
    }
}
