//! Holds the recorder: durable after a flush, nothing lost silently. It must not sleep.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;

use super::{QUEUE_ROWS, Recorder, RecorderConfig, StartError};
use crate::config::{Access, Config};
use crate::query::UsageQuery;
use crate::scratch::{NOW, PATIENCE, Scratch, recorder, row};
use crate::store::Store;
use crate::usage::UsageRow;

fn count(store: &Store) -> u64 {
    let query = UsageQuery {
        since: NOW,
        until: NOW.plus_days(1),
        groups: Vec::new(),
    };
    let totals = store.usage(&query).expect("totals");
    totals.first().map_or(0, |line| line.requests)
}

/// Holds the database's write lock until it is dropped.
fn hold(scratch: &Scratch) -> Connection {
    let connection = Connection::open(scratch.config().database).expect("a connection");
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .expect("the lock");
    connection
}

fn hasty(scratch: &Scratch) -> Store {
    let config = Config {
        busy_timeout: Duration::from_millis(1),
        ..scratch.config()
    };
    Store::open(config, Access::Write).expect("a store")
}

#[test]
fn what_is_flushed_is_there_when_reopened() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let recorder = recorder(&store);
    for number in 0..2_000 {
        assert!(recorder.try_record(row(NOW, number)));
    }
    assert!(recorder.flush(PATIENCE));
    assert_eq!((recorder.durable(), recorder.lost()), (2_000, 0));
    assert_eq!(recorder.waiting(), 0);
    // Another connection sees it while the recorder still runs.
    assert_eq!(count(&scratch.open()), 2_000);
    assert!(recorder.flush(PATIENCE), "nothing to do is done at once");
}

#[test]
fn a_dropped_recorder_loses_nothing() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let recorder = recorder(&store);
    for number in 0..700 {
        assert!(recorder.try_record(row(NOW, number)));
    }
    drop(recorder);
    assert_eq!(count(&store), 700);
}

#[test]
fn rows_of_many_threads_all_arrive_and_are_told_once() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let told = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&told);
    let config = RecorderConfig {
        queue_rows: QUEUE_ROWS,
        on_batch: Some(Box::new(move |rows| {
            assert!(rows.len() <= 512, "a batch of {}", rows.len());
            let mut told = ears.lock().expect("the list");
            told.extend(rows.iter().map(|row| row.decision));
        })),
    };
    let recorder = Recorder::start(&store, config).expect("a recorder");
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let recorder = &recorder;
            threads.spawn(move || {
                for number in 0..1_000 {
                    assert!(recorder.try_record(row(NOW, thread * 1_000 + number)));
                }
            });
        }
    });
    assert!(recorder.stop(PATIENCE));
    let mut told = std::mem::take(&mut *told.lock().expect("the list"));
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 4_000);
    assert_eq!(count(&store), 4_000);
}

#[test]
fn a_full_queue_turns_rows_away_and_counts_them() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let config = RecorderConfig {
        queue_rows: 4,
        on_batch: None,
    };
    let recorder = Recorder::start(&store, config).expect("a recorder");
    let lock = hold(&scratch);
    let taken = (0..10)
        .filter(|number| recorder.try_record(row(NOW, *number)))
        .count();
    assert_eq!((taken, recorder.lost(), recorder.waiting()), (4, 6, 4));
    drop(lock);
    assert!(recorder.flush(PATIENCE));
    assert!(recorder.try_record(row(NOW, 11)), "there is room again");
    assert!(recorder.stop(PATIENCE));
    assert_eq!((recorder.durable(), recorder.lost()), (5, 6));
    assert_eq!(count(&store), 5);
}

