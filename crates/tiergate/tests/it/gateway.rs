//! One running gateway: started, told to stop, killed, and listened to. It must not know what it
//! serves.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::client::{Answer, Ask};
use crate::home::Operator;
use crate::patience::{PATIENCE, eventually};

/// A process that serves; it is killed where a test ends without stopping it.
pub(crate) struct Gateway {
    child: Child,
    pub(crate) listen: SocketAddr,
    pub(crate) admin: SocketAddr,
    /// The event that said so.
    pub(crate) ready: Value,
    notes: Arc<Notes>,
}

/// What the process has said on standard error so far.
#[derive(Default)]
struct Notes {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

impl Gateway {
    /// Starts a process and waits until it says where it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let notes = Arc::new(Notes::default());
        listen_to(child.stderr.take().unwrap(), Arc::clone(&notes));
        let (tell, told) = mpsc::channel();
        let said = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                // Nobody waits for a second line; the pipe is emptied all the same.
                let _ = tell.send(line);
            }
        });
        let Ok(ready) = told.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            panic!("not ready: {}", notes.text());
        };
        let ready: Value = serde_json::from_str(&ready).unwrap();
        assert_eq!(ready["event"], "ready", "{ready}");
        let address = |field: &str| ready[field].as_str().unwrap().parse().unwrap();
        Self {
            listen: address("listen"),
            admin: address("admin"),
            ready,
            child,
            notes,
        }
    }

    /// Tells the process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).unwrap();
    }

    /// Asks it to stop and waits for its end.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.ended()
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        eventually("the process ends", || self.child.try_wait().unwrap())
    }

    /// Asks the admin port as a person.
    pub(crate) fn admin(&self, operator: &Operator, ask: Ask) -> Answer {
        ask.bearer(&operator.key.key).to(self.admin)
    }

    /// Shows what it has said on standard error.
    pub(crate) fn said(&self) -> String {
        self.notes.text()
    }

    /// Counts the lines on standard error that hold a text.
    pub(crate) fn times_said(&self, text: &str) -> usize {
        let lines = self.notes.lines();
        lines.iter().filter(|line| line.contains(text)).count()
    }

    /// Waits until it has said a text on standard error so often.
    pub(crate) fn await_said(&self, text: &str, times: usize) {
        let deadline = Instant::now() + PATIENCE;
        let mut lines = self.notes.lines();
        while lines.iter().filter(|line| line.contains(text)).count() < times {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never said `{text}`: {lines:#?}");
            let waited = self.notes.more.wait_timeout(lines, left);
            lines = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Notes {
    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&self) -> String {
        self.lines().join("\n")
    }
}

fn listen_to(stream: impl Read + Send + 'static, notes: Arc<Notes>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            notes.lines().push(line);
            notes.more.notify_all();
        }
    });
}
