//! Holds retention: what is old goes, what is not stays. It must not read a clock.

use domain::{KeyId, Timestamp};

use super::Purged;
use crate::key::NewKey;
use crate::scratch::{NOW, PATIENCE, Scratch, caller_key, record, recorder, row};
use crate::usage::UsageRow;

#[test]
fn old_rows_go_in_batches_and_the_rest_stays() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let later = NOW.plus_days(400);
    let old = |number| UsageRow {
        step: Some("old".into()),
        ..row(Timestamp(NOW.0 - 1), number)
    };
    record(&store, (0..2_500).map(old));
    record(&store, (0..3).map(|number| row(NOW, number)));
    let purged = store.purge(later).expect("purged");
    let expected = Purged {
        usage: 2_500,
        outcomes: 0,
        usage_days: 1,
        usage_profiles: 1,
        keys: 0,
    };
    assert_eq!(purged, expected);
    assert_eq!(store.purge(later).expect("purged"), Purged::default());
    for number in 0..3 {
        let id = row(NOW, number).decision;
        assert!(
            store.decision(&id).expect("a query").is_some(),
            "row {number}"
        );
    }
    assert_eq!(
        store.tokens_today(&"mythos".into(), NOW).expect("a sum"),
        360
    );
}

#[test]
fn dead_keys_go_after_their_days_and_living_ones_stay() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let expiring = NewKey {
        expires_at: Some(NOW),
        ..caller_key()
    };
    let create = |new: &NewKey| store.create_key(new, NOW).expect("a key").0;
    let (living, revoked, expired) = (create(&caller_key()), create(&caller_key()), {
        create(&expiring)
    });
    store.revoke_key(&revoked, NOW).expect("revoked");
    let on_the_day = NOW.plus_days(400);
    assert_eq!(store.purge(on_the_day).expect("purged").keys, 0);
    let after = Timestamp(on_the_day.0 + 1);
    assert_eq!(store.purge(after).expect("purged").keys, 2);
    let has = |id: &KeyId| store.key(id).expect("a query").is_some();
    assert!(has(&living) && !has(&revoked) && !has(&expired));
}

#[test]
fn a_profile_in_use_outlives_its_oldest_rows() {
    let scratch = Scratch::new();
    let store = scratch.open();
    // One recorder, which remembers the profile from the first day to the last.
    let recorder = recorder(&store);
    let first = row(NOW, 1);
    let last = |number| UsageRow {
        decision: row(NOW.plus_days(300), number).decision,
        ..first.clone()
    };
    for row in [first.clone(), last(1)] {
        assert!(recorder.try_record(row));
        assert!(recorder.flush(PATIENCE));
    }
    let purged = store.purge(NOW.plus_days(500)).expect("purged");
    assert_eq!((purged.usage, purged.usage_profiles), (1, 0));
    assert!(recorder.try_record(last(2)));
    assert!(recorder.stop(PATIENCE));
    for kept in [last(1), last(2)] {
        assert_eq!(store.decision(&kept.decision).expect("a query"), Some(kept));
    }
    let purged = store.purge(NOW.plus_days(800)).expect("purged");
    assert_eq!((purged.usage, purged.usage_profiles), (2, 1));
}
