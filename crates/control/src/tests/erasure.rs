//! Commitments and erasure: what the ledger bears, what fits it, and what is left when evidence was
//! erased.

use std::fs;
use std::path::Path;

use domain::{Model, ModelDigest, Stage};
use ledger::CommitmentKey;
use release::Judgement;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{Access, Arm, EvidenceId, EvidenceRow, NewKeyKind, Store};

use super::files::{ITEMS, promptfoo};
use super::world::{Key, RELEASE, START, SUITE_DIGEST, World, clock, declared, draft, wait_days};
use crate::card::{self, Card, Names};
use crate::import::Import;
use crate::kept::compare;
use crate::payload::Unfit;

/// What an item of the tests' runs is called: somebody's words, which may have to be erased.
const SAID: &str = "Anna Muster asked about a rash";

struct Bench {
    world: World,
    lead: Key,
    guard: Key,
}

impl Bench {
    fn new() -> Self {
        let world = World::new();
        let (lead, guard) = (world.operator("lead"), world.operator("guard"));
        Self { world, lead, guard }
    }

    fn key(&self) -> Key {
        self.world.mint(NewKeyKind::Evaluator {
            release: RELEASE.into(),
        })
    }

    /// Makes a run of 60 items, all of them right; none is answered but by the candidate.
    fn run(&mut self) -> (Key, Value) {
        let key = self.key();
        let candidate = self.world.plan().candidate;
        let decisions = self
            .world
            .answered(&key, Arm::Candidate, &[&*candidate; 60]);
        let item = |(at, decision): (usize, String)| {
            let name = format!("{SAID} {at}");
            json!({ "id": name, "cluster": name, "score": 1.0, "decision": decision })
        };
        let items: Vec<Value> = decisions.into_iter().enumerate().map(item).collect();
        let run = json!({
            "arm": "candidate", "suite": "basics", "suite_digest": SUITE_DIGEST, "key": key.id,
            "items": items,
        });
        (key, run)
    }

    /// Brings such a run and tells its id.
    fn bring(&mut self) -> String {
        let (_, run) = self.run();
        self.taken(&run)
    }

    fn taken(&self, run: &Value) -> String {
        let (status, taken) = self.post(&self.lead, "evidence", run);
        assert_eq!(status, 200, "{taken}");
        taken["id"].as_str().unwrap().to_owned()
    }

    fn post(&self, key: &Key, verb: &str, body: &Value) -> (u16, Value) {
        let path = format!("/api/v1/releases/{RELEASE}/{verb}");
        self.world.post(key, &path, body)
    }

    fn erase(&self, id: &str) -> (u16, Value) {
        let path = format!("/api/v1/evidence/{id}/erase");
        let body = json!({ "reason": "a person asked for it" });
        self.world.post(&self.guard, &path, &body)
    }

    /// Brings the release into its first stage.
    fn open(&mut self) -> String {
        let id = self.bring();
        assert_eq!(self.post(&self.guard, "approve", &json!({})).0, 200);
        let (status, made) = self.post(&self.lead, "promote", &json!({}));
        assert_eq!(status, 200, "{made}");
        id
    }

    /// Tells what the gate on the suite says.
    fn floor(&self) -> (Judgement, String) {
        let control = self.world.control();
        let view = control.view(&self.world.plan(), &"lead".into()).unwrap();
        let gate = view.gates.iter().find(|one| one.gate == "eval_floor");
        let gate = gate.unwrap();
        (gate.verdict, gate.reason.clone())
    }

    fn entries(&self, kind: &str) -> Vec<Value> {
        let ledger = self.world.store.ledger().unwrap();
        let entries = ledger.entries(0..u64::MAX).unwrap().into_iter();
        let of_kind = entries.filter(|entry| entry.kind == kind);
        of_kind.map(|entry| entry.body).collect()
    }

    fn rows(&self) -> Vec<EvidenceRow> {
        self.world.store.evidence_of(&RELEASE.into()).unwrap()
    }

    fn card(&self) -> Card {
        let names = Names::default();
        card::read(&self.world.store, &RELEASE.into(), &names, clock()).unwrap()
    }

