//! The clients' environments and the scripts that run in them. It must not know what a script
//! holds.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::gateway::Gateway;

/// Finds the root of the workspace, which holds `clients` and `target`.
pub fn workspace() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut above = manifest.ancestors();
    let root = above.find(|folder| folder.join("Cargo.lock").is_file());
    root.expect("the crate stands in a workspace")
}

/// Finds the interpreter of an environment, or says that it is missing.
pub fn interpreter(environment: &str) -> Result<PathBuf, String> {
    let place = Path::new("target/venvs").join(environment);
    let python = workspace().join(&place).join("bin/python");
    if python.is_file() {
        return Ok(python);
    }
    let place = place.display();
    Err(format!(
        "there is no environment {place}; `cargo xtask test` makes it"
    ))
}

/// Counts a scenario as skipped; where everything is expected to run, it fails.
pub fn skip(scenario: &str, why: &str) {
    let is_ci = env::var_os("CI").is_some_and(|set| !set.is_empty());
    assert!(!is_ci, "{scenario}: {why}");
    println!("skipped: 1 scenario, {scenario} ({why})");
}

/// Is one script: in which environment, against whom, and who is behind the gateway.
pub struct Script<'s> {
    /// The interpreter.
    pub python: &'s Path,
    /// The script's name.
    pub name: &'s str,
    /// The gateway.
    pub gateway: &'s Gateway,
    /// Who answers, in the scripts' word.
    pub upstream: &'s str,
}

impl Script<'_> {
    /// Prepares the interpreter with the variables that applications set, and no others.
    fn command(&self) -> Command {
        let Gateway { address, key, .. } = self.gateway;
        let scripts = workspace().join("clients/scripts");
        let mut command = Command::new(self.python);
        command
            .arg(scripts.join(format!("{}.py", self.name)))
            .current_dir(self.gateway.folder())
            .env_clear()
            .env("HOME", self.gateway.folder())
            // The checkout stays as it was.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUTF8", "1")
            .env("OPENAI_BASE_URL", format!("http://{address}/v1"))
            .env("OPENAI_API_KEY", key)
            .env("ANTHROPIC_BASE_URL", format!("http://{address}"))
            .env("ANTHROPIC_API_KEY", key)
            .env("TIERGATE_UPSTREAM", self.upstream);
        command
    }

    /// Runs it to its end; all its asserts must hold.
    pub fn run(&self) {
        self.judge(&self.command().output().unwrap());
    }

    /// Starts it and looks in each time that it says `word`, which it must say so many times.
    pub fn run_meeting(&self, word: &str, times: usize, look: impl Fn(usize)) {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let met = meet(&mut child, word, times, look);
        let output = child.wait_with_output().unwrap();
        self.judge(&output);
        assert_eq!(met, times, "the script said `{word}` so many times");
    }

    fn judge(&self, output: &Output) {
        let said = String::from_utf8_lossy(&output.stderr);
        let status = output.status;
        let name = self.name;
        assert!(
            status.success(),
            "{name}.py ended with {status}\n{said}{}",
            self.gateway.said()
        );
    }
}

/// Answers the script's words, and tells how many there were.
fn meet(child: &mut Child, word: &str, times: usize, look: impl Fn(usize)) -> usize {
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for met in 0..times {
        let mut line = String::new();
        // A script that fails says nothing more; its end is judged afterwards.
        if stdout.read_line(&mut line).unwrap() == 0 {
            return met;
        }
        assert_eq!(line.trim_end(), word);
        look(met + 1);
        stdin.write_all(b"go on\n").unwrap();
    }
    times
}
