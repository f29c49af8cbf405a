//! Conversations with signed thoughts and a pending call, across a rise of the share, a fallback
//! and a rollback, before a provider that refuses what another model has signed. It must not know
//! how a conversation is recognised.

use serde_json::{Value, json};
use testkit::{Behaviour, FakeProvider};

use crate::bench::{Bench, SERVER};
use crate::client::{Answer, Ask};
use crate::home::{Key, Operator};
use crate::patience::eventually;

/// Paths of what a first answer of the fake provider thinks, as its second message holds them.
const THOUGHTS: [&str; 3] = [
    "messages[1].content[0]",
    "messages[1].content[1]",
    "messages[1].content[2]",
];
const OFF: &str = "thinking";
const MODELS: [&str; 3] = ["old", "spare", "next"];

fn config(fake: &FakeProvider) -> String {
    let url = fake.anthropic_base_url();
    let models =
        MODELS.map(|name| format!("[models.{name}]\nprovider = \"claudes\"\nid = \"{name}\"\n"));
    format!(
        r#"{SERVER}
[providers.claudes]
dialect = "anthropic-messages"
base_url = "{url}"

{}
[tiers.opus]
serves = ["old", "spare"]
purpose = "hard steps"

[people.platform-lead]
roles = ["platform"]

[people.security-lead]
roles = ["security"]

[use_cases.code-help]
owner = "platform-lead"
tiers = ["opus"]

[releases.next]
tier = "opus"
candidate = "next"

[[releases.next.stages]]
stage = "general"
admit = {{ use_cases = ["code-help"] }}
share = [1, 100]
gates = [{{ gate = "approval", roles = ["security"], of = 1 }}]
"#,
        models.concat()
    )
}

/// A conversation as a client keeps it: every block goes back as it came.
struct Talk {
    key: Key,
    messages: Vec<Value>,
}

/// What one turn brought.
struct Turn {
    model: String,
    /// The paths that the answer says were lost.
    lossy: Vec<String>,
    /// How many requests it took.
    requests: usize,
}

impl Talk {
    fn about(key: &Key, what: &str) -> Self {
        let first = json!({ "role": "user", "content": what });
        Self {
            key: key.clone(),
            messages: vec![first],
        }
    }

    /// Asks, keeps the answer, and answers its call or says something more.
    fn turn(&mut self, bench: &Bench) -> Turn {
        let before = bench.fake.count_requests();
        let answer = self.ask(bench).is(200);
        let requests = bench.fake.count_requests() - before;
        let content = answer.json()["content"].clone();
        self.messages
            .push(json!({ "role": "assistant", "content": content }));
        let blocks = content.as_array().unwrap();
        let call = blocks.iter().find(|block| block["type"] == "tool_use");
        let next = call.map_or(json!("and then?"), |call| {
            let id = &call["id"];
            json!([{ "type": "tool_result", "tool_use_id": id, "content": "done" }])
        });
        self.messages
            .push(json!({ "role": "user", "content": next }));
        let lossy = answer.header("tiergate-lossy").unwrap_or_default();
        let paths = lossy
            .split(',')
            .map(str::trim)
            .filter(|path| !path.is_empty());
        Turn {
            model: answer.model().unwrap().to_owned(),
            lossy: paths.map(str::to_owned).collect(),
            requests,
        }
    }

    fn ask(&self, bench: &Bench) -> Answer {
        let tool = json!({ "name": "look", "input_schema": { "type": "object" } });
        let body = json!({
            "model": "opus",
            "max_tokens": 2048,
            "thinking": { "type": "enabled", "budget_tokens": 1024 },
            "tools": [tool],
            "messages": self.messages,
        });
        let ask = Ask::post("/v1/messages", &body).with("x-api-key", &self.key.key);
        ask.with("anthropic-version", "2023-06-01")
            .to(bench.gateway.listen)
    }
}

#[track_caller]
fn check(turn: &Turn, model: &str, lossy: &[&str], requests: usize) {
    assert_eq!(turn.model, model);
    assert_eq!(turn.lossy, lossy);
    assert_eq!(turn.requests, requests, "an upstream 400 costs one more");
}

fn promote(bench: &Bench, (lead, security): (&Operator, &Operator)) {
    let approved = bench.home.run_as(security, &["release", "approve", "next"]);
    approved.is(0);
    bench
        .home
        .run_as(lead, &["release", "promote", "next"])
        .is(0);
}

/// Begins conversations until one is on this model.
fn begun_on((bench, key): (&Bench, &Key), model: &str, about: &str) -> Talk {
    let mut count = 0;
    eventually("a conversation on the model", || {
        count += 1;
        let mut talk = Talk::about(key, &format!("{about} {count}"));
        let turn = talk.turn(bench);
        assert!(turn.lossy.is_empty());
        (turn.model == model).then_some(talk)
    })
}

#[test]
fn thoughts_and_a_pending_call_cross_a_rise_a_fallback_and_a_rollback() {
    let bench = Bench::with(config);
    for model in MODELS {
        bench.fake.rescript(model, Behaviour::Thinks);
    }
    let lead = bench.home.operator("platform-lead", "lead");
    let security = bench.home.operator("security-lead", "security");
    let agent = bench.home.caller("agent", &["--use-case", "code-help"]);
    eventually("the agent's key is known", || {
        let list = Ask::get("/v1/models").with("x-api-key", &agent.key);
        (list.to(bench.gateway.listen).status == 200).then_some(())
    });
    let mut early = Talk::about(&agent, "the early one");
    check(&early.turn(&bench), "old", &[], 1);
    let mut falls = Talk::about(&agent, "the one that falls back");
    check(&falls.turn(&bench), "old", &[], 1);

    // A fallback in front of the call's result: what was thought goes, and nothing else.
    bench.fake.rescript("old", Behaviour::status(503));
    let turn = falls.turn(&bench);
    let gone = [&THOUGHTS[..], &[OFF]].concat();
    check(&turn, "spare", &gone, 3);
    // It stays where it has gone, and keeps what its new model thought.
    bench.fake.rescript("old", Behaviour::Thinks);
    check(&falls.turn(&bench), "spare", &THOUGHTS, 1);
    check(&falls.turn(&bench), "spare", &THOUGHTS, 1);

    // A rise of the share moves only those that begin.
    promote(&bench, (&lead, &security));
    promote(&bench, (&lead, &security));
    let mut late = begun_on((&bench, &agent), "next", "a late one");
    check(&early.turn(&bench), "old", &[], 1);
    check(&early.turn(&bench), "old", &[], 1);
    check(&late.turn(&bench), "next", &[], 1);
    check(&late.turn(&bench), "next", &[], 1);
    let mut pending = begun_on((&bench, &agent), "next", "another late one");

    // A rollback takes its conversations along, with and without a pending call.
    let back = [
        "release", "rollback", "next", "--to", "sealed", "--reason", "a test",
    ];
    bench.home.run_as(&lead, &back).is(0);
    let turn = pending.turn(&bench);
    check(&turn, "old", &gone, 1);
    let turn = late.turn(&bench);
    assert_eq!((turn.model.as_str(), turn.requests), ("old", 1));
    assert_eq!(turn.lossy.len(), 3 * THOUGHTS.len() + 1, "{:?}", turn.lossy);
    check(&early.turn(&bench), "old", &[], 1);
}
