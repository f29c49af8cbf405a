//! Another tool's file as evidence: asked of a sealed candidate with an evaluation key, brought in
//! by the command, and decided on by a gate. It must not look behind the binary.

use std::fs;

use serde_json::{Value, json};

use crate::client::Ask;
use crate::home::{Ended, Key};
use crate::rollout::{Rollout, config, verdict};
use crate::scholar::Scholar;

/// How many items the tool asks.
const ITEMS: usize = 60;
/// How many of its answers the file calls right.
const HITS: usize = 57;

/// Changes a file by hand.
type Edits = fn(&mut Value);
/// Asks one item, and tells the answer.
type Asks<'t> = &'t dyn Fn(usize, &str) -> String;

fn question(at: usize) -> String {
    format!("Name the capital of country {at}.")
}

/// Runs a tool that writes as promptfoo does.
fn written(asks: Asks<'_>) -> Value {
    let row = |at: usize| {
        let is_right = at < HITS;
        json!({
            "promptIdx": 0, "testIdx": at, "success": is_right,
            "score": if is_right { 1 } else { 0 },
            "failureReason": if is_right { 0 } else { 1 },
            "provider": { "id": "openai:chat:release/next/candidate" },
            "prompt": { "raw": question(at) }, "vars": {}, "namedScores": {}, "latencyMs": 3,
            "response": {
                "output": asks(at, &question(at)), "cached": false, "finishReason": "stop",
            },
        })
    };
    let rows: Vec<Value> = (0..ITEMS).map(row).collect();
    json!({
        "evalId": "eval-1",
        "results": {
            "version": 3,
            "prompts": [{ "raw": "Name the capital.", "metrics": { "score": HITS } }],
            "results": rows,
            "stats": { "successes": HITS, "failures": ITEMS - HITS, "errors": 0 },
        },
        "config": { "description": "capitals" },
        "metadata": { "promptfooVersion": "0.121.20" },
    })
}

/// Declares a gate on a suite whose cases the tool holds.
fn declared(scholar: &Scholar, candidate: &str) -> String {
    let file = written(&|_, _| String::new()).to_string();
    let digest = evidence::read(file.as_bytes()).unwrap().suite_digest();
    let suites = format!("[suites.capitals]\ndigest = \"{digest}\"\n\n[suites.basics]");
    let paired = "  { gate = \"eval_noninferior\", suite = \"basics\", margin = 0.05 },\n";
    config(scholar, candidate)
        .replacen("[suites.basics]", &suites, 1)
        .replacen(paired, "", 1)
        .replacen("suite = \"basics\"", "suite = \"capitals\"", 1)
}

fn start() -> Rollout {
    Rollout::with(|scholar, _| declared(scholar, "next-1"))
}

/// Makes an evaluation key of the release.
fn key(story: &Rollout) -> Key {
    let more = ["--kind", "evaluator", "--release", "next"];
    story.home.caller("promptfoo", &more)
}

fn asked(story: &Rollout, key: &Key, name: &str, text: &str) -> String {
    let body = json!({ "model": name, "messages": [{ "role": "user", "content": text }] });
    let ask = Ask::post("/v1/chat/completions", &body).bearer(&key.key);
    let answer = ask.to(story.gateway.listen).is(200).json();
    let said = answer["choices"][0]["message"]["content"].as_str();
    said.unwrap().to_owned()
}

/// Runs the tool against the sealed candidate.
fn of_candidate(story: &Rollout, key: &Key) -> Value {
    written(&|_, text| {
        let said = asked(story, key, "release/next/candidate", text);
        assert!(said.starts_with("next-1 heard"), "{said}");
        said
    })
}

/// Brings a file in, as the platform lead.
fn brought(story: &Rollout, key: &Key, file: &Value) -> Ended {
    let path = story.home.path().join("results.json");
    fs::write(&path, file.to_string()).unwrap();
    let command = [
        "evidence",
        "import",
        "results.json",
        "--release",
        "next",
        "--arm",
        "candidate",
        "--suite",
        "capitals",
        "--key",
        &key.id,
        "--json",
    ];
    story.home.run_as(&story.platform_lead, &command)
}

/// Tells what the gate on the suite says.
fn floor(story: &Rollout) -> (String, String) {
    let shown = story.shown();
    let (word, reason) = verdict(&shown["gates"], "eval_floor");
    (word.to_owned(), reason.to_owned())
}

/// Asserts that a file was taken in and is no evidence, for a reason that the gate tells.
fn shows_nothing(story: &Rollout, key: &Key, file: &Value, why: &str) {
    let taken = brought(story, key, file).is(1).json();
    assert!(taken["reasons"].to_string().contains(why), "{taken}");
    let (word, reason) = floor(story);
    assert_eq!(word, "inconclusive");
    assert!(reason.contains(why), "{why}: {reason}");
}

