"""Verifies a ledger's files with aics-tlog, which knows nothing of Tiergate.

Arguments: the log's public key, the ledger's folder, a folder of checkpoints kept since earlier,
a folder of receipts. Ends with 0 and `accepted: ...`, or with 1 and `refused: ...`.
"""

import base64
import sys
from pathlib import Path

import aics_tlog
from aics_tlog.checkpoint import checkpoint_from_note


class Refused(Exception):
    """Says why the ledger is not accepted."""


def opened(note_bytes, key):
    """Checks the log's signature on a checkpoint, by the key that was given from outside."""
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


def check_receipt(text, key):
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
    tree = opened(note, key)
    if not aics_tlog.verify_leaf_inclusion(entry, at, tree.size, hashes, tree.root):
        raise Refused(f"the receipt of entry {at} does not lead to the root")


def verify(key_text, folder, kept_folder, receipts_folder):
    """Checks everything that there is; tells what was checked."""
    key = aics_tlog.parse_vkey(key_text)
    tree = opened((Path(folder) / "checkpoint").read_bytes(), key)
    reader = aics_tlog.FileSystemTileReader(folder)
    report = aics_tlog.audit_tiles(reader, tree.size, tree.root)
    if report.size != tree.size:
        raise Refused("not every entry was read")
    files = aics_tlog.VerifiedTileReader(reader, tree.size, tree.root)
    check_entries(files, tree)
    kept = sorted(Path(kept_folder).iterdir())
    for note in kept:
        check_kept(files, tree, opened(note.read_bytes(), key))
    receipts = sorted(Path(receipts_folder).iterdir())
    for receipt in receipts:
        check_receipt(receipt.read_bytes(), key)
    return f"{tree.size} entries, {len(kept)} checkpoints, {len(receipts)} receipts"


def main():
    try:
        said = verify(*sys.argv[1:])
    except (Refused, ValueError, OSError) as refused:
        print(f"refused: {refused}")
        return 1
    print(f"accepted: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
