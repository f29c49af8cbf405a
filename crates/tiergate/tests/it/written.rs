//! A ledger of several hundred entries that the real code wrote, so that its tree has more than
//! one level of tiles, and what its operator gives to outsiders; also one whose key was rotated on
//! the way. It must not judge any of it.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Timestamp;
use ledger::{Append, BoxError, Draft, Entry, Head, Signer, Snapshot, UnixMs};
use serde_json::json;
use store::Access;

use crate::home::Home;

/// Counts the entries.
pub(crate) const ENTRIES: u64 = 700;
/// The sizes at which a checkpoint was kept elsewhere, around the tiles' edges.
pub(crate) const KEPT: [u64; 9] = [1, 2, 3, 255, 256, 257, 512, 600, ENTRIES];
/// The entries that a receipt was given of, around the same edges.
pub(crate) const PROVEN: [u64; 6] = [0, 3, 255, 256, 511, ENTRIES - 1];
/// The sizes at which the key was rotated, where it was: the handover is the entry of that index.
pub(crate) const ROTATED: [u64; 2] = [257, 600];
const NOW: Timestamp = Timestamp(1_795_478_400_000);

/// A ledger with what was given out of it, each kind in a folder of its own.
pub(crate) struct Written {
    pub(crate) home: Home,
    /// The public key in force.
    pub(crate) key: String,
    /// The secret keys that it was signed with, in their order.
    pub(crate) signers: Vec<Signer>,
}

impl Written {
    /// Writes it: entries through the store, receipts through the command.
    pub(crate) fn new() -> Self {
        Self::rotated_at(&[])
    }

    /// Writes it and rotates the key twice through the command; what a key has signed is given
    /// out before it is rotated.
    pub(crate) fn rotated() -> Self {
        Self::rotated_at(&ROTATED)
    }

    fn rotated_at(sizes: &[u64]) -> Self {
        let mut written = Self {
            home: Home::empty(),
            key: String::new(),
            signers: Vec::new(),
        };
        fs::create_dir(written.checkpoints()).unwrap();
        fs::create_dir(written.receipts()).unwrap();
        let mut size = 0;
        for to in KEPT {
            written.append(size..to);
            size = to;
            let now = written.ledger().join("checkpoint");
            fs::copy(now, written.checkpoints().join(format!("{to:04}"))).unwrap();
            if sizes.contains(&to) {
                written.prove(size);
                written.signers.push(written.signer());
                written.home.run(&["ledger", "rotate-key"]).is(0);
                size += 1;
            }
        }
        written.prove(size);
        written.signers.push(written.signer());
        written.key = written.public_key(written.signers.len() - 1);
        written
    }

    fn append(&self, range: Range<u64>) {
        let store = Arc::new(self.home.open(Access::Write));
        let mut writer = store.ledger_writer(store.lease().unwrap()).unwrap();
        writer.append_all(drafts("test", range), NOW).unwrap();
    }

    /// Writes the receipts that are not written yet of entries below this size.
    fn prove(&self, size: u64) {
        for index in PROVEN {
            let file = self.receipt(index);
            if index < size && !file.exists() {
                let line = ["ledger", "prove", &index.to_string(), "--out"];
                let line = [&line[..], &[file.to_str().unwrap()]].concat();
                self.home.run(&line).is(0);
            }
        }
    }

    /// Shows a public key that it was signed with.
    pub(crate) fn public_key(&self, at: usize) -> String {
        self.signers[at].verifier().to_string()
    }

    /// Shows the ledger's folder.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.home.kept().join("ledger")
    }

    /// Shows the checkpoints that were kept.
    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.home.path().join("checkpoints")
    }

    /// Shows the receipts.
    pub(crate) fn receipts(&self) -> PathBuf {
        self.home.path().join("receipts")
    }

    /// Shows the receipt of one entry.
    pub(crate) fn receipt(&self, index: u64) -> PathBuf {
        self.receipts().join(format!("{index:04}.tlog-proof"))
    }

    /// Opens it to plan what comes next.
    pub(crate) fn head(&self) -> Head {
        let reader = |path: &str| self.read(path);
        Head::open(&reader, self.signer().verifier()).unwrap()
    }

    /// Reads every entry.
    pub(crate) fn all(&self) -> Vec<Entry> {
        let reader = |path: &str| self.read(path);
        let snapshot = Snapshot::read(&reader, self.signer().verifier()).unwrap();
        let entries = snapshot.entries(0..ENTRIES).collect::<Result<_, _>>();
        entries.unwrap()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(fs::read(self.ledger().join(path)).ok())
    }

    /// Shows the secret key that it is signed with.
    pub(crate) fn signer(&self) -> Signer {
        let text = fs::read_to_string(self.ledger().join("key")).unwrap();
        text.parse().unwrap()
    }
}

/// Signs a tree of these entries, as they stand, with a key.
pub(crate) fn signed(entries: &[Entry], signer: &Signer) -> Append {
    let mut whole = Head::create(signer);
    for entry in entries {
        let (kind, body) = (entry.kind.clone(), entry.body.clone());
        let drafts = vec![Draft { kind, body }];
        let next = whole.head.append(drafts, entry.time, signer).unwrap();
        whole.writes.extend(next.writes);
        whole.checkpoint = next.checkpoint;
        whole.head = next.head;
    }
    whole
}

/// Makes the tree's files anew in a folder, as whoever has a key can.
pub(crate) fn rewrite(folder: &Path, signer: &Signer, kind: &str, size: u64) {
    fs::remove_dir_all(folder.join("tile")).unwrap();
    let begun = Head::create(signer).head;
    let planned = begun.append(drafts(kind, 0..size), UnixMs(NOW.0), signer);
    let planned = planned.unwrap();
    for write in &planned.writes {
        let path = folder.join(&write.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &write.bytes).unwrap();
    }
    fs::write(folder.join("checkpoint"), &planned.checkpoint).unwrap();
}

fn drafts(kind: &str, range: Range<u64>) -> Vec<Draft> {
    let draft = |number| Draft {
        kind: format!("{kind}.move"),
        body: json!({ "number": number, "why": "x".repeat(usize::try_from(number % 97).unwrap()) }),
    };
    range.map(draft).collect()
}
