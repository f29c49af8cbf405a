//! The folder that a scan's paths are relative to. It must not walk.

use std::fs;
use std::path::{Path, PathBuf};

use crate::environment;
use crate::exit::Fault;

/// Holds what is scanned and where from.
pub(super) struct Base {
    folder: PathBuf,
    roots: Vec<PathBuf>,
    name: String,
}

impl Base {
    /// Finds the folder: the one that was named; of several paths, or of a file, the working
    /// directory where it holds them all, else the nearest folder that does.
    pub(super) fn of(paths: &[PathBuf]) -> Result<Self, Fault> {
        let roots: Vec<PathBuf> = paths
            .iter()
            .map(|path| whole(path))
            .collect::<Result<_, _>>()?;
        let folder = match roots.as_slice() {
            [one] if one.is_dir() => one.clone(),
            _ => holding(&roots),
        };
        let name = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        Ok(Self {
            name: name.unwrap_or_else(|| "/".to_owned()),
            folder,
            roots,
        })
    }

    /// Shows the folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Shows what is scanned.
    pub(super) fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// Names the folder.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Shows a path below the folder as reports do.
    pub(super) fn relative(&self, path: &Path) -> String {
        with_slashes(path.strip_prefix(&self.folder).unwrap_or(path))
    }
}

fn whole(path: &Path) -> Result<PathBuf, Fault> {
    fs::canonicalize(path).map_err(|error| {
        let what = format!("{} cannot be scanned", path.display());
        Fault::because(error, what, "name a folder or a file that is there")
    })
}

fn holding(roots: &[PathBuf]) -> PathBuf {
    let holds = |folder: &Path| {
        roots
            .iter()
            .all(|root| root != folder && root.starts_with(folder))
    };
    let here = environment::here().and_then(|here| fs::canonicalize(here).ok());
    let first = roots.first().map_or(Path::new("/"), PathBuf::as_path);
    let here = here.filter(|here| holds(here));
    here.unwrap_or_else(|| {
        let above = first.ancestors().find(|folder| holds(folder));
        above.unwrap_or(Path::new("/")).to_owned()
    })
}

/// Shows a path with `/` between its folders.
pub(super) fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}
