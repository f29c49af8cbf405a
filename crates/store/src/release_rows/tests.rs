//! Holds the walk over a release's rows: complete, in order of their ends, of callers alone. It
//! must not depend on the size of a page.

use domain::{Stage, Timestamp};

use crate::scratch::{NOW, Scratch, record, row, usage_caller};
use crate::usage::UsageRow;

/// Makes a row that lasts as long as its number says, in no order.
fn lasting(number: u64) -> UsageRow {
    let at = Timestamp(NOW.0 + i64::try_from(number / 3).expect("small"));
    UsageRow {
        total_ms: u32::try_from(number * 7_919 % 2_003).expect("small"),
        ..row(at, number)
    }
}

#[test]
fn every_row_comes_once_in_the_order_of_its_end() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let rows: Vec<_> = (1..=3_500).map(lasting).collect();
    record(&store, rows.iter().cloned());
    let found: Result<Vec<_>, _> = { store.release_rows(&"mythos".into(), NOW) }
        .expect("a walk")
        .collect();
    let mut expected = rows;
    expected.sort_by_key(|row| (row.ended_at(), row.decision));
    assert_eq!(found.expect("rows"), expected);
    let late = store.release_rows(&"mythos".into(), Timestamp(NOW.0 + 1_000));
    let late = late.expect("a walk").map(|row| row.expect("a row"));
    // Three rows share an instant, the first of which has but two.
    assert_eq!(late.count(), 3_500 - 2_999);
}

#[test]
fn rows_of_others_stay_out() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mine = row(NOW, 1);
    let mut run = row(NOW, 2);
    run.caller = std::sync::Arc::new(crate::key::UsageCaller {
        is_evaluator: true,
        ..usage_caller("k2")
    });
    let mut unanswered = row(NOW, 3);
    unanswered.chosen = None;
    let mut other = row(NOW, 4);
    other.release = Some(("fable".into(), Stage::General));
    record(&store, [mine.clone(), run, unanswered, other]);
    let found = store.release_rows(&"mythos".into(), NOW).expect("a walk");
    let found: Vec<_> = found.map(|row| row.expect("a row")).collect();
    assert_eq!(found, [mine]);
}
