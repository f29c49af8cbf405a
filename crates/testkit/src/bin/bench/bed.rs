//! The test bed: fake provider, bare proxy, gateway with its configuration and key.
//!
//! It must not know what a section measures.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;
use tempfile::TempDir;
use testkit::{Behaviour, FakeProvider, Program, Script, output_of};
use tokio::runtime::Runtime;

use crate::asked::{self, Kind};
use crate::fault::BenchError;
use crate::options::Options;

/// The size of the answer, and of the request's text.
pub const PAYLOAD_BYTES: usize = 1_024;
/// How many requests are under way at once.
pub const CONCURRENCY: usize = 64;
/// How long usage rows may take to be stored.
const ROWS_DEADLINE: Duration = Duration::from_secs(60);
/// How often usage rows are counted.
const ROWS_EVERY: Duration = Duration::from_millis(100);

/// Holds what every section needs.
pub struct Bench {
    pub options: Options,
    pub runtime: Runtime,
    pub fake: FakeProvider,
    pub bare_path: PathBuf,
    tiergate: PathBuf,
    scratch: TempDir,
    homes: u32,
}

/// Is a configured data directory of the gateway, with a caller's key.
pub struct Home {
    tiergate: PathBuf,
    directory: PathBuf,
    key: String,
}

/// How a program is run.
#[derive(Clone, Copy)]
pub enum Runner<'a> {
    /// As it is.
    Native,
    /// Under callgrind, its counts going to this file.
    Callgrind(&'a Path),
}

impl Runner<'_> {
    fn command(self, program: &Path) -> Command {
        match self {
            Self::Native => Command::new(program),
            Self::Callgrind(counts) => {
                let mut command = Command::new("valgrind");
                command
                    .arg("--tool=callgrind")
                    .arg(format!("--callgrind-out-file={}", counts.display()))
                    .arg(program);
                command
            }
        }
    }
}

impl Bench {
    /// Starts the fake provider and finds the programs.
    pub fn new(options: Options) -> Result<Self, BenchError> {
        let own = std::env::current_exe()?;
        let bare_path = own.with_file_name("bare-proxy");
        let beside = || own.with_file_name("tiergate");
        let tiergate = options.tiergate.clone().unwrap_or_else(beside);
        require(&bare_path, "cargo build --release --package testkit --bins")?;
        require(&tiergate, "cargo build --release --package tiergate")?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let canned = Behaviour::Canned {
            bytes: PAYLOAD_BYTES,
        };
        let script = Script::new().otherwise(canned).without_records();
        let fake = runtime.block_on(FakeProvider::start(script))?;
        Ok(Self {
            options,
            runtime,
            fake,
            tiergate,
            bare_path,
            scratch: tempfile::tempdir()?,
            homes: 0,
        })
    }

    /// Makes a directory that goes with the test bed.
    pub fn directory(&mut self) -> Result<PathBuf, BenchError> {
        self.homes += 1;
        let path = self.scratch.path().join(self.homes.to_string());
        fs::create_dir(&path).map_err(|e| BenchError::File(path.clone(), e))?;
        Ok(path)
    }

    /// Starts the bare proxy in front of the fake provider.
    pub fn start_bare(&mut self, runner: Runner<'_>) -> Result<Program, BenchError> {
        let scratch = self.directory()?;
        let mut command = runner.command(&self.bare_path);
        let upstream = self.fake.address().to_string();
        command.args(["--listen", "127.0.0.1:0", "--upstream", &upstream]);
        Ok(Program::start(command, &scratch)?)
    }

    /// Makes a data directory with the fake provider in its configuration and a caller's key.
    pub fn make_home(&mut self) -> Result<Home, BenchError> {
        self.make_home_with("")
    }

    /// Makes a data directory whose configuration has these lines too.
    pub fn make_home_with(&mut self, more: &str) -> Result<Home, BenchError> {
        let directory = self.directory()?;
        let config = directory.join("tiergate.toml");
        let text = configuration(&self.fake.openai_base_url()) + more;
        fs::write(&config, text).map_err(|e| BenchError::File(config.clone(), e))?;
        let mut home = Home {
            tiergate: self.tiergate.clone(),
            directory,
            key: String::new(),
        };
        let mut command = home.command(Runner::Native);
        command.args(["key", "create", "--name", "bench", "--kind", "caller"]);
        let text = output_of(home.placed(command))?;
        let created: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        match created["key"].as_str() {
            Some(key) => home.key = key.to_owned(),
            None => {
                return Err(BenchError::Unexpected {
                    program: "tiergate key create".to_owned(),
                    words: "no member `key` in its JSON".to_owned(),
                });
            }
        }
        Ok(home)
    }

