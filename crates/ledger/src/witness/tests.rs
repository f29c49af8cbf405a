//! A witness beside whole logs: what it cosigns, what it denies with which status, and that
//! nothing takes it back.

use super::*;
use crate::checkpoint::sign;
use crate::keys::Signer;
use crate::tests::{Log, signer};

const NOW: u64 = 1_795_000_000;

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).unwrap()
}

fn witness_key() -> WitnessSigner {
    WitnessSigner::from_seed("witness.example/w1".parse().unwrap(), &[11; 32])
}

fn witness() -> Witness {
    let other = Signer::from_seed("other.example/log".parse().unwrap(), &[3; 32]);
    let logs = vec![other.verifier().clone(), signer().verifier().clone()];
    Witness::new(witness_key(), logs)
}

fn ask(log: &Log, old: u64) -> AddCheckpoint {
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    AddCheckpoint::ask(&snapshot, old).unwrap()
}

fn answer(request: &AddCheckpoint, kept: Option<&[u8]>) -> WitnessAnswer {
    // Over the wire, as it will be.
    let request = AddCheckpoint::from_bytes(&request.to_bytes()).unwrap();
    witness().answer(&request, kept, at(NOW)).unwrap()
}

fn cosigned(request: &AddCheckpoint, kept: Option<&[u8]>) -> Vec<u8> {
    match answer(request, kept) {
        WitnessAnswer::Cosigned { keep, .. } => keep,
        WitnessAnswer::Denied(denial) => panic!("{denial}"),
    }
}

fn denied(request: &AddCheckpoint, kept: Option<&[u8]>) -> WitnessDenial {
    match answer(request, kept) {
        WitnessAnswer::Denied(denial) => denial,
        cosigned @ WitnessAnswer::Cosigned { .. } => panic!("{cosigned:?}"),
    }
}

#[test]
fn a_growing_log_is_cosigned_step_by_step() {
    let mut kept = None;
    let mut old = 0;
    for size in [0, 1, 5, 5, 9, 256, 300] {
        let log = Log::of(size);
        let request = ask(&log, old);
        let keep = cosigned(&request, kept.as_deref());
        let key = witness_key();
        assert_eq!(key.verifier().cosigned_at(&keep), Ok(at(NOW)));
        let checkpoint = Checkpoint::open(&keep, signer().verifier()).unwrap();
        assert_eq!(checkpoint.tree(), log.head.tree());
        kept = Some(keep);
        old = size;
    }
}

#[test]
fn every_pair_of_sizes_is_cosigned_forwards_only() {
    let logs: Vec<_> = (0..=12).map(Log::of).collect();
    for latest in 0..=12_u64 {
        let kept = cosigned(&ask(&logs[latest as usize], 0), None);
        for size in 0..=12_u64 {
            for old in 0..=size {
                let answer = answer(&ask(&logs[size as usize], old), Some(&kept));
                if old == latest {
                    assert_eq!(answer.status(), 200, "{old} to {size}");
                } else {
                    assert_eq!(
                        answer,
                        WitnessAnswer::Denied(WitnessDenial::Conflict { size: latest })
                    );
                }
            }
        }
    }
}

#[test]
fn a_conflict_tells_the_size() {
    let kept = cosigned(&ask(&Log::of(9), 0), None);
    let answer = answer(&ask(&Log::of(12), 5), Some(&kept));
    assert_eq!(
        (answer.status(), answer.content_type(), answer.body()),
        (409, "text/x.tlog.size", "9\n".to_owned())
    );
    let fresh = self::answer(&ask(&Log::of(12), 5), None);
    assert_eq!((fresh.status(), fresh.body()), (409, "0\n".to_owned()));
}

/// The race that the specification tells: the slower request comes with a size that is no more.
#[test]
fn a_slower_request_does_not_roll_a_faster_one_back() {
    let kept = cosigned(&ask(&Log::of(4), 0), None);
    let (slow, fast) = (ask(&Log::of(6), 4), ask(&Log::of(9), 4));
    let kept = cosigned(&fast, Some(&kept));
    assert_eq!(
        denied(&slow, Some(&kept)),
        WitnessDenial::Conflict { size: 9 }
    );
}

