//! Foreign verifiers, which know nothing of Tiergate, on a ledger that it wrote: they accept it
//! whole and refuse each tampering. It must not check anything itself.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::home::Ended;
use crate::patience::PATIENCE;
use crate::written::{ENTRIES, KEPT, PROVEN, Written};

use tamperings::Tampering;

mod keys;
mod tamperings;

/// Where Debian keeps the sources of Go's packages.
const GO_PATH: &str = "/usr/share/gocode";

#[test]
fn aics_tlog_accepts_the_ledger_and_refuses_each_tampering() {
    let python = workspace().join("target/venvs/python-ledger/bin/python");
    if !python.exists() {
        let why = "there is no environment python-ledger; `cargo xtask clients` makes it";
        return skip("aics-tlog", why);
    }
    let script = workspace().join("clients/ledger/aics.py");
    judge(&|| {
        let mut command = Command::new(&python);
        command.arg(&script).env_clear();
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("PYTHONUTF8", "1");
        command
    });
}

#[test]
fn go_sumdb_accepts_the_ledger_and_refuses_each_tampering() {
    let packages = Path::new(GO_PATH).join("src/golang.org/x/mod/sumdb/tlog");
    let is_there = Command::new("go").arg("version").output();
    if is_there.is_err() || !packages.exists() {
        let why = "the packages golang-go and golang-golang-x-mod-dev are not installed";
        return skip("sumdb", why);
    }
    let built = tempfile::tempdir().unwrap();
    let program = build(&built);
    judge(&|| {
        let mut command = Command::new(&program);
        command.env_clear();
        command
    });
}

/// Compiles the Go program from Debian's packages, without a module and without the network.
fn build(folder: &TempDir) -> PathBuf {
    let program = folder.path().join("sumdb");
    let mut command = Command::new("go");
    command.args(["build", "-o"]).arg(&program);
    command.arg(workspace().join("clients/ledger/sumdb.go"));
    command
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .env("GOPATH", GO_PATH)
        .env("GO111MODULE", "off")
        .env("GOPROXY", "off")
        .env("GOCACHE", folder.path().join("cache"));
    Ended::of(command, PATIENCE).is(0);
    program
}

/// Has a verifier judge the ledger as it was written, then each tampering of a copy; the same with
/// one whose key was rotated, from each of its keys.
fn judge(verifier: &dyn Fn() -> Command) {
    let written = Written::new();
    accept(verifier, &Given::copy(&written));
    refuse(verifier, &written, tamperings::ALL);
    let rotated = Written::rotated();
    for at in 0..rotated.signers.len() {
        let mut given = Given::copy(&rotated);
        given.key = rotated.public_key(at);
        accept(verifier, &given);
    }
    refuse(verifier, &rotated, tamperings::OF_KEYS);
}

fn told(verifier: &dyn Fn() -> Command, given: &Given) -> Ended {
    let mut command = verifier();
    command.arg(&given.key).args(given.folders());
    Ended::of(command, PATIENCE)
}

fn accept(verifier: &dyn Fn() -> Command, given: &Given) {
    let (kept, proven) = (KEPT.len(), PROVEN.len());
    let all = format!("accepted: {ENTRIES} entries, {kept} checkpoints, {proven} receipts\n");
    assert_eq!(told(verifier, given).is(0).out, all);
}

fn refuse(verifier: &dyn Fn() -> Command, written: &Written, tamperings: &[Tampering]) {
    for (what, tamper) in tamperings {
        let mut given = Given::copy(written);
        tamper(&mut given, written);
        let told = told(verifier, &given);
        // A verifier that broke down has not refused.
        let is_refused = told.code == 1 && told.out.starts_with("refused: ");
        assert!(is_refused, "{what}: {told:?}");
        println!("{what}: {}", told.out.trim_end());
    }
}

/// What an outsider was given: a copy, which may be tampered with.
struct Given {
    folder: TempDir,
    key: String,
}

impl Given {
    fn copy(written: &Written) -> Self {
        let given = Self {
            folder: tempfile::tempdir().unwrap(),
            key: written.key.clone(),
        };
        let whole = [written.ledger(), written.checkpoints(), written.receipts()];
        for (from, to) in whole.iter().zip(given.folders()) {
            copy(from, &to);
        }
        given
    }

    fn folders(&self) -> [PathBuf; 3] {
        ["ledger", "checkpoints", "receipts"].map(|name| self.folder.path().join(name))
    }

    fn ledger(&self, path: &str) -> PathBuf {
        self.folder.path().join("ledger").join(path)
    }

    fn checkpoint(&self, size: u64) -> PathBuf {
        let name = format!("checkpoints/{size:04}");
        self.folder.path().join(name)
    }

    fn receipt(&self, index: u64) -> PathBuf {
        let name = format!("receipts/{index:04}.tlog-proof");
        self.folder.path().join(name)
    }
}

/// Copies what outsiders see: the signing key is not among it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_name() != "key" {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn workspace() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut above = manifest.ancestors();
    let root = above.find(|folder| folder.join("Cargo.lock").is_file());
    root.unwrap()
}

/// Counts a verifier as skipped; where everything is expected to run, it fails.
fn skip(verifier: &str, why: &str) {
    let is_ci = env::var_os("CI").is_some_and(|set| !set.is_empty());
    assert!(!is_ci, "{verifier}: {why}");
    println!("skipped: 1 foreign verifier, {verifier} ({why})");
}
