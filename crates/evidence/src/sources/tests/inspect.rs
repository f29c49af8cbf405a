//! Inspect's logs, as archive and as JSON; both fixtures were written by Inspect 0.3.285 for a task
//! of our own.

use std::io::{Cursor, Write};

use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{contradicted, edited, fixture, outcomes};
use crate::imported::{ImportFault, Requests};
use crate::rows::Outcome;
use crate::sources::inspect_eval::decompressed;
use crate::sources::read;

fn archive(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn both_forms_of_a_log_give_the_same_items() {
    for name in ["inspect-eval", "inspect-json"] {
        let imported = read(&fixture(name)).unwrap();
        let rows = imported.rows.iter();
        let ids: Vec<(&str, u32)> = rows.map(|row| (row.item.as_str(), row.epoch)).collect();
        assert_eq!(ids, [("7", 1), ("7", 2), ("two", 1), ("two", 2)], "{name}");
        assert_eq!(
            imported.scorers().into_iter().collect::<Vec<_>>(),
            ["includes", "match"]
        );
        let right = imported
            .rows
            .iter()
            .filter(|row| row.score_of("includes") == Some(1.0));
        assert_eq!(right.count(), 2);
        assert!(outcomes(&imported).contains(&Outcome::Truncated));
        assert_eq!(imported.task, "sums");
        assert_eq!(imported.tool_version.as_deref(), Some("0.3.285"));
        let model = imported.requested_model.as_deref();
        assert_eq!(model, Some("mockllm/release/next/candidate"));
        assert_eq!(imported.requests, Requests::exactly(4), "{name}");
        assert_eq!(imported.rows[0].tokens.unwrap().input, 9);
        assert_eq!(imported.counts.len(), 3);
    }
}

#[test]
fn one_task_is_one_suite_in_both_forms() {
    let digest = |name| read(&fixture(name)).unwrap().suite_digest();
    assert_eq!(digest("inspect-eval"), digest("inspect-json"));
}

#[test]
fn a_log_that_did_not_succeed_is_not_finished() {
    for status in ["error", "cancelled", "started"] {
        let ended = format!("\"status\": \"{status}\"");
        let imported = edited("inspect-json", &[("\"status\": \"success\"", &ended)]).unwrap();
        let why = imported.unfinished.unwrap();
        assert!(why.contains(status), "{why}");
    }
    let invalid = [("\"invalidated\": false", "\"invalidated\": true")];
    assert!(
        edited("inspect-json", &invalid)
            .unwrap()
            .unfinished
            .is_some()
    );
}

#[test]
fn a_log_that_states_other_than_its_samples_give_contradicts_itself() {
    let more = [("\"total_samples\": 4", "\"total_samples\": 5")];
    assert_eq!(
        contradicted("inspect-json", &more),
        ["results.total_samples"]
    );
    let better = [("\"value\": \"I\"", "\"value\": \"C\"")];
    assert_eq!(
        contradicted("inspect-json", &better),
        ["results.scores.includes.accuracy"]
    );
    // What another reducer than the mean gives is not compared.
    let reduced = [
        better[0],
        (
            "\"scored_samples\"",
            "\"reducer\": \"max\", \"scored_samples\"",
        ),
    ];
    assert_eq!(contradicted("inspect-json", &reduced), [""; 0]);
}

#[test]
fn a_sample_that_ended_in_an_error_or_at_a_limit_is_told() {
    let limit = [(
        "\"target\": \"7\"",
        "\"limit\": {\"type\": \"token\"}, \"target\": \"7\"",
    )];
    let imported = edited("inspect-json", &limit).unwrap();
    assert_eq!(outcomes(&imported)[0], Outcome::Truncated);
    let error = [
        (
            "\"target\": \"7\"",
            "\"error\": {\"message\": \"x\"}, \"target\": \"7\"",
        ),
        ("\"completed_samples\": 4", "\"completed_samples\": 3"),
    ];
    let imported = edited("inspect-json", &error).unwrap();
    assert_eq!(outcomes(&imported)[0], Outcome::Error);
}

#[test]
fn an_archive_without_its_header_was_interrupted() {
    let members: &[(&str, &[u8])] = &[("_journal/start.json", b"{}")];
    let fault = read(&archive(members, CompressionMethod::Stored))
        .unwrap_err()
        .to_string();
    assert!(fault.contains("interrupted"), "{fault}");
}

#[test]
fn an_archive_that_unpacks_to_more_than_is_read_is_refused() {
    let zeros = vec![b' '; (128 << 20) + 1];
    let members: &[(&str, &[u8])] = &[("header.json", &zeros)];
    let fault = read(&archive(members, CompressionMethod::Deflated)).unwrap_err();
    assert!(matches!(fault, ImportFault::TooLarge { .. }), "{fault}");
}

#[test]
fn a_member_whose_bytes_were_changed_is_refused() {
    let bytes = fixture("inspect-eval");
    let mut refused = 0;
    for at in (100..bytes.len() - 2_000).step_by(97) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x5a;
        match read(&bytes) {
            Err(_) => refused += 1,
            // The journal and the summaries are not read.
            Ok(imported) => assert_eq!(imported.rows, read(&fixture("inspect-eval")).unwrap().rows),
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn frames_are_unpacked_one_behind_the_other_up_to_the_limit() {
    let frame = |bytes: &[u8]| compress_to_vec(bytes, CompressionLevel::Fastest);
    let two = [frame(b"one, "), frame(b"two")].concat();
    assert_eq!(decompressed(&two, 8).unwrap().unwrap(), b"one, two");
    assert_eq!(decompressed(&two, 7).unwrap(), None);
    let many = frame(&vec![0; 1 << 20]);
    assert!(many.len() < 1 << 10);
    assert_eq!(decompressed(&many, 1 << 16).unwrap(), None);
    assert!(decompressed(b"no frame", 100).is_err());
}
