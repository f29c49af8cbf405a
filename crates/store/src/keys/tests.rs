//! Holds keys to what opens and what does not. It must not depend on a clock.

use std::sync::Arc;

use domain::{Caller, CallerKind, KeyId, PersonName, ReleaseName, Timestamp, UseCaseName};

use crate::config::Access;
use crate::error::StoreError;
use crate::key::{Holder, NewKey, NewKeyKind};
use crate::ring::{KeyFault, KeyRing};
use crate::scratch::{NOW, Scratch, caller_key, record, row};
use crate::store::Store;

fn operator() -> NewKey {
    NewKey {
        name: "laptop".to_owned(),
        kind: NewKeyKind::Operator {
            person: PersonName::new("security-lead"),
        },
        expires_at: None,
        issuer: Some(PersonName::new("product-lead")),
    }
}

#[test]
fn a_key_opens_as_the_caller_it_was_made_for() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let (id, secret) = store.create_key(&caller_key(), NOW).expect("a key");
    let key = store.check_key(secret.reveal(), NOW).expect("it opens");
    let expected = Caller {
        key: id.clone(),
        name: "checkout".to_owned(),
        kind: CallerKind::Application,
        team: Some("blue".to_owned()),
        attributes: [("region".to_owned(), "eu".to_owned())].into(),
        use_cases: vec![UseCaseName::new("triage"), UseCaseName::new("search")],
    };
    assert_eq!(key.caller(), Some(&expected));
    assert_eq!(key.operator(), None);
    assert_eq!(key.usage.key, id);
    assert_eq!(key.usage.team.as_deref(), Some("blue"));
    assert!(!key.usage.is_evaluator);
}

#[test]
fn an_evaluator_is_bound_to_its_release() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let new = NewKey {
        name: "run".to_owned(),
        kind: NewKeyKind::Evaluator {
            release: ReleaseName::new("mythos"),
        },
        expires_at: Some(NOW.plus_days(1)),
        issuer: Some(PersonName::new("product-lead")),
    };
    let (_, secret) = store.create_key(&new, NOW).expect("a key");
    assert!(secret.reveal().starts_with("tg_e_"));
    let key = store.check_key(secret.reveal(), NOW).expect("it opens");
    let release = ReleaseName::new("mythos");
    let caller = key.caller().expect("a caller");
    assert_eq!(caller.kind, CallerKind::Evaluator { release });
    assert!(key.usage.is_evaluator);
    assert_eq!(key.issuer, Some(PersonName::new("product-lead")));
}

#[test]
fn any_changed_character_makes_a_key_unknown() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let (_, secret) = store.create_key(&caller_key(), NOW).expect("a key");
    let text = secret.reveal();
    // Before and after the key has opened something, which makes the next time shorter.
    for at in (0..text.len()).chain(0..text.len()) {
        if at == text.len() - 1 {
            assert!(store.check_key(text, NOW).is_ok());
            assert!(store.check_key(text, NOW).is_ok());
        }
        let mut changed = text.as_bytes().to_vec();
        changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
        let changed = String::from_utf8(changed).expect("ASCII");
        let found = store.check_key(&changed, NOW).err();
        assert_eq!(found, Some(KeyFault::Unknown), "character {at}");
    }
    for other in ["", "tg_c_", &format!("{text}x"), &text[..text.len() - 1]] {
        let found = store.check_key(other, NOW).err();
        assert_eq!(found, Some(KeyFault::Unknown), "{} bytes", other.len());
    }
}

#[test]
fn a_key_ends_at_its_instant_and_at_its_revocation() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let end = NOW.plus_days(1);
    let new = NewKey {
        expires_at: Some(end),
        ..caller_key()
    };
    let (id, secret) = store.create_key(&new, NOW).expect("a key");
    let check = |at: Timestamp| {
        store
            .check_key(secret.reveal(), at)
            .map(|key| key.id.clone())
    };
    assert_eq!(check(Timestamp(end.0 - 1)), Ok(id.clone()));
    assert_eq!(check(end), Err(KeyFault::Expired));
    assert!(store.revoke_key(&id, NOW).expect("revoked"));
    assert_eq!(check(NOW), Err(KeyFault::Revoked));
    assert!(!store.revoke_key(&id, end).expect("no change"));
    assert!(!store.revoke_key(&KeyId::new("nobody"), NOW).expect("none"));
    let listed = store.list_keys().expect("keys");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].revoked_at, Some(NOW));
}