#[test]
fn a_file_that_joins_opens_a_stage_and_is_not_brought_twice() {
    let story = start();
    let key = key(&story);
    let file = of_candidate(&story, &key);
    assert_eq!(floor(&story).0, "inconclusive");
    let taken = brought(&story, &key, &file).is(0).json();
    assert_eq!(
        (&taken["items"], &taken["attempt"]),
        (&json!(60), &json!(1))
    );
    assert_eq!(taken["source"], json!("promptfoo"));
    let (word, reason) = floor(&story);
    assert_eq!(word, "pass", "{reason}");
    let again = brought(&story, &key, &file).is(2);
    assert!(
        again.err.contains("a new run takes a new key"),
        "{}",
        again.err
    );
    story.approve(&story.security_lead[0]);
    story.approve(&story.product_lead);
    let promoted = story.promote().is(0).json();
    assert_eq!(promoted["to"]["stage"], json!("early_access"));
    let list = story.home.run(&["evidence", "list"]).is(0).out;
    assert!(
        list.contains("capitals") && list.contains("0.950"),
        "{list}"
    );
    let verified = story.home.run(&["ledger", "verify", "--json"]).is(0).json();
    assert_eq!(verified["verified"], json!(true));
}

#[test]
fn a_file_that_was_edited_or_made_with_another_key_shows_nothing() {
    let story = start();
    let edits: [(&str, Edits); 3] = [
        ("results.stats.failures", |file| {
            file["results"]["stats"]["failures"] = json!(0);
        }),
        ("results.prompts[0].metrics.score", |file| {
            file["results"]["results"][59]["score"] = json!(1);
        }),
        (
            "60 requests were accounted for, its items took 59",
            |file| {
                file["results"]["results"].as_array_mut().unwrap().pop();
                file["results"]["stats"]["failures"] = json!(ITEMS - HITS - 1);
            },
        ),
    ];
    for (why, edit) in edits {
        let key = key(&story);
        let mut file = of_candidate(&story, &key);
        edit(&mut file);
        shows_nothing(&story, &key, &file, why);
    }
    let (used, other) = (key(&story), key(&story));
    let file = of_candidate(&story, &used);
    shows_nothing(&story, &other, &file, "0 requests were accounted for");
    let list = story.home.run(&["evidence", "list", "--release", "next"]);
    let list = list.is(0).out;
    assert_eq!(list.matches("does not count").count(), 4, "{list}");
    story.promote().is(1);
    // The key that was used is for its own file still, which is the fifth attempt.
    let taken = brought(&story, &used, &file).is(0).json();
    assert_eq!(taken["attempt"], json!(5));
    assert_eq!(floor(&story).0, "pass");
}

#[test]
fn a_file_whose_rows_another_model_answered_shows_nothing() {
    let story = start();
    let key_of_tool = key(&story);
    // A tool that turns to what serves everybody when an answer does not please it.
    let file = written(&|at, text| match at {
        0..5 => asked(&story, &story.helper, "haiku", text),
        _ => asked(&story, &key_of_tool, "release/next/candidate", text),
    });
    let why = "55 requests were accounted for, its items took 60";
    shows_nothing(&story, &key_of_tool, &file, why);
    // A run in the middle of which the candidate became another model.
    let key_of_tool = key(&story);
    let file = written(&|at, text| {
        if at == 20 {
            story.home.write(&declared(&story.scholar, "next-2"));
            story.gateway.await_said("was taken up", 1);
        }
        asked(&story, &key_of_tool, "release/next/candidate", text)
    });
    let why = "another model, or none that is known, answered 20 requests";
    shows_nothing(&story, &key_of_tool, &file, why);
}

#[test]
fn a_suite_that_is_not_declared_is_told_with_the_line_that_declares_it() {
    let story = Rollout::start();
    let key = key(&story);
    let file = of_candidate(&story, &key);
    let refused = brought(&story, &key, &file).is(2).err;
    let digest = evidence::read(file.to_string().as_bytes());
    let digest = digest.unwrap().suite_digest();
    assert!(refused.contains("[suites.capitals]"), "{refused}");
    assert!(refused.contains(&digest), "{refused}");
    story.home.write(&declared(&story.scholar, "next-1"));
    story.gateway.await_said("was taken up", 1);
    brought(&story, &key, &file).is(0);
    assert_eq!(floor(&story).0, "pass");
    let eval = ["eval", "run", "next", "--suite", "capitals"];
    let refused = story.home.run_as(&story.platform_lead, &eval).is(2).err;
    assert!(refused.contains("another tool's"), "{refused}");
}
