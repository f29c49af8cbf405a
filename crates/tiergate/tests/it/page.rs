//! Pages as their readers see them: opened in a real browser, in light and dark, on a desk and on a
//! telephone. It must not know what a page is about.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::home::Ended;
use crate::patience::PATIENCE;

/// Opens a page and tells what is there, once nothing is wrong with it. Nothing where there is no
/// browser, which counts as a skip.
pub(crate) fn read(page: &Path) -> Option<Value> {
    let seen = look(page)?;
    assert_eq!(seen["faults"], serde_json::json!([]), "{}", page.display());
    Some(seen)
}

fn look(page: &Path) -> Option<Value> {
    let python = workspace().join("target/venvs/python-browser/bin/python");
    let browser = Command::new("chromedriver").arg("--version").output();
    if !python.exists() || browser.is_err() {
        let is_ci = env::var_os("CI").is_some_and(|set| !set.is_empty());
        let why = "there is no environment python-browser, or no chromedriver";
        assert!(!is_ci, "{why}");
        println!("skipped: 1 page in a browser ({why}; `cargo xtask test` installs them)");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(python);
    command
        .arg(workspace().join("clients/pages/look.py"))
        .arg(page)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .env("TMPDIR", folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUTF8", "1");
    Some(Ended::of(command, PATIENCE).is(0).json())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn a_page_with_faults_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let html = r##"<!DOCTYPE html><html lang="en"><title>Faults</title>
<body style="background: #fff"><h1>Faults</h1><p style="color: #aaa">too faint</p>
<a href="#none">a link</a><div style="width: 2000px">wide</div>
<img src="http://127.0.0.1:9/picture.png" alt="">
<svg width="100" height="50"><text y="20">one word</text><text y="22">another</text></svg>"##;
    std::fs::write(&page, html).unwrap();
    let Some(seen) = look(&page) else {
        return;
    };
    let faults = seen["faults"].to_string();
    for fault in [
        "too faint",
        "leads nowhere",
        "wider than the window",
        "has no name",
        "words over each other",
        "asked for http://127.0.0.1:9/picture.png",
    ] {
        assert!(faults.contains(fault), "{fault}: {faults}");
    }
}
