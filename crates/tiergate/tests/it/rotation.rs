//! The rotation of the ledger's key on a data directory: told, followed, cut off by a crash, and
//! pretended. It must not reach into the ledger for what a command shows.

use std::fs;
use std::path::Path;

use ledger::Signer;
use serde_json::json;

use crate::home::{Ended, Home};
use crate::rollout::Rollout;
use crate::written::{ENTRIES, ROTATED, Written, signed};

/// Checks a receipt where there is no ledger.
fn elsewhere(receipt: &str, key: &str) -> Ended {
    Home::empty().run(&["ledger", "verify", "--proof", receipt, "--key", key])
}

fn key_of(home: &Home) -> String {
    let shown = home.run(&["ledger", "key"]).is(0);
    shown.out.trim().to_owned()
}

#[test]
fn a_gateway_goes_on_under_the_new_key_and_what_the_old_one_signed_holds() {
    let mut story = Rollout::start();
    let home = &story.home;
    let beside = home.run(&["ledger", "rotate-key"]).is(2);
    let holder = format!("process {} signs the ledger", story.gateway.id());
    assert!(beside.err.contains(&holder), "{}", beside.err);
    assert!(beside.err.contains("mend: stop that tiergate"));
    let (old, kept) = (home.path().join("old"), home.path().join("kept-then"));
    let old = old.to_str().unwrap();
    home.run(&["ledger", "prove", "0", "--out", old]).is(0);
    let before = key_of(home);
    assert!(story.gateway.stop().success());
    fs::copy(home.kept().join("ledger/checkpoint"), &kept).unwrap();

    let rotate = ["ledger", "rotate-key", "--reason", "a test", "--json"];
    let told = home.run(&rotate).is(0).json();
    let after = key_of(home);
    assert_eq!(
        (&told["from"], &told["to"]),
        (&json!(before), &json!(after))
    );
    assert_ne!(before, after);
    let at = told["entry"].to_string();
    let show = ["ledger", "show", "--from", &at, "--json"];
    let entry = home.run(&show).is(0).json();
    assert_eq!(entry["kind"], json!("ledger.handed_over"));
    assert_eq!(entry["body"]["reason"], json!("a test"));

    story.gateway = story.home.serve();
    story.open();
    assert!(story.gateway.stop().success());
    let home = &story.home;
    let kept = kept.to_str().unwrap();
    for more in [&[][..], &["--key", &before], &["--checkpoint", kept]] {
        let line = [&["ledger", "verify", "--json"], more].concat();
        let verified = home.run(&line).is(0).json();
        assert_eq!(verified["keys"], json!(2), "{more:?}");
    }
    let all = home.run(&["ledger", "key", "--all", "--json"]).is(0).json();
    let turn = told["entry"].as_u64().unwrap() + 1;
    let expected = json!([
        {"key": before, "from_entries": 0, "to_entries": turn, "handed_over_in": turn - 1},
        {"key": after, "from_entries": turn, "to_entries": null, "handed_over_in": null},
    ]);
    assert_eq!(all["keys"], expected);

    // The receipt given before: with the old key anywhere, with any beside the ledger.
    elsewhere(old, &before).is(0);
    let beside = ["ledger", "verify", "--proof", old];
    home.run(&beside).is(0);
    home.run(&[&beside[..], &["--key", &after]].concat()).is(0);
    let told = elsewhere(old, &after).is(1);
    assert!(
        told.err.contains("`tiergate ledger key --all`"),
        "{}",
        told.err
    );
    // One given now: with the new key.
    let new = home.path().join("new");
    let new = new.to_str().unwrap();
    home.run(&["ledger", "prove", "0", "--out", new]).is(0);
    elsewhere(new, &after).is(0);
    elsewhere(new, &before).is(1);
    let beside = ["ledger", "verify", "--proof", new, "--key", &before];
    home.run(&beside).is(0);
}