#[test]
fn a_batch_that_the_database_refuses_is_tried_again() {
    let scratch = Scratch::new();
    let store = hasty(&scratch);
    let recorder = recorder(&store);
    let lock = hold(&scratch);
    assert!(recorder.try_record(row(NOW, 1)));
    // Long enough for the first try to be refused.
    assert!(!recorder.flush(Duration::from_millis(100)));
    drop(lock);
    assert!(recorder.flush(PATIENCE));
    assert_eq!((recorder.durable(), recorder.lost()), (1, 0));
    assert_eq!(count(&store), 1);
}

#[test]
fn what_cannot_be_written_until_the_end_is_counted_as_lost() {
    let scratch = Scratch::new();
    let store = hasty(&scratch);
    let recorder = recorder(&store);
    let lock = hold(&scratch);
    for number in 0..3 {
        assert!(recorder.try_record(row(NOW, number)));
    }
    // The writer has these by now, and the two that follow still wait behind them.
    assert!(!recorder.flush(Duration::from_millis(100)));
    for number in 3..5 {
        assert!(recorder.try_record(row(NOW, number)));
    }
    assert!(!recorder.stop(Duration::from_millis(100)));
    assert_eq!((recorder.durable(), recorder.lost()), (0, 5));
    drop(lock);
    assert!(!recorder.try_record(row(NOW, 5)), "it has stopped");
    assert_eq!(recorder.lost(), 6);
    assert_eq!(count(&store), 0);
}

#[test]
fn the_same_decision_is_kept_once() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let recorder = recorder(&store);
    for number in [1, 2, 1] {
        assert!(recorder.try_record(row(NOW, number)));
    }
    assert!(recorder.stop(PATIENCE));
    assert_eq!(count(&store), 2);
    let tokens = store.tokens_today(&"mythos".into(), NOW).expect("a sum");
    assert_eq!(tokens, 240, "the second of a kind spends nothing");
}

#[test]
fn a_reader_cannot_record() {
    let scratch = Scratch::new();
    drop(scratch.open());
    let store = Store::open(scratch.config(), Access::Read).expect("a reader");
    let config = RecorderConfig {
        queue_rows: 1,
        on_batch: None,
    };
    let refused = Recorder::start(&store, config).err();
    assert!(matches!(refused, Some(StartError::ReadOnly)));
}

#[test]
fn what_callers_make_too_long_is_cut() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let recorder = recorder(&store);
    let long = "ü".repeat(1 << 16);
    let mut sent = row(NOW, 1);
    sent.requested = long.clone().into();
    sent.step = Some(long.clone().into());
    sent.attempts = Some(long.clone().into());
    sent.features = Some(long);
    let id = sent.decision;
    assert!(recorder.try_record(sent));
    assert!(recorder.stop(PATIENCE));
    let kept = store.decision(&id).expect("a query").expect("the row");
    assert_eq!(&*kept.requested, "ü".repeat(128));
    assert_eq!(kept.step.as_deref().map(str::len), Some(256));
    assert_eq!(kept.attempts.as_deref(), Some(r#"[{"too_long":true}]"#));
    assert_eq!(kept.features.as_deref(), Some(r#"{"too_long":true}"#));
}

#[test]
fn a_row_is_completed_before_it_is_written_and_one_that_cannot_be_stays_as_it_was() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let recorder = recorder(&store);
    let (plain, done, failed) = (row(NOW, 1), row(NOW, 2), row(NOW, 3));
    assert!(recorder.try_record(plain.clone()));
    let complete = Box::new(|row: &mut UsageRow| row.features = Some("{}".into()));
    assert!(recorder.try_record_completed(done.clone(), complete));
    let breaks = Box::new(|_: &mut UsageRow| std::panic::resume_unwind(Box::new(())));
    assert!(recorder.try_record_completed(failed.clone(), breaks));
    assert!(recorder.stop(PATIENCE));
    let features = |row: &UsageRow| {
        let found = store.decision(&row.decision).expect("a query");
        found.expect("a row").features
    };
    assert_eq!(features(&plain), plain.features);
    assert_eq!(features(&done).as_deref(), Some("{}"));
    assert_eq!(features(&failed), failed.features);
}
