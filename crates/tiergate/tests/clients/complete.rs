//! No script is forgotten. It must not run one.

use std::fs;

use crate::environment::workspace;

/// Says which scripts a file runs: where they are, their extension, whose SDKs they are for, and
/// the file with its text.
struct Run {
    folder: &'static str,
    extension: &'static str,
    sdks: &'static [&'static str],
    file: &'static str,
    text: &'static str,
}

const BOTH: &[&str] = &["openai_", "anthropic_"];

const RUN: [Run; 4] = [
    Run {
        folder: "scripts",
        extension: ".py",
        sdks: BOTH,
        file: "current.rs",
        text: include_str!("current.rs"),
    },
    Run {
        folder: "scripts",
        extension: ".py",
        sdks: BOTH,
        file: "older.rs",
        text: include_str!("older.rs"),
    },
    Run {
        folder: "scripts",
        extension: ".py",
        sdks: &["google_"],
        file: "google.rs",
        text: include_str!("google.rs"),
    },
    Run {
        folder: "node",
        extension: ".cjs",
        sdks: BOTH,
        file: "node.rs",
        text: include_str!("node.rs"),
    },
];

#[test]
fn every_script_runs_with_every_generation() {
    for run in RUN {
        let (file, text) = (run.file, run.text);
        let listed = fs::read_dir(workspace().join("clients").join(run.folder)).unwrap();
        let names = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        // The others are what scripts import.
        let scripts: Vec<String> = names
            .filter_map(|name| Some(name.strip_suffix(run.extension)?.to_owned()))
            .filter(|name| run.sdks.iter().any(|sdk| name.starts_with(sdk)))
            .collect();
        assert!(scripts.len() > 2, "{scripts:?}");
        let is_run = |script: &String| text.contains(&format!("\"{script}\""));
        let forgotten: Vec<&String> = scripts.iter().filter(|it| !is_run(it)).collect();
        assert!(forgotten.is_empty(), "{file} runs no {forgotten:?}");
    }
}
