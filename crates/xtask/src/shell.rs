//! Runs other programs and says plainly what went wrong when one does not do its part.
//! It must not know why they are run.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// Says what could not be done.
#[derive(Debug)]
pub enum Fault {
    /// A program could not be started.
    Start {
        /// What was to run.
        program: String,
        /// Why it did not.
        source: io::Error,
    },
    /// A program ended with a failure.
    Ended {
        /// What ran.
        line: String,
        /// How it ended.
        status: String,
    },
    /// A file could not be read or written.
    Read {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Something else, said in one line.
    Said(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { program, source } => write!(f, "`{program}` does not start: {source}"),
            Self::Ended { line, status } => write!(f, "`{line}` ended with {status}"),
            Self::Read { path, source } => write!(f, "`{path}`: {source}"),
            Self::Said(said) => f.write_str(said),
        }
    }
}

impl std::error::Error for Fault {}

/// Finds the root of the workspace, upward from where the command was called.
pub fn workspace_root() -> Result<PathBuf, Fault> {
    let here = env::current_dir();
    let here = here.map_err(|source| Fault::Read {
        path: ".".to_owned(),
        source,
    })?;
    let is_root = |directory: &&Path| {
        let manifest = fs::read_to_string(directory.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.trim() == "[workspace]")
    };
    let root = here.ancestors().find(is_root).map(Path::to_path_buf);
    root.ok_or_else(|| Fault::Said("no workspace here: run this inside the checkout".to_owned()))
}

/// Runs a program with its output on the terminal.
pub fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<(), Fault> {
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .status();
    let status = status.map_err(|source| Fault::Start {
        program: program.to_owned(),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Fault::Ended {
        line: line(program, arguments),
        status: status.to_string(),
    })
}

/// Runs a program and returns what it wrote; what it complains about stands in the fault.
pub fn output(root: &Path, program: &str, arguments: &[&str]) -> Result<String, Fault> {
    output_where(root, program, arguments, &[0])
}

/// Runs a program that may end with any of some codes, and returns what it wrote.
pub fn output_where(
    root: &Path,
    program: &str,
    arguments: &[&str],
    codes: &[i32],
) -> Result<String, Fault> {
    let ended = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Fault::Start {
            program: program.to_owned(),
            source,
        })?;
    if ended
        .status
        .code()
        .is_some_and(|code| codes.contains(&code))
    {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    let status = format!("{}: {complaint}", ended.status);
    Err(Fault::Ended {
        line: line(program, arguments),
        status,
    })
}

/// Tells whether a program runs and ends well.
pub fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Names the cargo that runs this.
pub fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

fn line(program: &str, arguments: &[&str]) -> String {
    let name = Path::new(program)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(program);
    let mut line = name.to_owned();
    for argument in arguments {
        line.push(' ');
        line.push_str(argument);
    }
    line
}
