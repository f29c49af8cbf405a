"""Verifies a ledger's files with aics-tlog, which knows nothing of Tiergate.

Arguments: a public key of the log, the ledger's folder, a folder of checkpoints kept since earlier,
a folder of receipts. The key may have been handed over since: the handovers in the log are followed.
Ends with 0 and `accepted: ...`, or with 1 and `refused: ...`.
"""

import base64
import json
import sys
from pathlib import Path

import aics_tlog
from aics_tlog.checkpoint import checkpoint_from_note


class Refused(Exception):
    """Says why the ledger is not accepted."""


class Keys:
    """The keys that the log has had, each with the sizes of the trees that it may sign."""

    def __init__(self, trusted, entries):
        self.terms = []
        tree = aics_tlog.MerkleTree()
        for index, entry in enumerate(entries):
            said = json.loads(entry)
            if said.get("kind") == "ledger.handed_over":
                self.hand_over(index, said["body"], trusted.name, tree.root())
            tree.append(entry)
        self.terms = self.terms or [(trusted, 0, None)]
        texts = [aics_tlog.note.format_vkey(key) for key, _, _ in self.terms]
        if aics_tlog.note.format_vkey(trusted) not in texts:
            raise Refused("no handover links the key with the one that signs")

    def hand_over(self, index, body, origin, root):
        """Takes in a handover, which the key in force has to have signed for this very place."""
        earlier, later = (aics_tlog.parse_vkey(body[name]) for name in ("from", "to"))
        if not self.terms:
            self.terms.append((earlier, 0, None))
        in_force, first, _ = self.terms[-1]
        place = base64.b64encode(root).decode()
        said = f"{origin}\nhandover in entry {index}\n{place}\n{body['to']}\n"
        statement = aics_tlog.parse_note(body["statement"])
        if earlier != in_force or {earlier.name, later.name} != {origin}:
            raise Refused(f"entry {index} hands over a key that is not in force")
        if statement.text != said or not aics_tlog.verify_note(statement, [in_force]):
            raise Refused(f"entry {index}: the key in force did not sign this handover")
        if later.key_id in [key.key_id for key, _, _ in self.terms]:
            raise Refused(f"entry {index} hands over to an earlier key")
        self.terms[-1] = (in_force, first, index + 1)
        self.terms.append((later, index + 1, None))

    def opened(self, note_bytes):
        """Checks a checkpoint by the key that was in force for a tree of its size."""
        checkpoint, note = checkpoint_from_note(note_bytes)
        if not aics_tlog.verify_note(note, [key for key, _, _ in self.terms]):
            raise Refused("it bears no signature by a key of the log, or a wrong one")
        size = checkpoint.size
        for key, first, last in self.terms:
            is_in_force = first <= size and (last is None or size <= last)
            if is_in_force and aics_tlog.verify_note(note, [key]):
                return opened(note_bytes, key)
        raise Refused(f"no key in force for a tree of {size} entries signed it")


def opened(note_bytes, key):
    """Checks the log's signature on a checkpoint."""
    checkpoint, note = checkpoint_from_note(note_bytes)
    result = aics_tlog.verify_checkpoint(note, key, expected_origin=key.name)
    if not result.ok:
        raise Refused(f"checkpoint: {result.error}")
    return checkpoint


def check_entries(files, tree):
    """Shows for every entry that it is in the signed tree."""
    for index in range(tree.size):
        proof = aics_tlog.inclusion_proof_from_tiles(files, index, tree.size)
        entry = files.entry(index)
        if not aics_tlog.verify_leaf_inclusion(entry, index, tree.size, proof, tree.root):
            raise Refused(f"entry {index} is not in the tree")


def check_kept(files, tree, kept):
    """Shows that the signed tree only adds to one that was signed earlier."""
    if kept.size > tree.size:
        raise Refused(f"the log has {tree.size} entries and had {kept.size}")
    proof = aics_tlog.consistency_proof_from_tiles(files, kept.size, tree.size)
    if not aics_tlog.verify_consistency(kept.size, tree.size, kept.root, tree.root, proof):
        raise Refused(f"the log does not go on from its first {kept.size} entries")


def check_receipt(text, keys):
    """Checks a C2SP tlog-proof that bears its entry; the library has no reader of this format."""
    head, _, note = text.partition(b"\n\n")
    header, extra, index, *proof = head.decode().split("\n")
    if header != "c2sp.org/tlog-proof@v1":
        raise Refused("a receipt has another header")
    if not extra.startswith("extra ") or not index.startswith("index "):
        raise Refused("a receipt bears no entry or no index")
    entry = base64.b64decode(extra[len("extra ") :], validate=True)
    at = int(index[len("index ") :])
    hashes = [base64.b64decode(line, validate=True) for line in proof]
    tree = keys.opened(note)
    if not aics_tlog.verify_leaf_inclusion(entry, at, tree.size, hashes, tree.root):
        raise Refused(f"the receipt of entry {at} does not lead to the root")


def verify(key_text, folder, kept_folder, receipts_folder):
    """Checks everything that there is; tells what was checked."""
    key = aics_tlog.parse_vkey(key_text)
    note = (Path(folder) / "checkpoint").read_bytes()
    reader = aics_tlog.FileSystemTileReader(folder)
    # What it claims is believed only once the key that the entries lead to has opened it.
    size = checkpoint_from_note(note)[0].size
    keys = Keys(key, [aics_tlog.read_entry(reader, index, size) for index in range(size)])
    tree = opened(note, keys.terms[-1][0])
    report = aics_tlog.audit_tiles(reader, tree.size, tree.root)
    if report.size != tree.size:
        raise Refused("not every entry was read")
    files = aics_tlog.VerifiedTileReader(reader, tree.size, tree.root)
    check_entries(files, tree)
    kept = sorted(Path(kept_folder).iterdir())
    for note in kept:
        check_kept(files, tree, keys.opened(note.read_bytes()))
    receipts = sorted(Path(receipts_folder).iterdir())
    for receipt in receipts:
        check_receipt(receipt.read_bytes(), keys)
    return f"{tree.size} entries, {len(kept)} checkpoints, {len(receipts)} receipts"


def main():
    try:
        said = verify(*sys.argv[1:])
    except (Refused, ValueError, KeyError, OSError) as refused:
        print(f"refused: {refused}")
        return 1
    print(f"accepted: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
