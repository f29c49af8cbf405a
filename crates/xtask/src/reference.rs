//! Writes the generated reference pages, or compares them with what is committed.
//! It must not know what is in them.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::{Fault, cargo, output, run};

/// Where the pages stand.
const PAGES: &str = "docs/reference";
/// Where they are written to be compared.
const SCRATCH: &str = "target/reference-check";

/// Names the built binary, which writes the pages.
pub fn binary(root: &Path) -> String {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let path = root.join(target).join("release/tiergate");
    path.to_string_lossy().into_owned()
}

/// Writes the pages.
pub fn write(root: &Path) -> Result<(), Fault> {
    build(root)?;
    let said = make(root, PAGES)?;
    print!("{said}");
    Ok(())
}

/// Compares the pages with what the binary would write now.
pub fn compare(root: &Path) -> Result<(), Fault> {
    build(root)?;
    let scratch = root.join(SCRATCH);
    if scratch.exists() {
        let removed = fs::remove_dir_all(&scratch);
        removed.map_err(|source| Fault::Read {
            path: SCRATCH.to_owned(),
            source,
        })?;
    }
    make(root, SCRATCH)?;
    let differing = differences(&root.join(PAGES), &scratch)?;
    if differing.is_empty() {
        return Ok(());
    }
    let list = differing.into_iter().collect::<Vec<_>>().join(", ");
    let mend = "run `cargo xtask gen` and commit what it writes";
    Err(Fault::Said(format!(
        "{PAGES} is not what the binary writes: {list}; {mend}"
    )))
}

/// Builds it.
pub fn build(root: &Path) -> Result<(), Fault> {
    run(
        root,
        &cargo(),
        &["build", "--quiet", "--release", "-p", "tiergate"],
    )
}

fn make(root: &Path, place: &str) -> Result<String, Fault> {
    output(root, &binary(root), &["reference", "--out", place]).map_err(|fault| {
        let hint = "is there a command `reference` in the binary?";
        Fault::Said(format!("no reference was written: {fault} ({hint})"))
    })
}

/// Names the files that one side lacks or that differ.
fn differences(committed: &Path, fresh: &Path) -> Result<BTreeSet<String>, Fault> {
    let names: BTreeSet<String> = files(committed, "")?
        .into_iter()
        .chain(files(fresh, "")?)
        .collect();
    let differs = |name: &String| {
        let (old, new) = (fs::read(committed.join(name)), fs::read(fresh.join(name)));
        !matches!((old, new), (Ok(old), Ok(new)) if old == new)
    };
    Ok(names.into_iter().filter(differs).collect())
}

fn files(base: &Path, inside: &str) -> Result<Vec<String>, Fault> {
    let place = base.join(inside);
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let fault = |source| Fault::Read {
        path: place.display().to_string(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(&place).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = if inside.is_empty() {
            name
        } else {
            format!("{inside}/{name}")
        };
        if entry.path().is_dir() {
            found.extend(files(base, &name)?);
        } else {
            found.push(name);
        }
    }
    Ok(found)
}
