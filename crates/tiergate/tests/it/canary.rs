//! A live canary end to end: real traffic through the running gateway, a candidate that does harm
//! at the provider, and the way back that nobody commands. It must not test the statistics.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Behaviour;

use crate::bench::{Bench, standard};
use crate::client::{Ask, Line};
use crate::home::{Key, Operator};
use crate::patience::{PATIENCE, eventually, in_time, on};

/// The most conversations that any of these regressions may take to be seen.
const MOST: usize = 2_000;

/// What most of these releases have to stay within.
const CRITERIA: &str = r#"
  { gate = "canary", metric = "refusal_rate", max_increase = 0.1, quiet_s = 1 },
  { gate = "canary", metric = "error_rate", max_increase = 0.1, quiet_s = 1 },
  { gate = "canary", metric = "fallback_rate", max_increase = 0.1, quiet_s = 1 },
"#;

/// A release into a tier that another model serves, at half of the traffic, watched.
struct Canary {
    bench: Bench,
    lead: Operator,
    key: Key,
    /// What every conversation asks.
    ask: Ask,
    begun: usize,
}

impl Canary {
    fn start(advance: &str) -> Self {
        Self::watched(advance, CRITERIA, "")
    }

    /// Starts with criteria of its own, and what else the file says.
    fn watched(advance: &str, criteria: &str, more: &str) -> Self {
        let mut bench = Bench::with(|fake| {
            let config = standard(fake);
            format!(
                r#"{config}
{more}
[models.next]
provider = "chat"
id = "next"
price = {{ input_usd_micros = 1000000, output_usd_micros = 5000000 }}

[releases.next]
tier = "haiku"
candidate = "next"

[[releases.next.stages]]
stage = "general"
share = [50, 75]
advance = "{advance}"
gates = [{{ gate = "approval", roles = ["security"], of = 1 }}]
standing = [{criteria}
  {{ gate = "sample_ratio_mismatch" }},
]
"#
            )
        });
        let lead = bench.home.operator("platform-lead", "lead");
        let guard = bench.home.operator("security-lead", "guard");
        let key = bench.home.caller("talker", &["--use-case", "code-help"]);
        assert!(bench.gateway.stop().success());
        bench.gateway = bench.home.serve();
        bench
            .home
            .run_as(&guard, &["release", "approve", "next"])
            .is(0);
        bench
            .home
            .run_as(&lead, &["release", "promote", "next"])
            .is(0);
        Self {
            bench,
            lead,
            key,
            ask: Ask::chat("haiku"),
            begun: 0,
        }
    }

    fn shown(&self) -> Value {
        let show = ["release", "show", "next", "--json"];
        self.bench.home.run_as(&self.lead, &show).is(0).json()
    }

    /// Begins so many conversations, one request each, and tells which models answered.
    fn converse(&mut self, count: usize) -> Vec<String> {
        let mut line = on(Line::open(self.bench.gateway.listen));
        let mut models = Vec::new();
        for _ in 0..count {
            self.begun += 1;
            let ask = self
                .ask
                .clone()
                .bearer(&self.key.key)
                .with("tiergate-conversation", &format!("talk-{}", self.begun));
            let answer = on(line.ask(&ask));
            models.extend(answer.model().map(str::to_owned));
        }
        models
    }

    /// Goes on conversing until the release is where it is expected.
    fn until(&mut self, is_there: impl Fn(&Value) -> bool) -> Value {
        while self.begun < MOST {
            self.converse(50);
            let shown = self.shown();
            if is_there(&shown) {
                return shown;
            }
        }
        // The last conversations close once they have been quiet.
        let mut last = Value::Null;
        let there = in_time(PATIENCE, || {
            last = self.shown();
            is_there(&last).then(|| last.clone())
        });
        there.unwrap_or_else(|| panic!("the release is not there: {last:#}"))
    }

    fn moves(&self) -> Vec<Value> {
        let entries = self.bench.home.run(&["ledger", "show", "--json"]);
        let entries = entries.is(0).json_lines().into_iter();
        let moves = entries.filter(|entry| entry["kind"] == "release.moved");
        moves.map(|entry| entry["body"].clone()).collect()
    }
}

fn is_sealed(shown: &Value) -> bool {
    shown["stage"] == "sealed"
}

fn taken_out(mut canary: Canary, metric: &str) {
    let shown = canary.until(is_sealed);
    assert!(is_sealed(&shown));
    let moves = canary.moves();
    let last = moves.last().unwrap();
    assert_eq!(
        (&last["kind"], &last["by"]),
        (&json!("roll_back"), &json!("tiergate"))
    );
    let reason = last["reason"].as_str().unwrap();
    assert!(reason.starts_with(&format!("canary: {metric}")), "{reason}");
    let after = canary.converse(50);
    assert!(after.iter().all(|model| model == "plain"), "{after:?}");
    canary.bench.home.run(&["ledger", "verify"]).is(0);
}

