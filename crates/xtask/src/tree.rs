//! Holds the files of the checkout that git tracks or would track, read once for all rules.
//! It must not know the rules.

use std::fs;
use std::path::Path;

use crate::shell::{Fault, output};
use crate::source::Source;

/// Files above this size are no text of ours; they are listed without their content.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;

/// Is the whole checkout.
pub struct Tree {
    /// Its files by path.
    pub files: Vec<File>,
}

/// Is one file.
pub struct File {
    /// Its path from the root, with forward slashes.
    pub path: String,
    /// Its text; empty where it is not text.
    pub text: String,
    /// What it holds, where it is Rust.
    pub rust: Option<Source>,
    /// Whether all of it is code of tests or benches.
    pub is_test: bool,
}

impl File {
    /// Names the crate that the file belongs to.
    pub fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// Names the directory in which this file's child modules stand.
    pub fn module_directory(&self) -> &str {
        let directory = self
            .path
            .rsplit_once('/')
            .map_or("", |(directory, _)| directory);
        let is_root = ["/lib.rs", "/main.rs", "/mod.rs"]
            .iter()
            .any(|n| self.path.ends_with(n));
        if is_root {
            directory
        } else {
            self.path.trim_end_matches(".rs")
        }
    }
}

impl Tree {
    /// Makes a tree of paths and texts.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut files: Vec<File> = files.into_iter().map(read).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut declared = Vec::new();
        for file in &files {
            let modules = file.rust.iter().flat_map(|rust| &rust.test_modules);
            declared.extend(modules.map(|name| format!("{}/{name}", file.module_directory())));
        }
        for file in &mut files {
            let stem = file.path.trim_end_matches(".rs");
            let is_declared = |base: &String| stem == base || stem.starts_with(&format!("{base}/"));
            file.is_test = file.is_test || declared.iter().any(is_declared);
        }
        Self { files }
    }

    /// Reads the checkout at `root`: tracked files, and untracked ones that are not ignored.
    pub fn load(root: &Path) -> Result<Self, Fault> {
        let listing = output(
            root,
            "git",
            &["ls-files", "-co", "--exclude-standard", "-z"],
        )?;
        let mut files = Vec::new();
        for path in listing.split('\0').filter(|path| !path.is_empty()) {
            // A file that is listed but gone was deleted and not yet committed.
            let Ok(length) = fs::metadata(root.join(path)).map(|known| known.len()) else {
                continue;
            };
            let is_small = length <= MAX_FILE_BYTES;
            let bytes = if is_small {
                fs::read(root.join(path))
            } else {
                Ok(Vec::new())
            };
            let bytes = bytes.map_err(|source| Fault::Read {
                path: path.to_owned(),
                source,
            })?;
            files.push((
                path.to_owned(),
                String::from_utf8(bytes).unwrap_or_default(),
            ));
        }
        Ok(Self::of(files))
    }

    /// Finds a file.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Lists the Rust files.
    pub fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files
            .iter()
            .filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// Lists the names of the crates.
    pub fn crates(&self) -> Vec<&str> {
        let name = |file: &'_ File| -> bool { file.path.ends_with("/Cargo.toml") };
        self.files
            .iter()
            .filter(|file| name(file))
            .filter_map(File::crate_name)
            .collect()
    }
}

fn read((path, text): (String, String)) -> File {
    let rust = path.ends_with(".rs").then(|| Source::read(&text));
    // A bench is no part of its crate either: it times what a pure one does.
    let is_test = path.ends_with("/tests.rs")
        || ["/tests/", "/benches/"]
            .iter()
            .any(|folder| path.contains(folder));
    File {
        path,
        text,
        rust,
        is_test,
    }
}
