//! A repository of a test's own, and the scans of it. It must not judge.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::home::Ended;
use crate::patience::PATIENCE;

/// The day as of which the tests judge.
pub(super) const DAY: &str = "2026-11-27";

/// A call that sets what newer models refuse.
pub(super) const PYTHON: &str = r#"import anthropic

client = anthropic.Anthropic()


def ask(question):
    return client.messages.create(
        model="claude-opus-4-5",
        max_tokens=1024,
        temperature=0.2,
        messages=[{"role": "user", "content": question}],
    )
"#;

/// A call that sets nothing.
pub(super) const PLAIN: &str = r#"import anthropic

client = anthropic.Anthropic()
answer = client.messages.create(
    model="claude-opus-4-5", max_tokens=99, messages=[{"role": "user", "content": "grüße 日本"}]
)
"#;

/// The same with a language of its own.
pub(super) const TYPESCRIPT: &str = r#"import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

export async function ask(question: string): Promise<unknown> {
  return client.messages.create({
    model: "claude-opus-4-5",
    max_tokens: 1024,
    messages: [{ role: "user", content: question }],
  });
}
"#;

pub(super) struct Repository {
    folder: TempDir,
}

impl Repository {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = Self { folder };
        for (path, text) in files {
            repository.put(path, text);
        }
        repository
    }

    pub(super) fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    /// Makes a command of the binary in the repository, without configuration and data directory.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tiergate"));
        command
            .arg("scan")
            .args(arguments)
            .args(["--on", DAY])
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.at(".nobody"));
        command
    }

    pub(super) fn scan(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments), PATIENCE)
    }

    /// Scans and reads the JSON, which must end well.
    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        self.scan(&arguments).is(0).json()
    }

    /// Lists the paths of the findings, each once.
    pub(super) fn found(&self, arguments: &[&str]) -> Vec<String> {
        let document = self.json(arguments);
        let findings = document["findings"].as_array().unwrap();
        let paths = findings
            .iter()
            .map(|one| one["path"].as_str().unwrap().to_owned());
        let mut paths: Vec<String> = paths.collect();
        paths.dedup();
        paths
    }

    pub(super) fn git(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new("git");
        command
            .args(["-c", "core.autocrlf=false", "-c", "core.safecrlf=false"])
            .args(arguments)
            .current_dir(self.path())
            .env("HOME", self.at(".nobody"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CEILING_DIRECTORIES", self.path().parent().unwrap());
        Ended::of(command, PATIENCE)
    }
}

/// Finds the finding at a place.
pub(super) fn at<'v>(document: &'v Value, path: &str, line: u64) -> &'v Value {
    let findings = document["findings"].as_array().unwrap();
    let is_it = |one: &&Value| one["path"] == path && one["line"] == line;
    let found = findings.iter().find(is_it);
    found.unwrap_or_else(|| panic!("nothing at {path}:{line}: {document:#}"))
}
