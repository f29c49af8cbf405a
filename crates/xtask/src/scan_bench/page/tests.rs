//! The page.

use super::{Measured, Table, lines, page};
use crate::scan_bench::score::{Score, Share};

fn measured() -> Measured {
    let score = Score {
        wanted: Share { of: 10, part: 9 },
        ..Score::default()
    };
    let table = Table::from([((0, "ours".to_owned()), score)]);
    Measured {
        day: "2026-11-27".to_owned(),
        asked: vec!["ours 1".to_owned(), "theirs 2".to_owned()],
        sets: vec![("labels.csv".to_owned(), table.clone())],
        fixes: vec![("a/b 12345678".to_owned(), table)],
        skips: Vec::new(),
    }
}

#[test]
fn every_table_stands_in_the_page_with_what_was_asked_and_when() {
    let text = page(&measured());
    assert!(text.contains("Measured on 2026-11-27, with ours 1, theirs 2."));
    assert!(text.contains("## `labels.csv`"));
    assert!(text.contains("### a/b 12345678"));
    assert_eq!(text.matches("| ours | 9/10 (90 %) | – |").count(), 2);
    assert!(!text.contains("## Skipped"));
}

#[test]
fn what_was_skipped_is_said_once() {
    let skips = vec!["theirs: no network".to_owned()];
    let text = page(&Measured {
        skips,
        ..measured()
    });
    assert_eq!(text.matches("- theirs: no network").count(), 1);
}

#[test]
fn the_terminal_shows_the_same_cells() {
    let (_, table) = measured().sets.remove(0);
    let text = lines("labels.csv", &table);
    assert!(text.contains("ours              9/10 (90 %)"), "{text}");
}
