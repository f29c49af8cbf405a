//! The graph of imports between the files of one crate, and its cycles.
//! It must not know how findings are worded.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::source::{PathUse, Source};
use crate::tree::{File, Tree};

/// Is one import of one file by another, at the first line that shows it.
#[derive(Clone, Debug)]
pub struct Import {
    /// The line.
    pub line: usize,
    /// The path as written.
    pub written: String,
}

/// Is everything that the files of a tree import from their own crate.
#[derive(Default)]
pub struct Graph<'t> {
    /// Who imports whom: by path of the file.
    pub edges: BTreeMap<&'t str, BTreeMap<&'t str, Import>>,
    /// Imports of an item through the root of the crate.
    pub upward: Vec<(&'t str, Import)>,
}

/// Names a module: its crate and binary, then its path within.
type Place = (String, Vec<String>);

impl<'t> Graph<'t> {
    /// Reads the imports of every file that is not a test.
    pub fn of(tree: &'t Tree) -> Self {
        let code = || tree.rust().filter(|(file, _)| !file.is_test);
        let places: BTreeMap<Place, &'t str> = code()
            .filter_map(|(file, _)| Some((place(file)?, file.path.as_str())))
            .collect();
        let mut graph = Self::default();
        for (file, rust) in code() {
            let Some(here) = place(file) else {
                continue;
            };
            for path in rust.paths().iter().filter(|path| !rust.is_test(path.at)) {
                graph.add(file, &here, path, (rust, &places));
            }
        }
        graph
    }

    fn add(
        &mut self,
        file: &'t File,
        here: &Place,
        path: &PathUse,
        (rust, places): (&Source, &BTreeMap<Place, &'t str>),
    ) {
        let is_known = |place: &Place| places.contains_key(place);
        let Some((target, item)) = resolve(here, path, rust.inline_depth(path.at), is_known) else {
            return;
        };
        let import = || Import {
            line: path.line,
            written: path.segments.join("::"),
        };
        if target.1.is_empty() {
            if !here.1.is_empty() && item.is_some() {
                self.upward.push((&file.path, import()));
            }
            return;
        }
        let Some(other) = places.get(&target).filter(|other| **other != file.path) else {
            return;
        };
        // The root stands on top and imports whom it likes.
        if !here.1.is_empty() {
            self.edges
                .entry(&file.path)
                .or_default()
                .entry(other)
                .or_insert_with(import);
        }
    }

    /// Lists the cycles: for each file the shortest one through it, each cycle once.
    pub fn cycles(&self) -> Vec<Vec<&'t str>> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for start in self.edges.keys() {
            let Some(cycle) = self.shortest_cycle(start) else {
                continue;
            };
            let members: BTreeSet<&str> = cycle.iter().copied().collect();
            if seen.insert(members) {
                found.push(cycle);
            }
        }
        found
    }

    fn shortest_cycle(&self, start: &'t str) -> Option<Vec<&'t str>> {
        let mut came_from: BTreeMap<&str, &'t str> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for next in self.edges.get(at).into_iter().flat_map(BTreeMap::keys) {
                if came_from.contains_key(next) {
                    continue;
                }
                came_from.insert(next, at);
                if *next == start {
                    return Some(walk_back(start, &came_from));
                }
                queue.push_back(next);
            }
        }
        None
    }
}

fn walk_back<'t>(start: &'t str, came_from: &BTreeMap<&str, &'t str>) -> Vec<&'t str> {
    let mut cycle = vec![start];
    let mut at = came_from.get(start).copied();
    while let Some(step) = at.filter(|step| *step != start) {
        cycle.push(step);
        at = came_from.get(step).copied();
    }
    cycle[1..].reverse();
    cycle
}

/// Finds the module that a file is.
fn place(file: &File) -> Option<Place> {
    let name = file.crate_name()?;
    let inside = file
        .path
        .strip_prefix("crates/")?
        .strip_prefix(name)?
        .strip_prefix("/src/")?;
    let mut parts: Vec<String> = inside
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    let mut unit = name.to_owned();
    if parts.first().is_some_and(|part| part == "bin") {
        let binary = parts.drain(..2.min(parts.len())).next_back()?;
        unit = format!("{name}/{binary}");
    }
    if parts
        .last()
        .is_some_and(|part| matches!(part.as_str(), "lib" | "main" | "mod"))
    {
        parts.pop();
    }
    Some((unit, parts))
}

/// Follows a path as far as there are files; what is left over is an item of the last one.
fn resolve<'p>(
    here: &Place,
    path: &'p PathUse,
    inline_depth: usize,
    is_known: impl Fn(&Place) -> bool,
) -> Option<(Place, Option<&'p str>)> {
    let mut at = here.clone();
    let mut rest = path.segments.as_slice();
    let mut inline_left = inline_depth;
    match rest.first()?.as_str() {
        "crate" => {
            at.1.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {}
        child => {
            let mut inner = here.clone();
            inner.1.push(child.to_owned());
            if !is_known(&inner) {
                return None;
            }
        }
    }
    while rest.first().is_some_and(|segment| segment == "super") {
        if inline_left > 0 {
            inline_left -= 1;
        } else {
            at.1.pop()?;
        }
        rest = &rest[1..];
    }
    while let Some(next) = rest.first() {
        at.1.push(next.clone());
        if !is_known(&at) {
            at.1.pop();
            break;
        }
        rest = &rest[1..];
    }
    let item = rest
        .first()
        .map(String::as_str)
        .filter(|item| *item != "self");
    Some((at, item))
}
