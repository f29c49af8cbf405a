//! The test bed: a provider that does an agent's task in each dialect, and the gateway before it.
//! It must not know a client.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use testkit::{FakeProvider, Program, Script, output_of};
use tokio::runtime::{Builder, Runtime};

use crate::fault::ClientsError;

/// Names the models to ask for: each behind the dialect that its name ends in.
pub const MODELS: [&str; 2] = ["task-openai-chat", "task-anthropic-messages"];

/// Holds the gateway and the provider behind it.
pub struct Bed {
    /// Where the gateway listens.
    pub address: String,
    /// A caller's key.
    pub key: String,
    /// A folder that goes with the bed.
    pub scratch: TempDir,
    // Kept alive, so that they answer.
    _program: Program,
    _fake: FakeProvider,
    _runtime: Runtime,
}

impl Bed {
    /// Starts both.
    pub fn start(tiergate: Option<PathBuf>) -> Result<Self, ClientsError> {
        let own = std::env::current_exe()?;
        let tiergate = tiergate.unwrap_or_else(|| own.with_file_name("tiergate"));
        if !tiergate.is_file() {
            return Err(ClientsError::Missing(tiergate));
        }
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build()?;
        let fake = runtime.block_on(FakeProvider::start(Script::new().without_records()))?;
        let scratch = tempfile::tempdir()?;
        let config = scratch.path().join("tiergate.toml");
        let written = fs::write(&config, configuration(&fake));
        written.map_err(|error| ClientsError::File(config.clone(), error))?;
        let command = || {
            let mut command = Command::new(&tiergate);
            command.arg("--json").arg("--config").arg(&config);
            command.arg("--data-dir").arg(scratch.path().join("state"));
            command.env("FAKE_KEY", "fake-provider-key");
            command
        };
        let key = make_key(command())?;
        let mut serving = command();
        serving.arg("serve");
        let program = Program::start(serving, scratch.path())?;
        Ok(Self {
            address: program.address.to_string(),
            key,
            scratch,
            _program: program,
            _fake: fake,
            _runtime: runtime,
        })
    }
}

fn make_key(mut command: Command) -> Result<String, ClientsError> {
    command.args(["key", "create", "--name", "clients"]);
    let told = output_of(command)?;
    let created: Value = serde_json::from_str(&told).unwrap_or_default();
    let key = created["key"].as_str().map(str::to_owned);
    key.ok_or(ClientsError::Unexpected(told))
}

fn configuration(fake: &FakeProvider) -> String {
    let (chat, messages) = (fake.openai_base_url(), fake.anthropic_base_url());
    format!(
        r#"tiers_order = ["tasks"]
[server]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
[providers.chat]
dialect = "openai-chat"
base_url = "{chat}"
api_key = {{ env = "FAKE_KEY" }}
[providers.messages]
dialect = "anthropic-messages"
base_url = "{messages}"
api_key = {{ env = "FAKE_KEY" }}
[models.task-openai-chat]
provider = "chat"
id = "task"
max_output_tokens = 1000000
[models.task-anthropic-messages]
provider = "messages"
id = "task"
max_output_tokens = 1000000
[tiers.tasks]
serves = ["task-openai-chat", "task-anthropic-messages"]
"#
    )
}
