//! Installs what the tests need: Debian packages and the environments of the client libraries.
//! It is quick where everything is there, and must not know what a test does with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::shell::{Fault, output, run, works};
use crate::tally::Tally;

const KIND: &str = "provision";
/// Where a client may say which of its packages are left out.
const NPM_SETTINGS: &str = ".npmrc";

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
    Package {
        name: "openssl",
        program: "openssl",
        arguments: &["version"],
        why: "makes keys for one test run",
    },
    Package {
        name: "npm",
        program: "npm",
        arguments: &["--version"],
        why: "installs the Node client libraries",
    },
    Package {
        name: "golang-go",
        program: "go",
        arguments: &["version"],
        why: "builds a foreign verifier of the ledger",
    },
    Package {
        name: "golang-golang-x-mod-dev",
        program: "test",
        arguments: &["-d", "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog"],
        why: "is what that verifier checks with",
    },
    Package {
        name: "chromium",
        program: "chromium",
        arguments: &["--version"],
        why: "opens the pages",
    },
    Package {
        name: "chromium-driver",
        program: "chromedriver",
        arguments: &["--version"],
        why: "lets a test drive that browser",
    },
];

/// Is one way to install client libraries from the file in which a client states them.
struct Installer {
    file: &'static str,
    /// Where below the root, in a folder by the client's name.
    below: &'static str,
    what: &'static str,
    install: fn(&Path, &Client) -> Result<(), Fault>,
}

/// Is one client: where it states what it needs, and where that is installed.
struct Client {
    name: String,
    stated: PathBuf,
    place: PathBuf,
}

const INSTALLERS: &[Installer] = &[
    Installer {
        file: "requirements.txt",
        below: "target/venvs",
        what: "Python environment",
        install: with_pip,
    },
    Installer {
        file: "requirements-any-python.txt",
        below: "target/venvs",
        what: "Python environment",
        install: with_pip_on_any_python,
    },
    Installer {
        file: "package-lock.json",
        below: "target/npm",
        what: "Node environment",
        install: with_npm,
    },
    Installer {
        file: "wheels.txt",
        below: "target/wheels",
        what: "data in packages",
        install: as_files,
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

/// Makes the environments of the SDKs and says which could not be made.
pub fn clients(root: &Path, missing: Missing) -> Result<Tally, Fault> {
    environments(root, "clients", missing)
}

/// Makes the environments of whole clients, which are large and stay outside the test run.
pub fn tools(root: &Path, missing: Missing) -> Result<Tally, Fault> {
    environments(root, "clients/tools", missing)
}

/// Makes the environments of planners that ours is compared with, which are large, too.
pub fn planners(root: &Path, missing: Missing) -> Result<Tally, Fault> {
    environments(root, "clients/planners", missing)
}

/// Makes the environments of the scanners that ours is measured beside.
pub fn scanners(root: &Path, missing: Missing) -> Result<Tally, Fault> {
    environments(root, "clients/scanners", missing)
}

fn environments(root: &Path, stated_in: &str, missing: Missing) -> Result<Tally, Fault> {
    let mut tally = Tally::default();
    for installer in INSTALLERS {
        for client in stated(root, stated_in, installer)? {
            let had = environment(root, installer, &client);
            let what = format!("{} {}", installer.what, client.name);
            note(&mut tally, missing, &what, had);
        }
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

/// Lists the clients that state what they need in the installer's file, by name.
fn stated(root: &Path, below: &str, installer: &Installer) -> Result<Vec<Client>, Fault> {
    let clients = root.join(below);
    if !clients.is_dir() {
        return Ok(Vec::new());
    }
    let listed = fs::read_dir(&clients).map_err(unreadable(&clients))?;
    let mut found: Vec<Client> = listed
        .filter_map(Result::ok)
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            Client {
                stated: entry.path().join(installer.file),
                place: root.join(installer.below).join(&name),
                name,
            }
        })
        .filter(|client| client.stated.is_file())
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> Fault + use<> {
    let path = path.display().to_string();
    move |source| Fault::Read {
        path: path.clone(),
        source,
    }
}

/// Makes one environment, unless it was made from the same statement before.
fn environment(root: &Path, installer: &Installer, client: &Client) -> Result<(), Fault> {
    let wanted = fs::read_to_string(&client.stated).map_err(unreadable(&client.stated))?;
    let stamp = client.place.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    (installer.install)(root, client)?;
    fs::write(&stamp, wanted).map_err(unreadable(&stamp))
}

fn with_pip(root: &Path, client: &Client) -> Result<(), Fault> {
    pip(root, client, &[])
}

/// Does not hold the Python version that a package states against it: the file says why.
fn with_pip_on_any_python(root: &Path, client: &Client) -> Result<(), Fault> {
    pip(root, client, &["--ignore-requires-python"])
}

fn pip(root: &Path, client: &Client, more: &[&str]) -> Result<(), Fault> {
    let (place, file) = (
        client.place.to_string_lossy(),
        client.stated.to_string_lossy(),
    );
    run(root, "python3", &["-m", "venv", "--clear", &place])?;
    let python = format!("{place}/bin/python");
    let quiet = "--disable-pip-version-check";
    let line = ["-m", "pip", "install", "--quiet", quiet, "-r", &file];
    run(root, &python, &[&line, more].concat())
}

/// Fetches packages of which only the data is read, without what they would need to run.
fn as_files(root: &Path, client: &Client) -> Result<(), Fault> {
    let (place, file) = (
        client.place.to_string_lossy(),
        client.stated.to_string_lossy(),
    );
    fs::create_dir_all(&client.place).map_err(unreadable(&client.place))?;
    let quiet = ["--quiet", "--disable-pip-version-check"];
    let line = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:"];
    let to = ["-d", &place, "-r", &file];
    run(root, "python3", &[&line[..], &quiet, &to].concat())
}

/// Installs beside copies of the client's two files, since npm installs where they are.
fn with_npm(_root: &Path, client: &Client) -> Result<(), Fault> {
    let place = &client.place;
    fs::create_dir_all(place).map_err(unreadable(place))?;
    for name in ["package.json", "package-lock.json"] {
        let from = client.stated.with_file_name(name);
        fs::copy(&from, place.join(name)).map_err(unreadable(&from))?;
    }
    let settings = client.stated.with_file_name(NPM_SETTINGS);
    if settings.is_file() {
        let to = place.join(NPM_SETTINGS);
        fs::copy(&settings, to).map_err(unreadable(&settings))?;
    }
    // No package may run a program of its own.
    let safe = ["ci", "--ignore-scripts"];
    let quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    run(place, "npm", &[&safe[..], &quiet].concat())
}
