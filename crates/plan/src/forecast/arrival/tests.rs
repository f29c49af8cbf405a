//! Holds arrivals to figures by hand and to the laws of sums.

use domain::Date;
use proptest::prelude::*;

use super::{Arrival, Span};
use crate::forecast::days;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

fn after(span: &Span) -> Arrival {
    Arrival::after(day("2027-01-01"), span)
}

fn mean(span: &Span) -> f64 {
    let start = day("2027-01-01");
    let each = after(span).days().collect::<Vec<_>>();
    each.iter()
        .map(|(at, chance)| days::between(start, *at) as f64 * chance)
        .sum()
}

/// A triangle from −½ over 1 to 2½ is symmetric: by hand its cells are 2/9, 5/9 and 2/9.
#[test]
fn a_triangle_is_cut_into_days() {
    let arrival = after(&Span::triangular([0.0, 1.0, 2.0]));
    let found: Vec<f64> = arrival.days().map(|(_, chance)| chance).collect();
    for (found, expected) in found.iter().zip([2.0 / 9.0, 5.0 / 9.0, 2.0 / 9.0, 0.0]) {
        close(*found, expected);
    }
    close(arrival.by(day("2027-01-02")), 7.0 / 9.0);
    close(arrival.by(day("2026-12-31")), 0.0);
    assert_eq!(arrival.quantile(0.5), Some(day("2027-01-02")));
}

#[test]
fn what_is_certain_is_one_day_in_every_form() {
    for span in [
        Span::exactly(3),
        Span::triangular([3.0, 3.0, 3.0]),
        Span::uniform(2.5, 3.0),
        Span::uniform(3.0, 3.0),
    ] {
        let arrival = after(&span);
        close(arrival.by(day("2027-01-03")), 0.0);
        close(arrival.by(day("2027-01-04")), 1.0);
    }
}

/// Two dice: the sum of two even spreads from 1 to 6.
#[test]
fn two_dice_sum_as_everyone_knows() {
    let die = Span::uniform(0.5, 6.5);
    let sum = after(&die.then(&die));
    let chances: Vec<f64> = sum.days().map(|(_, chance)| chance).collect();
    for (count, of_36) in [(2, 1.0), (7, 6.0), (8, 5.0), (12, 1.0)] {
        close(chances[count], of_36 / 36.0);
    }
    close(sum.in_sight(), 1.0);
}

#[test]
fn weibulls_law_goes_through_both_chances_and_a_constant_hazard_is_its_case() {
    let start = day("2027-01-01");
    let arrival = Arrival::after(start, &Span::by_quantiles(20.0, 45.0));
    close(arrival.by(days::after(start, 20)), 0.5);
    close(arrival.by(days::after(start, 45)), 0.9);
    close(arrival.in_sight(), 1.0);
    // With a tenth left after log2(10) half-lives the hazard is constant: a quarter after two.
    let constant = Span::by_quantiles(30.0, 30.0 * 10.0_f64.log2());
    close(
        Arrival::after(start, &constant).by(days::after(start, 60)),
        0.75,
    );
}

#[test]
fn a_mixture_is_the_weighted_sum_by_each_day() {
    let (early, late) = (day("2027-01-01"), day("2027-01-05"));
    let parts = [(0.25, &Arrival::on(late)), (0.75, &Arrival::on(early))];
    let mixed = Arrival::mixed(&parts).unwrap();
    close(mixed.by(early), 0.75);
    close(mixed.by(day("2027-01-04")), 0.75);
    close(mixed.by(late), 1.0);
    assert_eq!(Arrival::mixed(&[]), None);
    close(mixed.moved(-7).by(day("2026-12-25")), 0.75);
}

fn three() -> impl Strategy<Value = [f64; 3]> {
    (0.0..30.0_f64, 0.0..30.0_f64, 0.0..30.0_f64)
        .prop_map(|(best, more, most)| [best, best + more, best + more + most])
}

proptest! {
    #[test]
    fn chances_sum_to_one_and_means_of_sums_add_up(one in three(), other in three()) {
        let (one, other) = (Span::triangular(one), Span::triangular(other));
        let sum = one.then(&other);
        prop_assert!((after(&sum).in_sight() - 1.0).abs() < 1e-9);
        prop_assert!((mean(&sum) - mean(&one) - mean(&other)).abs() < 1e-6);
        let negative = after(&sum).days().any(|(_, chance)| chance < -1e-15);
        prop_assert!(!negative);
    }

    #[test]
    fn every_triangle_lies_between_its_soonest_and_its_latest(three in three(), at in 0_i64..120) {
        let [best, likely, worst] = three;
        let on = days::after(day("2027-01-01"), at);
        let middle = after(&Span::triangular(three)).by(on);
        let soonest = after(&Span::uniform(best - 0.5, likely)).by(on);
        let latest = after(&Span::uniform(likely, worst + 0.5)).by(on);
        prop_assert!(latest <= middle + 1e-9 && middle <= soonest + 1e-9);
    }
}
