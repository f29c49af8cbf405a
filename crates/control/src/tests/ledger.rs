//! What the ledger's failures do to a release, entry by entry.

use std::fs;
use std::path::Path;

use domain::Stage;
use release::{Command, Judgement};
use serde_json::{Value, json};
use store::{Arm, EvidenceId, EvidenceRow, NewKeyKind};

use super::world::{Key, RELEASE, START, SUITE_DIGEST, World, declared, draft};
use crate::error::ControlError;
use crate::reconcile::Carried;

fn back() -> Command {
    Command::RollBack {
        to: Stage::Sealed,
        reason: "worse".to_owned(),
    }
}

fn moves(world: &World) -> usize {
    let ledger = world.store.ledger().unwrap();
    let entries = ledger.entries(0..u64::MAX).unwrap();
    entries
        .iter()
        .filter(|entry| entry.kind == "release.moved")
        .count()
}

/// Brings everything that the first stage asks for.
fn ready() -> (World, Key) {
    let mut world = World::new();
    let (lead, guard) = (world.operator("lead"), world.operator("guard"));
    let key = world.mint(NewKeyKind::Evaluator {
        release: RELEASE.into(),
    });
    let candidate = world.plan().candidate;
    let decisions = world.answered(&key, Arm::Candidate, &[&*candidate; 40]);
    let item = |decision: String| {
        json!({
            "id": decision, "cluster": decision, "score": 1.0, "decision": decision,
        })
    };
    let items: Vec<Value> = decisions.into_iter().map(item).collect();
    let run = json!({
        "arm": "candidate", "suite": "basics", "suite_digest": SUITE_DIGEST, "key": key.id,
        "items": items,
    });
    let path = |verb: &str| format!("/api/v1/releases/{RELEASE}/{verb}");
    assert_eq!(world.post(&lead, &path("evidence"), &run).0, 200);
    assert_eq!(world.post(&guard, &path("approve"), &json!({})).0, 200);
    (world, lead)
}

fn promote(world: &World) -> Result<Carried, ControlError> {
    let plan = world.plan();
    let control = world.control();
    control.command(&plan, &Command::Promote, &"lead".into(), None)
}

fn stage(world: &World) -> Stage {
    let published = world.published();
    published
        .releases
        .get(RELEASE)
        .map_or(Stage::Sealed, |release| release.stage)
}

#[test]
fn a_ledger_that_cannot_be_written_stops_what_goes_forward_only() {
    let (world, _) = ready();
    world.jam_ledger();
    assert!(promote(&world).is_err());
    assert_eq!((stage(&world), moves(&world)), (Stage::Sealed, 0));
    world.mend_ledger();
    assert!(matches!(promote(&world), Ok(Carried::Made(_))));
    assert_eq!((stage(&world), moves(&world)), (Stage::EarlyAccess, 1));
    world.jam_ledger();
    let plan = world.plan();
    let made = world
        .control()
        .command(&plan, &back(), &"lead".into(), None);
    assert!(matches!(made, Ok(Carried::Made(_))));
    assert_eq!((stage(&world), moves(&world)), (Stage::Sealed, 1));
    assert!(promote(&world).is_err());
    world.mend_ledger();
    world.control().retry().unwrap();
    assert_eq!((stage(&world), moves(&world)), (Stage::Sealed, 2));
}

#[test]
fn nothing_is_tried_again_where_nothing_waits() {
    let (world, _) = ready();
    world.jam_ledger();
    assert!(world.control().retry().is_ok());
    // A key made beside this process is seen by `catch_up` alone, and waits from then on.
    let person = "watch".into();
    let watch = world.mint(NewKeyKind::Operator { person });
    assert!(world.control().retry().is_ok());
    assert!(world.control().catch_up().is_err());
    assert!(world.control().retry().is_err());
    assert_eq!(world.show(&watch, "/api/v1/policy").0, 401);
    world.mend_ledger();
    assert!(world.control().retry().is_ok());
    assert_eq!(world.show(&watch, "/api/v1/policy").0, 200);
    world.jam_ledger();
    assert!(world.control().retry().is_ok());
}

