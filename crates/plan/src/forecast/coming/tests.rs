//! Holds the course of a release to its rows, to a hazard by hand and to its bounds.

use domain::Date;
use proptest::prelude::*;

use super::coming;
use crate::forecast::days;
use crate::forecast::families::{By, Family};
use crate::forecast::readiness::Between;

fn today() -> Date {
    "2027-01-01".parse().unwrap()
}

fn comes(rows: &[(i64, f64)], until: i64) -> Between {
    let points = rows.iter().map(|(at, probability)| By {
        day: days::after(today(), *at),
        probability: *probability,
        weight: 1.0,
        line: 1,
    });
    let family = Family::new("it", points.collect()).unwrap();
    coming(&family, today(), days::after(today(), until))
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn a_release_passes_through_its_rows_and_goes_on_by_their_hazard() {
    let comes = comes(&[(100, 0.26), (160, 0.5)], 480);
    let by = |at: i64| comes.likely.by(days::after(today(), at));
    close(by(0), 0.0);
    close(by(50), 0.13);
    close(by(100), 0.26);
    close(by(130), 0.38);
    close(by(160), 0.5);
    // Half is left after 160 days, so that a quarter is after 320 and an eighth after 480.
    close(by(320), 0.75);
    close(by(480), 0.875);
    close(by(10_000), 0.875);
}

#[test]
fn the_rows_leave_open_what_lies_between_them() {
    let comes = comes(&[(100, 0.26), (160, 0.5)], 480);
    let at = |at: i64| {
        let day = days::after(today(), at);
        (comes.latest.by(day), comes.soonest.by(day))
    };
    for (day, low, high) in [
        (0, 0.0, 0.0),
        (1, 0.0, 0.26),
        (100, 0.26, 0.26),
        (101, 0.26, 0.5),
        (160, 0.5, 0.5),
        (161, 0.5, 1.0),
    ] {
        let (least, most) = at(day);
        close(least, low);
        close(most, high);
    }
}

#[test]
fn what_never_comes_never_comes_and_what_is_certain_leaves_nothing() {
    close(comes(&[(100, 0.0)], 400).likely.in_sight(), 0.0);
    close(
        comes(&[(100, 1.0)], 400)
            .likely
            .by(days::after(today(), 100)),
        1.0,
    );
    close(comes(&[(100, 1.0)], 400).soonest.in_sight(), 1.0);
}

proptest! {
    #[test]
    fn the_likely_course_lies_within_what_the_rows_say(
        mut chances in proptest::collection::vec(0.0..=1.0_f64, 1..5),
        at in 0_i64..400,
    ) {
        chances.sort_by(f64::total_cmp);
        let rows: Vec<(i64, f64)> = (1..).map(|row| row * 40).zip(chances).collect();
        let comes = comes(&rows, 400);
        let day = days::after(today(), at);
        let (low, likely, high) =
            (comes.latest.by(day), comes.likely.by(day), comes.soonest.by(day));
        prop_assert!(low <= likely + 1e-9 && likely <= high + 1e-9, "{low} {likely} {high}");
    }
}
