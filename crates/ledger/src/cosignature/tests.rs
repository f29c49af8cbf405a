//! Cosignatures: held to an independent implementation's output, and against every flipped bit.

use super::*;
use crate::keys::Verifier;

// Made with Python's `cryptography` and `hashlib` from the seed and the specification.
const PUBLIC: &str = "witness.example/w1+efcd800c+BGa+fjMsekUzMr2dCn99sFX1xe8aBq2mbZizn7aBDEc6";
const LINE: &str = "\u{2014} witness.example/w1 782ADAAAAABq/YbAJhqagM\
    lF6g+JVIcsxB9ETsc/SwrRp22IPT1ZFEuSadv3\
    /mnG8ZH7rx3IUXgC9xrSIR/J4gN0OCI7BBBpMEvKBQ==\n";
const LOG: &str =
    "tiergate.example/test/audit+98a41ff7+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
const NOTE: &str = "tiergate.example/test/audit\n3\n\
    Ej0sa4l33eKCI8MDLVaW2Wds7TF00FKWD2wWDHwOr/A=\n\n\
    \u{2014} tiergate.example/test/audit mKQf95Q+gp8Zam4iycKqc8xRtfSZDjVkn1PSJM/9uDk8357ADlHR\
    3Spu5x1ZiWD2Q6Z2AmnCKsOb97RfIBlguTqkHAI=\n";

fn witness(seed: u8) -> WitnessSigner {
    WitnessSigner::from_seed("witness.example/w1".parse().unwrap(), &[seed; 32])
}

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).unwrap()
}

fn checkpoint() -> Checkpoint {
    let log: Verifier = LOG.parse().unwrap();
    Checkpoint::open(NOTE.as_bytes(), &log).unwrap()
}

#[test]
fn key_and_cosignature_are_those_of_another_implementation() {
    let signer = witness(11);
    assert_eq!(signer.verifier().to_string(), PUBLIC);
    assert_eq!(signer.cosign(&checkpoint(), at(1_795_000_000)), LINE);
    let verifier: WitnessVerifier = PUBLIC.parse().unwrap();
    let note = format!("{NOTE}{LINE}");
    assert_eq!(verifier.cosigned_at(note.as_bytes()), Ok(at(1_795_000_000)));
    // The log's own key is not disturbed by it.
    let log: Verifier = LOG.parse().unwrap();
    assert_eq!(Checkpoint::open(note.as_bytes(), &log), Ok(checkpoint()));
}

#[test]
fn the_key_of_the_specification_reads_the_note_of_the_specification() {
    // From the example of C2SP signed-note.
    let key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let note = "This is an example message.\n\n\u{2014} example.com/foo \
        Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72Iney\
        aQM=\n";
    let verifier: Verifier = key.parse().unwrap();
    assert_eq!(
        verifier.open(note.as_bytes()),
        Ok("This is an example message.\n")
    );
}

#[test]
fn keys_read_back_as_written_and_are_of_one_type() {
    let signer = witness(9);
    let secret = signer.to_secret_text();
    let again: WitnessSigner = format!("{secret}\n").parse().unwrap();
    assert_eq!(again.to_secret_text(), secret);
    assert_eq!(again.verifier(), signer.verifier());
    let public = signer.verifier().to_string();
    assert_eq!(
        &public.parse::<WitnessVerifier>().unwrap(),
        signer.verifier()
    );
    let shown = format!("{signer:?}");
    let seed = secret.rsplit('+').next().unwrap();
    assert!(shown.contains("[redacted]") && !shown.contains(seed));
    // A log's key is no witness's, nor the other way round.
    assert!(LOG.parse::<WitnessVerifier>().is_err() && PUBLIC.parse::<Verifier>().is_err());
    assert!(public.parse::<WitnessSigner>().is_err());
    assert!(
        PUBLIC
            .replace("w1", "w2")
            .parse::<WitnessVerifier>()
            .is_err()
    );
}

