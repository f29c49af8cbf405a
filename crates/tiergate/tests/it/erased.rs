//! Evidence that is erased on a running gateway: gone from every file of the data directory, and
//! told for ever. It must not look behind the binary but for what a crash leaves.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustix::process::Signal;
use serde_json::{Value, json};
use store::{Access, EvidenceId};

use crate::home::Home;
use crate::rollout::{Rollout, config, verdict};

/// What each case of the suite is named by: somebody, who may ask for it to be erased.
const NAMED: &str = "anna-muster";

/// Starts with a suite whose cases are named by somebody.
fn start() -> Rollout {
    Rollout::with(|scholar, home| {
        let whole = evidence::builtin("basics").unwrap().bytes;
        let whole = String::from_utf8(whole.to_vec()).unwrap();
        let named = whole.replace("\"id\": \"", &format!("\"id\": \"{NAMED}-"));
        assert!(named.contains(NAMED), "{whole:.300}");
        fs::write(home.path().join("mine.jsonl"), named).unwrap();
        let builtin = "builtin = \"basics\"";
        config(scholar, "next-1").replacen(builtin, "file = \"mine.jsonl\"", 1)
    })
}

/// Lists the files of the data directory that name somebody, or hold other bytes.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if fs::read(&path)
            .unwrap()
            .windows(bytes.len())
            .any(|part| part == bytes)
        {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Lists the ids of the evidence, and the keys of its commitments.
fn kept(home: &Home) -> Vec<(String, Vec<u8>)> {
    let rows = home.store().evidence_of(&"next".into()).unwrap();
    let shown = |row: store::EvidenceRow| {
        let key = row.commitment_key.unwrap();
        (row.id.0, key.to_bytes().to_vec())
    };
    rows.into_iter().map(shown).collect()
}

fn erase(story: &Rollout, id: &str) -> Value {
    let command = ["evidence", "erase", id, "--reason", "asked for", "--json"];
    story
        .home
        .run_as(&story.platform_lead, &command)
        .is(0)
        .json()
}

#[test]
fn nothing_of_it_is_left_in_the_data_directory_and_it_shows_for_ever() {
    let mut story = start();
    story.open();
    let (folder, evidence) = (story.home.kept(), kept(&story.home));
    assert_eq!(evidence.len(), 2);
    assert!(!files_with(&folder, NAMED.as_bytes()).is_empty());
    for (id, key) in &evidence {
        assert!(!files_with(&folder, key).is_empty());
        let erased = erase(&story, id);
        assert_eq!(erased["not_gone_yet"], Value::Null, "{erased}");
        assert_eq!(files_with(&folder, key), [""; 0]);
    }
    assert_eq!(files_with(&folder, NAMED.as_bytes()), [""; 0]);
    let shown = story.shown();
    assert_eq!(shown["stage"], json!("early_access"), "what moved stays");
    let (word, reason) = verdict(&shown["gates"], "eval_floor");
    assert_eq!(word, "inconclusive");
    assert!(
        reason.contains("erased on") && reason.contains("platform-lead"),
        "{reason}"
    );
    story.promote().is(1);
    let show = ["release", "show", "next"];
    let told = story.home.run_as(&story.platform_lead, &show).is(0).out;
    assert_eq!(told.matches("of suite basics, on").count(), 2, "{told}");
    // Restarted, run anew, read without a gateway: it stays erased, and all of it verifies.
    assert!(story.gateway.stop().success());
    story.gateway = story.home.serve();
    assert_eq!(story.evaluate()[0]["evidence"]["items"], 84);
    let (word, reason) = {
        let shown = story.shown();
        let (word, reason) = verdict(&shown["gates"], "eval_floor");
        (word.to_owned(), reason.to_owned())
    };
    assert_eq!(word, "pass", "{reason}");
    assert!(story.gateway.stop().success());
    let list = story.home.run(&["evidence", "list"]).is(0).out;
    assert_eq!(list.matches("erased on").count(), 2, "{list}");
    let verified = story.home.run(&["ledger", "verify", "--json"]).is(0).json();
    assert_eq!(verified["verified"], json!(true));
    assert_eq!(verified["evidence"]["erased"], json!(2), "{verified}");
    assert_eq!(verified["evidence"]["fitting"], json!(2), "{verified}");
    let report = ["report", "release", "next", "--html", "card.html"];
    story.home.run(&report).is(0);
    let html = fs::read_to_string(story.home.path().join("card.html")).unwrap();
    assert_eq!(html.matches("erasure of evidence").count(), 2);
}

#[test]
fn a_crash_between_the_ledgers_word_and_the_disk_is_made_good_at_the_next_start() {
    let mut story = start();
    story.evaluate();
    let folder = story.home.kept();
    story.gateway.signal(Signal::KILL);
    story.gateway.ended();
    let ids: Vec<String> = kept(&story.home).into_iter().map(|(id, _)| id).collect();
    // The one had nothing taken off the disk when it ended, the other everything but the log.
    {
        let store = Arc::new(story.home.open(Access::Write));
        let mut writer = store.ledger_writer(store.lease().unwrap()).unwrap();
        for id in &ids {
            let at = domain::Timestamp(1_900_000_000_000);
            let erased = json!({
                "id": id, "release": "next", "by": "platform-lead", "reason": "r", "at": at,
            });
            writer.append("evidence.erased", erased, at).unwrap();
        }
        store.erase_evidence(&EvidenceId(ids[0].clone())).unwrap();
        // Closing would tidy up, as no crash does.
        std::mem::forget(store);
    }
    assert!(!files_with(&folder, NAMED.as_bytes()).is_empty());
    let told = story.home.run(&["ledger", "verify"]).is(0).out;
    assert!(
        told.contains("was erased and is in the database still"),
        "{told}"
    );
    story.gateway = story.home.serve();
    assert_eq!(files_with(&folder, NAMED.as_bytes()), [""; 0]);
    let told = story.home.run(&["ledger", "verify"]).is(0).out;
    assert!(
        told.contains("evidence: 0 as the ledger names it, 2 erased."),
        "{told}"
    );
}

#[test]
fn verify_names_evidence_that_somebody_took_out_or_changed() {
    let mut story = start();
    story.evaluate();
    assert!(story.gateway.stop().success());
    story.home.run(&["ledger", "verify"]).is(0);
    let store = story.home.open(Access::Write);
    let rows = store.evidence_of(&"next".into()).unwrap();
    let mut changed = rows[0].clone();
    changed.body["items"][0]["score"] = json!(0.25);
    for row in &rows {
        store.erase_evidence(&row.id).unwrap();
    }
    store.put_evidence(&changed).unwrap();
    drop(store);
    let told = story.home.run(&["ledger", "verify"]).is(1).out;
    for (row, why) in [
        (&rows[0], "not those that the ledger names"),
        (&rows[1], "are not in the store"),
    ] {
        let line = told.lines().find(|line| line.contains(&row.id.0)).unwrap();
        assert!(line.starts_with("entry ") && line.contains(why), "{line}");
    }
    let told = story.home.run(&["ledger", "verify", "--json"]).is(1).json();
    assert_eq!(told["verified"], json!(false), "{told}");
    assert_eq!(told["evidence"]["unfit"].as_array().unwrap().len(), 2);
    story.gateway = story.home.serve();
    let shown = story.shown();
    let (word, reason) = verdict(&shown["gates"], "eval_floor");
    assert_eq!(word, "inconclusive");
    assert!(reason.contains("tampered with"), "{reason}");
}
