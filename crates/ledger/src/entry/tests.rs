//! Entries written and read back; what must be refused is refused with its reason.

use serde_json::json;

use super::*;

fn entry(body: Value) -> Entry {
    Entry {
        index: 7,
        time: UnixMs(1_795_000_000_000),
        kind: "release.promoted".to_owned(),
        body,
    }
}

#[test]
fn bytes_are_canonical_json() {
    let bytes = entry(json!({"b": 1.0, "a": "ü\n", "z": [3, null, true]}))
        .to_bytes()
        .unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        r#"{"body":{"a":"ü\n","b":1,"z":[3,null,true]},"format":1,"index":7,"#.to_owned()
            + r#""kind":"release.promoted","time_ms":1795000000000}"#
    );
}

#[test]
fn an_entry_reads_back_as_written() {
    let written = entry(json!({"share": 5, "note": "quiet", "list": [1.5, -2]}));
    let read = Entry::from_bytes(&written.to_bytes().unwrap()).unwrap();
    assert_eq!(read, written);
}

fn refused(entry: &Entry, reason: &str) {
    let error = entry.to_bytes().unwrap_err().to_string();
    assert!(error.contains(reason), "{error}");
}

#[test]
fn what_cannot_be_kept_is_refused() {
    for kind in ["", "Release", "a b", &"k".repeat(MAX_KIND_BYTES + 1)] {
        let mut entry = entry(json!(null));
        kind.clone_into(&mut entry.kind);
        refused(&entry, "does not name a kind");
    }
    refused(
        &entry(json!({"a": [9_007_199_254_740_992_u64]})),
        "9007199254740992",
    );
    refused(
        &entry(json!(-9_007_199_254_740_992_i64)),
        "write it as a string",
    );
    refused(&entry(json!("x".repeat(MAX_ENTRY_BYTES))), "log its digest");
    let mut late = entry(json!(null));
    late.time = UnixMs(i64::MAX);
    refused(&late, "exactly");
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    refused(&entry(deep), "read back");
}

#[test]
fn the_longest_entry_fits_exactly() {
    let around = entry(json!("")).to_bytes().unwrap().len();
    let longest = entry(json!("x".repeat(MAX_ENTRY_BYTES - around)));
    assert_eq!(longest.to_bytes().unwrap().len(), MAX_ENTRY_BYTES);
}

#[test]
fn other_bytes_for_the_same_entry_are_refused() {
    let good = String::from_utf8(entry(json!({"a": 1})).to_bytes().unwrap()).unwrap();
    for bad in [
        good.replace(":1}", ":1.0}"),
        good.replace("{\"a\"", "{ \"a\""),
        good.replace("{\"a\":1}", "{\"a\":2,\"a\":1}"),
        format!("{good}\n"),
    ] {
        let error = Entry::from_bytes(bad.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadEntryError::NotCanonical), "{bad}");
    }
    let extra = good.replace("\"index\"", "\"hidden\":1,\"index\"");
    assert!(matches!(
        Entry::from_bytes(extra.as_bytes()).unwrap_err(),
        ReadEntryError::Json(_)
    ));
}

#[test]
fn a_newer_format_is_named() {
    let good = String::from_utf8(entry(json!({})).to_bytes().unwrap()).unwrap();
    let newer = good.replace("\"format\":1", "\"format\":2,\"more\":0");
    let error = Entry::from_bytes(newer.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("format 2"), "{error}");
}
