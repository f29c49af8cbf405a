//! Ratios between the tokenizers that ship, straight, turned around and unknown.

use crate::facts::Facts;

fn check(from: &str, to: &str, expected: Option<[u64; 3]>) {
    let facts = Facts::shipped().unwrap();
    let found = facts.token_ratio(from, to);
    let found = found.map(|one| [one.least_percent, one.percent, one.most_percent]);
    assert_eq!(found, expected, "{from} to {to}");
}

#[test]
fn a_ratio_is_known_by_rows_alone() {
    check("Claude Opus 4.6", "Claude Opus 4.7", Some([100, 130, 135]));
    check("Claude Opus 4.7", "Claude Opus 4.6", Some([74, 77, 100]));
    check("Claude Opus 4.7", "Claude Opus 5", Some([100, 100, 100]));
    check("GPT-4o", "GPT-5", Some([100, 100, 100]));
    check("GPT-4o", "Claude Opus 5", None);
    check("Claude Opus 5", "Claude Opus 5.5", None);
    check("GPT-4", "GPT-4o", None);
}

#[test]
fn a_ratio_lies_between_its_ends() {
    for row in Facts::shipped().unwrap().tokenizers() {
        for one in &row.against {
            let is_ordered = one.least_percent <= one.percent && one.percent <= one.most_percent;
            assert!(is_ordered && one.least_percent > 0, "{}", row.name);
        }
    }
}
