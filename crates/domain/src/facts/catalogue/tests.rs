//! The rows that ship, and what counts as a disagreement.

use super::{Catalogue, CatalogueRow};
use crate::facts::Facts;

fn row(platform: &str, id: &str) -> CatalogueRow {
    CatalogueRow {
        platform: platform.to_owned(),
        id: id.to_owned(),
        input_usd_micros: None,
        output_usd_micros: None,
        cached_usd_micros: None,
        max_output_tokens: None,
        goes_on: None,
    }
}

fn check(row: CatalogueRow, expected: &[[&str; 3]]) {
    let mut catalogue = Catalogue::shipped().unwrap();
    catalogue.rows = vec![row];
    let found = Facts::shipped().unwrap().disagreements(&catalogue);
    let found: Vec<_> = found
        .iter()
        .map(|one| [one.about, one.facts.as_str(), one.catalogue.as_str()])
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn only_two_words_on_one_thing_disagree() {
    let opus = || row("anthropic", "claude-opus-5");
    check(opus(), &[]);
    check(
        CatalogueRow {
            input_usd_micros: Some(5_000_000),
            output_usd_micros: Some(24_500_000),
            max_output_tokens: Some(64_000),
            ..opus()
        },
        &[
            ["output price", "25", "24.5"],
            ["most output tokens", "128000", "64000"],
        ],
    );
    // What the facts do not know is no disagreement, nor is a model that they do not know.
    check(
        CatalogueRow {
            input_usd_micros: Some(1),
            ..row("bedrock", "anthropic.claude-opus-5")
        },
        &[],
    );
    check(
        CatalogueRow {
            input_usd_micros: Some(1),
            ..row("anthropic", "claude-of-tomorrow")
        },
        &[],
    );
}

#[test]
fn an_earliest_day_is_named_as_one() {
    let day = |day: &str| Some(day.parse().unwrap());
    let opus = || row("anthropic", "claude-opus-4-5");
    check(
        CatalogueRow {
            goes_on: day("2026-12-24"),
            ..opus()
        },
        &[["retirement", "not before 2026-11-24", "2026-12-24"]],
    );
    check(
        CatalogueRow {
            goes_on: day("2026-11-24"),
            ..opus()
        },
        &[],
    );
}

#[test]
fn every_row_is_of_a_model_that_the_facts_know() {
    let (catalogue, facts) = (Catalogue::shipped().unwrap(), Facts::shipped().unwrap());
    assert!(catalogue.rows.len() > 100);
    for row in &catalogue.rows {
        let is_known = facts.known(&row.platform, &row.id).is_some();
        assert!(is_known, "{} {}", row.platform, row.id);
    }
    let mut places: Vec<_> = catalogue
        .rows
        .iter()
        .map(|row| (&row.platform, &row.id))
        .collect();
    let count = places.len();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), count);
}
