//! Names become behaviours. It must not know a socket.

use std::time::Duration;

use super::{Behaviour, BehaviourError};

fn check(name: &str, expected: Result<Behaviour, BehaviourError>) {
    assert_eq!(Behaviour::named(name), expected, "{name}");
}

#[test]
fn names_are_read_with_their_numbers() {
    check("normal-5", Ok(Behaviour::normal(5)));
    check("cut-after-3", Ok(Behaviour::CutAfter(3)));
    check("stall-headers", Ok(Behaviour::StallHeaders));
    check("status-429", Ok(Behaviour::status(429)));
    check(
        "stamped-20-5",
        Ok(Behaviour::Stamped {
            tokens: 20,
            gap: Duration::from_millis(5),
        }),
    );
    check(
        "fail-times-2",
        Ok(Behaviour::Sequence(vec![
            Behaviour::status(503),
            Behaviour::status(503),
            Behaviour::normal(0),
        ])),
    );
}

#[test]
fn what_is_no_name_is_refused() {
    check("gpt-4o", Err(BehaviourError::Unknown("gpt-4o".into())));
    check("cut-after", Err(BehaviourError::NumberMissing("cut-after")));
    check(
        "cut-after-x",
        Err(BehaviourError::Unknown("cut-after-x".into())),
    );
    check(
        "huge-event-999999999999",
        Err(BehaviourError::TooLarge("huge-event-999999999999".into())),
    );
}

#[test]
fn every_row_makes_a_behaviour() {
    for name in Behaviour::names() {
        let with_number = format!("{name}-2");
        assert!(Behaviour::named(&with_number).is_ok(), "{with_number}");
    }
}
