//! The circuit as a value: when it opens, whom it lets through, when it closes.

use std::time::Duration;

use super::{Admits, Phase, State};

const REST: Duration = Duration::from_millis(100);

/// Plays answers (`.`) and failures (`x`) at one moment.
fn after(state: State, story: &str) -> State {
    story.chars().fold(state, |state, sign| match sign {
        'x' => state.failed(1_000, REST, None),
        _ => state.answered(),
    })
}

fn check(story: &str, phase: Phase) {
    let state = after(State::FINE, story);
    assert_eq!(state.phase(), phase, "{story}");
    assert_eq!(State::of_bits(state.to_bits()), state, "{story}");
}

#[test]
fn failures_in_a_row_open_it() {
    check("", Phase::Closed);
    check("xxxx", Phase::Closed);
    check("xxxx.xxxx", Phase::Closed);
    check("xxxxx", Phase::Open);
}

#[test]
fn a_failing_half_opens_it_once_enough_was_seen() {
    check("x.x.x.x.x", Phase::Closed);
    check("x.x.x.x.x.x", Phase::Open);
    check("x..x..x..x..x..x..x..x", Phase::Closed);
}

#[test]
fn a_window_of_good_answers_forgets() {
    assert_eq!(after(State::FINE, "xx................"), State::FINE);
    assert_ne!(after(State::FINE, "xx............."), State::FINE);
}

#[test]
fn one_request_probes_it_after_its_rest_and_no_second() {
    let open = after(State::FINE, "xxxxx");
    assert_eq!(open.admits(1_099, REST).1, Admits::No);
    let (probing, first) = open.admits(1_100, REST);
    assert_eq!((probing.phase(), first), (Phase::Probing, Admits::Probe));
    assert_eq!(probing.admits(1_100, REST).1, Admits::No);
    assert_eq!(probing.answered(), State::FINE);
    // A probe that nobody hears of again is followed by another.
    assert_eq!(probing.admits(1_199, REST).1, Admits::No);
    assert_eq!(probing.admits(1_200, REST).1, Admits::Probe);
}

#[test]
fn each_probe_that_fails_doubles_the_rest_up_to_a_limit() {
    let mut state = after(State::FINE, "xxxxx");
    let mut now = 1_100;
    for wanted in [200, 400, 800, 1_600, 3_200, 6_400, 6_400] {
        let (probing, admits) = state.admits(now, REST);
        assert_eq!(admits, Admits::Probe);
        state = probing.failed(now, REST, None);
        assert_eq!(
            state.admits(now + wanted - 1, REST).1,
            Admits::No,
            "{wanted}"
        );
        now += wanted;
        assert_eq!(State::of_bits(state.to_bits()), state);
    }
    let long = Duration::from_secs(50);
    let open = after(State::FINE, "xxxx").failed(0, long, None);
    let again = open.admits(50_000, long).0.failed(50_000, long, None);
    assert_eq!(again.admits(50_000 + 60_000, long).1, Admits::Probe);
}

#[test]
fn what_was_under_way_when_it_opened_neither_extends_nor_shortens_its_rest() {
    let open = after(State::FINE, "xxxxx");
    let later = open.failed(1_090, REST, None);
    assert_eq!(later.admits(1_099, REST).1, Admits::No);
    assert_eq!(later.admits(1_100, REST).1, Admits::Probe);
}

#[test]
fn a_provider_that_asks_for_quiet_gets_it_at_once_and_within_a_limit() {
    let asked = Some(Duration::from_secs(30));
    let open = State::FINE.failed(1_000, REST, asked);
    assert_eq!(open.admits(30_999, REST).1, Admits::No);
    assert_eq!(open.admits(31_000, REST).1, Admits::Probe);
    let for_ever = State::FINE.failed(0, REST, Some(Duration::from_secs(86_400)));
    assert_eq!(for_ever.admits(60_000, REST).1, Admits::Probe);
}
