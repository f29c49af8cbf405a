//! Holds the reports of outcomes: the first stays, only its caller may make it, and it goes with
//! its decision. It must not know how they are asked for.

use domain::{KeyId, Timestamp};

use super::{OutcomeReport, OutcomeRow, Reported};
use crate::scratch::{NOW, Scratch, record, row, usage_caller};
use crate::store::Store;
use crate::usage::{Arm, UsageRow};

const GOOD: OutcomeReport = OutcomeReport {
    success: Some(true),
    score: Some(0.75),
};
const BAD: OutcomeReport = OutcomeReport {
    success: Some(false),
    score: None,
};

fn expected(row: &UsageRow, at: Timestamp, report: OutcomeReport) -> OutcomeRow {
    OutcomeRow {
        decision: row.decision,
        release: "mythos".into(),
        arm: Arm::Candidate,
        conversation: row.conversation,
        at,
        report,
    }
}

fn listed(store: &Store, since: Timestamp) -> Vec<OutcomeRow> {
    let found = store.outcomes_of(&"mythos".into(), since).expect("a walk");
    found.map(|one| one.expect("a report")).collect()
}

#[test]
fn the_first_report_of_the_decisions_caller_stays() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let one = row(NOW, 1);
    record(&store, [one.clone()]);
    let report = |key: &str, report| {
        let reported = store.report_outcome(&KeyId::new(key), &one.decision, report, NOW);
        reported.expect("an answer")
    };
    assert_eq!(report("k2", GOOD), Reported::Unknown);
    let kept = expected(&one, NOW, GOOD);
    assert_eq!(
        report("k1", GOOD),
        Reported::New(Some(Box::new(kept.clone())))
    );
    assert_eq!(report("k1", GOOD), Reported::Again);
    assert_eq!(report("k1", BAD), Reported::Otherwise);
    // Also once there is one, another key learns nothing of it.
    assert_eq!(report("k2", GOOD), Reported::Unknown);
    assert_eq!(listed(&store, NOW), [kept]);
    let unknown = row(NOW, 2).decision;
    let reported = store.report_outcome(&KeyId::new("k1"), &unknown, GOOD, NOW);
    assert_eq!(reported.expect("an answer"), Reported::Unknown);
}

#[test]
fn reports_are_listed_page_by_page_and_go_with_their_decisions() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let rows: Vec<_> = (1..=1_003).map(|number| row(NOW, number)).collect();
    let mut run = row(NOW, 2_000);
    run.caller = std::sync::Arc::new(crate::key::UsageCaller {
        is_evaluator: true,
        ..usage_caller("k1")
    });
    let mut outside = row(NOW, 2_001);
    (outside.release, outside.chosen) = (None, None);
    record(
        &store,
        rows.iter().cloned().chain([run.clone(), outside.clone()]),
    );
    let key = KeyId::new("k1");
    // The last decision's report comes first.
    for row in rows.iter().rev() {
        let reported = store.report_outcome(&key, &row.decision, BAD, NOW);
        assert!(matches!(reported, Ok(Reported::New(Some(_)))));
    }
    for row in [&run, &outside] {
        let reported = store.report_outcome(&key, &row.decision, BAD, NOW);
        assert_eq!(reported.expect("kept"), Reported::New(None));
    }
    let found = listed(&store, NOW);
    let wanted: Vec<_> = { rows.iter().rev() }
        .map(|row| expected(row, NOW, BAD))
        .collect();
    assert_eq!(found, wanted);
    assert_eq!(listed(&store, Timestamp(NOW.0 + 1)), []);
    let days = scratch.config().retention.usage_days + 1;
    let purged = store.purge(NOW.plus_days(days)).expect("purged");
    assert_eq!((purged.usage, purged.outcomes), (1_005, 1_005));
}

#[test]
fn a_value_is_the_score_else_the_success() {
    let of = |success, score| OutcomeReport { success, score }.value();
    assert_eq!(of(Some(true), Some(0.25)), Some(0.25));
    assert_eq!(of(Some(true), None), Some(1.0));
    assert_eq!(of(Some(false), None), Some(0.0));
    assert_eq!(of(None, None), None);
    assert_eq!(of(None, Some(1.5)), None);
    assert_eq!(of(None, Some(f64::NAN)), None);
}