#[test]
fn a_forked_log_is_not_cosigned() {
    let mut forked = Log::of(3);
    forked.append(70..79, 1_795_000_000_003);
    let kept = cosigned(&ask(&Log::of(5), 0), None);
    let inconsistent = |request: &AddCheckpoint, kept: Option<&[u8]>| {
        let denial = denied(request, kept);
        assert_eq!(denial, WitnessDenial::Inconsistent);
        assert_eq!(denial.status(), 422);
    };
    inconsistent(&ask(&forked, 5), Some(&kept));
    // Of the same size with another root.
    let kept = cosigned(&ask(&Log::of(12), 0), None);
    inconsistent(&ask(&forked, 12), Some(&kept));
    // A proof where none is asked for, a proof that is cut, and one that is another's.
    let proof = ask(&Log::of(9), 5).proof;
    let with = |old, proof: &[Hash]| AddCheckpoint {
        proof: proof.to_vec(),
        ..ask(&Log::of(9), old)
    };
    inconsistent(&with(0, &proof), None);
    let kept = cosigned(&ask(&Log::of(5), 0), None);
    inconsistent(&with(5, &proof[1..]), Some(&kept));
    inconsistent(&with(5, &[]), Some(&kept));
    let kept = cosigned(&ask(&Log::of(9), 0), None);
    inconsistent(&with(9, &proof), Some(&kept));
    // An empty tree with a root.
    let root = Log::of(1).head.tree().root;
    let empty = AddCheckpoint {
        old: 0,
        proof: Vec::new(),
        checkpoint: sign(TreeHead { size: 0, root }, &signer()),
    };
    inconsistent(&empty, None);
}

#[test]
fn unknown_logs_and_keys_are_told_apart() {
    let tree = Log::of(4).head.tree();
    let by = |origin: &str, seed: u8| AddCheckpoint {
        old: 0,
        proof: Vec::new(),
        checkpoint: sign(
            tree,
            &Signer::from_seed(origin.parse().unwrap(), &[seed; 32]),
        ),
    };
    let unknown = answer(&by("third.example/log", 7), None);
    assert_eq!(unknown.status(), 404);
    let unsigned = answer(&by("tiergate.example/test/audit", 8), None);
    assert_eq!(unsigned.status(), 403);
    let mut wrong = by("tiergate.example/test/audit", 7);
    let at = wrong.checkpoint.len() - 20;
    wrong.checkpoint[at] = if wrong.checkpoint[at] == b'A' {
        b'B'
    } else {
        b'A'
    };
    assert_eq!(denied(&wrong, None), WitnessDenial::Unsigned);
    // One log's key does not speak for another log.
    let note = String::from_utf8(by("other.example/log", 3).checkpoint).unwrap();
    let mut swapped = by("other.example/log", 3);
    swapped.checkpoint = note
        .replacen("other.example/log", "tiergate.example/test/audit", 1)
        .into_bytes();
    assert_eq!(denied(&swapped, None), WitnessDenial::Unsigned);
    // These come before what the sizes say.
    let mut above = by("third.example/log", 7);
    above.old = 99;
    assert_eq!(denied(&above, None), WitnessDenial::UnknownLog);
    let mut above = by("tiergate.example/test/audit", 7);
    above.old = 5;
    assert_eq!(denied(&above, None).status(), 400);
}

