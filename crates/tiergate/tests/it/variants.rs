//! `plan variants` with scores of a file and with evidence that real eval runs left in the store:
//! what counts, what does not and why, and what follows from it. It must not test a statistic.

use std::fs;

use domain::Date;
use serde_json::{Value, json};

use crate::client::Ask;
use crate::home::{Ended, Home};
use crate::rollout::{Rollout, config, verdict};
use crate::scholar::Skill;

const FILE: &str = r#"
base = "a base"
[[variants]]
name = "full"
bought = "claude-opus-5"
model = "old"
[[variants]]
name = "distilled"
served = "Qwen3-32B"
model = "next"
"#;

fn see(home: &Home, more: &[&str]) -> Ended {
    home.run(&[&["plan", "variants", "variants.toml"], more].concat())
}

fn row<'v>(told: &'v Value, name: &str) -> &'v Value {
    let mut rows = told["rows"].as_array().unwrap().iter();
    rows.find(|row| row["variant"] == name)
        .unwrap_or_else(|| panic!("no {name}: {told:#}"))
}

/// Asserts that nothing counts of what there is, for this reason.
#[track_caller]
fn counts_not(told: &Value, name: &str, why: &str) {
    let row = row(told, name);
    assert_eq!(row["evidence"], json!([]), "{row:#}");
    let said = row["not_counted"][0]["why"].as_str();
    let said = said.unwrap_or_else(|| panic!("nothing is said: {row:#}"));
    assert!(said.contains(why), "{said}");
    assert_eq!(told["verdicts"], json!([UNSURE]), "{told:#}");
}

const UNSURE: &str = "No variant is surely better than another in any suite.";

/// A release whose incumbent knows everything and whose candidate half of it.
fn story() -> Rollout {
    let story = Rollout::start();
    story.scholar.teach("next-1", Skill::WrongEvery(2));
    fs::write(story.home.path().join("variants.toml"), FILE).unwrap();
    story
}

#[test]
fn evidence_of_a_real_run_counts_as_the_gates_count_it() {
    let mut story = story();
    let told = see(&story.home, &["--json"]).is(0).json();
    for name in ["full", "distilled"] {
        let row = row(&told, name);
        assert_eq!(
            (&row["evidence"], &row["not_counted"]),
            (&json!([]), &json!([]))
        );
    }
    let out = see(&story.home, &[]).is(0).out;
    assert!(out.contains("no evidence"), "{out}");
    story.evaluate();
    let shown = story.shown();
    let told = see(&story.home, &["--json"]).is(0).json();
    let distilled = row(&told, "distilled");
    let found = &distilled["evidence"][0];
    assert_eq!(
        (&found["suite"], &found["items"]),
        (&json!("basics"), &json!(84))
    );
    assert_eq!(found["score"], 0.5);
    assert_eq!(found["run"]["digest"], distilled["digest"]);
    assert_eq!(
        found["run"]["digest"], shown["digest"],
        "the candidate's own"
    );
    assert_eq!(
        (&found["run"]["release"], &found["run"]["arm"]),
        (&json!("next"), &json!("candidate"))
    );
    let age = found["run"]["age_days"].as_f64().unwrap();
    assert!(
        (0.0..0.1).contains(&age) && found["run"]["day"].is_string(),
        "{found}"
    );
    // The lower end is the number by which the gate has judged.
    let floor = shown["gates"].as_array().unwrap().iter();
    let floor = floor
        .clone()
        .find(|gate| gate["gate"] == "eval_floor")
        .unwrap();
    let lower = floor["numbers"].as_array().unwrap().iter();
    let lower = lower
        .clone()
        .find(|number| number["name"] == "lower")
        .unwrap();
    let lower: f64 = lower["value"].as_str().unwrap().parse().unwrap();
    assert!(
        (found["low"].as_f64().unwrap() - lower).abs() < 1e-6,
        "{found} {lower}"
    );
    assert_eq!(row(&told, "full")["evidence"][0]["score"], 1.0);
    let better = "full is better than distilled in basics: the intervals do not meet";
    assert_eq!(told["verdicts"], json!([better]), "{told:#}");
    // A rerun is one more attempt, and each attempt widens the interval.
    story.evaluate();
    let again = see(&story.home, &["--json"]).is(0).json();
    let wider = &row(&again, "distilled")["evidence"][0];
    assert!(
        wider["low"].as_f64() < found["low"].as_f64(),
        "{wider} {found}"
    );
    assert!(story.gateway.stop().success());
    let out = see(&story.home, &[]).is(0).out;
    assert!(
        out.contains("basics 50.0 %") && out.contains("n=84, 0 hours old"),
        "{out}"
    );
}