#[test]
fn an_operator_key_opens_nothing_before_it_is_accepted() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let (id, secret) = store.create_key(&operator(), NOW).expect("a key");
    let check = || {
        store
            .check_key(secret.reveal(), NOW)
            .map(|key| key.id.clone())
    };
    assert_eq!(check(), Err(KeyFault::NotAccepted));
    assert_eq!(store.keys_to_accept().expect("keys")[0].id, id);
    let lease = store.lease().expect("the lease");
    assert!(store.accept_key(&lease, &id).expect("accepted"));
    assert_eq!(check(), Ok(id.clone()));
    assert!(!store.accept_key(&lease, &id).expect("no change"));
    assert!(store.keys_to_accept().expect("keys").is_empty());
    let key = store.key(&id).expect("keys").expect("the key");
    let person = PersonName::new("security-lead");
    assert_eq!(key.operator(), Some(&person));
    let accepted = true;
    assert_eq!(key.holder, Holder::Operator { person, accepted });
}

#[test]
fn a_revocation_waits_until_the_ledger_holds_it() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let lease = store.lease().expect("the lease");
    let (accepted, _) = store.create_key(&operator(), NOW).expect("a key");
    let (never, _) = store.create_key(&operator(), NOW).expect("a key");
    let (caller, _) = store.create_key(&caller_key(), NOW).expect("a key");
    assert!(store.accept_key(&lease, &accepted).expect("accepted"));
    let waiting = || {
        let keys = store.revocations_to_log().expect("keys");
        keys.iter().map(|key| key.id.clone()).collect::<Vec<_>>()
    };
    assert!(
        !store
            .note_revocation_logged(&lease, &accepted)
            .expect("not revoked")
    );
    assert!(waiting().is_empty());
    for id in [&accepted, &never, &caller] {
        assert!(store.revoke_key(id, NOW).expect("revoked"));
    }
    // What the ledger never heard of needs no end in it.
    assert_eq!(waiting(), std::slice::from_ref(&accepted));
    assert!(store.keys_to_accept().expect("keys").is_empty());
    assert!(
        store
            .note_revocation_logged(&lease, &accepted)
            .expect("noted")
    );
    assert!(waiting().is_empty());
}

#[test]
fn an_overtaken_lease_accepts_nothing() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let (id, _) = store.create_key(&operator(), NOW).expect("a key");
    let lease = store.lease().expect("the lease");
    overtake(&store);
    let refused = store.accept_key(&lease, &id);
    assert!(
        matches!(refused, Err(StoreError::LeaseLost { .. })),
        "{refused:?}"
    );
    assert_eq!(store.keys_to_accept().expect("keys").len(), 1);
}

fn overtake(store: &Store) {
    let writer = store.writing("overtake").expect("write access");
    let rise = "UPDATE counters SET value = value + 1 WHERE name = 'lease'";
    writer.execute(rise, []).expect("a later holder");
}

#[test]
fn a_key_of_another_process_works_after_a_refresh() {
    let scratch = Scratch::new();
    let (gateway, other) = (scratch.open(), scratch.open());
    assert!(!gateway.refresh_keys().expect("a look"));
    let (id, secret) = other.create_key(&caller_key(), NOW).expect("a key");
    let check = || {
        gateway
            .check_key(secret.reveal(), NOW)
            .map(|key| key.id.clone())
    };
    assert_eq!(check(), Err(KeyFault::Unknown));
    assert!(gateway.refresh_keys().expect("a look"));
    assert_eq!(check(), Ok(id.clone()));
    assert!(!gateway.refresh_keys().expect("a look"), "nothing is new");
    other.revoke_key(&id, NOW).expect("revoked");
    assert!(gateway.refresh_keys().expect("a look"));
    assert_eq!(check(), Err(KeyFault::Revoked));
}

#[test]
fn usage_written_beside_it_makes_no_new_ring() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let before = store.key_ring();
    record(&store, [row(NOW, 1)]);
    assert!(!store.refresh_keys().expect("a look"));
    assert!(Arc::ptr_eq(&before, &store.key_ring()));
}

#[test]
fn no_file_holds_a_secret() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let (id, secret) = store.create_key(&caller_key(), NOW).expect("a key");
    let hidden = &secret.reveal().as_bytes()[secret.reveal().len() - 43..];
    let mut has_id = false;
    for name in ["made/tiergate.db", "made/tiergate.db-wal"] {
        let bytes = std::fs::read(scratch.path(name)).expect("a file");
        let has = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        assert!(!has(hidden), "{name} holds the secret");
        has_id |= has(id.as_str().as_bytes());
    }
    assert!(has_id, "the search finds what is there");
}

#[test]
fn a_reader_checks_keys_and_makes_none() {
    let scratch = Scratch::new();
    let (_, secret) = scratch
        .open()
        .create_key(&caller_key(), NOW)
        .expect("a key");
    let reader = Store::open(scratch.config(), Access::Read).expect("a reader");
    assert!(reader.check_key(secret.reveal(), NOW).is_ok());
    let refused = reader.create_key(&caller_key(), NOW);
    assert!(
        matches!(refused, Err(StoreError::ReadOnly { .. })),
        "{refused:?}"
    );
}

#[test]
fn an_empty_ring_knows_nobody() {
    let ring = KeyRing::default();
    assert_eq!(ring.check("tg_c_x", NOW), Err(KeyFault::Unknown));
}