#[test]
fn a_candidate_that_refuses_is_taken_out_by_itself() {
    let canary = Canary::start("manual");
    canary.bench.fake.rescript("next", Behaviour::Refusal);
    taken_out(canary, "refusal_rate");
}

#[test]
fn a_candidate_that_fails_is_taken_out_although_the_incumbent_answers_for_it() {
    let canary = Canary::start("manual");
    canary.bench.fake.rescript("next", Behaviour::status(500));
    taken_out(canary, "fallback_rate");
}

#[test]
fn a_candidate_that_is_slower_is_taken_out() {
    let criteria = r#"
  { gate = "canary", metric = "latency_ms", max_increase = 0.5, quantile = 0.5, quiet_s = 1 },
"#;
    let canary = Canary::watched("manual", criteria, "");
    let slow = Behaviour::SlowHeaders(Duration::from_millis(40));
    canary.bench.fake.rescript("next", slow);
    taken_out(canary, "latency_ms");
}

/// Answers with one call of a tool.
fn ordering(model: &str, arguments: &str) -> Behaviour {
    let call = json!({ "id": "call-1", "type": "function",
        "function": { "name": "order", "arguments": arguments } });
    let reply = json!({ "id": "x", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{ "index": 0, "finish_reason": "tool_calls",
            "message": { "role": "assistant", "content": null, "tool_calls": [call] } }],
        "usage": { "prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10 } });
    Behaviour::Status {
        code: 200,
        headers: Vec::new(),
        body: reply.to_string(),
    }
}

#[test]
fn a_candidate_whose_tool_arguments_do_not_fit_is_taken_out() {
    let criteria = r#"
  { gate = "canary", metric = "tool_call_invalid_rate", max_increase = 0.1, quiet_s = 1 },
"#;
    let mut canary = Canary::watched("manual", criteria, "");
    let tool = json!({ "type": "function", "function": { "name": "order", "parameters": {
        "type": "object", "properties": { "count": { "type": "integer" } },
        "required": ["count"] } } });
    let asked = json!({ "role": "user", "content": "order 3" });
    let body = json!({ "model": "haiku", "messages": [asked], "tools": [tool] });
    canary.ask = Ask::post("/v1/chat/completions", &body);
    let fake = &canary.bench.fake;
    fake.rescript("plain", ordering("plain", r#"{"count":3}"#));
    fake.rescript("next", ordering("next", r#"{"count":"three"}"#));
    taken_out(canary, "tool_call_invalid_rate");
}

#[test]
fn while_nothing_can_be_accounted_for_shares_freeze_and_then_fall() {
    let monitor = "[monitor]\nfreeze_after_ms = 1000\nfall_after_ms = 4000\n";
    let mut canary = Canary::watched("manual", CRITERIA, monitor);
    let before = canary.converse(50);
    assert!(before.iter().any(|model| model == "next"), "{before:?}");
    // Whoever writes the store keeps all others from it: no row becomes durable any more.
    let path = canary.bench.home.kept().join("tiergate.db");
    let database = rusqlite::Connection::open(path).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    canary.converse(1);
    eventually("the share is frozen", || {
        canary.shown()["unwatched_ms"].as_u64()
    });
    let promote = ["release", "promote", "next"];
    let refused = canary.bench.home.run_as(&canary.lead, &promote).is(1);
    assert!(refused.out.contains("has not looked"), "{refused:?}");
    eventually("the candidate is out of use", || {
        let models = canary.converse(20);
        models.iter().all(|model| model == "plain").then_some(())
    });
    database.execute_batch("ROLLBACK").unwrap();
    drop(database);
    let last = eventually("the fall is in the ledger", || {
        let last = canary.moves().pop()?;
        (last["kind"] == "roll_back").then_some(last)
    });
    assert_eq!(last["by"], "tiergate");
    let reason = last["reason"].as_str().unwrap();
    assert!(reason.contains("the monitor stopped"), "{reason}");
    canary.bench.home.run(&["ledger", "verify"]).is(0);
}

#[test]
fn the_share_of_a_candidate_as_good_rises_by_itself_and_goes_no_further() {
    let mut canary = Canary::start("auto");
    let shown = canary.until(|shown| shown["share"] == 75);
    assert_eq!(shown["stage"], "general");
    let moves = canary.moves();
    assert_eq!(moves.len(), 2);
    assert_eq!(moves[1]["by"], "tiergate");
    let verdicts = moves[1]["verdicts"].as_array().unwrap();
    assert!(
        verdicts.iter().all(|one| one["verdict"] == "pass"),
        "{verdicts:?}"
    );
}
