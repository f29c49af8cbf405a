//! What witnesses cosigned, kept beside a ledger that goes on.

use std::fs;

use ledger::{UnixSeconds, Witness, WitnessAnswer, WitnessReply, WitnessSigner};
use serde_json::json;

use crate::scratch::{NOW, Scratch};

#[test]
fn what_a_witness_cosigned_stays_while_the_ledger_goes_on() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let lease = store.lease().expect("the lease");
    let mut writer = store.ledger_writer(lease).expect("a ledger");
    let files = store.ledger().expect("a ledger");
    let name = "w1.example/a witness".replace(' ', "-");
    let signer = WitnessSigner::from_seed(name.parse().expect("a name"), &[4; 32]);
    let key = signer.verifier().clone();
    let witness = Witness::new(signer, vec![files.verifier().clone()]);
    assert!(files.cosigned(&key).expect("read").is_none());
    writer
        .append("test.move", json!({}), NOW)
        .expect("appended");
    let (size, request) = files.ask_witness(0).expect("a request");
    assert_eq!(size, 1);
    let time = UnixSeconds::new(1_795_478_400).expect("a time");
    let answer = witness.answer(&request, None, time).expect("an answer");
    assert!(matches!(answer, WitnessAnswer::Cosigned { .. }));
    let body = answer.body();
    let reply = WitnessReply::read(200, body.as_bytes(), &request.checkpoint, &key);
    let Ok(WitnessReply::Cosigned { checkpoint, .. }) = reply else {
        panic!("{reply:?}")
    };
    files.keep_cosigned(&key, &checkpoint).expect("kept");
    files.keep_gathered(&checkpoint).expect("kept");
    writer
        .append("test.move", json!({}), NOW)
        .expect("appended");
    let kept = files.cosigned(&key).expect("read").expect("a checkpoint");
    assert_eq!(kept, checkpoint);
    assert_eq!(fs::read(files.gathered_path()).expect("a file"), checkpoint);
    // The ledger goes on from it, and its own checkpoint is another.
    let verified = files.verify(Some(&kept)).expect("verified");
    assert_eq!(verified.tree.size, 2);
    assert_eq!(
        files.checkpoint().expect("a checkpoint"),
        verified.checkpoint
    );
    let (size, request) = files.ask_witness(1).expect("a request");
    assert_eq!((size, request.old), (2, 1));
    assert!(files.ask_witness(3).is_err());
}
