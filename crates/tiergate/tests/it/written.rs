//! A ledger of several hundred entries that the real code wrote, so that its tree has more than
//! one level of tiles, and what its operator gives to outsiders. It must not judge any of it.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Timestamp;
use ledger::{Draft, Head, Signer, UnixMs};
use serde_json::json;
use store::Access;

use crate::home::Home;

/// Counts the entries.
pub(crate) const ENTRIES: u64 = 700;
/// The sizes at which a checkpoint was kept elsewhere, around the tiles' edges.
pub(crate) const KEPT: [u64; 9] = [1, 2, 3, 255, 256, 257, 512, 600, ENTRIES];
/// The entries that a receipt was given of, around the same edges.
pub(crate) const PROVEN: [u64; 6] = [0, 3, 255, 256, 511, ENTRIES - 1];
const NOW: Timestamp = Timestamp(1_795_478_400_000);

/// A ledger with what was given out of it, each kind in a folder of its own.
pub(crate) struct Written {
    pub(crate) home: Home,
    pub(crate) key: String,
}

impl Written {
    /// Writes it: entries through the store, receipts through the command.
    pub(crate) fn new() -> Self {
        let home = Home::empty();
        let store = Arc::new(home.open(Access::Write));
        let mut writer = store.ledger_writer(store.lease().unwrap()).unwrap();
        let mut size = 0;
        for to in KEPT {
            writer.append_all(drafts("test", size..to), NOW).unwrap();
            size = to;
            let kept = home.path().join("checkpoints");
            fs::create_dir_all(&kept).unwrap();
            let now = home.kept().join("ledger/checkpoint");
            fs::copy(now, kept.join(format!("{to:04}"))).unwrap();
        }
        drop(writer);
        let key = home.run(&["ledger", "key"]).is(0).out.trim().to_owned();
        let written = Self { home, key };
        fs::create_dir(written.receipts()).unwrap();
        for index in PROVEN {
            let file = written.receipt(index);
            let line = ["ledger", "prove", &index.to_string(), "--out"];
            let line = [&line[..], &[file.to_str().unwrap()]].concat();
            written.home.run(&line).is(0);
        }
        written
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

    /// Shows the secret key that it is signed with.
    pub(crate) fn signer(&self) -> Signer {
        let text = fs::read_to_string(self.ledger().join("key")).unwrap();
        text.parse().unwrap()
    }
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
