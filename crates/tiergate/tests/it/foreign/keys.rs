//! What somebody who has a key that is not in force, or none, could do to a ledger whose key was
//! rotated. It must not know who judges it.

use std::fs;

use ledger::{Append, Draft, Entry, HANDOVER_KIND, Signer, UnixMs};
use serde_json::json;

use super::Given;
use super::tamperings::Tampering;
use crate::written::{ENTRIES, Written, signed};

/// Lists them, each of which a verifier has to refuse.
pub(super) const OF_KEYS: &[Tampering] = &[
    ("a key that the log never had", |given, written| {
        given.key = strange(written, 9).verifier().to_string();
    }),
    ("signed anew with a key without a link", |given, written| {
        given.sign(&written.all(), &strange(written, 9));
    }),
    ("signed anew with a retired key", |given, written| {
        given.sign(&written.all(), &written.signers[0]);
    }),
    ("gone on with under a retired key", |given, written| {
        let head = written.head();
        given.put(
            &head
                .append(vec![draft()], NOW, &written.signers[1])
                .unwrap(),
        );
    }),
    ("a handover by a retired key", |given, written| {
        hand_over(given, written, &written.signers[0]);
    }),
    ("a handover by a stranger", |given, written| {
        hand_over(given, written, &strange(written, 8));
    }),
    ("a handover that another signed", |given, written| {
        let (by, to) = (strange(written, 8), strange(written, 9));
        let head = written.head();
        let mut forged = head.hand_over(&by, &to, None, NOW).unwrap().entries;
        let mut body = forged.remove(0).body;
        body["from"] = json!(written.key);
        let kind = HANDOVER_KIND.to_owned();
        given.put(&head.append(vec![Draft { kind, body }], NOW, &to).unwrap());
    }),
    ("a handover at another place", |given, written| {
        let mut entries = written.all();
        let moved = entries.remove(257);
        entries.insert(258, moved);
        given.sign(&entries, &written.signers[2]);
    }),
    ("the handovers left out", |given, written| {
        let mut entries = written.all();
        entries.retain(|entry| entry.kind != HANDOVER_KIND);
        for folder in ["checkpoints", "receipts"] {
            let folder = given.folder.path().join(folder);
            fs::remove_dir_all(&folder).unwrap();
            fs::create_dir(folder).unwrap();
        }
        given.sign(&entries, &written.signers[2]);
        given.key = written.public_key(0);
    }),
    ("a checkpoint by a retired key, kept", |given, written| {
        let note = signed(&written.all()[..512], &written.signers[0]).checkpoint;
        fs::write(given.checkpoint(512), note).unwrap();
    }),
    ("a checkpoint by a later key, kept", |given, written| {
        let note = signed(&written.all()[..255], &written.signers[1]).checkpoint;
        fs::write(given.checkpoint(255), note).unwrap();
    }),
    ("a receipt by a retired key", |given, written| {
        let note = signed(&written.all(), &written.signers[1]).checkpoint;
        let path = given.receipt(ENTRIES - 1);
        let text = fs::read_to_string(&path).unwrap();
        let (head, _) = text.split_once("\n\n").unwrap();
        let note = String::from_utf8(note).unwrap();
        fs::write(path, format!("{head}\n\n{note}")).unwrap();
    }),
];

const NOW: UnixMs = UnixMs(1_900_000_000_000);

fn strange(written: &Written, seed: u8) -> Signer {
    let name = written.signers[0].verifier().name().clone();
    Signer::from_seed(name, &[seed; 32])
}

fn draft() -> Draft {
    Draft {
        kind: "test.move".to_owned(),
        body: json!({}),
    }
}

/// Hands over to a stranger, who goes on.
fn hand_over(given: &Given, written: &Written, by: &Signer) {
    let to = strange(written, 9);
    let handover = written.head().hand_over(by, &to, None, NOW).unwrap();
    given.put(&handover);
    given.put(&handover.head.append(vec![draft()], NOW, &to).unwrap());
}

impl Given {
    /// Makes the tree's files anew.
    fn sign(&self, entries: &[Entry], signer: &Signer) {
        fs::remove_dir_all(self.ledger("tile")).unwrap();
        self.put(&signed(entries, signer));
    }

    fn put(&self, planned: &Append) {
        for write in &planned.writes {
            let path = self.ledger(&write.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &write.bytes).unwrap();
        }
        fs::write(self.ledger("checkpoint"), &planned.checkpoint).unwrap();
    }
}
