//! A suite whose cases change under a running gateway: what was scored on other cases counts for
//! nothing, and what is scored on the new ones counts. It must not test how answers are scored.

use std::fs;

use rustix::process::Signal;

use crate::home::Home;
use crate::patience::eventually;
use crate::rollout::{Rollout, config, verdict};

/// Writes a suite with so many of the example's cases.
fn write(home: &Home, cases: usize) {
    let whole = String::from_utf8(evidence::builtin("basics").unwrap().bytes.to_vec()).unwrap();
    let lines: Vec<&str> = whole.lines().take(cases + 1).collect();
    fs::write(home.path().join("mine.jsonl"), lines.join("\n")).unwrap();
}

#[test]
fn evidence_counts_for_the_cases_that_it_was_scored_on() {
    let story = Rollout::with(|scholar, home| {
        write(home, 60);
        let builtin = "builtin = \"basics\"";
        config(scholar, "next-1").replacen(builtin, "file = \"mine.jsonl\"", 1)
    });
    let floor = || {
        let shown = story.shown();
        let (word, reason) = verdict(&shown["gates"], "eval_floor");
        (word.to_owned(), reason.to_owned())
    };
    assert_eq!(story.evaluate()[0]["evidence"]["items"], 60);
    assert_eq!(floor().0, "pass", "{floor:?}", floor = floor());
    write(&story.home, 70);
    story.gateway.signal(Signal::HUP);
    eventually("what was scored on other cases counts no more", || {
        (floor().0 == "inconclusive").then_some(())
    });
    assert_eq!(story.evaluate()[0]["evidence"]["items"], 70);
    assert_eq!(floor().0, "pass", "{floor:?}", floor = floor());
}