    /// Lists the files of the data directory that hold a text or other bytes.
    fn files_with(&self, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        files_with(self.world.folder(), bytes, &mut found);
        found
    }

    /// Appends an entry as a gateway does that ends right after it.
    fn append_and_end(&mut self, kind: &str, body: Value) {
        self.world.stop();
        let lease = self.world.store.lease().unwrap();
        let mut writer = self.world.store.ledger_writer(lease).unwrap();
        writer.append(kind, body, clock()).unwrap();
    }

    fn start(&mut self) {
        self.world.start(declared(&draft())).unwrap();
    }
}

fn files_with(folder: &Path, bytes: &[u8], found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with(&path, bytes, found);
        } else if fs::read(&path)
            .unwrap()
            .windows(bytes.len())
            .any(|part| part == bytes)
        {
            found.push(path.display().to_string());
        }
    }
}

#[test]
fn the_ledger_bears_a_commitment_that_says_nothing_of_the_rows() {
    let mut bench = Bench::new();
    let (_, run) = bench.run();
    let first = bench.taken(&run);
    let mut same = run.clone();
    let (other, _) = bench.run();
    same["key"] = json!(other.id);
    let second = bench.taken(&same);
    let taken = bench.entries("evidence.taken");
    for (entry, id) in taken.iter().zip([&first, &second]) {
        let rows = entry["rows"].as_str().unwrap();
        assert!(rows.starts_with("hmac-sha256:"), "{rows}");
        // The id bears no digit of a hash that a guess could be compared with.
        assert_eq!(entry["id"], json!(id));
        assert!(id.ends_with("-candidate"), "{id}");
    }
    let keys: Vec<_> = bench
        .rows()
        .into_iter()
        .map(|row| row.commitment_key.unwrap().to_bytes())
        .collect();
    assert_ne!(keys[0], keys[1]);
    let mut found = Vec::new();
    files_with(&bench.world.ledger_folder(), SAID.as_bytes(), &mut found);
    assert_eq!(found, [""; 0]);
    // Whoever knows the rows to the letter, and not the key, confirms nothing.
    let body = bench.rows()[0].body.to_string();
    let plain = hex(&Sha256::digest(body.as_bytes()));
    let guessed = CommitmentKey::from_random([0; 32]).commit(body.as_bytes());
    for guess in [plain, guessed.to_string()] {
        assert!(!json!(taken).to_string().contains(&guess), "{guess}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_a_file_says_stays_out_of_the_ledger() {
    let mut bench = Bench::new();
    let key = bench.key();
    let candidate = bench.world.plan().candidate;
    let by: Vec<&Model> = vec![&*candidate; ITEMS];
    bench.world.answered(&key, Arm::Candidate, &by);
    let mut file = promptfoo("candidate", ITEMS);
    file["metadata"]["promptfooVersion"] = json!(SAID);
    let bytes = file.to_string();
    let import = json!({
        "arm": "candidate", "suite": "capitals", "key": key.id,
        "file": Import::encoded(bytes.as_bytes()),
    });
    let (status, taken) = bench.post(&bench.lead, "evidence/import", &import);
    assert_eq!(status, 200, "{taken}");
    let entry = &bench.entries("evidence.taken")[0];
    let said = entry["file"].as_object().unwrap();
    let fields: Vec<&String> = said.keys().collect();
    assert_eq!(fields, ["known_error", "requests", "source"]);
    let digest = evidence::digest_of(bytes.as_bytes());
    assert!(!entry.to_string().contains(&digest), "{entry}");
    let card = bench.card();
    let shown = card.evidence[0].shown.file.clone().unwrap();
    assert_eq!(shown.digest, Some(digest));
    assert_eq!(shown.tool_version.as_deref(), Some(SAID));
    let public = card::public(&card).evidence[0].shown.file.clone().unwrap();
    assert_eq!((public.digest, public.tool_version), (None, None));
    let id = taken["id"].as_str().unwrap();
    assert_eq!(bench.erase(id).0, 200);
    assert_eq!(bench.files_with(SAID.as_bytes()), [""; 0]);
    let shown = bench.card().evidence[0].shown.file.clone().unwrap();
    assert_eq!((shown.digest, shown.source.as_str()), (None, "promptfoo"));
}

/// Makes the row and the entry of an older program: bound by a plain hash.
fn older(digest: &ModelDigest) -> (EvidenceRow, Value) {
    let item = |number: usize| {
        let id = format!("{SAID} {number}");
        json!({ "id": id, "cluster": id, "score": 1.0 })
    };
    let items: Vec<Value> = (0..60).map(item).collect();
    let body = json!({
        "suite": "basics", "suite_digest": SUITE_DIGEST, "digest": digest, "taken_at": START,
        "items": items,
    });
    let rows = hex(&Sha256::digest(body.to_string().as_bytes()));
    let row = EvidenceRow {
        id: EvidenceId(format!("abcdefghijkl-candidate-{}", &rows[..12])),
        release: RELEASE.into(),
        arm: Arm::Candidate,
        suite: "basics".into(),
        suite_digest: SUITE_DIGEST.to_owned(),
        model_digest: digest.clone(),
        taken_at: START,
        attempt: 1,
        body,
        commitment_key: None,
    };
    let entry = json!({
        "id": row.id.0, "release": RELEASE, "suite": "basics", "suite_digest": SUITE_DIGEST,
        "digest": digest, "rows": format!("sha256:{rows}"), "by": "lead",
        "file": {
            "digest": "sha256:0a", "source": "junit", "tool_version": "1", "scorer": "exact",
            "known_error": null, "requests": { "ok": 60 }, "warnings": ["odd"], "spoilt": [],
        },
    });
    (row, entry)
}

#[test]
fn evidence_of_older_ledgers_counts_and_is_erased_with_a_warning() {
    let mut bench = Bench::new();
    let (row, entry) = older(&bench.world.plan().candidate.digest);
    bench.world.store.put_evidence(&row).unwrap();
    bench.append_and_end("evidence.taken", entry.clone());
    bench.start();
    assert_eq!(bench.floor().0, Judgement::Pass);
    let file = bench.card().evidence[0].shown.file.clone().unwrap();
    assert_eq!(file.digest.as_deref(), Some("sha256:0a"));
    assert_eq!(file.warnings, ["odd"]);
    let rows = entry["rows"].as_str().unwrap();
    let card = bench.card();
    assert_eq!(card.evidence[0].shown.rows.as_deref(), Some(rows));
    // Not to everybody: a guess could be confirmed by it.
    assert!(!json!(card::public(&card)).to_string().contains(rows));
    let (status, erased) = bench.erase(&row.id.0);
    assert_eq!(status, 200, "{erased}");
    assert_eq!(erased["can_be_confirmed"], json!(true));
    assert_eq!(bench.files_with(SAID.as_bytes()), [""; 0]);
    assert_eq!(bench.floor().0, Judgement::Inconclusive);
    // The key of that run is used up, as it was.
    let new = bench.bring();
    assert_eq!(bench.erase(&new).1["can_be_confirmed"], json!(false));
}

#[test]
fn rows_or_a_key_that_do_not_fit_are_named_and_count_for_nothing() {
    let mut bench = Bench::new();
    let id = bench.bring();
    assert_eq!(bench.floor().0, Judgement::Pass);
    let whole = bench.rows().remove(0);
    let mut changed = whole.clone();
    changed.body["items"][0]["score"] = json!(0.5);
    let other_key = EvidenceRow {
        commitment_key: Some(CommitmentKey::from_random([1; 32])),
        ..whole.clone()
    };
    let keyless = EvidenceRow {
        commitment_key: None,
        ..whole.clone()
    };
    let cases = [
        (Some(changed), Unfit::Other),
        (Some(other_key), Unfit::Other),
        (Some(keyless), Unfit::Keyless),
        (None, Unfit::Absent),
    ];
    for (row, why) in cases {
        // Somebody changes the database, and no entry says so.
        bench.world.store.erase_evidence(&whole.id).unwrap();
        if let Some(row) = &row {
            bench.world.store.put_evidence(row).unwrap();
        }
        let (verdict, reason) = bench.floor();
        assert_eq!(verdict, Judgement::Inconclusive);
        assert!(reason.contains(&why.to_string()), "{reason}");
        assert!(reason.contains("tampered with"), "{reason}");
        let kept = compare(&bench.world.store).unwrap();
        let found = &kept.unfit[0];
        assert_eq!((found.evidence.as_str(), found.why), (id.as_str(), why));
        assert_eq!((kept.fitting, kept.unfit.len()), (0, 1));
        assert!(bench.card().evidence[0].shown.mean.is_none());
    }
    bench.world.store.put_evidence(&whole).unwrap();
    assert_eq!(bench.floor().0, Judgement::Pass);
    let kept = compare(&bench.world.store).unwrap();
    assert_eq!((kept.fitting, kept.unfit.len()), (1, 0));
}

#[test]
fn what_is_erased_is_gone_from_the_disk_and_shows_for_ever() {
    let mut bench = Bench::new();
    let id = bench.open();
    let key = bench.rows()[0].commitment_key.clone().unwrap().to_bytes();
    assert!(!bench.files_with(SAID.as_bytes()).is_empty());
    assert!(!bench.files_with(&key).is_empty());
    let moves = bench.entries("release.moved");
    wait_days(1);
    let (status, erased) = bench.erase(&id);
    assert_eq!(status, 200, "{erased}");
    assert_eq!(erased["not_gone_yet"], Value::Null);
    assert_eq!(bench.files_with(SAID.as_bytes()), [""; 0]);
    assert_eq!(bench.files_with(&key), [""; 0]);
    let told = "erased on 2026-11-25 by guard";
    let (verdict, reason) = bench.floor();
    assert_eq!(verdict, Judgement::Inconclusive);
    assert!(reason.contains(told), "{reason}");
    // What moved stays, and verifies.
    assert_eq!(
        bench.world.published().releases[RELEASE].stage,
        Stage::EarlyAccess
    );
    assert_eq!(bench.entries("release.moved"), moves);
    assert!(bench.world.store.ledger().unwrap().verify(None).is_ok());
    assert_eq!(bench.post(&bench.lead, "promote", &json!({})).0, 409);
    // It is said once, by whoever was first.
    let path = format!("/api/v1/evidence/{id}/erase");
    let again = json!({ "reason": "another" });
    let (status, answer) = bench.world.post(&bench.lead, &path, &again);
    assert_eq!((status, &answer["by"]), (200, &json!("guard")));
    assert_eq!(bench.entries("evidence.erased").len(), 1);
    // It stays an attempt, and the next run makes up for it.
    let (_, run) = bench.run();
    bench.taken(&run);
    assert_eq!(bench.rows()[0].attempt, 2);
    assert_eq!(bench.floor().0, Judgement::Pass);
    let (_, shown) = bench.world.show(&bench.lead, "/api/v1/releases/next");
    assert_eq!(shown["erased"][0]["evidence"], json!(id));
    assert_eq!(shown["erased"][0]["suite"], json!("basics"));
    let kept = compare(&bench.world.store).unwrap();
    assert_eq!((kept.fitting, kept.erased, kept.unfit.len()), (1, 1, 0));
    bench.world.stop();
    bench.start();
    assert_eq!(bench.floor().0, Judgement::Pass);
    shows_for_ever(&bench.card(), &id, told);
}

fn shows_for_ever(card: &Card, id: &str, told: &str) {
    let run = &card.evidence[0].shown;
    assert_eq!(run.spoilt[0].reason.as_deref(), Some(told));
    assert_eq!(run.arm.as_deref(), Some("candidate"));
    let erasure = &card.erasures[0];
    assert_eq!(run.erased, Some(erasure.index));
    assert_eq!(erasure.shown.evidence.as_deref(), Some(id));
    let why = "a person asked for it";
    assert_eq!(erasure.shown.reason.as_deref(), Some(why));
    let html = card::page(card).unwrap();
    assert!(
        html.contains(">erased</span>") && html.contains(why),
        "{html}"
    );
    let public = card::public(card);
    let html = card::page(&public).unwrap();
    assert!(html.contains(">erased</span>"), "{html}");
    for hidden in [why, "guard", id] {
        assert!(!html.contains(hidden), "{hidden}: {html}");
        assert!(!json!(public).to_string().contains(hidden), "{hidden}");
    }
}

#[test]
fn nothing_is_erased_while_the_ledger_cannot_be_written() {
    let mut bench = Bench::new();
    let id = bench.bring();
    bench.world.jam_ledger();
    let (status, answer) = bench.erase(&id);
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("ledger")));
    assert_eq!(bench.rows().len(), 1);
    bench.world.mend_ledger();
    assert_eq!(bench.floor().0, Judgement::Pass);
    assert_eq!(bench.erase(&id).0, 200);
    assert_eq!(bench.rows().len(), 0);
}

