//! Every kind of failure and what comes after it.

use std::time::Duration;

use domain::{Fallback, MAX_ATTEMPTS, Then};
use http::StatusCode;
use providers::{Class, Retry};
use wire::Trouble;

use super::{Failure, MAX_TRIES, Step, Tried, counts_against_model, quiet, step};

const HALF: u32 = u32::MAX / 2;
const FIRST: Tried = Tried {
    on_model: 1,
    in_all: 1,
    is_resting: false,
    has_thoughts: false,
};

fn status(code: u16) -> Failure {
    let class = Class::Status(StatusCode::from_u16(code).unwrap());
    of(class)
}

fn of(class: Class) -> Failure {
    Failure {
        class,
        retry: class.retry(),
        retry_after: None,
        trouble: Trouble::Other,
    }
}

fn about(code: u16, trouble: Trouble) -> Failure {
    Failure {
        trouble,
        ..status(code)
    }
}

fn asking(code: u16, wait: Duration) -> Failure {
    Failure {
        retry_after: Some(wait),
        ..status(code)
    }
}

#[track_caller]
fn check(failure: &Failure, tried: Tried, wanted: Step) {
    let got = step(failure, tried, &Fallback::STANDARD, HALF);
    assert_eq!(got, wanted, "{failure:?} {tried:?}");
}

#[test]
fn what_may_pass_is_tried_once_more_and_then_left() {
    for failure in [
        status(429),
        status(500),
        status(503),
        status(529),
        of(Class::Connect),
        of(Class::Reset),
    ] {
        let Step::Again(wait) = step(&failure, FIRST, &Fallback::STANDARD, HALF) else {
            panic!("{failure:?}");
        };
        assert!(wait > Duration::from_millis(100) && wait < Duration::from_millis(200));
        let second = Tried {
            on_model: MAX_TRIES,
            in_all: 2,
            ..FIRST
        };
        check(&failure, second, Step::NextModel);
        let resting = Tried {
            is_resting: true,
            ..FIRST
        };
        check(&failure, resting, Step::NextModel);
    }
}

#[test]
fn a_silent_or_unreadable_provider_is_not_tried_again() {
    for class in [
        Class::TimeoutConnect,
        Class::TimeoutHeaders,
        Class::TimeoutFirstToken,
        Class::TimeoutIdle,
        Class::Cut,
        Class::Garbage,
        Class::Redirect,
        Class::Busy,
    ] {
        check(&of(class), FIRST, Step::NextModel);
    }
    for code in [401, 403, 404] {
        check(&status(code), FIRST, Step::NextModel);
    }
}

#[test]
fn a_bad_request_is_the_callers() {
    for code in [400, 413, 422] {
        check(&status(code), FIRST, Step::Return);
        assert!(!counts_against_model(&status(code)));
    }
}

#[test]
fn a_named_wait_is_kept_and_never_cut_short() {
    let short = asking(429, Duration::from_secs(1));
    for draw in [0, HALF, u32::MAX] {
        let Step::Again(wait) = step(&short, FIRST, &Fallback::STANDARD, draw) else {
            panic!("{draw}");
        };
        assert!(wait >= Duration::from_secs(1) && wait <= Duration::from_millis(1_100));
    }
    let long = asking(429, Duration::from_secs(30));
    check(&long, FIRST, Step::NextModel);
    assert_eq!(quiet(&long), Some(Duration::from_secs(30)));
    assert_eq!(quiet(&short), None);
}

#[test]
fn waits_spread_between_half_and_all() {
    let wait = |draw| match step(&status(500), FIRST, &Fallback::STANDARD, draw) {
        Step::Again(wait) => wait,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(0), Duration::from_millis(100));
    assert_eq!(wait(u32::MAX), Duration::from_millis(200));
    assert!(wait(HALF) > wait(HALF / 2));
}

#[test]
fn an_account_without_money_is_left_at_once() {
    let capped = about(429, Trouble::Exhausted);
    check(&capped, FIRST, Step::NextModel);
    assert!(counts_against_model(&capped));
    check(&about(400, Trouble::Exhausted), FIRST, Step::NextModel);
}

#[test]
fn the_tier_says_what_a_refusal_an_overload_and_an_overflow_are_followed_by() {
    let all = |then| Fallback {
        on_refusal: then,
        on_overload: then,
        on_overflow: then,
    };
    let rows = [
        about(400, Trouble::Filtered),
        about(400, Trouble::Overflow),
        about(429, Trouble::Exhausted),
        asking(429, Duration::from_secs(9)),
        asking(529, Duration::from_secs(9)),
        of(Class::Busy),
    ];
    for failure in rows {
        let next = step(&failure, FIRST, &all(Then::Next), 0);
        let ret = step(&failure, FIRST, &all(Then::Return), 0);
        assert_eq!((next, ret), (Step::NextModel, Step::Return), "{failure:?}");
    }
    check(&about(400, Trouble::Filtered), FIRST, Step::Return);
    check(&about(400, Trouble::Overflow), FIRST, Step::NextModel);
    // A failure of another kind is nobody's choice.
    let garbage = of(Class::Garbage);
    assert_eq!(
        step(&garbage, FIRST, &all(Then::Return), 0),
        Step::NextModel
    );
}

#[test]
fn foreign_thoughts_are_left_out_once() {
    let refused = about(400, Trouble::Thoughts);
    let with = Tried {
        has_thoughts: true,
        ..FIRST
    };
    check(&refused, with, Step::WithoutThoughts);
    check(&refused, FIRST, Step::Return);
    assert!(!counts_against_model(&refused));
}

#[test]
fn attempts_are_bounded_over_all_models() {
    let last = Tried {
        in_all: MAX_ATTEMPTS,
        has_thoughts: true,
        ..FIRST
    };
    for failure in [status(500), about(400, Trouble::Thoughts), of(Class::Cut)] {
        check(&failure, last, Step::Return);
    }
}

#[test]
fn only_what_a_provider_says_itself_overrules_its_class() {
    let told = Failure {
        retry: Retry::NextModel,
        ..status(503)
    };
    check(&told, FIRST, Step::NextModel);
}
