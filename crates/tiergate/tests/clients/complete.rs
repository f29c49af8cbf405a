//! No script is forgotten. It must not run one.

use std::fs;

use crate::environment::workspace;

/// Where scripts are, their extension, and the file that runs them, with its text.
const RUN: [(&str, &str, &str, &str); 3] = [
    ("scripts", ".py", "current.rs", include_str!("current.rs")),
    ("scripts", ".py", "older.rs", include_str!("older.rs")),
    ("node", ".cjs", "node.rs", include_str!("node.rs")),
];

#[test]
fn every_script_runs_with_every_generation() {
    for (folder, extension, file, text) in RUN {
        let listed = fs::read_dir(workspace().join("clients").join(folder)).unwrap();
        let names = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        // The others are what scripts import.
        let scripts: Vec<String> = names
            .filter_map(|name| Some(name.strip_suffix(extension)?.to_owned()))
            .filter(|name| name.contains('_'))
            .collect();
        assert!(scripts.len() > 10, "{scripts:?}");
        let is_run = |script: &String| text.contains(&format!("\"{script}\""));
        let forgotten: Vec<&String> = scripts.iter().filter(|it| !is_run(it)).collect();
        assert!(forgotten.is_empty(), "{file} runs no {forgotten:?}");
    }
}
