//! Holds the meeting of readiness and target to sums by hand and to brute force.

use domain::Date;
use proptest::prelude::*;

use super::{Costs, timing};
use crate::forecast::arrival::{Arrival, Span};
use crate::forecast::days;
use crate::forecast::readiness::Between;

const COSTS: Costs = Costs {
    late_usd_per_day: 300.0,
    early_usd_per_day: 100.0,
};

fn day(at: i64) -> Date {
    days::after("2027-01-01".parse().unwrap(), at)
}

fn exactly(arrival: &Arrival) -> Between {
    Between {
        likely: arrival.clone(),
        soonest: arrival.clone(),
        latest: arrival.clone(),
    }
}

fn spread(chances: &[(usize, f64)]) -> Between {
    exactly(&Arrival::after(day(0), &Span::of(chances)))
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

/// Ready on day 2 or 6, half each; it comes on day 4 for certain: by hand.
#[test]
fn two_days_early_or_two_days_late() {
    let ready = spread(&[(2, 0.5), (6, 0.5)]);
    let found = timing(&ready, &Between::on(day(4)), COSTS, day(100));
    close(found.in_time.likely, 0.5);
    close(found.days_late.likely, 1.0);
    close(found.days_early.likely, 1.0);
    close(found.cost_usd.likely, 400.0);
    // A day later is a day later in one half and a day less early in the other.
    close(found.day_later_usd, 100.0);
    assert_eq!(found.best_day.likely, Some(day(4)));
}

#[test]
fn ready_on_the_day_is_in_time_and_the_day_after_is_late() {
    let target = Between::on(day(4));
    for (at, in_time, late) in [(4, 1.0, 0.0), (5, 0.0, 1.0)] {
        let found = timing(&Between::on(day(at)), &target, COSTS, day(100));
        close(found.in_time.likely, in_time);
        close(found.days_late.likely, late);
    }
}

/// What has not come by the horizon is counted on the day after it.
#[test]
fn what_does_not_come_in_sight_is_early_up_to_the_horizon() {
    let target = spread(&[(4, 0.25)]);
    let found = timing(&Between::on(day(2)), &target, COSTS, day(9));
    close(found.in_time.likely, 1.0);
    close(found.days_early.likely, 0.25 * 2.0 + 0.75 * 8.0);
    // Who is never ready is not in time for what never comes either.
    let never = spread(&[]);
    let found = timing(&never, &target, COSTS, day(9));
    close(found.in_time.likely, 0.0);
    close(found.days_late.likely, 0.25 * 6.0);
}

#[test]
fn free_early_days_mean_the_first_day_and_free_days_mean_none() {
    let target = spread(&[(4, 0.5), (8, 0.5)]);
    let free_early = Costs {
        early_usd_per_day: 0.0,
        ..COSTS
    };
    let found = timing(&Between::on(day(2)), &target, free_early, day(100));
    assert_eq!(found.best_day.likely, Some(day(4)));
    let found = timing(&Between::on(day(2)), &target, Costs::default(), day(100));
    assert_eq!(found.best_day.likely, None);
}

#[test]
fn what_is_open_bounds_what_is_likely() {
    let ready = Between {
        soonest: Arrival::on(day(1)),
        likely: Arrival::on(day(3)),
        latest: Arrival::on(day(9)),
    };
    let target = Between {
        soonest: Arrival::on(day(2)),
        likely: Arrival::on(day(5)),
        latest: Arrival::on(day(7)),
    };
    let found = timing(&ready, &target, COSTS, day(100));
    assert_eq!((found.in_time.least, found.in_time.most), (0.0, 1.0));
    assert_eq!((found.days_late.least, found.days_late.most), (0.0, 7.0));
    assert_eq!((found.days_early.least, found.days_early.most), (0.0, 6.0));
    assert_eq!((found.cost_usd.least, found.cost_usd.most), (0.0, 2700.0));
    assert_eq!(found.best_day.least, Some(day(2)));
    assert_eq!(found.best_day.most, Some(day(7)));
}

/// Draws up to twenty days whose chances sum to one.
fn chances() -> impl Strategy<Value = Vec<(usize, f64)>> {
    proptest::collection::vec((0_usize..40, 0.01..1.0_f64), 1..20).prop_map(|mut rows| {
        let sum: f64 = rows.iter().map(|(_, weight)| weight).sum();
        for row in &mut rows {
            row.1 /= sum;
        }
        rows
    })
}

proptest! {
    #[test]
    fn sums_are_those_over_every_pair_of_days(ours in chances(), its in chances()) {
        let found = timing(&spread(&ours), &spread(&its), COSTS, day(100));
        let (mut in_time, mut late, mut early) = (0.0, 0.0, 0.0);
        for (ready, one) in &ours {
            for (comes, other) in &its {
                let both = one * other;
                in_time += if ready <= comes { both } else { 0.0 };
                late += both * ready.saturating_sub(*comes) as f64;
                early += both * comes.saturating_sub(*ready) as f64;
            }
        }
        prop_assert!((found.in_time.likely - in_time).abs() < 1e-9);
        prop_assert!((found.days_late.likely - late).abs() < 1e-9);
        prop_assert!((found.days_early.likely - early).abs() < 1e-9);
        // A day later, by moving all of ours by one.
        let moved: Vec<_> = ours.iter().map(|(at, chance)| (at + 1, *chance)).collect();
        let later = timing(&spread(&moved), &spread(&its), COSTS, day(100));
        let more = later.cost_usd.likely - found.cost_usd.likely;
        prop_assert!((found.day_later_usd - more).abs() < 1e-6);
    }

    #[test]
    fn no_day_costs_less_than_the_best(
        its in chances(),
        late in 1.0..500.0_f64,
        early in 1.0..500.0_f64,
    ) {
        let costs = Costs { late_usd_per_day: late, early_usd_per_day: early };
        let target = spread(&its);
        let of = |on: Date| timing(&Between::on(on), &target, costs, day(100)).cost_usd.likely;
        let best = timing(&Between::on(day(0)), &target, costs, day(100)).best_day.likely;
        let least = of(best.expect("it comes for certain"));
        for at in 0..45 {
            prop_assert!(least <= of(day(at)) + 1e-6, "day {at} costs less");
        }
    }
}
