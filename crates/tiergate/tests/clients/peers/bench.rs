//! A gateway with a sealed candidate, a tier that falls back, and a fake provider behind both. It
//! must not know a tool.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use testkit::{FakeProvider, Script};
use tokio::runtime::{Builder, Runtime};

use super::Peer;
use crate::gateway::Gateway;

/// How long a changed configuration may take to be in force.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// What a tool says that looks for news of itself, or for a model of a hub.
const OFFLINE: &[(&str, &str)] = &[
    ("DO_NOT_TRACK", "1"),
    ("HF_DATASETS_OFFLINE", "1"),
    ("HF_HUB_DISABLE_TELEMETRY", "1"),
    ("HF_HUB_OFFLINE", "1"),
    ("INSPECT_DISABLE_VERSION_CHECK", "1"),
    ("PROMPTFOO_DISABLE_REMOTE_GENERATION", "1"),
    ("PROMPTFOO_DISABLE_TELEMETRY", "1"),
    ("PROMPTFOO_DISABLE_UPDATE", "1"),
    ("TRANSFORMERS_OFFLINE", "1"),
];

/// Holds the gateway and what stands around it.
pub struct Bench {
    gateway: Gateway,
    suite: String,
    configuration: String,
    // Serves while it is kept.
    _fake: FakeProvider,
    _runtime: Runtime,
}

/// Is an evaluation key, or an application's.
pub struct Key {
    id: String,
    secret: String,
}

/// Says what a tool is to ask, and where it may write.
pub struct Asked<'b> {
    /// The gateway's base URL.
    pub base_url: String,
    /// The key.
    pub key: &'b str,
    /// The model's name.
    pub model: &'b str,
    /// A folder of this run's own.
    pub folder: PathBuf,
}

impl Asked<'_> {
    /// Gives a tool its folder, which is its home as well, and keeps it from the world outside.
    pub fn at_home(&self, command: &mut Command) {
        command
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(OFFLINE.iter().copied());
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).unwrap();
    }

    /// Lists the files below a folder that end so, in the order of their names.
    pub fn written(&self, below: &str, end: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        gather(&self.folder.join(below), end, &mut found);
        found.sort();
        found
    }
}

fn gather(folder: &Path, end: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, end, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
}