#[test]
fn a_key_is_issued_once_however_many_look() {
    let world = World::new();
    for person in ["lead", "guard", "watch"] {
        let person = person.into();
        world.mint(NewKeyKind::Operator { person });
    }
    let control = world.control();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| control.catch_up().unwrap());
        }
    });
    let ledger = world.store.ledger().unwrap();
    let entries = ledger.entries(0..u64::MAX).unwrap();
    let issued = entries.iter().filter(|entry| entry.kind == "key.issued");
    assert_eq!(issued.count(), 3);
}

#[test]
fn keys_are_made_and_revoked_while_the_ledger_cannot_be_written() {
    let (world, lead) = ready();
    let guard = world.operator("guard");
    world.jam_ledger();
    let make = |kind: &str| {
        let body = match kind {
            "caller" => json!({ "kind": kind, "name": "shop" }),
            _ => json!({ "kind": kind, "name": "desk", "person": "watch" }),
        };
        let (status, body) = world.post(&lead, "/api/v1/keys", &body);
        assert_eq!(status, 200, "{body}");
        (
            body["key"].as_str().unwrap().to_owned(),
            body["in_ledger"].clone(),
        )
    };
    let (caller, _) = make("caller");
    assert!(world.store.check_key(&caller, START).is_ok());
    let (watch, in_ledger) = make("operator");
    assert_eq!(in_ledger, false);
    let policy = |secret: &str| world.call("GET", "/api/v1/policy", Some(secret), b"").0;
    assert_eq!(policy(&watch), 401);
    let revoke = format!("/api/v1/keys/{}/revoke", guard.id);
    let (status, body) = world.post(&lead, &revoke, &Value::Null);
    assert_eq!((status, &body["in_ledger"]), (200, &json!(false)));
    assert_eq!(policy(&guard.secret), 401);
    world.mend_ledger();
    world.control().retry().unwrap();
    assert_eq!((policy(&watch), policy(&guard.secret)), (200, 401));
    let ledger = world.store.ledger().unwrap();
    let entries = ledger.entries(0..u64::MAX).unwrap();
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    assert!(kinds.ends_with(&["key.issued", "key.revoked"]), "{kinds:?}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &target);
        } else if file.file_name() != "lease" {
            fs::copy(file.path(), target).unwrap();
        }
    }
}

#[test]
fn an_append_that_failed_and_stands_all_the_same_is_in_force() {
    let (mut world, _) = ready();
    let saved = tempfile::tempdir().unwrap();
    let (before, after) = (saved.path().join("before"), saved.path().join("after"));
    copy(&world.ledger_folder(), &before);
    assert!(matches!(promote(&world), Ok(Carried::Made(_))));
    copy(&world.ledger_folder(), &after);
    // The same try on a disk that fails while it writes and while it is read back.
    world.stop();
    fs::remove_dir_all(world.ledger_folder()).unwrap();
    copy(&before, &world.ledger_folder());
    world.start(declared(&draft())).unwrap();
    assert_eq!(stage(&world), Stage::Sealed);
    world.jam_ledger();
    let checkpoint = world.ledger_folder().join(ledger::CHECKPOINT_PATH);
    fs::remove_file(checkpoint).unwrap();
    assert!(promote(&world).is_err());
    for _ in 0..3 {
        assert!(world.control().retry().is_err(), "it waits still");
    }
    world.mend_ledger();
    copy(&after, &world.ledger_folder());
    world.control().retry().unwrap();
    assert_eq!((stage(&world), moves(&world)), (Stage::EarlyAccess, 1));
    let plan = world.plan();
    let control = world.control();
    let made = control.command(&plan, &back(), &"lead".into(), Some(1));
    assert!(matches!(made, Ok(Carried::Made(_))), "{made:?}");
    let before = world.published();
    world.stop();
    world.start(declared(&draft())).unwrap();
    assert_eq!(world.published(), before);
}

