//! Keys and notes: held to an independent implementation's output, and against every flipped bit.

use super::*;
use crate::keys::{MAX_ORIGIN_BYTES, Origin};

const ORIGIN: &str = "tiergate.example/test/audit";

// Made by the Python package aics-tlog 0.2.1 from the same seed.
const PUBLIC: &str =
    "tiergate.example/test/audit+98a41ff7+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
const NOTE: &str = "tiergate.example/test/audit\n3\n\
    Ej0sa4l33eKCI8MDLVaW2Wds7TF00FKWD2wWDHwOr/A=\n\n\
    \u{2014} tiergate.example/test/audit mKQf95Q+gp8Zam4iycKqc8xRtfSZDjVkn1PSJM/9uDk8357ADlHR\
    3Spu5x1ZiWD2Q6Z2AmnCKsOb97RfIBlguTqkHAI=\n";

fn signer(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN.parse().unwrap(), &[seed; 32])
}

fn text() -> &'static str {
    &NOTE[..NOTE.find("\n\n").unwrap() + 1]
}

#[test]
fn key_and_signature_are_those_of_another_implementation() {
    let signer = signer(7);
    assert_eq!(signer.verifier().to_string(), PUBLIC);
    assert_eq!(String::from_utf8(signer.sign(text())).unwrap(), NOTE);
    let verifier: Verifier = PUBLIC.parse().unwrap();
    assert_eq!(verifier.open(NOTE.as_bytes()), Ok(text()));
}

#[test]
fn keys_read_back_as_written() {
    let signer = signer(9);
    let secret = signer.to_secret_text();
    assert!(secret.starts_with("PRIVATE+KEY+tiergate.example/test/audit+"));
    let again: Signer = format!("{secret}\n").parse().unwrap();
    assert_eq!(again.to_secret_text(), secret);
    assert_eq!(again.verifier(), signer.verifier());
    let public = signer.verifier().to_string();
    assert_eq!(public.parse::<Verifier>().unwrap(), *signer.verifier());
}

#[test]
fn a_secret_is_never_shown() {
    let signer = signer(9);
    let secret = signer.to_secret_text();
    let seed = secret.rsplit('+').next().unwrap().to_owned();
    let shown = format!("{signer:?}");
    assert!(
        shown.contains("[redacted]") && !shown.contains(&seed),
        "{shown}"
    );
    let damaged = secret.replace("PRIVATE+KEY+", "PRIVATE+KEYS+");
    let error = damaged.parse::<Signer>().unwrap_err().to_string();
    assert!(!error.contains(&seed), "{error}");
}

#[test]
fn damaged_keys_are_refused() {
    assert!(PUBLIC.parse::<Signer>().is_err());
    assert!(signer(7).to_secret_text().parse::<Verifier>().is_err());
    for bad in [
        PUBLIC.replace("98a41ff7", "98a41ff8"),
        PUBLIC.replace("98a41ff7", "+8a41ff7"),
        PUBLIC.replace("test", "toast"),
        PUBLIC.replace("AepK", "AupK"),
        PUBLIC.replace("AepK", "BepK"),
        PUBLIC.replace("RtIs", ""),
        String::new(),
    ] {
        assert!(bad.parse::<Verifier>().is_err(), "{bad}");
    }
}

#[test]
fn an_origin_stands_on_one_line_without_spaces() {
    for bad in [
        "",
        "a b",
        "a+b",
        "a\nb",
        "a\u{a0}b",
        &"o".repeat(MAX_ORIGIN_BYTES + 1),
    ] {
        assert!(bad.parse::<Origin>().is_err(), "{bad:?}");
    }
}

#[test]
fn every_flipped_bit_of_a_note_is_found() {
    let verifier: Verifier = PUBLIC.parse().unwrap();
    for at in 0..NOTE.len() {
        for bit in 0..8 {
            let mut note = NOTE.as_bytes().to_vec();
            note[at] ^= 1 << bit;
            assert!(verifier.open(&note).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn misshapen_notes_are_refused() {
    let verifier: Verifier = PUBLIC.parse().unwrap();
    for bad in [
        "",
        "\n\n",
        "text\n",
        "text\n\n",
        &NOTE[..NOTE.len() - 1],
        &format!("{NOTE}\n"),
        &format!("{NOTE}rest\n"),
        &NOTE.replace("\n\n", "\n"),
        &format!("{NOTE}{}", "x".repeat(MAX_NOTE_BYTES)),
    ] {
        assert_eq!(
            verifier.open(bad.as_bytes()),
            Err(NoteError::Malformed),
            "{bad}"
        );
    }
}

#[test]
fn only_the_known_key_counts_and_it_must_be_right() {
    let (known, other) = (signer(7), signer(8));
    let line = |note: Vec<u8>| {
        let note = String::from_utf8(note).unwrap();
        note[note.find("\n\n").unwrap() + 2..].to_owned()
    };
    let by_other = other.sign(text());
    assert!(matches!(
        known.verifier().open(&by_other),
        Err(NoteError::NotSigned { .. })
    ));
    let by_both = format!("{NOTE}{}", line(by_other.clone()));
    assert_eq!(known.verifier().open(by_both.as_bytes()), Ok(text()));
    assert_eq!(other.verifier().open(by_both.as_bytes()), Ok(text()));
    let also_wrong = format!("{NOTE}{}", line(known.sign("other text\n")));
    assert!(matches!(
        known.verifier().open(also_wrong.as_bytes()),
        Err(NoteError::BadSignature { .. })
    ));
    let many = NOTE.to_owned() + &line(by_other).repeat(MAX_SIGNATURES);
    assert_eq!(
        known.verifier().open(many.as_bytes()),
        Err(NoteError::Malformed)
    );
}
