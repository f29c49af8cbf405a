//! A gateway in front of a fake provider. It must not know a script.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Behaviour, FakeProvider, RecordedRequest, Script};
use tokio::runtime::{Builder, Runtime};

use crate::gateway::Gateway;

/// How soon a provider is left once its client has gone.
const LEFT_WITHIN: Duration = Duration::from_secs(1);

/// Names the dialect that the fake provider is asked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// Chat Completions.
    Chat,
    /// Anthropic Messages.
    Messages,
}

impl Upstream {
    /// Names the adapter, and with it what the scripts call this upstream.
    pub fn dialect(self) -> &'static str {
        match self {
            Self::Chat => "openai-chat",
            Self::Messages => "anthropic-messages",
        }
    }

    fn base_url(self, fake: &FakeProvider) -> String {
        match self {
            Self::Chat => fake.openai_base_url(),
            Self::Messages => fake.anthropic_base_url(),
        }
    }
}

/// Holds the fake provider and the gateway before it.
pub struct Bed {
    /// The gateway.
    pub gateway: Gateway,
    /// The dialect behind it.
    pub upstream: Upstream,
    fake: FakeProvider,
    runtime: Runtime,
}

/// Names the models beside `plain`, each with the provider's id, which picks a behaviour.
const SPARE: &[(&str, &str)] = &[
    ("caller", "tool-calls-2"),
    ("shaped", "fake-shaped"),
    ("slow", "paced-3000-20"),
    ("broken", "error-event-3"),
    ("cut", "cut-after-3"),
    ("ended", "end-after-3"),
    ("flaky", "fail-times-1"),
    ("said-400", "status-400"),
    ("said-404", "status-404"),
    ("said-422", "status-422"),
    ("said-429", "status-429"),
    ("said-500", "status-500"),
    ("said-503", "status-503"),
    ("said-529", "status-529"),
];

impl Bed {
    /// Starts both.
    pub fn start(upstream: Upstream) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let script = Script::new().model("fake-shaped", shaped(upstream));
        let fake = runtime.block_on(FakeProvider::start(script)).unwrap();
        let configuration = configuration(upstream, &upstream.base_url(&fake));
        Self {
            gateway: Gateway::start(&configuration, &[]),
            upstream,
            fake,
            runtime,
        }
    }

    /// Lists what the provider was sent.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.fake.requests()
    }

    /// Waits until the provider has been left in the middle of so many answers.
    pub fn await_left(&self, count: usize) {
        let left = self.fake.await_abandoned(count, LEFT_WITHIN);
        self.runtime.block_on(left).unwrap();
    }
}

fn configuration(upstream: Upstream, base_url: &str) -> String {
    let mut text = format!(
        r#"tiers_order = ["haiku", "spare", "capybara"]
[server]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
max_body_bytes = 65536
[providers.fake]
dialect = "{dialect}"
base_url = "{base_url}"
api_key = {{ file = "provider.key" }}
[models.plain]
provider = "fake"
id = "fake-plain"
[models.hidden]
provider = "fake"
id = "fake-hidden"
[models.limited]
provider = "fake"
id = "fake-limited"
max_output_tokens = 50
[tiers.haiku]
serves = ["plain"]
aliases = ["claude-haiku-*", "gpt-4o-mini*"]
purpose = "quick, cheap steps"
[tiers.capybara]
[people.lead]
roles = ["security"]
[use_cases.support]
owner = "lead"
tiers = ["haiku"]
[releases.next]
tier = "capybara"
candidate = "hidden"
[[releases.next.stages]]
stage = "general"
share = [100]
gates = [{{ gate = "approval", roles = ["security"], of = 1 }}]
"#,
        dialect = upstream.dialect()
    );
    let mut names = vec!["limited"];
    for (name, id) in SPARE {
        text += &format!("[models.{name}]\nprovider = \"fake\"\nid = \"{id}\"\n");
        names.push(name);
    }
    text + &format!("[tiers.spare]\nserves = {}\n", json!(names))
}

/// Answers with an object that fits the schema of the `parse` scripts.
fn shaped(upstream: Upstream) -> Behaviour {
    let text = r#"{"city": "Paris", "country": "France"}"#;
    let body: Value = match upstream {
        Upstream::Chat => json!({
            "id": "chatcmpl-shaped", "object": "chat.completion", "created": 1_790_000_000,
            "model": "fake-shaped",
            "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
                "message": {"role": "assistant", "content": text, "refusal": null}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 8, "total_tokens": 17},
        }),
        Upstream::Messages => json!({
            "id": "msg_shaped", "type": "message", "role": "assistant", "model": "fake-shaped",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 9, "output_tokens": 8},
        }),
    };
    let body = body.to_string();
    let length = body.len();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let whole = format!("{head}content-length: {length}\r\n\r\n{body}");
    Behaviour::Replay(whole.into_bytes().into())
}
