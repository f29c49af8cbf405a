//! One running witness: started on a folder, asked over its port, stopped and killed. It must not
//! know what it cosigned.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::client::{Answer, Ask};
use crate::home::Home;
use crate::patience::{PATIENCE, eventually};

/// A process that witnesses; it is killed where a test ends without stopping it.
pub(super) struct Server {
    child: Child,
    pub(super) listen: SocketAddr,
    /// Its public key, as it shows it.
    pub(super) key: String,
}

impl Server {
    /// Starts one on a folder, with the public keys of the logs that it witnesses.
    pub(super) fn start(home: &Home, folder: &str, logs: &[&str]) -> Self {
        let state = home.path().join(folder);
        let mut command = home.command(&["ledger", "witness", "--listen", "127.0.0.1:0", "--json"]);
        command.arg("--state").arg(state);
        for log in logs {
            command.args(["--log", log]);
        }
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                // Nobody waits for a second line; the pipe is emptied all the same.
                let _ = tell.send(line);
            }
        });
        let ready = told.recv_timeout(PATIENCE).expect("a witness in time");
        let ready: Value = serde_json::from_str(&ready).unwrap();
        assert_eq!(ready["event"], "ready", "{ready}");
        assert_eq!(ready["logs"].as_array().unwrap().len(), logs.len());
        Self {
            child,
            listen: ready["listen"].as_str().unwrap().parse().unwrap(),
            key: ready["key"].as_str().unwrap().to_owned(),
        }
    }

    /// Sends a body as a log sends its new checkpoint.
    pub(super) fn add(&self, body: &[u8]) -> Answer {
        added(body).to(self.listen)
    }

    /// Shows how a configuration declares it.
    pub(super) fn declared(&self) -> String {
        declared(self.listen, &self.key)
    }

    /// Kills it, and shows what it has said on standard error: a few lines, which a pipe holds.
    pub(super) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut said = String::new();
        let mut pipe = self.child.stderr.take().unwrap();
        pipe.read_to_string(&mut said).unwrap();
        said
    }

    /// Asks it to stop, which it must do well.
    pub(super) fn stop(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let ended: ExitStatus = eventually("the witness ends", || self.child.try_wait().unwrap());
        assert!(ended.success(), "{ended}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes the request that brings a new checkpoint.
pub(super) fn added(body: &[u8]) -> Ask {
    Ask::new("POST", "/add-checkpoint").sending(body.to_vec())
}

/// Writes how a configuration declares a witness.
pub(super) fn declared(listen: SocketAddr, key: &str) -> String {
    format!("{{ url = \"http://{listen}\", key = \"{key}\" }}")
}

/// Shows that a file is its owner's alone.
pub(super) fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    mode & 0o777 == 0o600
}
