//! A program under measurement: started, awaited, stopped. It must not know what it serves.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::fault::BenchError;

/// How long a program may take until it is ready; under callgrind it is some 50 times slower.
const READY_DEADLINE: Duration = Duration::from_secs(120);
/// How much of a program's standard error is shown.
const LAST_WORDS: usize = 2_000;

/// Is a running program; dropping it ends it.
pub struct Program {
    name: String,
    child: Child,
    /// Where it serves.
    pub address: SocketAddr,
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
    pub fn start(mut command: Command, scratch: &Path) -> Result<Self, BenchError> {
        let name = name_of(&command);
        let stderr = scratch.join("stderr.log");
        let file = File::create(&stderr).map_err(|e| BenchError::File(stderr.clone(), e))?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file);
        let started = command.spawn();
        let mut child = started.map_err(|e| BenchError::Start(name.clone(), e))?;
        let (tell, told) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            // Reads on to the end, so that the program never waits on a full pipe.
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    if let Some(address) = ready_address(&line) {
                        // Nobody listens any more once the first has been taken.
                        let _ = tell.send(address);
                    }
                }
            });
        }
        let Ok(address) = told.recv_timeout(READY_DEADLINE) else {
            let _ = child.kill();
            let _ = child.wait();
            let words = last_words(&stderr);
            return Err(BenchError::NotReady {
                program: name,
                words,
            });
        };
        Ok(Self {
            name,
            child,
            address,
            stderr,
        })
    }

    /// Tells its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells the end of its standard error.
    pub fn last_words(&self) -> String {
        last_words(&self.stderr)
    }

    /// Asks it to end in good order and waits for that.
    pub fn stop(mut self) -> Result<(), BenchError> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).map_err(|e| BenchError::SetUp(e.into()))?;
        let status = self.child.wait()?;
        self.judge(status)
    }

    fn judge(&self, status: ExitStatus) -> Result<(), BenchError> {
        if status.success() {
            return Ok(());
        }
        Err(BenchError::Failed {
            program: format!("{} ({status})", self.name),
            words: self.last_words(),
        })
    }
}

/// Runs a command to its end and tells its standard output.
pub fn output_of(mut command: Command) -> Result<String, BenchError> {
    let name = name_of(&command);
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|e| BenchError::Start(name.clone(), e))?;
    if !output.status.success() {
        return Err(BenchError::Failed {
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

fn ready_address(line: &str) -> Option<SocketAddr> {
    let event: Value = serde_json::from_str(line).ok()?;
    if event["event"] != "ready" {
        return None;
    }
    event["listen"].as_str()?.parse().ok()
}

fn last_words(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let from = text.floor_char_boundary(text.len().saturating_sub(LAST_WORDS));
    text.get(from..).unwrap_or_default().trim().to_owned()
}
