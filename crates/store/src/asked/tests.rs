//! Holds the walk over what callers asked: all of it since an instant, in order, with its reports,
//! and no eval run. It must not know what is made of the rows.

use std::sync::Arc;

use domain::{KeyId, Timestamp};

use super::AskedRow;
use crate::key::UsageCaller;
use crate::outcomes::OutcomeReport;
use crate::scratch::{NOW, Scratch, record, row, usage_caller};
use crate::store::Store;

const NOTHING: OutcomeReport = OutcomeReport {
    success: None,
    score: None,
};

fn walked(store: &Store, since: Timestamp) -> Vec<AskedRow> {
    let rows = store.asked_rows(since).expect("a walk");
    rows.map(|row| row.expect("a row")).collect()
}

#[test]
fn every_row_since_an_instant_comes_once_and_in_order_with_its_report() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let before = row(Timestamp(NOW.0 - 1), 9_999);
    let mut run = row(NOW, 5_000);
    run.caller = Arc::new(UsageCaller {
        is_evaluator: true,
        ..usage_caller("k1")
    });
    let rows: Vec<_> = (1..=2_003).map(|number| row(NOW, number)).collect();
    record(
        &store,
        rows.iter().rev().cloned().chain([before.clone(), run]),
    );
    let good = OutcomeReport {
        success: Some(true),
        score: Some(0.5),
    };
    let key = KeyId::new("k1");
    let told = store.report_outcome(&key, &rows[1_500].decision, good, NOW);
    told.expect("kept");
    let found = walked(&store, NOW);
    let decisions: Vec<_> = found.iter().map(|one| one.row.decision).collect();
    let wanted: Vec<_> = rows.iter().map(|row| row.decision).collect();
    assert_eq!(decisions, wanted);
    let reports = found.iter().enumerate();
    for (at, one) in reports {
        let wanted = if at == 1_500 { good } else { NOTHING };
        assert_eq!(one.report, wanted, "{at}");
    }
    assert_eq!(found[0].row.features, rows[0].features);
    let all = walked(&store, before.at());
    assert_eq!(all.len(), 2_004);
    assert_eq!(all[0].row.decision, before.decision);
    assert!(walked(&store, Timestamp(NOW.0 + 1)).is_empty());
}

#[test]
fn a_day_without_a_row_is_an_empty_walk() {
    let scratch = Scratch::new();
    assert!(walked(&scratch.open(), NOW).is_empty());
}
