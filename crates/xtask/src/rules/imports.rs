//! What files of a crate import from each other.
//! It must not know any crate by name.

use crate::finding::Finding;
use crate::graph::Graph;
use crate::tree::Tree;

/// Finds cycles.
pub fn import_cycle(tree: &Tree) -> Vec<Finding> {
    let graph = Graph::of(tree);
    let mut found = Vec::new();
    for cycle in graph.cycles() {
        let next = cycle.get(1).or(cycle.first());
        let import = next.and_then(|next| graph.edges.get(cycle[0])?.get(next));
        let Some(import) = import else {
            continue;
        };
        let files: Vec<&str> = cycle.iter().map(|path| file_name(path)).collect();
        let what = format!(
            "{} → {}: move the noun that both need into a file below them (here: `{}`)",
            files.join(" → "),
            files[0],
            import.written,
        );
        found.push(Finding::new(cycle[0], import.line, what));
    }
    found
}

/// Finds imports through the root of the crate.
pub fn upward_import(tree: &Tree) -> Vec<Finding> {
    let found = Graph::of(tree).upward.into_iter().map(|(path, import)| {
        let what = format!(
            "`{}` goes through the root; name the module",
            import.written
        );
        Finding::new(path, import.line, what)
    });
    found.collect()
}

fn file_name(path: &str) -> &str {
    path.split_once("/src/").map_or(path, |(_, inside)| inside)
}
