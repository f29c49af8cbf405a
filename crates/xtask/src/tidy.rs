//! Runs every rule over the checkout and shows what breaks one.
//! It must not know any rule.

use std::path::Path;
use std::time::Instant;

use crate::finding::Finding;
use crate::rules::RULES;
use crate::shell::Fault;
use crate::tree::Tree;

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
    for (Finding { path, line, what }, rule) in &found {
        println!("{path}:{line}: {rule}: {what}");
    }
    let (files, rules, count) = (tree.files.len(), RULES.len(), found.len());
    let seconds = start.elapsed().as_secs_f64();
    println!("tidy: {rules} rules over {files} files in {seconds:.1} s: {count} findings");
    Ok(count)
}