#[test]
fn a_request_is_written_as_the_specification_shows_it() {
    let body = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
        \n\
        example.com/behind-the-sofa\n\
        20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
        \n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URY\
        N7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum\
        2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
    let request = AddCheckpoint::from_bytes(body.as_bytes()).unwrap();
    assert_eq!((request.old, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.origin(), Ok("example.com/behind-the-sofa"));
    assert_eq!(String::from_utf8(request.to_bytes()).unwrap(), body);
}

#[test]
fn misshapen_requests_are_bad_requests() {
    let good = String::from_utf8(ask(&Log::of(9), 5).to_bytes()).unwrap();
    let hash = format!("{}\n", empty_root());
    let many = format!("old 5\n{}", hash.repeat(MAX_PROOF + 1));
    for (from, to) in [
        ("old 5", "old 05"),
        ("old 5", "old  5"),
        ("old 5", "old -5"),
        ("old 5", "new 5"),
        ("old 5\n", "old 5\r\n"),
        ("old 5\n", "old 5\nAAAA\n"),
        ("old 5\n", &many),
        ("\n\n", "\n"),
        ("\n9\n", "\n09\n"),
        ("\u{2014} ", "- "),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        let denial = AddCheckpoint::from_bytes(bad.as_bytes()).unwrap_err();
        assert_eq!(denial.status(), 400, "{to:?}");
    }
    let long = vec![b'x'; MAX_REQUEST_BYTES + 1];
    assert!(AddCheckpoint::from_bytes(&long).is_err());
    assert!(AddCheckpoint::from_bytes(b"").is_err());
    for end in 0..good.len() {
        let cut = AddCheckpoint::from_bytes(&good.as_bytes()[..end]);
        let is_denied = cut.is_ok_and(|cut| {
            let answer = witness().answer(&cut, None, at(NOW)).unwrap();
            answer.status() == 200
        });
        assert!(!is_denied, "cut at {end}");
    }
}

#[test]
fn a_clock_that_went_back_does_not_take_the_witness_with_it() {
    let kept = cosigned(&ask(&Log::of(4), 0), None);
    let later = witness().answer(&ask(&Log::of(6), 4), Some(&kept), at(NOW - 50));
    let Ok(WitnessAnswer::Cosigned { keep, .. }) = later else {
        panic!("{later:?}")
    };
    assert_eq!(witness_key().verifier().cosigned_at(&keep), Ok(at(NOW)));
}

#[test]
fn what_was_kept_and_is_damaged_closes() {
    let kept = cosigned(&ask(&Log::of(4), 0), None);
    let request = ask(&Log::of(6), 4);
    let fails = |kept: &[u8]| witness().answer(&request, Some(kept), at(NOW)).is_err();
    for at in 0..kept.len() {
        let mut bad = kept.clone();
        bad[at] ^= 1;
        // The log's own line does not vouch for what this witness saw.
        let log_line = kept
            .windows(3)
            .position(|at| at == "\u{2014}".as_bytes())
            .unwrap();
        let own_line = kept
            .windows(3)
            .rposition(|at| at == "\u{2014}".as_bytes())
            .unwrap();
        if !(log_line..own_line).contains(&at) {
            assert!(fails(&bad), "byte {at}");
        }
    }
    assert!(fails(b""));
    assert!(
        fails(&request.checkpoint),
        "without the witness's cosignature"
    );
    // Another log's latest checkpoint.
    let other = Signer::from_seed("other.example/log".parse().unwrap(), &[3; 32]);
    let other = AddCheckpoint {
        old: 0,
        proof: Vec::new(),
        checkpoint: sign(Log::of(4).head.tree(), &other),
    };
    assert!(fails(&cosigned(&other, None)));
}

#[test]
fn strangers_lines_are_not_kept() {
    let mut request = ask(&Log::of(4), 0);
    let plain = cosigned(&request, None);
    let stranger = "\u{2014} stranger.example AAAAAAAAAAA=\n".repeat(20);
    request.checkpoint.extend_from_slice(stranger.as_bytes());
    let own = witness_key();
    let checkpoint = Checkpoint::open(&request.checkpoint, signer().verifier()).unwrap();
    let earlier = own.cosign(&checkpoint, at(9));
    request.checkpoint.extend_from_slice(earlier.as_bytes());
    assert_eq!(cosigned(&request, None), plain);
}

#[test]
fn a_log_reads_the_cosignature_into_its_checkpoint() {
    let log = Log::of(9);
    let request = ask(&log, 0);
    let answer = answer(&request, None);
    let read = |status, body: &str| {
        let key = witness_key();
        WitnessReply::read(status, body.as_bytes(), &request.checkpoint, key.verifier())
    };
    let stranger = "\u{2014} stranger.example AAAAAAAAAAA=\n";
    let expected = [&request.checkpoint, answer.body().as_bytes()].concat();
    for body in [answer.body(), format!("{stranger}{}", answer.body())] {
        assert_eq!(
            read(200, &body),
            Ok(WitnessReply::Cosigned {
                checkpoint: expected.clone(),
                time: at(NOW)
            })
        );
    }
    let cosigned = String::from_utf8(expected.clone()).unwrap();
    assert!(Checkpoint::open(cosigned.as_bytes(), signer().verifier()).is_ok());
    // Read twice it stands there once.
    let key = witness_key();
    let again = WitnessReply::read(200, answer.body().as_bytes(), &expected, key.verifier());
    assert!(
        matches!(again, Ok(WitnessReply::Cosigned { checkpoint, .. }) if checkpoint == expected)
    );

    let of_another = self::answer(&ask(&Log::of(8), 0), None).body();
    let spliced = format!("\n{}", answer.body());
    let cut = answer.body().trim_end().to_owned();
    for bad in ["", stranger, "hello\n", &of_another, &spliced, &cut] {
        assert!(
            matches!(read(200, bad), Err(WitnessReplyError::Cosignature { .. })),
            "{bad:?}"
        );
    }
}

#[test]
fn a_log_reads_a_conflict_and_asks_again_from_there() {
    let log = Log::of(9);
    let kept = cosigned(&ask(&Log::of(5), 0), None);
    let conflict = answer(&ask(&log, 0), Some(&kept));
    let read = |status, body: &str| {
        let key = witness_key();
        WitnessReply::read(status, body.as_bytes(), &log.note(), key.verifier())
    };
    let Ok(WitnessReply::Conflict { size }) = read(conflict.status(), &conflict.body()) else {
        panic!("{conflict:?}")
    };
    assert_eq!(answer(&ask(&log, size), Some(&kept)).status(), 200);
    for bad in ["", "5", "05\n", "+5\n", "5\n\n", "five\n"] {
        assert!(
            matches!(read(409, bad), Err(WitnessReplyError::Malformed { .. })),
            "{bad:?}"
        );
    }
    for status in [400, 403, 404, 422, 500] {
        assert_eq!(read(status, "why\n"), Ok(WitnessReply::Denied { status }));
    }
}

#[test]
fn the_latest_checkpoint_is_found_under_the_origins_hash() {
    // The digest is that of `sha256sum`.
    let hex = "943dd039a23fb21b16a528a57a45fd0fc0c53553b67f12b210eab2c5f38e1bb4";
    let path = latest_path(signer().verifier().name());
    assert_eq!(path, format!("{hex}/checkpoint"));
}
