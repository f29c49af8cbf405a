//! Holds a scenario's changes to sums by hand.

use super::Scenario;
use crate::forecast::families::{By, Family};

fn family(rows: &[(&str, f64)]) -> Family {
    let points = rows.iter().map(|(day, probability)| By {
        day: day.parse().unwrap(),
        probability: *probability,
        weight: 1.0,
        line: 4,
    });
    Family::new("it", points.collect()).unwrap()
}

#[test]
fn days_move_and_probabilities_scale() {
    let scenario = Scenario {
        release_days: 30,
        release_factor: 0.5,
        ..Scenario::as_said()
    };
    let today = "2027-01-01".parse().unwrap();
    let said = family(&[("2027-02-01", 0.2), ("2027-03-01", 0.6)]);
    let changed = scenario.family(&said, today).unwrap();
    assert_eq!(changed, family(&[("2027-03-03", 0.1), ("2027-03-31", 0.3)]));
    // What would have come already comes tomorrow, at the chance of the later row.
    let scenario = Scenario {
        release_days: -60,
        ..Scenario::as_said()
    };
    assert_eq!(
        scenario.family(&said, today).unwrap(),
        family(&[("2027-01-02", 0.6)])
    );
    let scenario = Scenario {
        release_factor: 2.0,
        ..Scenario::as_said()
    };
    assert_eq!(scenario.family(&said, today).unwrap_err().line(), Some(4));
}

#[test]
fn what_is_open_to_a_part_of_us_costs_more_for_that_part() {
    let scenario = Scenario {
        available: 0.25,
        price_factor: 3.0,
        ..Scenario::as_said()
    };
    // 300 of 400 USD as before, and 100 thrice.
    assert!((scenario.usage(400.0) - 600.0).abs() < 1e-9);
}
