//! Installs what the tests need: Debian packages and the Python environments of the clients.
//! It is quick where everything is there, and must not know what a test does with it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::{Fault, output, run, works};
use crate::tally::Tally;

const KIND: &str = "provision";

/// Is one Debian package, and how to see that what it brings is there.
struct Package {
    name: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
    why: &'static str,
}

const PACKAGES: &[Package] = &[
    Package {
        name: "valgrind",
        program: "valgrind",
        arguments: &["--version"],
        why: "counts instructions",
    },
    Package {
        name: "python3-venv",
        program: "python3",
        arguments: &["-c", "import ensurepip, venv"],
        why: "keeps the client libraries apart",
    },
];

/// Tells how a thing that cannot be had is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// As a skip, on somebody's machine.
    Skips,
    /// As a failure, where everything is expected to run.
    Fails,
}

/// Installs everything and says what could not be had.
pub fn provision(root: &Path, missing: Missing) -> Result<Tally, Fault> {
    let mut tally = Tally::default();
    let is_absent = |package: &&Package| !works(package.program, package.arguments);
    let absent: Vec<&Package> = PACKAGES.iter().filter(is_absent).collect();
    let updated = if absent.is_empty() {
        Ok(())
    } else {
        apt(root, &["update", "-qq"])
    };
    for package in PACKAGES {
        let is_there = !absent.iter().any(|other| other.name == package.name);
        let had = if is_there {
            Ok(())
        } else {
            // A failed update may still leave a usable list, so the install is tried; its own
            // fault is the one that tells.
            apt(
                root,
                &[
                    "install",
                    "-y",
                    "-qq",
                    "--no-install-recommends",
                    package.name,
                ],
            )
        };
        let (name, why) = (package.name, package.why);
        note(&mut tally, missing, &format!("package {name} ({why})"), had);
    }
    if let Err(fault) = updated {
        println!("apt-get update: {fault}");
    }
    tally.add(clients(root, missing)?);
    Ok(tally)
}

/// Makes the environments of the clients and says which could not be made.
pub fn clients(root: &Path, missing: Missing) -> Result<Tally, Fault> {
    let mut tally = Tally::default();
    for (name, requirements) in environments(root)? {
        let had = environment(root, &name, &requirements);
        let what = format!("Python environment {name}");
        note(&mut tally, missing, &what, had);
    }
    Ok(tally)
}

fn note(tally: &mut Tally, missing: Missing, what: &str, had: Result<(), Fault>) {
    match had {
        Ok(()) => {
            tally.kind(KIND).passed += 1;
            println!("{what}: there");
        }
        Err(fault) => {
            let said = format!("{what} could not be had: {fault}");
            println!("{said}");
            match missing {
                Missing::Fails => tally.fail(KIND, said),
                Missing::Skips => tally.skip(KIND, 1, said),
            }
        }
    }
}

fn apt(root: &Path, arguments: &[&str]) -> Result<(), Fault> {
    if !works("apt-get", &["--version"]) {
        return Err(Fault::Said(
            "there is no apt-get here; install it by hand".to_owned(),
        ));
    }
    let quiet = ["DEBIAN_FRONTEND=noninteractive", "apt-get"];
    let is_root = output(root, "id", &["-u"])?.trim() == "0";
    let (program, before): (&str, &[&str]) = if is_root {
        ("env", &[])
    } else {
        ("sudo", &["-n", "env"])
    };
    let line: Vec<&str> = before
        .iter()
        .chain(&quiet)
        .chain(arguments)
        .copied()
        .collect();
    run(root, program, &line)
}

/// Lists the clients that state what they need, by name.
fn environments(root: &Path) -> Result<Vec<(String, PathBuf)>, Fault> {
    let clients = root.join("clients");
    if !clients.is_dir() {
        return Ok(Vec::new());
    }
    let listed = fs::read_dir(&clients);
    let listed = listed.map_err(|source| Fault::Read {
        path: "clients".to_owned(),
        source,
    })?;
    let mut found: Vec<(String, PathBuf)> = listed
        .filter_map(Result::ok)
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .map(|(name, path)| (name, path.join("requirements.txt")))
        .filter(|(_, requirements)| requirements.is_file())
        .collect();
    found.sort();
    Ok(found)
}

/// Makes one environment, unless it was made from the same requirements before.
fn environment(root: &Path, name: &str, requirements: &Path) -> Result<(), Fault> {
    let fault = |path: &Path| {
        let path = path.display().to_string();
        move |source| Fault::Read { path, source }
    };
    let wanted = fs::read_to_string(requirements).map_err(fault(requirements))?;
    let place = root.join("target/venvs").join(name);
    let stamp = place.join("requirements.installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let (place, file) = (place.to_string_lossy(), requirements.to_string_lossy());
    run(root, "python3", &["-m", "venv", "--clear", &place])?;
    let pip = format!("{place}/bin/python");
    let quiet = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        &file,
    ];
    run(root, &pip, &quiet)?;
    fs::write(&stamp, wanted).map_err(fault(&stamp))
}
