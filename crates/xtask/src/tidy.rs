//! Runs every rule over the checkout and shows what breaks one, beyond what is owed already.
//! It must not know any rule.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::finding::Finding;
use crate::rules::RULES;
use crate::shell::Fault;
use crate::tree::Tree;

/// Lists what is owed: a line `PATH RULE COUNT` for each file that breaks a rule still. It only
/// ever shrinks: one more finding fails, and so does a line that is no longer needed.
const DEBT: &str = "crates/xtask/tidy-debt.txt";

/// Checks the checkout, prints each finding and one closing line; returns how many there were.
pub fn tidy(root: &Path) -> Result<usize, Fault> {
    let start = Instant::now();
    let tree = Tree::load(root)?;
    let mut found: Vec<(Finding, &str)> = Vec::new();
    for rule in RULES {
        found.extend(
            (rule.check)(&tree)
                .into_iter()
                .map(|finding| (finding, rule.name)),
        );
    }
    found.sort();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (Finding { path, line, what }, rule) in &found {
        println!("{path}:{line}: {rule}: {what}");
        *counts.entry(format!("{path} {rule}")).or_default() += 1;
    }
    let wrong = beyond(&owed(root), &counts);
    for line in &wrong {
        println!("{line}");
    }
    let (files, rules, count) = (tree.files.len(), RULES.len(), found.len());
    let (seconds, more) = (start.elapsed().as_secs_f64(), wrong.len());
    println!(
        "tidy: {rules} rules over {files} files in {seconds:.1} s: {count} findings, {more} \
         beyond what {DEBT} owes"
    );
    Ok(more)
}

fn owed(root: &Path) -> BTreeMap<String, usize> {
    let text = fs::read_to_string(root.join(DEBT)).unwrap_or_default();
    let row = |line: &str| {
        let (place, count) = line.rsplit_once(' ')?;
        Some((place.to_owned(), count.parse().ok()?))
    };
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(row)
        .collect()
}

fn beyond(owed: &BTreeMap<String, usize>, found: &BTreeMap<String, usize>) -> Vec<String> {
    let places = owed.keys().chain(found.keys());
    let mut places: Vec<&String> = places.collect();
    places.sort();
    places.dedup();
    let count = |of: &BTreeMap<String, usize>, place: &str| of.get(place).copied().unwrap_or(0);
    let compared = |place: &String| match (count(owed, place), count(found, place)) {
        (owes, has) if has > owes => Some(format!("{place}: {has} findings, {owes} owed: mend it")),
        (owes, has) if has < owes => Some(format!(
            "{place}: {has} findings, {owes} owed: lower the line in {DEBT}"
        )),
        _ => None,
    };
    places.into_iter().filter_map(compared).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::beyond;

    #[test]
    fn one_finding_more_fails_and_so_does_a_line_no_longer_needed() {
        let of = |count| BTreeMap::from([("a.rs lines".to_owned(), count)]);
        assert!(beyond(&of(1), &of(1)).is_empty());
        assert_eq!(beyond(&of(1), &of(2)).len(), 1);
        assert_eq!(beyond(&of(2), &of(1)).len(), 1);
        assert_eq!(beyond(&BTreeMap::new(), &of(1)).len(), 1);
        assert_eq!(beyond(&of(1), &BTreeMap::new()).len(), 1);
    }
}
