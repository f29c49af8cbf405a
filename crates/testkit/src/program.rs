//! A program that serves: started, awaited, stopped. It must not know what it serves.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How long a program may take until it is ready; under callgrind it is some 50 times slower.
const READY_DEADLINE: Duration = Duration::from_secs(120);
/// How much of a program's standard error is shown.
const LAST_WORDS: usize = 2_000;

/// Says why a program could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It could not be started.
    #[error("could not start {0}")]
    Start(String, #[source] io::Error),
    /// It did not say that it is ready.
    #[error("{program} did not say that it is ready; its last words:\n{words}")]
    NotReady {
        /// The program.
        program: String,
        /// The end of its standard error.
        words: String,
    },
    /// It failed.
    #[error("{program} failed:\n{words}")]
    Failed {
        /// The program.
        program: String,
        /// The end of its standard error.
        words: String,
    },
    /// The file of its standard error could not be made.
    #[error("could not read or write {0}")]
    File(PathBuf, #[source] io::Error),
    /// It could not be asked to end, or its end not be awaited.
    #[error("could not end a program")]
    End(#[source] io::Error),
}

/// Is a running program; dropping it ends it.
pub struct Program {
    name: String,
    child: Child,
    /// Where it serves.
    pub address: SocketAddr,
    /// Where it serves operators; its own address where it has no other.
    pub admin: SocketAddr,
    stderr: PathBuf,
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only where the program has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts a program that writes `{"event":"ready","listen":…}` once it serves.
    ///
    /// # Errors
    ///
    /// Says why it did not start, or what it wrote instead of being ready.
    pub fn start(mut command: Command, scratch: &Path) -> Result<Self, ProgramError> {
        let name = name_of(&command);
        let stderr = scratch.join("stderr.log");
        let file = File::create(&stderr).map_err(|e| ProgramError::File(stderr.clone(), e))?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file);
        let started = command.spawn();
        let mut child = started.map_err(|e| ProgramError::Start(name.clone(), e))?;
        let (tell, told) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            // Reads on to the end, so that the program never waits on a full pipe.
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    if let Some(addresses) = ready_addresses(&line) {
                        // Nobody listens any more once the first has been taken.
                        let _ = tell.send(addresses);
                    }
                }
            });
        }
        let Ok((address, admin)) = told.recv_timeout(READY_DEADLINE) else {
            let _ = child.kill();
            let _ = child.wait();
            let words = last_words(&stderr);
            return Err(ProgramError::NotReady {
                program: name,
                words,
            });
        };
        Ok(Self {
            name,
            child,
            address,
            admin,
            stderr,
        })
    }

    /// Tells its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells the end of its standard error.
    #[must_use]
    pub fn last_words(&self) -> String {
        last_words(&self.stderr)
    }

    /// Asks it to end in good order and waits for that.
    ///
    /// # Errors
    ///
    /// Says that it could not be asked, or how it ended instead.
    pub fn stop(mut self) -> Result<(), ProgramError> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).map_err(|e| ProgramError::End(e.into()))?;
        let status = self.child.wait().map_err(ProgramError::End)?;
        self.judge(status)
    }

    fn judge(&self, status: ExitStatus) -> Result<(), ProgramError> {
        if status.success() {
            return Ok(());
        }
        Err(ProgramError::Failed {
            program: format!("{} ({status})", self.name),
            words: self.last_words(),
        })
    }
}

/// Runs a command to its end and tells its standard output.
///
/// # Errors
///
/// Says why it did not start, or what it wrote where it failed.
pub fn output_of(mut command: Command) -> Result<String, ProgramError> {
    let name = name_of(&command);
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|e| ProgramError::Start(name.clone(), e))?;
    if !output.status.success() {
        return Err(ProgramError::Failed {
            program: name,
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn name_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args().take(6));
    let words: Vec<String> = words.map(short).collect();
    words.join(" ")
}

/// Leaves a path's last part only: where this machine keeps it helps nobody.
fn short(word: &OsStr) -> String {
    let path = Path::new(word);
    let name = path.file_name().unwrap_or(word);
    name.to_string_lossy().into_owned()
}

fn ready_addresses(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let event: Value = serde_json::from_str(line).ok()?;
    if event["event"] != "ready" {
        return None;
    }
    let address = event["listen"].as_str()?.parse().ok()?;
    let admin = event["admin"].as_str().map(str::parse);
    Some((address, admin.transpose().ok()?.unwrap_or(address)))
}

fn last_words(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let from = text.floor_char_boundary(text.len().saturating_sub(LAST_WORDS));
    text.get(from..).unwrap_or_default().trim().to_owned()
}
