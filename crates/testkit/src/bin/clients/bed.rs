//! The test bed: a provider that does an agent's task in each dialect, and the gateway before it.
//! It must not know a client.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use testkit::{Behaviour, Client, FakeProvider, Program, SPEECHES, Script, output_of};
use tokio::runtime::{Builder, Runtime};

use crate::fault::ClientsError;

/// Holds the gateway and the provider behind it.
pub struct Bed {
    /// Where the gateway listens.
    pub address: String,
    /// A caller's key.
    pub key: String,
    /// A folder that goes with the bed.
    pub scratch: TempDir,
    operator_key: String,
    program: Program,
    runtime: Runtime,
    // Kept alive, so that it answers.
    _fake: FakeProvider,
}

/// Lists the dialects that the provider speaks, each behind a model of its own.
pub fn upstreams() -> impl Iterator<Item = &'static str> {
    SPEECHES.iter().map(|speech| speech.name())
}

/// Names the model behind a dialect, for callers and for the provider.
pub fn model_of(upstream: &str) -> String {
    format!("task-{upstream}")
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
        let script = Script::new().otherwise(Behaviour::Task).without_records();
        let fake = runtime.block_on(FakeProvider::start(script))?;
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
        let key = make_key(command(), &["--name", "clients"])?;
        let operator = [
            "--name", "reader", "--kind", "operator", "--person", "reader",
        ];
        let operator_key = make_key(command(), &operator)?;
        let mut serving = command();
        serving.arg("serve");
        let program = Program::start(serving, scratch.path())?;
        Ok(Self {
            address: program.address.to_string(),
            key,
            scratch,
            operator_key,
            program,
            runtime,
            _fake: fake,
        })
    }

    /// Counts the requests to a model that were answered until now, by the dialect asked in.
    pub fn asked_of(&self, model: &str) -> Result<BTreeMap<String, u64>, ClientsError> {
        let request = format!(
            "GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
            self.operator_key
        );
        let told = self.runtime.block_on(async {
            let mut client = Client::connect(self.program.admin).await?;
            client.exchange(request.as_bytes()).await
        })?;
        let text = String::from_utf8_lossy(&told.body).into_owned();
        if told.head.status != 200 {
            return Err(ClientsError::Unexpected(text));
        }
        Ok(count_by_dialect(&text, model))
    }
}

fn count_by_dialect(metrics: &str, model: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in metrics.lines() {
        let Some(told) = line.strip_prefix("tiergate_requests_total{") else {
            continue;
        };
        let is_of_model = told.contains(&format!("model=\"{model}\""));
        let dialect = told
            .split_once("dialect=\"")
            .and_then(|(_, rest)| rest.split('"').next());
        let count = told
            .rsplit(' ')
            .next()
            .and_then(|count| count.parse::<u64>().ok());
        if let (true, Some(dialect), Some(count)) = (is_of_model, dialect, count) {
            *counts.entry(dialect.to_owned()).or_insert(0) += count;
        }
    }
    counts
}

fn make_key(mut command: Command, more: &[&str]) -> Result<String, ClientsError> {
    command.args(["key", "create"]).args(more);
    let told = output_of(command)?;
    let created: Value = serde_json::from_str(&told).unwrap_or_default();
    let key = created["key"].as_str().map(str::to_owned);
    key.ok_or(ClientsError::Unexpected(told))
}

fn configuration(fake: &FakeProvider) -> String {
    let mut text = r#"tiers_order = ["tasks"]
[server]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
[people.reader]
roles = ["security"]
"#
    .to_owned();
    let mut models = Vec::new();
    for speech in SPEECHES {
        let (dialect, base_url) = (speech.name(), fake.base_url(*speech));
        let model = model_of(dialect);
        text += &format!(
            r#"[providers.{dialect}]
dialect = "{dialect}"
base_url = "{base_url}"
api_key = {{ env = "FAKE_KEY" }}
[models.{model}]
provider = "{dialect}"
id = "{model}"
max_output_tokens = 1000000
"#
        );
        models.push(model);
    }
    text + &format!("[tiers.tasks]\nserves = {}\n", serde_json::json!(models))
}

#[cfg(test)]
mod tests {
    use super::count_by_dialect;

    #[test]
    fn requests_are_counted_by_dialect_for_one_model() {
        let metrics = "# TYPE tiergate_requests counter
tiergate_requests_total{tier=\"t\",model=\"a\",dialect=\"x\",outcome=\"answered\",status=\"200\"} 3
tiergate_requests_total{tier=\"t\",model=\"a\",dialect=\"x\",outcome=\"failed\",status=\"503\"} 1
tiergate_requests_total{tier=\"t\",model=\"a\",dialect=\"y\",outcome=\"answered\",status=\"200\"} 2
tiergate_requests_total{tier=\"t\",model=\"b\",dialect=\"y\",outcome=\"answered\",status=\"200\"} 9
tiergate_requests_unpriced_total{tier=\"t\",model=\"a\"} 5
";
        let counts = count_by_dialect(metrics, "a");
        let counts: Vec<_> = counts
            .iter()
            .map(|(name, count)| (&**name, *count))
            .collect();
        assert_eq!(counts, [("x", 4), ("y", 2)]);
    }
}
