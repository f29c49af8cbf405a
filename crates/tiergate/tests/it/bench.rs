//! What most tests stand on: a gateway with one caller in front of a fake provider, and its
//! configuration. It must not know what a test asserts.

use testkit::{FakeProvider, Script};

use crate::client::Ask;
use crate::gateway::Gateway;
use crate::home::{Home, Key};
use crate::patience::on;

/// Starts a fake provider.
pub(crate) fn fake(script: Script) -> FakeProvider {
    on(FakeProvider::start(script)).unwrap()
}

/// A gateway with one caller, in front of a fake provider that speaks both dialects.
pub(crate) struct Bench {
    pub(crate) gateway: Gateway,
    pub(crate) home: Home,
    pub(crate) fake: FakeProvider,
    pub(crate) caller: Key,
}

impl Bench {
    /// Starts with the standard configuration.
    pub(crate) fn start() -> Self {
        Self::with(standard)
    }

    /// Starts with a configuration made for its fake provider.
    pub(crate) fn with(config: impl FnOnce(&FakeProvider) -> String) -> Self {
        let fake = fake(Script::new());
        let home = Home::new(&config(&fake));
        let caller = home.caller("app", &[]);
        let gateway = home.serve();
        Self {
            gateway,
            home,
            fake,
            caller,
        }
    }

    /// Makes a chat request of the caller.
    pub(crate) fn chat(&self, name: &str) -> Ask {
        Ask::chat(name).bearer(&self.caller.key)
    }

    /// Makes a messages request of the caller.
    pub(crate) fn messages(&self, name: &str) -> Ask {
        Ask::messages(name).with("x-api-key", &self.caller.key)
    }
}

/// The head of every configuration: free ports, and deadlines that a test can wait for.
pub(crate) const SERVER: &str = r#"
[server]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
headers_timeout_ms = 1500
first_token_timeout_ms = 1500
idle_timeout_ms = 1500
answer_timeout_ms = 5000
"#;

/// Declares a fake provider that stands for Anthropic's own API, two of its models, and the tier of
/// the smaller.
pub(crate) fn claudes(fake: &FakeProvider) -> String {
    let base = fake.anthropic_base_url();
    format!(
        r#"{SERVER}
[providers.claudes]
dialect = "anthropic-messages"
platform = "anthropic"
base_url = "{base}"

[models.haiku-now]
provider = "claudes"
id = "claude-haiku-4-5-20251001"

[models.sonnet-now]
provider = "claudes"
id = "claude-sonnet-4-5-20250929"

[tiers.haiku]
serves = ["haiku-now"]
purpose = "quick steps"
"#
    )
}

/// Declares two tiers on a fake provider, one for each dialect, and a tier that only a sealed
/// release would serve.
pub(crate) fn standard(fake: &FakeProvider) -> String {
    let (chat, messages) = (fake.openai_base_url(), fake.anthropic_base_url());
    format!(
        r#"{SERVER}
[providers.chat]
dialect = "openai-chat"
base_url = "{chat}"

[providers.claudes]
dialect = "anthropic-messages"
base_url = "{messages}"

[models.plain]
provider = "chat"
id = "plain"
price = {{ input_usd_micros = 1000000, output_usd_micros = 5000000 }}

[models.claude]
provider = "claudes"
id = "claude"

[models.hidden]
provider = "chat"
id = "hidden"

[tiers.haiku]
serves = ["plain"]
aliases = ["gpt-4o-*"]
purpose = "quick steps"

[tiers.opus]
serves = ["claude"]
aliases = ["claude-opus-*"]
purpose = "hard steps"

[tiers.capybara]
purpose = "not open yet"

[people.platform-lead]
roles = ["platform"]

[people.security-lead]
roles = ["security"]

[use_cases.code-help]
owner = "platform-lead"
tiers = ["haiku", "opus", "capybara"]

[releases.hidden]
tier = "capybara"
candidate = "hidden"

[[releases.hidden.stages]]
stage = "early_access"
admit = {{ use_cases = ["code-help"] }}
gates = [{{ gate = "approval", roles = ["security"], of = 1 }}]
"#
    )
}
