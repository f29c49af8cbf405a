//! Receipts as an outsider has them: one file and the log's public key. It must not reach into
//! the ledger's files.

use std::fs;

use serde_json::json;

use crate::home::{Ended, Home};
use crate::written::{ENTRIES, PROVEN, Written};

/// Checks a receipt where there is no ledger.
fn check(written: &Written, text: &str, key: &str) -> Ended {
    let elsewhere = Home::empty();
    let file = elsewhere.path().join("given.tlog-proof");
    fs::write(&file, text).unwrap();
    assert!(!elsewhere.kept().exists(), "{:?}", written.ledger());
    let file = file.to_str().unwrap();
    elsewhere.run(&["ledger", "verify", "--proof", file, "--key", key, "--json"])
}

#[test]
fn a_receipt_is_checked_with_the_key_alone() {
    let written = Written::new();
    let key_file = written.ledger().join("key.pub");
    for index in PROVEN {
        let text = fs::read_to_string(written.receipt(index)).unwrap();
        let printed = ["ledger", "prove", &index.to_string()];
        assert_eq!(written.home.run(&printed).is(0).out, text);
        for key in [written.key.as_str(), key_file.to_str().unwrap()] {
            let told = check(&written, &text, key).is(0).json();
            assert_eq!(told["verified"], json!(true));
            assert_eq!(told["entries"], json!(ENTRIES));
            assert_eq!(told["entry"]["index"], json!(index));
            assert_eq!(told["entry"]["body"]["number"], json!(index));
        }
    }
    let shown = written.home.run(&["ledger", "key", "--json"]).is(0).json();
    assert_eq!(shown["key"], json!(written.key));
    // Beside the ledger its own key is taken.
    let file = written.receipt(3);
    let own = ["ledger", "verify", "--proof", file.to_str().unwrap()];
    let told = written.home.run(&own).is(0).out;
    assert!(told.contains("entry 3 of the log"), "{told}");
}

#[test]
fn a_receipt_that_does_not_hold_is_refused_with_what_is_wrong() {
    let written = Written::new();
    let text = fs::read_to_string(written.receipt(3)).unwrap();
    let other = fs::read_to_string(written.receipt(0)).unwrap();
    let line = |text: &str, at: usize| text.lines().nth(at).unwrap().to_owned();
    let exchanged = |at: usize| text.replace(&line(&text, at), &line(&other, at));
    let bare = text.replace(&format!("{}\n", line(&text, 1)), "");
    let not_shown = "does not show that this is entry";
    for (what, edited, said) in [
        ("another entry", exchanged(1), not_shown),
        (
            "another index",
            exchanged(2),
            "does not show that this is entry 0",
        ),
        ("another proof", exchanged(3), not_shown),
        ("no entry", bare, "bears no entry"),
        (
            "another size",
            text.replace("\n700\n", "\n701\n"),
            "is not accepted",
        ),
        (
            "no header",
            text.replace("v1", "v2"),
            "line 1 of the receipt",
        ),
        ("cut off", text[..text.len() / 2].to_owned(), "receipt"),
    ] {
        let told = check(&written, &edited, &written.key).is(1);
        assert!(told.err.contains(said), "{what}: {}", told.err);
        assert_eq!(told.json()["verified"], json!(false), "{what}");
    }
    let stranger = Written::new();
    let told = check(&written, &text, &stranger.key).is(1);
    assert!(told.err.contains("is not accepted"), "{}", told.err);
}

#[test]
fn what_cannot_be_proved_or_read_is_told_with_its_remedy() {
    let written = Written::new();
    let text = fs::read_to_string(written.receipt(3)).unwrap();
    let beyond = written.home.run(&["ledger", "prove", "700"]).is(2);
    assert!(
        beyond.err.contains("the log has 700 entries"),
        "{}",
        beyond.err
    );
    let cut = &written.key[..written.key.len() - 4];
    let told = check(&written, &text, cut).is(2);
    assert!(
        told.err.contains("neither a log's public key nor a file"),
        "{}",
        told.err
    );
    let told = check(&written, &text, "nowhere").is(2);
    assert!(told.err.contains("mend: give --key"), "{}", told.err);
    let absent = [
        "ledger",
        "verify",
        "--proof",
        "absent",
        "--key",
        &written.key,
    ];
    let told = written.home.run(&absent).is(2);
    assert!(told.err.contains("mend: name a file"), "{}", told.err);
    let cut = written.home.run(&["ledger", "verify", "--key", cut]).is(2);
    assert!(cut.err.contains("mend: give --key"), "{}", cut.err);
}
