//! A gateway with two sealed models, one beside an incumbent and one alone in its tier, and keys
//! of every kind. It must not test anything itself.

use serde_json::{Value, json};
use testkit::FakeProvider;

use crate::bench::{Bench, SERVER};
use crate::client::{Answer, Ask};
use crate::home::{Key, Operator};

/// What no answer may hold unless it was asked for by exactly that name.
pub(super) const SEALED: &[&str] = &["mythos", "capybara", "vendor-7", "successor"];
/// A name that nothing bears, as long as the sealed model's.
pub(super) const UNKNOWN: &str = "mythes";

/// A gateway with a caller of each kind.
pub(super) struct Scene {
    pub(super) bench: Bench,
    /// May claim the use case that the sealed releases will admit.
    pub(super) helper: Key,
    /// May claim a use case that lists another tier than the sealed candidates'.
    pub(super) outsider: Key,
    /// Reaches the arms of one release.
    pub(super) evaluator: Key,
    pub(super) operator: Operator,
}

impl Scene {
    pub(super) fn start() -> Self {
        let bench = Bench::with(config);
        let helper = bench.home.caller("helper", &["--use-case", "defense"]);
        let outsider = bench.home.caller("outsider", &["--use-case", "letters"]);
        let kind = ["--kind", "evaluator", "--release", "successor"];
        let evaluator = bench.home.caller("evaluator", &kind);
        let operator = bench.home.operator("lead", "lead");
        let scene = Self {
            bench,
            helper,
            outsider,
            evaluator,
            operator,
        };
        scene.await_operator();
        scene
    }

    /// Waits until the operator's key stands in the ledger and opens the admin port.
    fn await_operator(&self) {
        crate::patience::eventually("the operator's key is accepted", || {
            let ask = Ask::get("/api/v1/policy");
            let answer = self.bench.gateway.admin(&self.operator, ask);
            (answer.status == 200).then_some(())
        });
    }

    /// Shows the keys of applications.
    pub(super) fn callers(&self) -> [&Key; 2] {
        [&self.bench.caller, &self.helper]
    }

    /// Sends a request to the application port.
    pub(super) fn ask(&self, ask: &Ask) -> Answer {
        ask.to(self.bench.gateway.listen)
    }

    /// Asserts that no request has reached a sealed model.
    pub(super) fn reached_nothing_sealed(&self) {
        for request in self.bench.fake.requests() {
            let model = request.json()["model"].clone();
            let is_open = [json!("plain-1"), json!("claude-1")].contains(&model);
            assert!(is_open, "a sealed model was asked: {model}");
        }
    }
}

/// Asserts that an answer says nothing of a sealed model, but for the name that was asked.
pub(super) fn reveals_nothing(answer: &Answer, asked: &str) {
    let headers: String = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let said = format!(
        "{headers}\n{}",
        answer.text().replace(asked, "").to_lowercase()
    );
    for word in SEALED {
        assert!(!said.contains(word), "asked for {asked:?}: {said}");
    }
}

/// Writes an answer down without what differs between any two: ids, the date and the name asked.
pub(super) fn without_ids(answer: &Answer, asked: &str) -> String {
    let id = answer.header("tiergate-decision").unwrap_or("none");
    let mut lines: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name != "date")
        .map(|(name, value)| format!("{name}: {}", value.replace(id, "ID")))
        .collect();
    lines.sort();
    let body = answer.text().replace(id, "ID").replace(asked, "NAME");
    format!("{}\n{}\n\n{body}", answer.status, lines.join("\n"))
}

/// Asks for a name in a body of each dialect.
pub(super) fn in_both_dialects(name: &str, key: &Key) -> [Ask; 2] {
    let body = |more: Value| {
        let mut body = json!({
            "model": name,
            "messages": [{ "role": "user", "content": "hello" }],
        });
        if let Value::Object(more) = more {
            body.as_object_mut().unwrap().extend(more);
        }
        body
    };
    [
        Ask::post("/v1/chat/completions", &body(Value::Null)).bearer(&key.key),
        Ask::post("/v1/messages", &body(json!({ "max_tokens": 8 })))
            .with("x-api-key", &key.key)
            .with("anthropic-version", "2023-06-01"),
    ]
}

/// Asks to be shown a name, in the shape of each dialect.
pub(super) fn to_be_shown(name: &str, key: &Key) -> [Ask; 3] {
    let v1 = format!("/v1/models/{}", in_a_path(name));
    let v1beta = format!("/v1beta/models/{}", in_a_path(name));
    [
        Ask::get(&v1).bearer(&key.key),
        Ask::get(&v1)
            .with("x-api-key", &key.key)
            .with("anthropic-version", "2023-06-01"),
        Ask::get(&v1beta).with("x-goog-api-key", &key.key),
    ]
}

/// Writes a name so that a path can hold it: every byte that is no letter, digit or sign of such.
pub(super) fn in_a_path(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let bytes = name.bytes().map(|byte| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    bytes.collect()
}

fn config(fake: &FakeProvider) -> String {
    let (chat, messages) = (fake.openai_base_url(), fake.anthropic_base_url());
    let stage = |release: &str| {
        format!(
            "[[releases.{release}.stages]]\nstage = \"early_access\"\n\
             admit = {{ use_cases = [\"defense\"] }}\n\
             gates = [{{ gate = \"approval\", roles = [\"security\"], of = 1 }}]\n"
        )
    };
    let (mythos, successor) = (stage("mythos"), stage("successor"));
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
id = "plain-1"
[models.claude]
provider = "claudes"
id = "claude-1"
[models.mythos]
provider = "chat"
id = "vendor-7"
[models.successor]
provider = "chat"
id = "vendor-7-small"

[tiers.haiku]
serves = ["plain"]
aliases = ["gpt-4o-*", "gpt-4o"]
purpose = "quick steps"
[tiers.opus]
serves = ["claude"]
aliases = ["claude-opus-*"]
purpose = "hard steps"
[tiers.capybara]
purpose = "decision backbone"

[people.lead]
roles = ["security"]

[use_cases.defense]
owner = "lead"
tiers = ["haiku", "opus", "capybara"]
[use_cases.letters]
owner = "lead"
tiers = ["opus"]

[releases.mythos]
tier = "capybara"
candidate = "mythos"
{mythos}
[releases.successor]
tier = "haiku"
candidate = "successor"
{successor}"#
    )
}
