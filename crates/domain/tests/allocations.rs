//! Deciding allocates nothing, whatever is asked: a whole organisation's questions are counted.

// A test that cannot go on says so by panicking, in the files around the tests too.
#![allow(clippy::unwrap_used)]

mod scale;

use domain::decide;
use scale::{CALLERS, Organisation};

#[test]
fn deciding_allocates_nothing() {
    let organisation = Organisation::new();
    let (mut candidates, mut incumbents, mut denied) = (0, 0, 0);
    for number in 0..CALLERS * 10 {
        let ask = organisation.ask(number);
        let mut answered = None;
        let counted = allocation_counter::measure(|| {
            let decided = decide(&organisation.policy, &organisation.status, &ask);
            answered = Some(decided.map(|found| found.is_candidate()).map_err(|_| ()));
        });
        assert_eq!(counted.count_total, 0, "{number}: {}", ask.name);
        match answered.unwrap() {
            Ok(true) => candidates += 1,
            Ok(false) => incumbents += 1,
            Err(()) => denied += 1,
        }
    }
    // Each way through the decision was counted, often.
    assert!(candidates > 100 && incumbents > 1_000 && denied > 1_000);
}

#[test]
fn an_allocation_would_be_counted() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![1_u8])));
    assert_eq!(counted.count_total, 1);
}