#[test]
fn a_start_finishes_what_a_crash_left() {
    let mut bench = Bench::new();
    let id = bench.bring();
    let whole = bench.rows().remove(0);
    let erased = json!({
        "id": id, "release": RELEASE, "by": "guard", "reason": "asked for", "at": START,
    });
    bench.append_and_end("evidence.erased", erased);
    assert_eq!(bench.rows().len(), 1, "nothing has been taken off the disk");
    let kept = compare(&bench.world.store).unwrap();
    assert_eq!((kept.left, kept.unfit.len()), (vec![id.clone()], 0));
    bench.start();
    assert_eq!(bench.rows().len(), 0);
    assert_eq!(bench.files_with(SAID.as_bytes()), [""; 0]);
    // So it does with a backup of the database that was brought back.
    bench.world.stop();
    bench.world.store.put_evidence(&whole).unwrap();
    bench.start();
    assert_eq!(bench.files_with(SAID.as_bytes()), [""; 0]);
    let (_, reason) = bench.floor();
    assert!(reason.contains("erased on 2026-11-24 by guard"), "{reason}");
}

#[test]
fn rows_of_a_run_that_the_ledger_did_not_take_make_way_and_can_be_erased() {
    let mut bench = Bench::new();
    let (key, run) = bench.run();
    bench.world.jam_ledger();
    assert_eq!(bench.post(&bench.lead, "evidence", &run).0, 503);
    bench.world.mend_ledger();
    let id = format!("{}-candidate", key.id);
    let kept = compare(&bench.world.store).unwrap();
    assert_eq!((kept.unnamed, kept.unfit.len()), (vec![id.clone()], 0));
    assert_eq!(bench.taken(&run), id);
    assert_eq!(bench.floor().0, Judgement::Pass);
    let (key, run) = bench.run();
    bench.world.jam_ledger();
    assert_eq!(bench.post(&bench.lead, "evidence", &run).0, 503);
    bench.world.mend_ledger();
    let left = format!("{}-candidate", key.id);
    assert_eq!(bench.erase(&left).0, 200);
    assert_eq!(bench.rows().len(), 1);
    let card = bench.card();
    assert_eq!(card.erasures[0].shown.of, None);
    assert!(card::page(&card).is_ok());
    // What was erased does not come back under its name.
    let (status, answer) = bench.post(&bench.lead, "evidence", &run);
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!("key_used"))
    );
}

