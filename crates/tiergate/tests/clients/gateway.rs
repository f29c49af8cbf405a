//! The real binary, serving a configuration on free ports. It must not know who answers behind it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Is a running gateway with its own folder; dropping it stops it and removes the folder.
pub struct Gateway {
    /// Where applications connect, as host and port.
    pub address: String,
    /// Where operators connect, as host and port.
    pub admin: String,
    /// A caller's key that holds no use case.
    pub key: String,
    /// The operator key of `lead`, where the configuration has that person.
    pub operator: Option<String>,
    folder: TempDir,
    child: Child,
    // Kept open, so that the program may write on.
    _stdout: BufReader<ChildStdout>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // A program that has ended by itself needs neither.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Gateway {
    /// Starts it with this configuration and these more variables, and makes a caller's key.
    pub fn start(configuration: &str, variables: &[(&str, PathBuf)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tiergate.toml"), configuration).unwrap();
        fs::write(folder.path().join("provider.key"), "sk-of-the-provider").unwrap();
        let key = create_key(folder.path(), &["--name", "application"]);
        let person = ["--name", "lead", "--kind", "operator", "--person", "lead"];
        let operator = configuration
            .contains("[people.lead]")
            .then(|| create_key(folder.path(), &person));
        let stderr = File::create(folder.path().join("stderr")).unwrap();
        let mut child = program(folder.path())
            .arg("serve")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_default();
        let mut gateway = Self {
            address: String::new(),
            admin: String::new(),
            key,
            operator,
            folder,
            child,
            _stdout: stdout,
        };
        assert_eq!(ready["event"], "ready", "{line}{}", gateway.said());
        gateway.address = ready["listen"].as_str().unwrap().to_owned();
        gateway.admin = ready["admin"].as_str().unwrap().to_owned();
        gateway
    }

    /// Tells what it wrote on standard error, for a test that fails.
    pub fn said(&self) -> String {
        let said = fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default();
        format!("\n-- the gateway's standard error --\n{said}")
    }

    /// Runs a command of the program beside it, as `lead` where there is such a person.
    pub fn command(&self, arguments: &[&str]) -> Output {
        let mut asked = program(self.folder());
        if let Some(key) = &self.operator {
            asked.env("TIERGATE_OPERATOR_KEY", key);
        }
        asked.args(arguments).output().unwrap()
    }

    /// Asks it to stop and waits until it has, with everything written.
    pub fn stop(&mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}{}", self.said());
    }

    /// Reads how much memory it holds, in kilobytes.
    pub fn resident_kb(&self) -> u64 {
        let told = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = told
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Shows its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Tells whether this build has the command.
pub fn has_command(name: &str) -> bool {
    let asked = Command::new(env!("CARGO_BIN_EXE_tiergate"))
        .args([name, "--help"])
        .output();
    asked.unwrap().status.success()
}

/// Prepares the program, alone in its folder and without the variables of this process.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiergate"));
    command.current_dir(folder).env_clear().env("HOME", folder);
    command.args(["--json", "--config", "tiergate.toml", "--data-dir", "state"]);
    command
}

fn create_key(folder: &Path, options: &[&str]) -> String {
    let mut asked = program(folder);
    let made = asked
        .args(["key", "create"])
        .args(options)
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&made.stdout).unwrap_or_default();
    let key = told["key"].as_str();
    key.unwrap_or_else(|| panic!("no key was made: {}", String::from_utf8_lossy(&made.stderr)))
        .to_owned()
}
