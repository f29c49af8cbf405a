//! Releases told in commands and prose, with golden output. A line that begins with `>` is a
//! command; what it answers follows it, and is what the golden holds. `UPDATE_GOLDENS=1` writes
//! the goldens anew; a changed one is read like code.

mod told;

use std::fs;
use std::path::PathBuf;

use told::Told;

fn check(name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios")
        .join(format!("{name}.txt"));
    let golden = fs::read_to_string(&path).unwrap();
    let told = tell(&golden);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::write(&path, told).unwrap();
    } else {
        assert_eq!(told, golden, "{name}: see what changed");
    }
}

/// Tells a scenario again: prose as it stands, commands with the answers they get now.
fn tell(golden: &str) -> String {
    let mut told = Told::new();
    let mut text = String::new();
    let mut is_answer = false;
    for line in golden.lines() {
        if let Some(command) = line.strip_prefix("> ") {
            text.push_str(line);
            text.push('\n');
            text.push_str(&told.run(command));
            is_answer = true;
        } else if line.is_empty() || !is_answer {
            text.push_str(line);
            text.push('\n');
            is_answer = false;
        }
    }
    text
}

#[test]
fn evidence() {
    check("evidence");
}

#[test]
fn imported_evidence() {
    check("imported-evidence");
}

#[test]
fn erasure() {
    check("erasure");
}

#[test]
fn failing_eval() {
    check("failing-eval");
}

#[test]
fn approvals() {
    check("approvals");
}

#[test]
fn hold() {
    check("hold");
}

#[test]
fn way_through_and_back() {
    check("way-through-and-back");
}

#[test]
fn conflict() {
    check("conflict");
}

#[test]
fn reload() {
    check("reload");
}

#[test]
fn restart() {
    check("restart");
}

#[test]
fn jammed_ledger() {
    check("jammed-ledger");
}

#[test]
fn suspension() {
    check("suspension");
}

#[test]
fn withdrawal() {
    check("withdrawal");
}

#[test]
fn retirement() {
    check("retirement");
}

#[test]
fn waiver() {
    check("waiver");
}

#[test]
fn every_scenario_is_told() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let told = include_str!("scenarios.rs");
    for name in &names {
        let check = format!("check(\"{}\")", name.trim_end_matches(".txt"));
        assert!(told.contains(&check), "{name} is told by no test");
    }
    assert_eq!(names.len(), 15);
}
