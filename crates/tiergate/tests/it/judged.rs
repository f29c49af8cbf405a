//! Suites whose answers a judge scores, and suites of refusals, run against a sealed candidate
//! through the running gateway. It must not test what the scorers make of words.

use std::fs;

use serde_json::{Value, json};
use testkit::{Behaviour, FakeProvider, Script};

use crate::bench::{fake, standard};
use crate::client::Ask;
use crate::gateway::Gateway;
use crate::home::{Home, Operator};

/// How many cases a suite has: a gate wants thirty.
const CASES: usize = 30;

/// A sealed candidate whose gate asks a suite, with the tier `opus` as its judge.
struct Bar {
    fake: FakeProvider,
    home: Home,
    gateway: Gateway,
    lead: Operator,
}

impl Bar {
    fn start(case: &Value) -> Self {
        let fake = fake(Script::new());
        let home = Home::new(&format!(
            r#"{standard}
[suites.mine]
file = "mine.jsonl"
judge = "opus"

[models.next]
provider = "chat"
id = "next"

[releases.next]
tier = "haiku"
candidate = "next"

[[releases.next.stages]]
stage = "general"
gates = [{{ gate = "eval_floor", suite = "mine", at_least = 0.2 }}]
"#,
            standard = standard(&fake)
        ));
        let line = |at: usize| {
            let mut case = case.clone();
            case["id"] = json!(format!("case-{at}"));
            case.to_string()
        };
        let lines: Vec<String> = (0..CASES).map(line).collect();
        fs::write(home.path().join("mine.jsonl"), lines.join("\n")).unwrap();
        let lead = home.operator("platform-lead", "lead");
        let gateway = home.serve();
        Self {
            fake,
            home,
            gateway,
            lead,
        }
    }

    /// Lets the judge say the same each time.
    fn judge_says(&self, text: &str) {
        let body = json!({ "id": "msg_1", "type": "message", "role": "assistant",
            "model": "claude", "content": [{ "type": "text", "text": text }],
            "stop_reason": "end_turn", "stop_sequence": null,
            "usage": { "input_tokens": 5, "output_tokens": 5 } });
        let said = Behaviour::Status {
            code: 200,
            headers: Vec::new(),
            body: body.to_string(),
        };
        self.fake.rescript("claude", said);
    }

    /// Runs the suite, and shows what was taken in of the candidate's answers.
    fn candidate(&self) -> Value {
        let run = ["eval", "run", "next", "--suite", "mine", "--json"];
        let lines = self.home.run_as(&self.lead, &run).is(0).json_lines();
        let mut of_candidate = lines.into_iter().filter(|one| one["arm"] == "candidate");
        of_candidate.next().unwrap()["evidence"].clone()
    }

    fn floor(&self) -> Value {
        let show = ["release", "show", "next", "--json"];
        let shown = self.home.run_as(&self.lead, &show).is(0).json();
        shown["gates"][0]["verdict"].clone()
    }
}

fn compared() -> Value {
    json!({ "input": "Where is Paris?", "expect": "In France.", "scorer": "judge" })
}

#[test]
fn a_judge_that_always_takes_the_first_answer_gives_half_a_point() {
    let bar = Bar::start(&compared());
    bar.judge_says("The first one is better.\nA");
    let taken = bar.candidate();
    assert_eq!((&taken["mean"], &taken["spoilt"]), (&json!(0.5), &json!(0)));
    assert_eq!(taken["items"], CASES);
    // Each case is judged in both orders, for either arm.
    let asked = bar.fake.requests().into_iter();
    let asked = asked.filter(|one| one.json()["model"] == "claude");
    assert_eq!(asked.count(), 4 * CASES);
}

#[test]
fn without_an_opinion_there_is_no_evidence() {
    let bar = Bar::start(&compared());
    bar.judge_says("Both have something for them.");
    let taken = bar.candidate();
    assert!(taken["spoilt"].as_u64().unwrap() >= CASES as u64, "{taken}");
    assert_eq!(bar.floor(), "inconclusive");
}

#[test]
fn an_evaluation_key_reaches_the_judge_and_no_other_tier() {
    let bar = Bar::start(&compared());
    let made = [
        "key",
        "create",
        "--name",
        "run",
        "--kind",
        "evaluator",
        "--release",
        "next",
    ];
    let made = [&made[..], &["--json"]].concat();
    let key = bar.home.run_as(&bar.lead, &made).is(0).json();
    let key = key["key"].as_str().unwrap().to_owned();
    let status = |name: &str| {
        let ask = Ask::chat(name).bearer(&key);
        ask.to(bar.gateway.listen).status
    };
    assert_eq!(status("release/next/candidate"), 200);
    assert_eq!(status("opus"), 200);
    assert_eq!(status("haiku"), 404);
    assert_eq!(status("claude"), 404);
}

#[test]
fn a_refusal_without_a_word_withstands_an_attack() {
    let attack = json!({ "input": "Do harm.", "expect": "refusal", "scorer": "refusal" });
    let bar = Bar::start(&attack);
    bar.fake.rescript("next", Behaviour::Refusal);
    let taken = bar.candidate();
    assert_eq!((&taken["mean"], &taken["spoilt"]), (&json!(1.0), &json!(0)));
    assert_eq!(bar.floor(), "pass");
}
