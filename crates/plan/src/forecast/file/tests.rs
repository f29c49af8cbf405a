//! Holds the file to its settings and each fault to its line and its mend.

use super::{Beside, FileFault, Said, read};
use crate::forecast::readiness::Plan;

fn said(text: &str) -> Result<Said, FileFault> {
    let beside = Beside {
        asked: None,
        day: "2026-11-27".parse().unwrap(),
        points: None,
    };
    read(text, beside)
}

const RELEASE: &str = "[[releases]]\nmodel = \"x\"\nsource = \"house\"\nread_on = 2026-11-20\n";

#[test]
fn a_file_reads_whole_and_the_example_does() {
    let text = include_str!("../../../../../examples/forecast.toml");
    let said = said(text).unwrap();
    assert!(!said.releases.is_empty() && !said.scenarios.is_empty() && said.plan.is_some());
    let sum: f64 = said.scenarios.iter().map(|one| one.weight).sum();
    assert!((sum - 1.0).abs() < 1e-9);
}

#[test]
fn rows_know_their_lines() {
    let text = format!(
        "{RELEASE}by = [\n  {{ day = 2027-04-30, p = 0.26 }},\n  \
                        {{ day = 2027-06-30, p = 0.54, weight = 3 }},\n]\n"
    );
    let said = said(&text).unwrap();
    let points = said.releases[0].family.points();
    assert_eq!((points[0].line, points[1].line), (6, 7));
    assert_eq!((points[0].weight, points[1].weight), (1.0, 3.0));
}

#[test]
fn points_of_a_scan_and_an_asked_day_take_the_place_of_the_files() {
    let text = "today = 2026-11-01\n[readiness.effort]\npoints = 1\n\
                hours_per_point = [7, 7, 7]\nhours_per_week = 7\n";
    let with = |asked: Option<&str>, points| {
        let beside = Beside {
            asked: asked.map(|day| day.parse().unwrap()),
            day: "2026-11-27".parse().unwrap(),
            points,
        };
        let said = read(text, beside).unwrap();
        let Some(Plan::Steps { start, steps }) = said.plan else {
            panic!("no steps")
        };
        (said.today.to_string(), start.to_string(), steps[0].days[0])
    };
    let own = "2026-11-01".to_owned();
    assert_eq!(with(None, None), (own.clone(), own.clone(), 7.0));
    assert_eq!(with(None, Some(3.0)), (own.clone(), own, 21.0));
    let other = "2026-11-15".to_owned();
    assert_eq!(with(Some("2026-11-15"), None), (other.clone(), other, 7.0));
}

#[test]
fn a_fault_of_a_release_says_what_where_and_how_to_mend_it() {
    let by = |rows: &str| format!("{RELEASE}by = [{rows}]\n");
    let cases = [
        ("releases = [", "line 1: "),
        ("colour = 1\n", "line 1: unknown field `colour`"),
        (
            &by("{ day = 2027-04-30, p = 1.26 }"),
            "line 5: `x` by 2027-04-30: 1.26 is no probability",
        ),
        (
            &by("{ day = 2027-04-30, p = -0.1 }"),
            "line 5: `x` by 2027-04-30: -0.1 is no",
        ),
        (
            &by("{ day = 2027-04-30, p = nan }"),
            "line 5: `x` by 2027-04-30: NaN is no probability",
        ),
        (
            &by("{ day = 2027-04-30, p = 0.2, weight = 0 }"),
            "line 5: `x` by 2027-04-30: the weight",
        ),
        (
            &by("{ day = 2026-11-27, p = 0.2 }"),
            "line 5: 2026-11-27 is not after 2026-11-27",
        ),
        (
            &by("{ day = 2027-04-30T10:00:00Z, p = 0.2 }"),
            "line 5: `2027-04-30T10:00:00Z` is no",
        ),
        (&by(""), "line 5: `x` has no probability"),
        (
            "exclusive = [[\"y\"]]\n",
            "line 1: no release is called `y`",
        ),
        (
            &format!(
                "exclusive = [[\"x\"], [\"x\"]]\n{}",
                by("{ day = 2027-04-30, p = 0.2 }")
            ),
            "line 1: `x` stands twice in `exclusive`",
        ),
    ];
    faults(&cases);
}

#[test]
fn a_fault_of_a_plan_cost_or_scenario_says_what_where_and_how_to_mend_it() {
    let ready =
        |text: &str| format!("{text}[readiness]\ndates = [2027-01-01, 2027-02-01, 2027-03-01]\n");
    let cases = [
        (
            "[readiness]\n",
            "line 1: the plan is none of the three forms",
        ),
        (
            "[readiness]\ndates = [2027-02-01, 2027-01-01, 2027-03-01]\n",
            "line 2: the best, the likeliest and the worst day are out of order",
        ),
        (
            "[readiness]\np50 = 2027-03-01\np90 = 2027-02-01\n",
            "line 2: 2026-11-27, 2027-03-01 and 2027-02-01 are out of order",
        ),
        (
            "[[readiness.steps]]\nname = \"a\"\ndays = [5, 3, 9]\n",
            "line 3: 5, 3 and 9 are out of order",
        ),
        (
            "[readiness.effort]\nhours_per_point = [1, 2, 3]\nhours_per_week = 40\n",
            "line 1: the effort has no points",
        ),
        (
            "[costs]\nlate_usd_per_day = -1\n",
            "line 2: the cost of a late day is -1",
        ),
        (
            &ready(
                "[[scenarios]]\nname = \"a\"\nweight = 0.5\n\
                 [[scenarios]]\nname = \"b\"\nweight = 0.4\n",
            ),
            "line 3: the weights of the scenarios sum to 0.900000, not to 1",
        ),
        (
            &ready(
                "[[scenarios]]\nname = \"a\"\nweight = 0.5\n\
                 [[scenarios]]\nname = \"a\"\nweight = 0.5\n",
            ),
            "line 5: two scenarios are called `a`",
        ),
        (
            &ready("[[scenarios]]\nname = \"a\"\nweight = 1.0\navailable = 1.5\n"),
            "line 4: `available` is 1.5",
        ),
        (
            &ready("[[scenarios]]\nname = \"a\"\nweight = 1.0\nready_days = 99999\n"),
            "line 2: `a` moves days by more than fifty years",
        ),
        (
            "[[scenarios]]\nname = \"a\"\nweight = 1.0\n",
            "line 2: there are scenarios and nothing to be ready with",
        ),
        (
            "[[readiness.steps]]\nname = \"a\"\ndays = [1, 2, 30000]\n",
            "line 1: the plan spans 30000 days",
        ),
    ];
    faults(&cases);
}

/// Asserts that each text has its fault, with a way to mend it.
fn faults(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let fault = said(text).unwrap_err();
        let shown = fault.to_string();
        assert!(shown.starts_with(expected), "{shown}\n{expected}");
        assert!(!fault.mend.is_empty());
    }
}
