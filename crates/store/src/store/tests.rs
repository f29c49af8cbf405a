//! Holds opening: who can read the files, and what is missing. It must not open a table.

use std::os::unix::fs::PermissionsExt as _;

use crate::config::Access;
use crate::error::OpenError;
use crate::scratch::{NOW, Scratch, caller_key};
use crate::store::Store;

#[test]
fn only_the_owner_can_read_what_is_made() {
    let scratch = Scratch::new();
    let store = scratch.open();
    store.create_key(&caller_key(), NOW).expect("a key");
    let lease = store.lease().expect("the lease");
    let writer = store.ledger_writer(lease).expect("a ledger");
    let mode = |name: &str| {
        let file = std::fs::metadata(scratch.path(name)).expect(name);
        file.permissions().mode() & 0o777
    };
    for folder in ["made", "made/ledger"] {
        assert_eq!(mode(folder), 0o700, "{folder}");
    }
    for file in [
        "tiergate.db",
        "tiergate.db-wal",
        "tiergate.db-shm",
        "ledger/lease",
        "ledger/key",
    ] {
        assert_eq!(mode(&format!("made/{file}")), 0o600, "{file}");
    }
    drop(writer);
}

#[test]
fn a_reader_makes_nothing() {
    let scratch = Scratch::new();
    let error = Store::open(scratch.config(), Access::Read).expect_err("nothing is there");
    assert!(matches!(error, OpenError::Absent { .. }), "{error}");
    assert!(!scratch.path("made").exists());
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("made")).expect("a folder");
    let path = scratch.config().database;
    std::fs::write(
        &path,
        "this is not a database, and longer than its header ".repeat(9),
    )
    .expect("a file");
    for access in [Access::Write, Access::Read] {
        let error = Store::open(scratch.config(), access).expect_err("refused");
        assert!(matches!(error, OpenError::Database { .. }), "{error}");
        assert!(error.to_string().contains("tiergate.db"), "{error}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("made"), "in the way").expect("a file");
    let error = Store::open(scratch.config(), Access::Write).expect_err("refused");
    assert!(matches!(error, OpenError::Prepare { .. }), "{error}");
    assert!(error.to_string().contains("made"), "{error}");
}
