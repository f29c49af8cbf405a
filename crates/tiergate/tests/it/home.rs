//! A configuration file and a data directory of a test's own, and the commands that work on them.
//! It must not know what the commands do.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;
use store::{Access, Store};
use tempfile::TempDir;

use crate::gateway::Gateway;
use crate::patience::{PATIENCE, in_time};

/// A folder with a configuration and a data directory.
pub(crate) struct Home {
    folder: TempDir,
}

/// A key as `key create` shows it.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) key: String,
}

/// A person's operator key, in a file.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    pub(crate) key: Key,
    file: PathBuf,
}

/// How a command ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    /// Makes a folder without a configuration.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// Makes a folder with this configuration.
    pub(crate) fn new(config: &str) -> Self {
        let home = Self::empty();
        home.write(config);
        home
    }

    /// Writes the configuration anew, in one step as an editor does.
    pub(crate) fn write(&self, config: &str) {
        let fresh = self.path().join("tiergate.toml.new");
        fs::write(&fresh, config).unwrap();
        fs::rename(fresh, self.config()).unwrap();
    }

    /// Shows the folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Shows the configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("tiergate.toml")
    }

    /// Shows the data directory.
    pub(crate) fn kept(&self) -> PathBuf {
        self.path().join("kept")
    }

    /// Makes a command of the binary on this folder, without the user's own surroundings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tiergate"));
        self.point(&mut command, arguments);
        command
    }

    /// Gives a command that runs the binary its arguments and surroundings.
    pub(crate) fn point(&self, command: &mut Command, arguments: &[&str]) {
        command
            .args(arguments)
            .arg("--config")
            .arg(self.config())
            .arg("--data-dir")
            .arg(self.kept())
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path());
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments), PATIENCE)
    }

    /// Runs a command with a person's operator key.
    pub(crate) fn run_as(&self, operator: &Operator, arguments: &[&str]) -> Ended {
        self.run_long(operator, arguments, PATIENCE)
    }

    /// Runs a command with a person's operator key that may take so long.
    pub(crate) fn run_long(
        &self,
        operator: &Operator,
        arguments: &[&str],
        most: Duration,
    ) -> Ended {
        let mut command = self.command(arguments);
        command.arg("--operator-key").arg(&operator.file);
        Ended::of(command, most)
    }

    /// Creates a caller's key.
    pub(crate) fn caller(&self, name: &str, more: &[&str]) -> Key {
        let mut arguments = vec!["key", "create", "--json", "--name", name];
        arguments.extend(more);
        Key::read(&self.run(&arguments).is(0).json())
    }

    /// Creates an operator key of a person, nobody's issue.
    pub(crate) fn operator(&self, person: &str, name: &str) -> Operator {
        let more = ["--kind", "operator", "--person", person];
        self.keep(self.caller(name, &more), name)
    }

    /// Keeps an operator key that was shown.
    pub(crate) fn keep(&self, key: Key, name: &str) -> Operator {
        let file = self.path().join(format!("{name}.key"));
        fs::write(&file, &key.key).unwrap();
        Operator { key, file }
    }

    /// Opens the store in its data directory, to read what is durable.
    pub(crate) fn store(&self) -> Store {
        self.open(Access::Read)
    }

    /// Opens the store in its data directory.
    pub(crate) fn open(&self, access: Access) -> Store {
        let config = store::Config {
            database: self.kept().join("tiergate.db"),
            ledger_dir: self.kept().join("ledger"),
            busy_timeout: store::Config::BUSY_TIMEOUT,
            retention: store::Retention::STANDARD,
        };
        Store::open(config, access).unwrap()
    }

    /// Starts a gateway.
    pub(crate) fn serve(&self) -> Gateway {
        Gateway::start(self.command(&["serve", "--json"]))
    }
}

impl Key {
    /// Takes a key that was shown without its id, which stands in it.
    pub(crate) fn shown(key: &str) -> Self {
        let id = key.split('_').nth(2).unwrap();
        Self {
            id: id.to_owned(),
            key: key.to_owned(),
        }
    }

    /// Reads `{"id":…,"key":…}`.
    pub(crate) fn read(shown: &Value) -> Self {
        let text = |field: &str| shown[field].as_str().unwrap().to_owned();
        Self {
            id: text("id"),
            key: text("key"),
        }
    }
}

impl Ended {
    /// Runs a command to its end, which must come in time.
    pub(crate) fn of(mut command: Command, most: Duration) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (gather(child.stdout.take()), gather(child.stderr.take()));
        let ended = in_time(most, || child.try_wait().unwrap());
        let Some(status) = ended else {
            child.kill().unwrap();
            panic!(
                "{command:?} does not end: {} {}",
                out.join().unwrap(),
                err.join().unwrap()
            );
        };
        Self {
            code: status.code().unwrap_or(-1),
            out: out.join().unwrap(),
            err: err.join().unwrap(),
        }
    }

    /// Asserts the exit code.
    pub(crate) fn is(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    /// Reads what stands on standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        let read = serde_json::from_str(&self.out);
        read.unwrap_or_else(|_| panic!("no JSON: {}\n{}", self.out, self.err))
    }

    /// Reads what stands on standard output as one JSON value a line.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let lines = self.out.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }
}

/// Reads a stream to its end beside the process that writes it.
fn gather(stream: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    let mut stream = stream.unwrap();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