#[test]
fn every_flipped_bit_of_text_and_cosignature_is_found() {
    let verifier: WitnessVerifier = PUBLIC.parse().unwrap();
    let note = format!("{NOTE}{LINE}").into_bytes();
    let text = 0..NOTE.find("\n\n").unwrap();
    for at in text.chain(NOTE.len()..note.len()) {
        for bit in 0..8 {
            let mut bad = note.clone();
            bad[at] ^= 1 << bit;
            assert!(verifier.cosigned_at(&bad).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn the_latest_of_several_counts_and_a_wrong_one_spoils_all() {
    let signer = witness(11);
    let line = |seconds| signer.cosign(&checkpoint(), at(seconds));
    let note = format!("{NOTE}{}{}{}", line(50), line(70), line(60));
    let cosigned = |note: &str| signer.verifier().cosigned_at(note.as_bytes());
    assert_eq!(cosigned(&note), Ok(at(70)));
    assert!(matches!(cosigned(NOTE), Err(NoteError::NotSigned { .. })));
    let other = witness(12).cosign(&checkpoint(), at(5));
    assert!(matches!(
        cosigned(&format!("{NOTE}{other}")),
        Err(NoteError::NotSigned { .. })
    ));
    let others = witness(12).signature_on(&message(checkpoint().text(), 5));
    let others = [&5_u64.to_be_bytes(), &others[..]].concat();
    let wrong = signature_line(signer.verifier(), &others);
    assert!(matches!(
        cosigned(&format!("{note}{wrong}")),
        Err(NoteError::BadSignature { .. })
    ));
}

#[test]
fn times_are_from_one_second_to_the_last_that_fits() {
    assert_eq!(UnixSeconds::new(0), None);
    assert_eq!(UnixSeconds::new(1 << 63), None);
    let last = at((1 << 63) - 1);
    let note = format!("{NOTE}{}", witness(11).cosign(&checkpoint(), last));
    assert_eq!(
        witness(11).verifier().cosigned_at(note.as_bytes()),
        Ok(last)
    );
    for seconds in [0, 1 << 63, u64::MAX] {
        let line = witness(11).cosign(&checkpoint(), UnixSeconds(seconds));
        let note = format!("{NOTE}{line}");
        assert!(witness(11).verifier().cosigned_at(note.as_bytes()).is_err());
    }
}

#[test]
fn a_quorum_counts_each_witness_once() {
    let key = |name: &str, seed| {
        let signer = WitnessSigner::from_seed(name.parse().unwrap(), &[seed; 32]);
        signer.verifier().clone()
    };
    let (one, two) = (key("one.example", 1), key("two.example", 2));
    assert!(Quorum::new(2, vec![one.clone(), two.clone()]).is_ok());
    for (threshold, count) in [(0, 1), (2, 1), (0, 0), (1, 0)] {
        assert_eq!(
            Quorum::new(threshold, vec![one.clone(); count]),
            Err(QuorumError::Threshold { threshold, count })
        );
    }
    for twin in [key("three.example", 1), key("one.example", 3)] {
        let name = twin.name().to_string();
        assert_eq!(
            Quorum::new(1, vec![one.clone(), two.clone(), twin]),
            Err(QuorumError::Twice { name })
        );
    }
}

#[test]
fn cosignatures_of_one_checkpoint_are_gathered_each_witness_once() {
    let (one, two) = (witness(11), {
        let name = "witness.example/w2".parse().unwrap();
        WitnessSigner::from_seed(name, &[12; 32])
    });
    let keys = vec![one.verifier().clone(), two.verifier().clone()];
    let by = |signer: &WitnessSigner, seconds| {
        let line = signer.cosign(&checkpoint(), at(seconds));
        format!("{NOTE}{line}").into_bytes()
    };
    let line = |signer: &WitnessSigner, seconds| signer.cosign(&checkpoint(), at(seconds));
    let both = Quorum::new(2, keys.clone()).unwrap();
    let older = by(&one, 50);
    let gathered = both.gather(
        NOTE.as_bytes(),
        &[by(&two, 60), older.clone(), by(&one, 70)],
    );
    let expected = format!("{NOTE}{}{}", line(&one, 70), line(&two, 60));
    assert_eq!(gathered, Ok(expected.into_bytes()));
    let few = both.gather(NOTE.as_bytes(), std::slice::from_ref(&older));
    assert!(matches!(
        few,
        Err(QuorumError::TooFew {
            found: 1,
            threshold: 2
        })
    ));
    // What a witness cosigned of another checkpoint does not count, nor what it did not sign.
    let other = String::from_utf8(by(&two, 60))
        .unwrap()
        .replace("\n3\n", "\n4\n");
    let few = both.gather(NOTE.as_bytes(), &[older, other.into_bytes()]);
    assert!(matches!(few, Err(QuorumError::TooFew { found: 1, .. })));
    let forged = two.signature_on(&message(checkpoint().text(), 60));
    let forged = [&60_u64.to_be_bytes(), &forged[..]].concat();
    let forged = format!("{NOTE}{}", signature_line(one.verifier(), &forged));
    let any = Quorum::new(1, keys).unwrap();
    assert!(matches!(
        any.gather(NOTE.as_bytes(), &[forged.into_bytes()]),
        Err(QuorumError::Note(NoteError::BadSignature { .. }))
    ));
}

#[test]
fn the_tree_that_a_witness_cosigned_is_that_of_the_log_asked_for() {
    let note = format!("{NOTE}{LINE}");
    let of = |note: &str, origin| {
        witness(11)
            .verifier()
            .cosigned_tree(note.as_bytes(), origin)
    };
    let origin = "tiergate.example/test/audit";
    let seen = (checkpoint().tree(), at(1_795_000_000));
    assert_eq!(of(&note, origin), Ok(Some(seen)));
    assert_eq!(of(&note, "another.example"), Ok(None));
    assert!(of(NOTE, origin).is_err());
    // The log's signature is not asked for: its key may have been replaced since.
    let bare = format!("{}{LINE}", &NOTE[..NOTE.find("\u{2014}").unwrap()]);
    assert_eq!(of(&bare, origin), Ok(Some(seen)));
}
