//! Rows are whole and names are clear.

use super::{CATALOGUE, find};

#[test]
fn every_row_adds_up() {
    for row in CATALOGUE {
        let members: u64 = row
            .packages
            .iter()
            .map(|package| package.member_bytes)
            .sum();
        assert_eq!(members, row.bytes, "{}", row.name);
        let digests = row
            .packages
            .iter()
            .map(|package| package.sha256)
            .chain([row.sha256]);
        for digest in digests {
            assert_eq!(digest.len(), 64);
            assert!(
                digest
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            );
        }
        for package in row.packages {
            let begin = format!("{}-{}-", package.name.replace('-', "_"), package.version);
            assert!(package.wheel.starts_with(&begin), "{}", package.wheel);
        }
    }
}

#[test]
fn a_name_means_one_row() {
    let mut names: Vec<_> = CATALOGUE
        .iter()
        .flat_map(|row| row.aliases.iter().chain([&row.name]))
        .collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    assert_eq!(find("smollm2").map(|row| row.name), Some("smollm2-135m"));
    assert_eq!(find("smollm"), None);
}
