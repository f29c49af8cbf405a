//! Holds plans to their own words: the days they name, the sums of their steps, their bounds.

use domain::Date;
use proptest::prelude::*;

use super::{Plan, Step, days_of_effort};
use crate::forecast::days;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn step(days: [f64; 3]) -> Step {
    Step {
        name: "it".to_owned(),
        days,
    }
}

#[test]
fn dates_bound_what_is_ready_when() {
    let dates = ["2027-01-10", "2027-01-20", "2027-02-10"].map(day);
    let ready = Plan::Dates(dates).ready();
    for arrival in [&ready.likely, &ready.soonest, &ready.latest] {
        assert!(arrival.by(day("2027-01-09")) < 1e-12);
        assert!((arrival.by(day("2027-02-10")) - 1.0).abs() < 1e-12);
    }
    // The soonest is ready by the likeliest day, the latest not before it.
    assert!((ready.soonest.by(day("2027-01-20")) - 1.0).abs() < 1e-12);
    assert!(ready.latest.by(day("2027-01-19")) < 1e-12);
}

#[test]
fn two_chances_leave_open_all_between_them() {
    let (from, half, most) = (day("2027-01-01"), day("2027-01-21"), day("2027-02-15"));
    let ready = Plan::Quantiles { from, half, most }.ready();
    let by = |text: &str| {
        let on = day(text);
        [&ready.latest, &ready.likely, &ready.soonest].map(|one| (one.by(on) * 1e4).round() / 1e4)
    };
    let [low, likely, high] = by("2027-01-21");
    assert_eq!((low, likely, high), (0.5, 0.5, 0.5));
    let [low, likely, high] = by("2027-02-15");
    assert_eq!((low, likely, high), (0.9, 0.9, 0.9));
    let [low, _, high] = by("2027-01-22");
    assert_eq!((low, high), (0.5, 0.9));
    let [low, _, high] = by("2027-02-16");
    assert_eq!((low, high), (0.9, 1.0));
    let [low, _, high] = by("2027-01-31");
    assert_eq!((low, high), (0.5, 0.9));
    let [low, _, high] = by("2028-01-31");
    assert_eq!((low, high), (0.9, 1.0));
}

#[test]
fn steps_add_up_and_an_effort_is_hours_over_the_hours_of_a_week() {
    // 84 points of an hour at 42 hours a week are two weeks.
    let effort = days_of_effort(84.0, [0.5, 1.0, 2.0], 42.0);
    assert_eq!(effort, [7.0, 14.0, 28.0]);
    let plan = Plan::Steps {
        start: day("2027-01-01"),
        steps: vec![step([14.0; 3]), step([5.0; 3])],
    };
    let ready = plan.ready();
    for arrival in [&ready.likely, &ready.soonest, &ready.latest] {
        assert!(arrival.by(day("2027-01-19")) < 1e-9);
        assert!((arrival.by(day("2027-01-20")) - 1.0).abs() < 1e-9);
    }
}

proptest! {
    #[test]
    fn whatever_the_plan_the_likely_lies_between(
        steps in proptest::collection::vec((0.0..20.0_f64, 0.0..20.0_f64, 0.0..20.0_f64), 1..4),
        at in 0_i64..200,
    ) {
        let steps = steps.into_iter();
        let steps = steps.map(|(best, more, most)| step([best, best + more, best + more + most]));
        let start = day("2027-01-01");
        let ready = Plan::Steps { start, steps: steps.collect() }.ready();
        let on = days::after(start, at);
        let (low, likely, high) =
            (ready.latest.by(on), ready.likely.by(on), ready.soonest.by(on));
        prop_assert!(low <= likely + 1e-9 && likely <= high + 1e-9);
    }
}
