//! Holds what a failed transaction leaves behind. It must not start a thread.

use super::insert;
use crate::config::Access;
use crate::profile::Profiles;
use crate::scratch::{NOW, Scratch, row};
use crate::store::connect;
use crate::usage::UsageRow;

#[test]
fn a_batch_that_failed_once_is_whole_when_it_is_written_again() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut connection = connect(&scratch.config(), Access::Write).expect("a connection");
    let mut profiles = Profiles::default();
    let kept = row(NOW, 1);
    // The last statement of the batch fails, after the profile was written.
    let rename = |from: &str, to: &str| {
        let rename = format!("ALTER TABLE {from} RENAME TO {to}");
        store
            .writing("rename")
            .expect("write access")
            .execute_batch(&rename)
            .expect("renamed");
    };
    rename("usage_days", "elsewhere");
    let failed = insert(&mut connection, &mut profiles, std::slice::from_ref(&kept));
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(store.decision(&kept.decision).expect("a query"), None);
    rename("elsewhere", "usage_days");
    insert(&mut connection, &mut profiles, std::slice::from_ref(&kept)).expect("written");
    assert_eq!(store.decision(&kept.decision).expect("a query"), Some(kept));
}

#[test]
fn rows_of_one_batch_keep_their_own_values() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut connection = connect(&scratch.config(), Access::Write).expect("a connection");
    let first = row(NOW, 1);
    // Shares every name with the first; then one value after the other is another, or gone.
    let like = |number| UsageRow {
        decision: row(NOW, number).decision,
        ..first.clone()
    };
    let rows = [
        first.clone(),
        like(2),
        UsageRow {
            cost: None,
            features: None,
            ..like(3)
        },
        UsageRow {
            requested: "claude-opus-6".into(),
            ..like(4)
        },
        UsageRow {
            requested: "claude-opus-5-".into(),
            step: None,
            ..like(5)
        },
        UsageRow {
            release: None,
            chosen: None,
            arm: None,
            status: 503,
            ..like(6)
        },
        like(7),
        UsageRow {
            price_basis: None,
            ..like(8)
        },
        UsageRow {
            digest: None,
            ..like(9)
        },
    ];
    insert(&mut connection, &mut Profiles::default(), &rows).expect("written");
    for row in rows {
        assert_eq!(store.decision(&row.decision).expect("a query"), Some(row));
    }
}

#[test]
fn what_is_there_already_is_counted_once() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut connection = connect(&scratch.config(), Access::Write).expect("a connection");
    let mut profiles = Profiles::default();
    let rows: Vec<UsageRow> = (0..50).map(|number| row(NOW, number)).collect();
    let mut write = |rows: &[UsageRow]| insert(&mut connection, &mut profiles, rows);
    // Each has one row alone, several statements of many, or both; and some rows again.
    for part in [0..1, 0..20, 10..50, 0..50] {
        write(&rows[part]).expect("written");
    }
    let twice = [row(NOW, 60), row(NOW, 61), row(NOW, 60)];
    write(&twice).expect("written");
    let more: Vec<UsageRow> = twice.into_iter().cycle().take(40).collect();
    write(&more).expect("written");
    let (release, _) = rows[0].release.as_ref().expect("a release");
    let spent = store.tokens_today(release, NOW).expect("a query");
    assert_eq!(spent, 52 * 120);
    for row in &rows {
        let stored = store.decision(&row.decision).expect("a query");
        assert_eq!(stored.as_ref(), Some(row));
    }
}