#[test]
fn evidence_that_is_stale_or_of_another_model_or_suite_does_not_count() {
    let story = story();
    story.evaluate();
    // Forty days from now it is too old, unless it may be that old.
    let told = see(&story.home, &["--json"]).is(0).json();
    let day = row(&told, "full")["evidence"][0]["run"]["day"].as_str();
    let day: Date = day.unwrap().parse().unwrap();
    let ahead = day.start().plus_days(40).date().to_string();
    let from = ["--from", &ahead, "--json"];
    let told = see(&story.home, &from).is(0).json();
    counts_not(&told, "full", "not within the last 30 days");
    let err = see(&story.home, &from[..2]).is(0).err;
    assert!(
        err.contains("distilled in basics") && err.contains("does not count"),
        "{err}"
    );
    let kept = [&from[..], &["--max-age-days", "50"]].concat();
    let told = see(&story.home, &kept).is(0).json();
    let age = row(&told, "full")["evidence"][0]["run"]["age_days"].as_f64();
    assert!(
        age.is_some_and(|age| (38.0..41.0).contains(&age)),
        "{told:#}"
    );
    // The same name stands for another model now.
    story.home.write(&config(&story.scholar, "next-2"));
    let told = see(&story.home, &["--json"]).is(0).json();
    counts_not(&told, "distilled", "it is of another model, sha256:");
    assert_eq!(row(&told, "full")["evidence"][0]["score"], 1.0);
    // A release that is over and declared no more leaves its evidence.
    let file = config(&story.scholar, "next-1");
    let (before, _) = file.split_once("[releases.next]").unwrap();
    story.home.write(before);
    let told = see(&story.home, &["--json"]).is(0).json();
    assert_eq!(row(&told, "distilled")["evidence"][0]["score"], 0.5);
    // The suite has other cases now.
    let whole = String::from_utf8(evidence::builtin("basics").unwrap().bytes.to_vec()).unwrap();
    let fewer: Vec<&str> = whole.lines().take(61).collect();
    fs::write(story.home.path().join("mine.jsonl"), fewer.join("\n")).unwrap();
    let file = config(&story.scholar, "next-1");
    let file = file.replacen("builtin = \"basics\"", "file = \"mine.jsonl\"", 1);
    story.home.write(&file);
    let told = see(&story.home, &["--json"]).is(0).json();
    counts_not(&told, "full", "has changed since its last run");
}

#[test]
fn a_run_that_does_not_join_what_the_gateway_accounted_for_does_not_count() {
    let story = story();
    story.evaluate();
    let more = ["--kind", "evaluator", "--release", "next"];
    let key = story.home.caller("by-hand", &more);
    let item = |at: usize| json!({ "id": at.to_string(), "cluster": at.to_string(), "score": 1.0 });
    let items: Vec<Value> = (0..40).map(item).collect();
    let digest = evidence::digest_of(evidence::builtin("basics").unwrap().bytes);
    let brought = json!({ "arm": "candidate", "suite": "basics", "suite_digest": digest,
        "key": key.id, "items": items });
    let ask = Ask::post("/api/v1/releases/next/evidence", &brought);
    let taken = story.gateway.admin(&story.platform_lead, ask);
    assert!(taken.status < 300, "{}", taken.text());
    let shown = story.shown();
    assert_eq!(verdict(&shown["gates"], "eval_floor").0, "inconclusive");
    // The newest run is spoilt, and an older one does not take its place.
    let told = see(&story.home, &["--json"]).is(0).json();
    counts_not(
        &told,
        "distilled",
        "no accounting row of this key answers it (40 items)",
    );
}