#[test]
fn a_wrong_id_or_no_reason_erases_nothing() {
    let mut bench = Bench::new();
    let id = bench.bring();
    let (status, answer) = bench.erase("unheard-of");
    let code = &answer["error"]["code"];
    assert_eq!((status, code), (404, &json!("no_such_evidence")));
    let path = format!("/api/v1/evidence/{id}/erase");
    for body in [
        json!({}),
        json!({ "reason": " " }),
        json!({ "reason": "r", "all": true }),
    ] {
        let (status, answer) = bench.world.post(&bench.lead, &path, &body);
        let code = &answer["error"]["code"];
        assert_eq!((status, code), (400, &json!("bad_body")), "{body}");
    }
    assert_eq!(bench.entries("evidence.erased").len(), 0);
    assert_eq!(bench.rows().len(), 1);
}

#[test]
fn a_waived_move_does_not_tell_what_its_evidence_holds() {
    let mut bench = Bench::new();
    let plan = bench.world.plan();
    let key = bench.key();
    let mut by: Vec<&Model> = vec![&*plan.candidate; 60];
    by[7] = plan.incumbent.as_deref().unwrap();
    let decisions = bench.world.answered(&key, Arm::Candidate, &by);
    let item = |decision: String| {
        json!({ "id": SAID.to_owned() + &decision, "cluster": decision, "score": 1.0,
            "decision": decision })
    };
    let items: Vec<Value> = decisions.into_iter().map(item).collect();
    bench.taken(&json!({
        "arm": "candidate", "suite": "basics", "suite_digest": SUITE_DIGEST, "key": key.id,
        "items": items,
    }));
    let (_, reason) = bench.floor();
    assert!(reason.contains(SAID), "whoever asks is told: {reason}");
    let until = clock().plus_days(20).0;
    let waive = json!({ "gate": "eval_floor", "reason": "known", "until": until });
    let chief = bench.world.operator("chief");
    assert_eq!(bench.post(&chief, "waive", &waive).0, 200);
    assert_eq!(bench.post(&bench.guard, "approve", &json!({})).0, 200);
    let (status, made) = bench.post(&bench.lead, "promote", &json!({}));
    assert_eq!(status, 200, "{made}");
    let moved = bench.entries("release.moved")[0].to_string();
    assert!(
        moved.contains("cannot be used, an item: another model"),
        "{moved}"
    );
    let mut found = Vec::new();
    files_with(&bench.world.ledger_folder(), SAID.as_bytes(), &mut found);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_run_that_is_never_brought_in_is_an_attempt_until_it_is() {
    let mut bench = Bench::new();
    let attempts = |bench: &Bench| {
        let control = bench.world.control();
        let view = control.view(&bench.world.plan(), &"lead".into()).unwrap();
        let gate = view.gates.into_iter().find(|one| one.gate == "eval_floor");
        let numbers = gate.unwrap().numbers;
        let of = |name: &str| numbers.iter().find(|one| one.name == name).cloned();
        ["attempts", "never_brought"].map(|name| of(name).map(|one| one.value))
    };
    let some = |text: &str| Some(text.to_owned());
    // Two runs are made; the bad one is kept back.
    let (left, bad) = bench.run();
    bench.bring();
    assert_eq!(attempts(&bench), [some("2"), some("1")]);
    let listed = crate::never_brought(&bench.world.store, &RELEASE.into()).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].key.as_str(), left.id);
    assert_eq!(
        (listed[0].requests, listed[0].arm.as_deref()),
        (60, Some("candidate"))
    );
    // A key that asked nothing is no attempt, and one that asked the incumbent is none on the
    // candidate.
    bench.key();
    let key = bench.key();
    let incumbent = bench.world.plan().incumbent.unwrap();
    bench
        .world
        .answered(&key, Arm::Incumbent, &[&*incumbent; 3]);
    assert_eq!(attempts(&bench), [some("2"), some("1")]);
    let listed = crate::never_brought(&bench.world.store, &RELEASE.into()).unwrap();
    assert_eq!(listed.len(), 2);
    // Brought in after all, it is the attempt that it was. It may not be chosen by its place.
    bench.taken(&bad);
    assert_eq!(attempts(&bench), [some("2"), None]);
    // What is erased stays brought in.
    let id = format!("{}-candidate", left.id);
    assert_eq!(bench.erase(&id).0, 200);
    bench.bring();
    assert_eq!(attempts(&bench), [some("3"), None]);
}

#[test]
fn an_erasure_that_somebodys_reading_holds_up_is_told_and_finished_later() {
    let mut bench = Bench::new();
    let id = bench.bring();
    let reading = bench.world.hold_a_read();
    let (status, answer) = bench.erase(&id);
    assert_eq!(status, 200, "{answer}");
    let why = answer["not_gone_yet"].as_str().unwrap();
    assert!(why.contains("another connection reads"), "{why}");
    assert!(bench.world.control().retry().is_err(), "it waits still");
    drop(reading);
    bench.world.control().retry().unwrap();
    assert_eq!(bench.files_with(SAID.as_bytes()), [""; 0]);
    let read = Store::open(bench.world.store_config(), Access::Read).unwrap();
    assert_eq!(read.evidence_of(&RELEASE.into()).unwrap(), []);
}
