//! Holds `scores` to figures by hand and to its laws.

use std::path::Path;

use super::{Scores, by_horizon, by_source, score};
use crate::forecast::resolved::{Resolved, read};

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

fn scored(text: &str) -> Scores {
    let rows = read(text).unwrap();
    score("all", &rows.iter().collect::<Vec<_>>(), None).unwrap()
}

/// Worked by hand: (0.2² + 0.2² + 0.6²) / 3, −(ln 0.8 + ln 0.8 + ln 0.4) / 3, base rate 2/3.
#[test]
fn three_forecasts_score_as_by_hand() {
    let found = scored("p,outcome\n0.8,1\n0.2,0\n0.4,1\n");
    close(found.brier, 0.44 / 3.0);
    // 1.362577835 / 3
    close(found.log.unwrap(), 0.454_192_611_5);
    close(
        found.log.unwrap(),
        (-0.8_f64.ln() * 2.0 - 0.4_f64.ln()) / 3.0,
    );
    close(found.base_rate, 2.0 / 3.0);
    close(found.brier_of_base_rate, 2.0 / 9.0);
    close(found.skill.unwrap(), 0.34);
    // Student's t with 2 degrees of freedom, 4.302653, on the sample's standard error, 0.1066667.
    let [low, high] = found.brier_interval.unwrap();
    close(low, 0.0);
    assert!(
        (high - (0.44 / 3.0 + 4.302_653 * 0.106_666_7)).abs() < 1e-5,
        "{high}"
    );
}

#[test]
fn a_certainty_that_was_wrong_is_counted_and_in_no_mean() {
    let found = scored("p,outcome\n1,0\n0,1\n0.5,1\n1,1\n");
    assert_eq!(found.certain_and_wrong, 2);
    close(found.log.unwrap(), 2.0_f64.ln() / 2.0);
    close(found.brier, 2.25 / 4.0);
    assert_eq!(scored("p,outcome\n1,0\n").log, None);
    // Certain and right is no surprise, and not minus nothing.
    let right = scored("p,outcome\n1,1\n0,0\n").log;
    assert!(right.is_some_and(|log| log == 0.0 && log.is_sign_positive()));
    assert_eq!(scored("p,outcome\n1,0\n").skill, None);
}

#[test]
fn a_question_that_recurs_is_one_cluster_and_counts_once() {
    let found = scored("id,p,outcome\na,0.9,0\na,0.7,0\nb,0.1,0\n");
    assert_eq!((found.rows, found.questions), (3, 2));
    close(found.brier, (0.81 + 0.49 + 0.01) / 3.0);
    close(found.brier_by_question, (0.65 + 0.01) / 2.0);
    // As many equal rows as one likes say no more than one.
    let many: String = (0..50).map(|_| "a,0.9,0\n").collect();
    let of_many = scored(&format!("id,p,outcome\n{many}b,0.1,0\n"));
    let [low, high] = of_many.brier_by_question_interval.unwrap();
    assert_eq!((low, high), (0.0, 1.0));
}

#[test]
fn bins_hold_every_row_once_and_their_interval_counts_questions() {
    let found = scored("id,p,outcome\na,0.3,1\na,0.31,1\nb,0.39,0\nc,1,1\nd,0,0\ne,0.4,0\n");
    assert_eq!(found.bins.iter().map(|bin| bin.rows).sum::<usize>(), 6);
    let third = found.bins[3];
    assert_eq!((third.rows, third.questions), (3, 2));
    close(third.given.unwrap(), 1.0 / 3.0);
    close(third.came.unwrap(), 2.0 / 3.0);
    // Wilson of 4/3 in 2 at 95 %, by the formula.
    let (z, n, share) = (1.959_963_985_f64, 2.0, 2.0 / 3.0);
    let centre = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let spread = share * (1.0 - share) / n + z * z / (4.0 * n * n);
    let half = z / (1.0 + z * z / n) * spread.sqrt();
    let [low, high] = third.interval.unwrap();
    assert!((low - (centre - half)).abs() < 1e-8 && (high - (centre + half)).abs() < 1e-8);
    assert_eq!(
        (found.bins[9].rows, found.bins[0].rows, found.bins[4].rows),
        (1, 1, 1)
    );
    assert_eq!(found.bins[1].given, None);
}

#[test]
fn horizons_part_the_rows_that_name_both_days() {
    let text = "p,outcome,given_on,resolved_on\n0.5,1,2027-01-01,2027-01-31\n\
                0.9,1,2027-01-01,2027-02-01\n0.5,0,2027-01-01,\n";
    let found = by_horizon(&read(text).unwrap(), None);
    let told: Vec<(&str, usize)> = found
        .iter()
        .map(|one| (one.source.as_str(), one.rows))
        .collect();
    assert_eq!(told, [("up to 30 days", 1), ("31 to 90 days", 1)]);
    close(found[1].brier, 0.01);
}

/// Reads the recorded questions; says what is skipped where they are not there.
fn recorded() -> Option<Vec<Resolved>> {
    let file = "../../../shared/data/forecast/market_questions.csv";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if path.is_file() {
        return Some(read(&std::fs::read_to_string(path).unwrap()).unwrap());
    }
    let is_ci = std::env::var_os("CI").is_some();
    assert!(!is_ci, "the resolved questions are missing");
    #[allow(clippy::print_stdout)]
    {
        println!("skipped: 1 test of 1958 resolved questions (no shared folder here)");
    }
    None
}

/// The figures that stand beside the data.
#[test]
fn the_scores_of_the_recorded_questions_are_those_published_with_them() {
    let Some(rows) = recorded() else { return };
    let scores = by_source(&rows, None);
    for (source, count, questions, brier, digits) in [
        ("all", 1958, 1097, 0.0916, 4),
        ("polymarket", 975, 723, 0.0825, 4),
        ("manifold", 516, 224, 0.085, 3),
        ("infer", 168, 21, 0.076, 3),
        ("metaculus", 299, 129, 0.142, 3),
    ] {
        let found = scores.iter().find(|one| one.source == source).unwrap();
        assert_eq!(
            (found.rows, found.questions),
            (count, questions),
            "{source}"
        );
        let half = 0.5 * 10_f64.powi(-digits) * 1.000_001;
        assert!(
            (found.brier - brier).abs() <= half,
            "{source}: {}",
            found.brier
        );
        let [low, high] = found.brier_interval.unwrap();
        assert!(low < found.brier && found.brier < high);
        assert!(
            found.skill.unwrap() > 0.0,
            "{source}: no better than the base rate"
        );
        assert_eq!(found.bins.iter().map(|bin| bin.rows).sum::<usize>(), count);
    }
}
