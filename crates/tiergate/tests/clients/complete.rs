//! No script is forgotten. It must not run one.

use std::collections::BTreeSet;
use std::fs;

use crate::python::workspace;

/// The texts of the files that name the scripts which they run.
const RUN: [(&str, &str); 2] = [
    ("current.rs", include_str!("current.rs")),
    ("older.rs", include_str!("older.rs")),
];

#[test]
fn every_script_runs_with_every_generation() {
    let listed = fs::read_dir(workspace().join("clients/scripts")).unwrap();
    let names = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // The others are what scripts import.
    let scripts: BTreeSet<String> = names
        .filter_map(|name| Some(name.strip_suffix(".py")?.to_owned()))
        .filter(|name| name.contains('_'))
        .collect();
    assert!(scripts.len() > 10, "{scripts:?}");
    for (file, text) in RUN {
        let forgotten: Vec<&String> = scripts
            .iter()
            .filter(|script| !text.contains(&format!("\"{script}\"")))
            .collect();
        assert!(forgotten.is_empty(), "{file} runs no {forgotten:?}");
    }
}