#[test]
fn a_retired_key_makes_no_receipt_valid_beyond_its_handover() {
    let written = Written::rotated();
    let path = written.receipt(ENTRIES - 1);
    let text = fs::read_to_string(&path).unwrap();
    let (head, _) = text.split_once("\n\n").unwrap();
    let late = signed(&written.all(), &written.signers[1]).checkpoint;
    let late = String::from_utf8(late).unwrap();
    fs::write(&path, format!("{head}\n\n{late}")).unwrap();
    let path = path.to_str().unwrap();
    let retired = written.public_key(1);
    let asked = ["ledger", "verify", "--proof", path];
    for more in [&[][..], &["--key", &retired], &["--key", &written.key]] {
        let told = written.home.run(&[&asked[..], more].concat()).is(1);
        let why = "may not sign a tree of 700 entries, only those from 258 to 601";
        assert!(told.err.contains(why), "{more:?}: {}", told.err);
    }
    // Nobody there knows of the handover.
    elsewhere(path, &retired).is(0);
    // A receipt of its time is another matter.
    let early = written.receipt(511);
    elsewhere(early.to_str().unwrap(), &retired).is(0);
    let asked = ["ledger", "verify", "--proof", early.to_str().unwrap()];
    written.home.run(&asked).is(0);
}

/// Signs the ledger as it stands with another key, and puts that key in the place of its own.
fn usurp(written: &Written, by: &Signer) {
    let ledger = written.ledger();
    let note = signed(&written.all(), by).checkpoint;
    fs::write(ledger.join("key"), by.to_secret_text()).unwrap();
    fs::write(ledger.join("key.pub"), by.verifier().to_string()).unwrap();
    fs::write(ledger.join("checkpoint"), note).unwrap();
}

#[test]
fn a_key_without_a_link_is_found_and_the_entry_named() {
    let verify = ["ledger", "verify"];
    for (written, entry) in [(Written::rotated(), ", entry 600"), (Written::new(), "")] {
        written.home.run(&verify).is(0);
        let name = written.signers[0].verifier().name().clone();
        usurp(&written, &Signer::from_seed(name, &[9; 32]));
        let told = written.home.run(&verify).is(1);
        let what = format!("ledger file checkpoint{entry}: its key was rotated without a link");
        assert!(told.err.contains(&what), "{}", told.err);
        written.home.run(&["ledger", "key", "--all"]).is(2);
    }
    let written = Written::rotated();
    let name = written.signers[0].verifier().name().clone();
    let stranger = Signer::from_seed(name, &[9; 32]).verifier().to_string();
    let told = written.home.run(&["ledger", "verify", "--key", &stranger]);
    let what = format!(
        "checkpoint, entry {}: its key was rotated without",
        ROTATED[0]
    );
    assert!(told.is(1).err.contains(&what));
}

/// Where a crash cut a rotation off.
enum Cut {
    BeforeTheHandover,
    BehindTheHandover,
}

fn start_after(cut: Cut) {
    let mut story = Rollout::start();
    assert!(story.gateway.stop().success());
    let home = &story.home;
    let ledger = home.kept().join("ledger");
    let (before, after) = (home.path().join("before"), home.path().join("after"));
    copy(&ledger, &before);
    home.run(&["ledger", "rotate-key"]).is(0);
    copy(&ledger, &after);
    let (files, keys) = match cut {
        Cut::BeforeTheHandover => (&before, 1),
        Cut::BehindTheHandover => (&after, 2),
    };
    fs::remove_dir_all(&ledger).unwrap();
    copy(files, &ledger);
    for name in ["key", "key.pub"] {
        fs::copy(before.join(name), ledger.join(name)).unwrap();
    }
    fs::copy(after.join("key"), ledger.join("key.next")).unwrap();
    let verified = home.run(&["ledger", "verify", "--json"]).is(0).json();
    assert_eq!(verified["keys"], json!(keys));
    story.gateway = home.serve();
    story.open();
    assert!(story.gateway.stop().success());
    let verified = story.home.run(&["ledger", "verify", "--json"]);
    assert_eq!(verified.is(0).json()["keys"], json!(keys));
    let found = fs::read(ledger.join("key")).unwrap();
    assert_eq!(found, fs::read(files.join("key")).unwrap());
    assert!(!ledger.join("key.next").exists() && !ledger.join("key.old").exists());
}

#[test]
fn a_gateway_starts_after_a_rotation_that_a_crash_cut_off_before_the_handover() {
    start_after(Cut::BeforeTheHandover);
}

#[test]
fn a_gateway_starts_after_a_rotation_that_a_crash_cut_off_behind_the_handover() {
    start_after(Cut::BehindTheHandover);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn where_there_is_no_ledger_there_is_no_key_to_rotate() {
    let home = Home::empty();
    home.run(&["ledger", "rotate-key"]).is(2);
    assert!(!home.kept().exists());
}
