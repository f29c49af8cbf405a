//! Holds evidence rows: kept once, never changed. It must not judge them.

use domain::{ModelDigest, ReleaseName, SuiteName, Timestamp};
use ledger::CommitmentKey;
use serde_json::json;

use super::{EvidenceId, EvidenceRow};
use crate::error::StoreError;
use crate::scratch::{NOW, Scratch};
use crate::usage::Arm;

fn evidence(id: &str, release: &str, at: Timestamp) -> EvidenceRow {
    EvidenceRow {
        id: EvidenceId(id.to_owned()),
        release: ReleaseName::new(release),
        arm: Arm::Incumbent,
        suite: SuiteName::new("triage"),
        suite_digest: "sha256:11".to_owned(),
        model_digest: ModelDigest("sha256:00".into()),
        taken_at: at,
        attempt: 2,
        body: json!({"passed": 58, "of": 60, "cases": ["ü", 0.5]}),
        commitment_key: Some(CommitmentKey::from_random([7; 32])),
    }
}

#[test]
fn evidence_of_a_release_comes_back_in_time_order() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let late = evidence("a", "mythos", NOW.plus_days(1));
    let early = evidence("b", "mythos", NOW);
    for row in [&late, &early, &evidence("c", "other", NOW)] {
        assert!(store.put_evidence(row).expect("kept"));
    }
    drop(store);
    let found = scratch.open().evidence_of(&"mythos".into()).expect("rows");
    assert_eq!(found, [early, late]);
}

#[test]
fn evidence_is_never_changed() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let first = evidence("a", "mythos", NOW);
    assert!(store.put_evidence(&first).expect("kept"));
    assert!(!store.put_evidence(&first).expect("the same again"));
    let other_body = EvidenceRow {
        body: json!({"passed": 60, "of": 60}),
        ..first.clone()
    };
    let other_key = EvidenceRow {
        commitment_key: None,
        ..first.clone()
    };
    for other in [other_body, other_key] {
        let refused = store.put_evidence(&other);
        assert!(
            matches!(refused, Err(StoreError::Conflict { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(store.evidence_of(&"mythos".into()).expect("rows"), [first]);
}