#[test]
fn a_move_forward_from_an_older_generation_is_not_in_force() {
    let (mut world, _) = ready();
    let Ok(Carried::Made(made)) = promote(&world) else {
        panic!("the way is open");
    };
    let plan = world.plan();
    let back = world
        .control()
        .command(&plan, &back(), &"lead".into(), None);
    assert!(matches!(back, Ok(Carried::Made(_))));
    world.stop();
    let lease = world.store.lease().unwrap();
    let mut writer = world.store.ledger_writer(lease).unwrap();
    let body = serde_json::to_value(&made).unwrap();
    writer.append("release.moved", body, START).unwrap();
    drop(writer);
    world.start(declared(&draft())).unwrap();
    assert_eq!((stage(&world), moves(&world)), (Stage::Sealed, 3));
    assert_eq!(world.published().generation, 2);
}

#[test]
fn a_plan_that_was_reloaded_away_moves_nothing() {
    let (world, _) = ready();
    let old = world.plan();
    let mut edited = draft();
    edited.releases[0].candidate = "newer".to_owned();
    world.control().reload(declared(&edited), |_| ()).unwrap();
    let control = world.control();
    let carried = control.command(&old, &Command::Promote, &"lead".into(), None);
    assert!(matches!(carried, Ok(Carried::Reloaded)), "{carried:?}");
    assert_eq!((stage(&world), moves(&world)), (Stage::Sealed, 0));
}

#[test]
fn a_reload_publishes_the_status_in_force() {
    let (world, _) = ready();
    assert!(promote(&world).is_ok());
    let mut given = None;
    let control = world.control();
    let reloaded = control.reload(declared(&draft()), |status| given = Some(status));
    assert!(reloaded.is_ok());
    assert_eq!(given, Some(world.published()));
}

#[test]
fn rows_that_the_ledger_does_not_name_count_for_nothing() {
    let mut world = World::new();
    let digest = world.plan().candidate.digest.clone();
    let item = |number: usize| {
        let id = number.to_string();
        json!({ "id": id, "cluster": id, "score": 1.0 })
    };
    let items: Vec<Value> = (0..60).map(item).collect();
    let row = |id: &str| EvidenceRow {
        id: EvidenceId(id.to_owned()),
        release: RELEASE.into(),
        arm: Arm::Candidate,
        suite: "basics".into(),
        suite_digest: SUITE_DIGEST.to_owned(),
        model_digest: digest.clone(),
        taken_at: START,
        attempt: 1,
        body: json!({
            "suite": "basics", "suite_digest": SUITE_DIGEST, "digest": digest,
            "taken_at": START, "items": items,
        }),
        commitment_key: None,
    };
    let gate = |world: &World| {
        let view = world.control().view(&world.plan(), &"lead".into()).unwrap();
        let gate = view.gates.first().unwrap().clone();
        (gate.verdict, gate.reason)
    };
    world.store.put_evidence(&row("unheard-of")).unwrap();
    let (verdict, reason) = gate(&world);
    assert_eq!(verdict, Judgement::Inconclusive);
    assert!(reason.starts_with("no run of suite"), "{reason}");
    // The ledger names these rows, as they were before somebody changed them.
    world.store.put_evidence(&row("changed")).unwrap();
    world.stop();
    let lease = world.store.lease().unwrap();
    let mut writer = world.store.ledger_writer(lease).unwrap();
    let taken = json!({
        "id": "changed", "release": RELEASE, "suite": "basics", "suite_digest": SUITE_DIGEST,
        "digest": digest, "rows": "sha256:as-they-were", "by": "lead",
    });
    writer.append("evidence.taken", taken, START).unwrap();
    drop(writer);
    world.start(declared(&draft())).unwrap();
    let (verdict, reason) = gate(&world);
    assert_eq!(verdict, Judgement::Inconclusive);
    assert!(
        reason.contains("not those that the ledger names"),
        "{reason}"
    );
}
