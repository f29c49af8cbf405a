//! `tiergate forecast` as a user sees it: what it prints and writes, how it ends, and what it says
//! where a file is wrong. It must not test how a chance is worked out.

use std::fs;

use crate::home::{Ended, Home};

const EXAMPLE: &str = include_str!("../../../../examples/forecast.toml");
const FALLS: &str = "[[releases]]\nmodel = \"x\"\nsource = \"house\"\nread_on = 2026-11-20\n\
    by = [\n  { day = 2027-04-30, p = 0.54 },\n  { day = 2027-06-30, p = 0.26 },\n]\n";

fn home(file: &str) -> Home {
    let home = Home::empty();
    fs::write(home.path().join("future.toml"), file).unwrap();
    home
}

fn see(home: &Home, more: &[&str]) -> Ended {
    let mut arguments = vec!["forecast", "future.toml", "--today", "2026-11-27"];
    arguments.extend(more);
    home.run(&arguments)
}

#[test]
fn the_example_is_told_drawn_and_put_into_a_calendar() {
    let home = home(EXAMPLE);
    let told = see(&home, &["--html", "page.html", "--ics", "days.ics"]).is(0);
    for part in [
        "Claude Sonnet 4.5",
        "certain",
        "26.0 %",
        "safety-only",
        "mixed",
        "best day",
    ] {
        assert!(told.out.contains(part), "{part}\n{}", told.out);
    }
    let page = fs::read_to_string(home.path().join("page.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("the next capybara"));
    let days = fs::read_to_string(home.path().join("days.ics")).unwrap();
    assert!(days.contains("DTSTART;VALUE=DATE:20261130") && days.contains("54.0 % that"));
    let found = see(&home, &["--json"]).is(0).json();
    let mixed = &found["mixed"]["targets"][0];
    let chance = mixed["in_time"]["likely"].as_f64().unwrap();
    let [least, most] = ["least", "most"].map(|end| mixed["in_time"][end].as_f64().unwrap());
    assert!(least <= chance && chance <= most && least < most);
}

#[test]
fn without_a_file_it_lists_the_retirements_that_are_known() {
    let home = Home::empty();
    let told = home.run(&["forecast", "--today", "2026-11-27"]).is(0);
    assert!(
        told.out.contains("2026-11-30") && told.out.contains("certain"),
        "{}",
        told.out
    );
    assert!(!told.out.contains("release"), "{}", told.out);
}

#[test]
fn rows_that_contradict_each_other_are_named_and_repaired_when_asked() {
    let home = home(FALLS);
    let told = see(&home, &[]).is(2);
    assert!(
        told.err
            .contains("lines 6 and 7: `x` has 0.54 by 2027-04-30"),
        "{}",
        told.err
    );
    assert!(told.err.contains("--repair"), "{}", told.err);
    let told = see(&home, &["--repair"]).is(0);
    assert!(
        told.out.contains("40.0 %, repaired from 54.0 %"),
        "{}",
        told.out
    );
}

#[test]
fn a_wrong_file_names_its_line_and_what_would_fit() {
    for (file, what) in [
        (
            "models = [\"claude-sonnet-4-55\"]\n",
            "line 1: no fact knows a model",
        ),
        ("colour = 1\n", "line 1: unknown field `colour`"),
        (
            "[[scenarios]]\nname = \"a\"\nweight = 0.5\n\
             [readiness]\ndates = [2027-01-01, 2027-02-01, 2027-03-01]\n",
            "line 3: the weights of the scenarios",
        ),
    ] {
        let told = see(&home(file), &[]).is(2);
        assert!(
            told.err.contains(what) && told.err.contains("mend: "),
            "{}",
            told.err
        );
        assert_eq!(told.out, "");
    }
    let told = Home::empty().run(&["forecast", "nowhere.toml"]).is(2);
    assert!(
        told.err.contains("nowhere.toml cannot be read"),
        "{}",
        told.err
    );
}

#[test]
fn points_of_a_scan_take_the_place_of_the_files() {
    let home = home(EXAMPLE);
    let by = |more: &[&str]| {
        let mut all = vec!["--json"];
        all.extend(more);
        let found = see(&home, &all).is(0).json();
        found["ready"]["p50"]["likely"].as_str().unwrap().to_owned()
    };
    let scan = home.path().join("scan.json");
    fs::write(&scan, "{\"switching_cost\":{\"points\":400}}").unwrap();
    assert!(by(&[]) < by(&["--scan", "scan.json"]));
    fs::write(&scan, "{}").unwrap();
    let told = see(&home, &["--scan", "scan.json"]).is(2);
    assert!(told.err.contains("switching_cost.points"), "{}", told.err);
}

#[test]
fn past_forecasts_are_scored_with_their_contradictions() {
    let home = Home::empty();
    let rows = "source,id,frozen_on,probability,outcome\nm,1,2027-01-01,0.5,0\n\
                m,2,2027-01-01,0.3,0\nn,3,2027-01-01,0.9,1\n";
    let events = "source,id,event,by\nm,1,it,2027-03-01\nm,2,it,2027-05-01\n";
    fs::write(home.path().join("past.csv"), rows).unwrap();
    fs::write(home.path().join("events.csv"), events).unwrap();
    let told = home
        .run(&["forecast", "score", "past.csv", "--events", "events.csv"])
        .is(0);
    assert!(told.out.contains("1 contradict themselves"), "{}", told.out);
    let asked = [
        "forecast",
        "score",
        "past.csv",
        "--events",
        "events.csv",
        "--json",
    ];
    let found = home.run(&asked).is(0).json();
    // (0.25 + 0.09 + 0.01) / 3.
    let brier = found["scores"][0]["brier"].as_f64().unwrap();
    assert!((brier - 0.35 / 3.0).abs() < 1e-12, "{brier}");
    assert_eq!(
        home.run(&["forecast", "--json", "score", "past.csv"])
            .is(0)
            .json()["joined"],
        serde_json::Value::Null
    );
    let told = home
        .run(&["forecast", "--repair", "score", "past.csv"])
        .is(2);
    assert!(told.err.contains("scored alone"), "{}", told.err);
    fs::write(home.path().join("past.csv"), "p,outcome\n0.5,1\n1.5,1\n").unwrap();
    let told = home.run(&["forecast", "score", "past.csv"]).is(2);
    assert!(
        told.err.contains("line 3: `1.5` in column `p`"),
        "{}",
        told.err
    );
}