/// Runs a tool, which has to end with one of some codes.
pub fn ended(mut command: Command, codes: &[i32]) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let code = output.status.code().unwrap_or(-1);
    if codes.contains(&code) {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|said| text(&said));
    Err(format!("it ended with {code}\n{}", said.concat()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Bench {
    /// Starts with a suite that no configuration declares.
    pub fn start(suite: &str) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let fake = runtime.block_on(FakeProvider::start(Script::new()));
        let fake = fake.unwrap();
        let configuration = configuration(&fake.openai_base_url(), suite);
        Self {
            gateway: Gateway::start(&configuration, &[]),
            suite: suite.to_owned(),
            configuration,
            _fake: fake,
            _runtime: runtime,
        }
    }

    /// Makes an evaluation key of the release.
    pub fn key(&self) -> Key {
        let kind = ["--kind", "evaluator", "--release", "next"];
        let made = [&["key", "create", "--name", "peer"][..], &kind].concat();
        let made = self.json(&self.gateway.command(&made));
        let field = |name: &str| made[name].as_str().unwrap().to_owned();
        Key {
            id: field("id"),
            secret: field("key"),
        }
    }

    /// Shows the key of an application, which reaches what everybody reaches.
    pub fn application(&self) -> Key {
        Key {
            id: String::new(),
            secret: self.gateway.key.clone(),
        }
    }

    /// Runs a tool in a folder of its own.
    pub fn run(&self, peer: &Peer, key: &Key, model: &str) -> Vec<PathBuf> {
        let folder = self.gateway.folder().join(format!("{model}-{}", key.id));
        fs::create_dir_all(&folder).unwrap();
        let asked = Asked {
            base_url: format!("http://{}/v1", self.gateway.address),
            key: &key.secret,
            model,
            folder,
        };
        let files = (peer.run)(peer, &asked);
        files.unwrap_or_else(|why| panic!("{}: {why}{}", peer.name, self.gateway.said()))
    }

    /// Brings files in; what was refused comes back as it was told.
    pub fn brought(&self, files: &[PathBuf], key: &Key) -> Result<Value, String> {
        let mut command = vec!["evidence", "import"];
        command.extend(files.iter().map(|file| file.to_str().unwrap()));
        command.extend(["--release", "next", "--arm", "candidate"]);
        command.extend(["--suite", &self.suite, "--key", &key.id]);
        let output = self.gateway.command(&command);
        match output.status.code() {
            Some(0 | 1) => {
                let taken = self.json(&output);
                let is_evidence = taken["reasons"] == Value::Array(Vec::new());
                assert_eq!(is_evidence, output.status.success(), "{taken}");
                Ok(taken)
            }
            _ => Err(text(&output.stderr)),
        }
    }

    /// Brings files that are refused, and tells why.
    pub fn refused(&self, files: &[PathBuf], key: &Key) -> String {
        self.brought(files, key).unwrap_err()
    }

    /// Declares the suite by the line that a refusal told.
    pub fn declare(&self, told: &str) {
        let at = told.find("sha256:").unwrap_or_else(|| panic!("{told}"));
        let digest: String = told[at..].chars().take(7 + 64).collect();
        let suite = format!("[suites.{}]\ndigest = \"{digest}\"\n", self.suite);
        let fresh = self.gateway.folder().join("fresh.toml");
        fs::write(&fresh, format!("{}{suite}", self.configuration)).unwrap();
        fs::rename(fresh, self.gateway.folder().join("tiergate.toml")).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !self.gateway.said().contains("was taken up") {
            assert!(Instant::now() < deadline, "{}", self.gateway.said());
            thread::park_timeout(LOOK_EVERY);
        }
    }

    /// Asserts that files are taken in and are no evidence, for reasons that the gate tells.
    pub fn shows_nothing(&self, files: &[PathBuf], key: &Key, reasons: &[&str]) {
        let taken = self.brought(files, key).unwrap();
        let (word, told) = self.gate();
        assert_eq!(word, "inconclusive", "{told}");
        for why in reasons {
            assert!(taken["reasons"].to_string().contains(why), "{why}: {taken}");
            assert!(told.contains(why), "{why}: {told}");
        }
    }

    /// Tells what the gate on the suite says.
    pub fn gate(&self) -> (String, String) {
        let shown = self.json(&self.gateway.command(&["release", "show", "next"]));
        let field = |name: &str| shown["gates"][0][name].as_str().unwrap().to_owned();
        (field("verdict"), field("reason"))
    }

    /// Asserts that the candidate is not let through.
    pub fn stays_sealed(&self) {
        let refused = self.gateway.command(&["release", "promote", "next"]);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    }

    /// Asserts that the candidate is let through.
    pub fn opens(&self) {
        let (word, told) = self.gate();
        assert_eq!(word, "pass", "{told}");
        let made = self.json(&self.gateway.command(&["release", "promote", "next"]));
        assert_eq!(made["to"]["stage"], "general", "{made}");
    }

    fn json(&self, output: &Output) -> Value {
        let read = serde_json::from_slice(&output.stdout);
        read.unwrap_or_else(|_| panic!("{}{}", text(&output.stderr), self.gateway.said()))
    }
}

fn configuration(base_url: &str, suite: &str) -> String {
    format!(
        r#"tiers_order = ["haiku", "opus"]
[server]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
[providers.fake]
dialect = "openai-chat"
base_url = "{base_url}"
[models.steady]
provider = "fake"
id = "fake-steady"
[models.broken]
provider = "fake"
id = "status-503"
[models.next]
provider = "fake"
id = "fake-next"
[tiers.haiku]
serves = ["broken", "steady"]
[tiers.opus]
serves = ["steady"]
[people.lead]
roles = ["security"]
[releases.next]
tier = "opus"
candidate = "next"
[[releases.next.stages]]
stage = "general"
share = [100]
gates = [{{ gate = "eval_floor", suite = "{suite}", at_least = 0.5 }}]
"#
    )
}
