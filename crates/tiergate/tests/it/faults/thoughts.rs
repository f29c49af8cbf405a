//! Conversations with signed thoughts and a pending call, across a rise of the share, a fallback
//! and a rollback, before providers that refuse what another model has signed. It must not know
//! how a conversation is recognised, nor a dialect.

use serde_json::Value;
use testkit::{Behaviour, FakeProvider, SPEECHES};

use super::tongues::{Gemini, Messages, Responses, Tongue};
use crate::bench::{Bench, SERVER};
use crate::client::{Answer, Ask};
use crate::home::{Key, Operator};
use crate::patience::eventually;

const MODELS: [&str; 3] = ["old", "spare", "next"];

fn config(tongue: &dyn Tongue, fake: &FakeProvider) -> String {
    let dialect = tongue.dialect();
    let speech = SPEECHES.iter().find(|speech| speech.name() == dialect);
    let url = fake.base_url(*speech.unwrap());
    let models =
        MODELS.map(|name| format!("[models.{name}]\nprovider = \"makers\"\nid = \"{name}\"\n"));
    format!(
        r#"{SERVER}
[providers.makers]
dialect = "{dialect}"
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

/// A conversation as a client keeps it: everything goes back as it came.
struct Talk {
    tongue: &'static dyn Tongue,
    key: Key,
    turns: Vec<Value>,
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
    fn about(tongue: &'static dyn Tongue, key: &Key, what: &str) -> Self {
        Self {
            tongue,
            key: key.clone(),
            turns: vec![tongue.says(what)],
        }
    }

    /// Asks, keeps the answer, and answers its call or says something more.
    fn turn(&mut self, bench: &Bench) -> Turn {
        let before = bench.fake.count_requests();
        let answer = self.ask(bench).is(200);
        let requests = bench.fake.count_requests() - before;
        let (kept, result) = self.tongue.keeps(&answer.json());
        self.turns.extend(kept);
        let next = result.unwrap_or_else(|| self.tongue.says("and then?"));
        self.turns.push(next);
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
        let body = self.tongue.body("opus", &self.turns);
        let ask = Ask::post(&self.tongue.path("opus"), &body).bearer(&self.key.key);
        ask.to(bench.gateway.listen)
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
fn begun_on(
    tongue: &'static dyn Tongue,
    (bench, key): (&Bench, &Key),
    model: &str,
    about: &str,
) -> Talk {
    let mut count = 0;
    eventually("a conversation on the model", || {
        count += 1;
        let mut talk = Talk::about(tongue, key, &format!("{about} {count}"));
        let turn = talk.turn(bench);
        assert!(turn.lossy.is_empty());
        (turn.model == model).then_some(talk)
    })
}

#[test]
fn thoughts_and_a_pending_call_cross_a_rise_a_fallback_and_a_rollback_in_messages() {
    cross(&Messages);
}

#[test]
fn thoughts_and_a_pending_call_cross_a_rise_a_fallback_and_a_rollback_in_responses() {
    cross(&Responses);
}

#[test]
fn thoughts_and_a_pending_call_cross_a_rise_a_fallback_and_a_rollback_in_gemini() {
    cross(&Gemini);
}

fn cross(tongue: &'static dyn Tongue) {
    let bench = Bench::with(|fake| config(tongue, fake));
    for model in MODELS {
        bench.fake.rescript(model, Behaviour::Thinks);
    }
    let lead = bench.home.operator("platform-lead", "lead");
    let security = bench.home.operator("security-lead", "security");
    let agent = bench.home.caller("agent", &["--use-case", "code-help"]);
    eventually("the agent's key is known", || {
        let list = Ask::get("/v1/models").bearer(&agent.key);
        (list.to(bench.gateway.listen).status == 200).then_some(())
    });
    let mut early = Talk::about(tongue, &agent, "the early one");
    check(&early.turn(&bench), "old", &[], 1);
    let mut falls = Talk::about(tongue, &agent, "the one that falls back");
    check(&falls.turn(&bench), "old", &[], 1);

    // A fallback in front of the call's result: what was thought goes, and nothing else.
    bench.fake.rescript("old", Behaviour::status(503));
    let turn = falls.turn(&bench);
    let thoughts = tongue.thoughts();
    let gone = [thoughts, tongue.pending()].concat();
    check(&turn, "spare", &gone, 3);
    // It stays where it has gone, and keeps what its new model thought.
    bench.fake.rescript("old", Behaviour::Thinks);
    check(&falls.turn(&bench), "spare", thoughts, 1);
    check(&falls.turn(&bench), "spare", thoughts, 1);

    // A rise of the share moves only those that begin.
    promote(&bench, (&lead, &security));
    promote(&bench, (&lead, &security));
    let mut late = begun_on(tongue, (&bench, &agent), "next", "a late one");
    check(&early.turn(&bench), "old", &[], 1);
    check(&early.turn(&bench), "old", &[], 1);
    check(&late.turn(&bench), "next", &[], 1);
    check(&late.turn(&bench), "next", &[], 1);
    let mut pending = begun_on(tongue, (&bench, &agent), "next", "another late one");

    // A rollback takes its conversations along, with and without a pending call.
    let back = [
        "release", "rollback", "next", "--to", "sealed", "--reason", "a test",
    ];
    bench.home.run_as(&lead, &back).is(0);
    let turn = pending.turn(&bench);
    check(&turn, "old", &gone, 1);
    let turn = late.turn(&bench);
    assert_eq!((turn.model.as_str(), turn.requests), ("old", 1));
    let all = 3 * thoughts.len() + tongue.pending().len();
    assert_eq!(turn.lossy.len(), all, "{:?}", turn.lossy);
    check(&early.turn(&bench), "old", &[], 1);
}