#[test]
fn scores_of_a_file_are_taken_beside_the_store_and_not_against_it() {
    let story = story();
    story.evaluate();
    let write = |scores: Value| {
        fs::write(story.home.path().join("scores.json"), scores.to_string()).unwrap();
        see(&story.home, &["--evidence", "scores.json", "--json"])
    };
    let told = write(json!([{ "variant": "full", "suite": "house", "score": 0.9, "items": 100 }]));
    let told = told.is(0).json();
    let suites = row(&told, "full")["evidence"].as_array().unwrap().iter();
    let suites: Vec<&Value> = suites.map(|one| &one["suite"]).collect();
    assert_eq!(suites, [&json!("basics"), &json!("house")]);
    let ended = write(json!([{ "variant": "full", "suite": "basics", "score": 1, "items": 9 }]));
    let ended = ended.is(2);
    assert!(
        ended.err.contains("have `full` in `basics`"),
        "{}",
        ended.err
    );
    let ended = write(json!([{ "variant": "odd", "suite": "basics", "score": 1, "items": 9 }]));
    assert!(ended.is(2).err.contains("`odd`, which is no variant"));
}

#[test]
fn a_file_alone_is_compared_without_a_gateway() {
    let home = Home::empty();
    let file = FILE
        .replace("model = \"old\"\n", "")
        .replace("model = \"next\"\n", "");
    fs::write(home.path().join("variants.toml"), &file).unwrap();
    let scores = json!([
        { "variant": "full", "suite": "house", "score": 0.9, "items": 1000 },
        { "variant": "distilled", "suite": "house", "score": 0.8, "items": 1000 },
    ]);
    fs::write(home.path().join("scores.json"), scores.to_string()).unwrap();
    let more = [
        "--evidence",
        "scores.json",
        "--input",
        "1000",
        "--output",
        "100",
        "--json",
    ];
    let told = see(&home, &more).is(0).json();
    let full = row(&told, "full");
    // 1,000 tokens at 5 and 100 at 25 USD a million.
    let usd = full["bought_usd_per_request"].as_f64().unwrap();
    assert!((usd - 0.0075).abs() < 1e-12, "{usd}");
    // Wilson's interval of 900 in 1,000 at 90 %, by hand with z = 1.6449: 0.8833 to 0.9145.
    let end = |name: &str| full["evidence"][0][name].as_f64().unwrap();
    assert!(
        (end("low") - 0.8833).abs() < 5e-4 && (end("high") - 0.9145).abs() < 5e-4,
        "{full}"
    );
    assert_eq!(full["served"], Value::Null);
    assert!(
        row(&told, "distilled")["served"]["usd_per_request"]
            .as_f64()
            .unwrap()
            > 0.0
    );
    let better = "full is better than distilled in house: the intervals do not meet";
    assert_eq!(told["verdicts"], json!([better]));
}

#[test]
fn what_cannot_be_compared_says_what_would_fit() {
    let home = Home::empty();
    let could_not = |file: &str, more: &[&str], what: &str| {
        fs::write(home.path().join("variants.toml"), file).unwrap();
        let ended = see(&home, more).is(2);
        assert!(
            ended.err.contains(what) && ended.err.contains("mend: "),
            "{what}: {}",
            ended.err
        );
        assert_eq!(ended.out, "", "{what}");
    };
    let plain = FILE
        .replace("model = \"old\"\n", "")
        .replace("model = \"next\"\n", "");
    could_not(&plain, &["--accelerator", "z9"], "GB300");
    could_not(&plain, &["--precision", "fp1"], "bf16, fp8 or fp4");
    could_not(&plain.replace("Qwen3-32B", "Qwen9"), &[], "Qwen3-32B");
    could_not(
        &plain.replace("claude-opus-5", "claude-opus-9"),
        &[],
        "claude-opus-5",
    );
    could_not("base = \"x\"\nvariants = []", &[], "from 2 to 100");
    could_not(FILE, &[], "there is no configuration");
    let story = Rollout::start();
    let rewritten = |from: &str, to: &str| {
        let path = story.home.path().join("variants.toml");
        fs::write(path, FILE.replace(from, to)).unwrap();
        see(&story.home, &[]).is(2).err
    };
    let err = rewritten("\"old\"", "\"older\"");
    assert!(err.contains("declared: next, old"), "{err}");
    let err = rewritten(
        "model = \"old\"",
        "model = \"old\"\nsafeguards = \"strict\"",
    );
    assert!(
        err.contains("`strict`") && err.contains("has none"),
        "{err}"
    );
    let without = Home::new(&config(&story.scholar, "next-1"));
    fs::write(without.path().join("variants.toml"), FILE).unwrap();
    let err = see(&without, &[]).is(2).err;
    assert!(
        err.contains("evidence cannot be read") && err.contains("--data-dir"),
        "{err}"
    );
}
