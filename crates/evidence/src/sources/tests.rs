//! Files in, items and faults out, for every source alike.

use proptest::prelude::*;

use super::{SOURCES, find_source, read, read_as, recognise};
use crate::imported::{ImportFault, Imported, Warning};
use crate::rows::Outcome;

mod garak;
mod inspect;
mod junit;
mod lm_eval;
mod promptfoo;

/// A fixture of each source; the file's name begins with the source's.
pub(super) const FIXTURES: &[(&str, &[u8])] = &[
    ("promptfoo", include_bytes!("fixtures/promptfoo.json")),
    ("inspect-eval", include_bytes!("fixtures/inspect.eval")),
    ("inspect-json", include_bytes!("fixtures/inspect.json")),
    ("garak", include_bytes!("fixtures/garak.report.jsonl")),
    ("lm-eval", include_bytes!("fixtures/lm-eval.jsonl")),
    ("junit", include_bytes!("fixtures/junit.xml")),
];

pub(super) fn fixture(name: &str) -> Vec<u8> {
    let found = FIXTURES.iter().find(|(of, _)| *of == name);
    found.unwrap().1.to_vec()
}

/// Reads a fixture in which each of some texts has been replaced.
pub(super) fn edited(name: &str, edits: &[(&str, &str)]) -> Result<Imported, ImportFault> {
    let mut text = String::from_utf8(fixture(name)).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "{name} does not hold {from}");
        text = text.replacen(from, to, 1);
    }
    read(text.as_bytes())
}

/// Lists what an edited fixture states and its items do not give.
pub(super) fn contradicted(name: &str, edits: &[(&str, &str)]) -> Vec<String> {
    let imported = edited(name, edits).unwrap();
    imported.edited().map(str::to_owned).collect()
}

#[test]
fn each_fixture_is_recognised_and_read_by_its_source_alone() {
    for (name, bytes) in FIXTURES {
        let source = recognise(bytes).unwrap();
        assert_eq!(source.name(), *name);
        let knows = SOURCES.iter().filter(|one| one.recognises(bytes)).count();
        assert_eq!(knows, 1, "{name}");
        let imported = read(bytes).unwrap();
        assert_eq!(imported.source, *name);
        assert!(!imported.rows.is_empty(), "{name}");
        assert_eq!(imported.unfinished, None, "{name}");
        assert_eq!(imported.edited().count(), 0, "{name}");
        assert!(imported.file_digest.starts_with("sha256:"));
    }
}

#[test]
fn each_source_has_a_name_a_text_and_a_fixture() {
    for source in SOURCES {
        assert!(find_source(source.name()).is_some());
        assert!(source.about().ends_with('.'));
        assert!(FIXTURES.iter().any(|(name, _)| *name == source.name()));
    }
}

#[test]
fn a_file_of_no_source_names_those_there_are() {
    let fault = read(b"id,score\na,1\n").unwrap_err().to_string();
    assert!(fault.contains("promptfoo, "), "{fault}");
}

#[test]
fn a_file_that_is_cut_off_is_never_a_finished_run() {
    for (name, bytes) in FIXTURES {
        for share in 1..20 {
            let cut = bytes.get(..bytes.len() * share / 20).unwrap();
            let source = find_source(name).unwrap();
            if let Ok(imported) = read_as(source, cut) {
                let is_whole = imported.unfinished.is_none() && imported.edited().count() == 0;
                assert!(!is_whole, "{name} at {share}/20");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_a_source_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        for source in SOURCES {
            let _ = source.recognises(&bytes);
            let _ = read_as(*source, &bytes);
        }
    }

    #[test]
    fn no_flipped_bytes_make_a_source_panic(
        which in 0..FIXTURES.len(),
        flips in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
    ) {
        let (name, bytes) = FIXTURES[which];
        let mut bytes = bytes.to_vec();
        for (at, value) in flips {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        let source = find_source(name).unwrap();
        if let Ok(imported) = read_as(source, &bytes) {
            prop_assert!(imported.check().is_ok());
        }
    }
}

pub(super) fn outcomes(imported: &Imported) -> Vec<Outcome> {
    imported.rows.iter().map(|row| row.outcome).collect()
}

pub(super) fn is_interval(warning: &Warning) -> bool {
    matches!(warning, Warning::Interval { .. })
}