    /// Makes the request that asks a target for a canned answer.
    pub fn direct_request(&self) -> Bytes {
        self.direct((Kind::Canned, PAYLOAD_BYTES))
    }

    /// Makes the request for the bare proxy: its kind, and how many bytes of text it has.
    pub fn direct(&self, (kind, text): (Kind, usize)) -> Bytes {
        kind.direct(text)
    }

    /// Tells where the fake provider listens.
    pub fn upstream(&self) -> SocketAddr {
        self.fake.address()
    }
}

impl Home {
    /// Starts the gateway on free ports.
    pub fn serve(&self, runner: Runner<'_>) -> Result<Program, BenchError> {
        let mut command = self.command(runner);
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        Ok(Program::start(self.placed(command), &self.directory)?)
    }

    /// Makes the request for a canned answer by tier.
    pub fn request(&self) -> Bytes {
        self.ask((Kind::Canned, PAYLOAD_BYTES))
    }

    /// Makes a request by tier: its kind, and how many bytes of text it has.
    pub fn ask(&self, (kind, text): (Kind, usize)) -> Bytes {
        kind.asked(text, &self.key)
    }

    /// Makes a request of its own with this body and the key.
    pub fn post(&self, body: &Value) -> Bytes {
        asked::keyed(body, &self.key)
    }

    /// Waits until so many requests are stored as usage.
    pub fn await_rows(&self, wanted: u64) -> Result<(), BenchError> {
        let deadline = Instant::now() + ROWS_DEADLINE;
        loop {
            let seen = self.rows()?;
            if seen >= wanted {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(BenchError::RowsMissing { seen, wanted });
            }
            std::thread::sleep(ROWS_EVERY);
        }
    }

    /// Counts the requests that are stored as usage.
    pub fn rows(&self) -> Result<u64, BenchError> {
        let mut command = self.command(Runner::Native);
        command.arg("usage");
        let text = output_of(self.placed(command))?;
        let table: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        let Some(rows) = table.as_array() else {
            return Err(BenchError::Unexpected {
                program: "tiergate usage".to_owned(),
                words: text,
            });
        };
        let counts = rows.iter().filter_map(|row| row["requests"].as_u64());
        Ok(counts.sum())
    }

    fn command(&self, runner: Runner<'_>) -> Command {
        let mut command = runner.command(&self.tiergate);
        command.env("FAKE_KEY", "fake-provider-key");
        command
    }

    /// Adds the options that stand on every command.
    fn placed(&self, mut command: Command) -> Command {
        command
            .arg("--config")
            .arg(self.directory.join("tiergate.toml"))
            .arg("--data-dir")
            .arg(&self.directory)
            .arg("--json");
        command
    }
}

fn require(path: &Path, build: &'static str) -> Result<(), BenchError> {
    if path.is_file() {
        return Ok(());
    }
    Err(BenchError::Missing {
        path: path.to_owned(),
        build,
    })
}

fn configuration(base_url: &str) -> String {
    format!(
        r#"[providers.fake]
dialect = "openai-chat"
base_url = "{base_url}"
api_key = {{ env = "FAKE_KEY" }}

[models.m]
provider = "fake"
id = "fake-1"

[models.stamped]
provider = "fake"
id = "{stamped}"

[models.saturated]
provider = "fake"
id = "{saturated}"

[models.paced]
provider = "fake"
id = "{paced}"

[tiers.haiku]
serves = ["m"]

[tiers.opus]
serves = ["saturated"]

[tiers.capybara]
serves = ["paced"]

[tiers.sonnet]
serves = ["stamped"]
"#,
        stamped = Kind::Stamped.model(),
        saturated = Kind::Saturated.model(),
        paced = Kind::Paced.model(),
    )
}
