//! Traces: broken lines are told with line and field, and the public traces that lie beside the
//! project are read and served.

use std::fs;
use std::path::{Path, PathBuf};

use super::{WIDE, run, setup};
use crate::fleet::arrivals::{Arrival, Seen};
use crate::fleet::clock::SECOND;
use crate::fleet::costs::Costs;
use crate::fleet::limits::Limits;
use crate::fleet::trace::{MOONCAKE_BLOCK, Reader, TraceFault};

fn read(text: &str) -> Result<Vec<Arrival>, TraceFault> {
    let mut reader = Reader::default();
    let arrivals = text.lines().map(|line| reader.read(line));
    arrivals.filter_map(Result::transpose).collect()
}

fn check(text: &str, said: &str) {
    let fault = read(text).expect_err(text).to_string();
    assert!(fault.contains(said), "{text:?}: {fault}");
}

#[test]
fn lines_of_all_three_forms_are_read() {
    let azure = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 23:59:59.9999999,4808,10\r\n\
                 2023-11-17 00:00:00.5,3180,8\r\n";
    let own = "arrived_ns,input_tokens,output_tokens\n7,4808,10\n500000107,3180,8\n";
    let expected = [(0, 4808, 10), (500_000_100_000, 3180, 8)];
    // As spreadsheets write it.
    let quoted = format!("\u{feff}\"{}\"\r\n", azure.trim().replace(',', "\",\""));
    let quoted = quoted.replace("\r\n2", "\"\r\n\"2");
    for text in [azure, own, &quoted] {
        let found = read(text).expect(text);
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.at, one.input, one.output))
            .collect();
        assert_eq!(found, expected, "{text}");
    }
    let mooncake =
        r#"{"timestamp": 3, "input_length": 600, "output_length": 5, "hash_ids": [1, 9]}"#;
    let found = read(mooncake).expect("a line");
    assert_eq!((found[0].at, found[0].ids.as_slice()), (0, &[1, 9][..]));
}

#[test]
fn a_broken_line_is_told_with_its_line_and_field() {
    let azure = "TIMESTAMP,ContextTokens,GeneratedTokens";
    check("a,b\n", "line 1: `a,b` begins no trace");
    check(
        &format!("{azure}\n2023-11-16 18:17:03,5,6\nx,5,6"),
        "line 3: `TIMESTAMP` is `x`",
    );
    check(
        &format!("{azure}\n2023-11-16 25:17:03,5,6"),
        "line 2: `TIMESTAMP`",
    );
    check(
        &format!("{azure}\n2023-02-30 18:17:03,5,6"),
        "line 2: `TIMESTAMP`",
    );
    check(
        &format!("{azure}\n2023-11-16 18:17:03,-5,6"),
        "line 2: `ContextTokens` is `-5`",
    );
    check(
        &format!("{azure}\n2023-11-16 18:17:03,5"),
        "line 2: `GeneratedTokens` is missing",
    );
    check(
        &format!("{azure}\n2023-11-16 18:17:03,5,6,7"),
        "line 2: `7` is one cell too many",
    );
    let backwards = format!("{azure}\n2023-11-16 18:17:03,5,6\n2023-11-16 18:17:02,5,6");
    check(&backwards, "line 3: the request is earlier");
    check(
        r#"{"timestamp": 3, "input_length": 600}"#,
        "line 1: no request in Mooncake's form",
    );
    let ids = r#"{"timestamp": 3, "input_length": 600, "output_length": 5, "hash_ids": [1]}"#;
    check(
        ids,
        "line 1: `hash_ids` holds 1 ids; 600 tokens are 2 blocks",
    );
    let huge = r#"{"timestamp": 3, "input_length": 5000000000, "output_length": 5}"#;
    check(huge, "`input_length` is 5000000000");
}

/// Finds a trace beside the project; says so where there is none.
fn beside(name: &str) -> Option<String> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/traces");
    let found = fs::read_to_string(root.join(name)).ok();
    if found.is_none() {
        let mut out = std::io::stderr();
        let _ = std::io::Write::write_all(&mut out, format!("skipped: no {name}\n").as_bytes());
    }
    found
}

#[test]
fn azures_traces_have_the_moments_that_are_published_with_them() {
    for (name, rows, input, output) in [
        ("azure_llm_2023_conv.csv", 19_366, 1155.0, 211.0),
        ("azure_llm_2023_code.csv", 8_819, 2048.0, 28.0),
    ] {
        let Some(text) = beside(name) else {
            continue;
        };
        let mut seen = Seen::default();
        read(&text)
            .expect(name)
            .iter()
            .for_each(|arrival| seen.add(arrival));
        let moments = seen.moments().expect("many rows");
        assert_eq!(seen.count(), rows);
        assert!((moments.input - input).abs() < 1.0, "{moments:?}");
        assert!((moments.output - output).abs() < 1.0, "{moments:?}");
    }
}

#[test]
fn mooncakes_prefixes_are_found_as_often_as_at_best() {
    // Shares of tokens in blocks seen before, counted by a script over the files; the reference
    // names 37 and 65 percent.
    for (name, best) in [
        ("mooncake_fast25_conversation.jsonl", 0.3734),
        ("mooncake_fast25_synthetic.jsonl", 0.6504),
    ] {
        let Some(text) = beside(name) else {
            continue;
        };
        let arrivals = read(&text).expect(name);
        // An engine so fast and large that only the trace decides.
        let costs = Costs::alike(1);
        let limits = Limits {
            most_tokens: 1 << 20,
            id_tokens: Some(MOONCAKE_BLOCK),
            ..WIDE
        };
        let spaced = (0..).zip(arrivals).map(|(at, one)| Arrival {
            at: at * SECOND,
            ..one
        });
        let spaced: Vec<Arrival> = spaced.collect();
        let report = run(&setup(&costs, limits, 1), spaced.iter().cloned());
        assert!(
            (report.prefix_hits - best).abs() < 0.002,
            "{name}: {}",
            report.prefix_hits
        );
        // A cache of a tenth of what there is finds less, and never more.
        let small = Limits {
            blocks: 20_000,
            ..limits
        };
        let less = run(&setup(&costs, small, 1), spaced.into_iter());
        assert!(
            less.prefix_hits < report.prefix_hits,
            "{name}: {}",
            less.prefix_hits
        );
        assert!(less.prefix_hits > 0.0 && less.requests.running == 0);
    }
}
