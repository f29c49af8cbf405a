//! Commitments: held to published vectors, and an erased payload in a log that still verifies.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::append::Append;
use crate::entry::{Draft, UnixMs};
use crate::receipt::Receipt;
use crate::snapshot::Snapshot;
use crate::tests::{Log, signer};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn hmac_is_that_of_the_published_vectors() {
    // RFC 4231, cases 1 to 4: keys of up to 32 bytes, which zeros fill up to the same MAC.
    let counted: Vec<u8> = (1..=25).collect();
    for (key, message, expected) in [
        (
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            vec![0xaa; 20],
            vec![0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            counted,
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
    ] {
        let mut bytes = [0; 32];
        bytes[..key.len()].copy_from_slice(&key);
        let commitment = CommitmentKey::from_random(bytes).commit(&message);
        assert_eq!(hex(&commitment.0.0), expected);
    }
    // Made with Python's `hmac`, under a key of the length that is used here.
    let commitment = CommitmentKey::from_random([5; 32]).commit(b"the payload");
    assert_eq!(
        hex(&commitment.0.0),
        "7418ae74cdd2dc6d19a02907bbbba6b2e6cd59eb139487241624b2e6669107e0"
    );
}

#[test]
fn a_key_is_never_shown() {
    let shown = format!("{:?}", CommitmentKey::from_random([171; 32]));
    assert_eq!(shown, "CommitmentKey([redacted])");
}

proptest! {
    #[test]
    fn a_commitment_is_of_one_payload_under_one_key(
        bytes in any::<[u8; 32]>(),
        payload in prop::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let key = CommitmentKey::from_random(bytes);
        let commitment = key.commit(&payload);
        prop_assert!(commitment.is_of(&key, &payload));
        prop_assert_eq!(Commitment::from_base64(&commitment.to_string()), Some(commitment));
        let mut other = bytes;
        other[at.index(32)] ^= 1 << bit;
        prop_assert!(!commitment.is_of(&CommitmentKey::from_random(other), &payload));
        prop_assert!(!commitment.is_of(&key, &[&payload[..], b"\0"].concat()));
        if !payload.is_empty() {
            let mut changed = payload.clone();
            changed[at.index(payload.len())] ^= 1 << bit;
            prop_assert!(!commitment.is_of(&key, &changed));
        }
    }
}

/// What an application keeps outside the tree: each payload with its own key.
#[test]
fn an_erased_payload_leaves_the_tree_verifiable() {
    let mut log = Log::of(3);
    let mut kept = Vec::new();
    for n in 0..4_u8 {
        let key = CommitmentKey::from_random([n + 100; 32]);
        let payload = format!("the prompt of person {n}").into_bytes();
        let body = json!({"payload": key.commit(&payload).to_string()});
        let kind = "test.payload".to_owned();
        let append: Append = log
            .head
            .append(
                vec![Draft { kind, body }],
                UnixMs(1_795_000_000_009),
                &signer(),
            )
            .unwrap();
        log.apply(append);
        kept.push(Some((key, payload)));
    }
    let before = (log.files.clone(), log.verify().unwrap());
    kept[1] = None;

    // Nothing of a payload was ever in the log's files, and none of them changes.
    for bytes in log.files.values() {
        assert!(!bytes.windows(10).any(|part| part == b"the prompt"));
    }
    assert_eq!((log.files.clone(), log.verify().unwrap()), before);
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    for (entry, kept) in snapshot.entries(3..7).zip(&kept) {
        let entry = entry.unwrap();
        let leaf = crate::hash::leaf_hash(&entry.to_bytes().unwrap());
        let receipt = Receipt::issue(&snapshot, entry.index).unwrap();
        let keys = [signer().verifier().clone()];
        assert!(receipt.verify(&leaf, &keys, None).is_ok());
        let written = entry.body["payload"].as_str().unwrap();
        let commitment = Commitment::from_base64(written).unwrap();
        if let Some((key, payload)) = kept {
            assert!(commitment.is_of(key, payload));
            assert!(!commitment.is_of(key, b"another payload"));
        }
    }
}
