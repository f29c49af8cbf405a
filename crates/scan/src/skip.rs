//! Says which files are not read, and why. It must not know what is looked for in the others.

use std::fmt;

use serde::Serialize;

/// The longest file that is read, in bytes.
const LONGEST_FILE: usize = 5 << 20;

/// The longest line of a file that people wrote as code, in bytes.
const LONGEST_LINE: usize = 5_000;

/// How many bytes are looked at for what no text holds.
const HEAD: usize = 8_192;

/// Says why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// It holds bytes that no text does.
    Binary,
    /// It is longer than what people write.
    Huge,
    /// A program wrote it for machines, with lines that nobody reads.
    Minified,
    /// It names a model but is not UTF-8.
    Encoding,
    /// It lists what a package manager chose.
    LockFile,
}

impl Skip {
    /// Names it as reports do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Huge => "huge",
            Self::Minified => "minified",
            Self::Encoding => "encoding",
            Self::LockFile => "lock_file",
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names of files that package managers write.
const LOCK_FILES: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "cargo.lock",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "pipfile.lock",
    "go.sum",
    "gemfile.lock",
    "composer.lock",
    "flake.lock",
    "mix.lock",
    "pubspec.lock",
    "packages.lock.json",
    ".terraform.lock.hcl",
];

/// Ends of names of files that programs write for browsers.
const BUNDLES: &[&str] = &["js", "mjs", "cjs", "css", "map", "html", "htm", "svg"];

/// Tells what keeps a file from being read, before anything is looked for in it.
pub(crate) fn at_first_sight(path: &str, bytes: &[u8]) -> Option<Skip> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    if bytes.len() > LONGEST_FILE {
        Some(Skip::Huge)
    } else if head.contains(&0) {
        Some(Skip::Binary)
    } else if LOCK_FILES.contains(&name.as_str()) {
        Some(Skip::LockFile)
    } else if name.contains(".min.") || name.ends_with(".map") {
        Some(Skip::Minified)
    } else {
        None
    }
}

/// Tells whether a program wrote a file for machines, by its lines.
pub(crate) fn is_minified(path: &str, text: &str) -> bool {
    let extension = path
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_bundle = BUNDLES.contains(&extension.as_str());
    is_bundle && text.lines().any(|line| line.len() > LONGEST_LINE)
}
