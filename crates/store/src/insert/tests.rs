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
