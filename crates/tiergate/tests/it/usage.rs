//! What was asked, by whom, at what cost and with which features, as the commands and the metrics
//! tell it; and that nothing of what was said is kept. It must not test single answers.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::client::{Answer, Ask};
use crate::home::{Key, Operator};
use crate::patience::eventually;

/// A word that is said by callers and so, by the fake provider, to them.
const SECRET: &str = "rosebud-under-the-sledge";
/// How many requests [`Scene::asked`] sends.
const REQUESTS: u64 = 7;

/// A gateway that was asked a few things by two callers.
struct Scene {
    bench: Bench,
    operator: Operator,
    whole: Answer,
    thought: Answer,
}

impl Scene {
    fn asked() -> Self {
        let bench = Bench::start();
        let operator = bench.home.operator("platform-lead", "operator");
        let more = ["--use-case", "code-help", "--team", "blue"];
        let agent = bench.home.caller("agent", &more);
        eventually("the agent's key is known", || {
            let list = Ask::get("/v1/models").bearer(&agent.key);
            (list.to(bench.gateway.listen).status == 200).then_some(())
        });
        let listen = bench.gateway.listen;
        let whole = with_tools(&agent).to(listen).is(200);
        let streamed = with_tools(&agent).streamed().to(listen).is(200);
        assert!(streamed.text().contains("[DONE]"));
        let thought = with_thinking(&agent).to(listen).is(200);
        for _ in 0..3 {
            bench.chat("gpt-4o-mini").to(listen).is(200);
        }
        bench.chat("nowhere").to(listen).is(404);
        let scene = Self {
            bench,
            operator,
            whole,
            thought,
        };
        eventually("every row is durable", || {
            let told = scene.usage(&["--by", "caller"]);
            let counts = told.iter().map(|row| row["requests"].as_u64().unwrap());
            (counts.sum::<u64>() == REQUESTS).then_some(())
        });
        scene
    }

    fn usage(&self, more: &[&str]) -> Vec<Value> {
        let command = [&["usage", "--json"], more].concat();
        let told = self.bench.home.run(&command).is(0).json();
        told.as_array().unwrap().clone()
    }
}

/// Asks haiku with a forced tool, a sampling parameter and a system prompt.
fn with_tools(key: &Key) -> Ask {
    let parameters = json!({ "type": "object", "properties": {} });
    let body = json!({
        "model": "haiku",
        "temperature": 0.2,
        "messages": [
            { "role": "system", "content": format!("be brief about {SECRET}") },
            { "role": "user", "content": format!("tell me of {SECRET}") },
        ],
        "tools": [{ "type": "function", "function": { "name": "look", "parameters": parameters } }],
        "tool_choice": { "type": "function", "function": { "name": "look" } },
    });
    Ask::post("/v1/chat/completions", &body)
        .bearer(&key.key)
        .with("tiergate-step", "plan")
}

/// Asks opus with thinking, an image and a cached part.
fn with_thinking(key: &Key) -> Ask {
    let source = json!({ "type": "base64", "media_type": "image/png", "data": "aGVsbG8=" });
    let cached = json!({ "type": "ephemeral" });
    let body = json!({
        "model": "opus",
        "max_tokens": 4000,
        "thinking": { "type": "enabled", "budget_tokens": 1024 },
        "messages": [{ "role": "user", "content": [
            { "type": "image", "source": source },
            { "type": "text", "text": format!("what of {SECRET}"), "cache_control": cached },
        ] }],
    });
    Ask::post("/v1/messages", &body)
        .with("x-api-key", &key.key)
        .with("anthropic-version", "2023-06-01")
        .with("tiergate-use-case", "code-help")
        .with("tiergate-step", "check")
}

fn row<'r>(rows: &'r [Value], group: &str, value: &str) -> &'r Value {
    let mut found = rows.iter().filter(|row| row[group] == value);
    found
        .next()
        .unwrap_or_else(|| panic!("no {group} {value}: {rows:#?}"))
}

#[test]
fn usage_sums_what_was_sent_by_tier_and_caller() {
    let scene = Scene::asked();
    let rows = scene.usage(&[]);
    let of = |caller: &str, tier: Value| {
        let mut found = rows.iter();
        let found = found.find(|row| row["caller"] == caller && row["tier"] == tier);
        found.unwrap_or_else(|| panic!("no {caller} at {tier}: {rows:#?}"))
    };
    let agent = of("agent", json!("haiku"));
    assert_eq!(agent["requests"], 2);
    assert_eq!(agent["outcomes"]["success"], 2);
    // The stream used what the whole answer used, and both are what the provider said.
    let said = &scene.whole.json()["usage"];
    let count = |field: &str| said[field].as_u64().unwrap();
    let (input, output) = (2 * count("prompt_tokens"), 2 * count("completion_tokens"));
    assert!(input > 0 && output > 0, "{said}");
    assert_eq!(agent["tokens"]["input"], input, "{agent}");
    assert_eq!(agent["tokens"]["output"], output, "{agent}");
    // A dollar a million in, five out.
    let cost: f64 = agent["cost_usd"].as_str().unwrap().parse().unwrap();
    let expected = (input + 5 * output) as f64 / 1e6;
    assert!((cost - expected).abs() < 1e-12, "{cost} for {expected}");
    let opus = of("agent", json!("opus"));
    let said = &scene.thought.json()["usage"];
    assert_eq!(opus["tokens"]["input"], said["input_tokens"]);
    assert_eq!(opus["tokens"]["output"], said["output_tokens"]);
    assert_eq!(
        opus["unpriced_requests"], 1,
        "no price is known for it: {opus}"
    );
    assert_eq!(of("app", json!("haiku"))["requests"], 3);
    let denied = of("app", Value::Null);
    assert_eq!(denied["outcomes"]["denied"], 1);
    assert_eq!(
        denied["cost_usd"].as_str().unwrap().parse::<f64>().unwrap(),
        0.0
    );
}

#[test]
fn usage_groups_by_use_case_step_model_and_team() {
    let scene = Scene::asked();
    let steps = scene.usage(&["--by", "step"]);
    assert_eq!(row(&steps, "step", "plan")["requests"], 2);
    assert_eq!(row(&steps, "step", "check")["requests"], 1);
    let models = scene.usage(&["--by", "model"]);
    assert_eq!(row(&models, "model", "plain")["requests"], 5);
    assert_eq!(row(&models, "model", "claude")["requests"], 1);
    let teams = scene.usage(&["--by", "team", "--by", "tier"]);
    assert_eq!(row(&teams, "team", "blue")["requests"], 2);
    assert!(scene.usage(&["--days", "0"]).is_empty());
    let table = scene.bench.home.run(&["usage", "--by", "step"]).is(0).out;
    assert!(
        table.lines().any(|line| line.starts_with("plan ")),
        "{table}"
    );
}

#[test]
fn the_use_case_that_applied_is_accounted_for_also_where_it_is_the_keys_default() {
    let scene = Scene::asked();
    let rows = scene.usage(&["--by", "use-case"]);
    assert_eq!(
        row(&rows, "use_case", "code-help")["requests"],
        3,
        "{rows:#?}"
    );
}

#[test]
fn features_are_told_by_caller_without_content() {
    let scene = Scene::asked();
    let callers = scene.usage(&["--features"]);
    let agent = row(&callers, "caller", "agent");
    let count = |feature: &str, value: Value| {
        let features = agent["features"].as_array().unwrap();
        let mut found = features.iter();
        let found = found.find(|row| row["feature"] == feature && row["value"] == value);
        found.map_or(0, |row| row["requests"].as_u64().unwrap())
    };
    for (feature, value, requests) in [
        ("requested", json!("haiku"), 2),
        ("requested", json!("opus"), 1),
        ("dialect", json!("openai-chat"), 2),
        ("dialect", json!("anthropic-messages"), 1),
        ("tools", Value::Null, 2),
        ("forced_tool", Value::Null, 2),
        ("sampling", json!("temperature"), 2),
        ("system", Value::Null, 2),
        ("stream", Value::Null, 1),
        ("thinking", Value::Null, 1),
        ("images", Value::Null, 1),
        ("cache_control", Value::Null, 1),
        ("prefill", Value::Null, 0),
    ] {
        assert_eq!(count(feature, value), requests, "{feature}: {agent:#}");
    }
    let app = row(&callers, "caller", "app");
    let asked = app["features"].to_string();
    // What was asked for is kept as it was asked: the alias, and the name that leads nowhere.
    assert!(
        asked.contains("gpt-4o-mini") && asked.contains("nowhere"),
        "{asked}"
    );
}

#[test]
fn nothing_that_was_said_is_kept_or_told() {
    let mut scene = Scene::asked();
    assert!(
        scene.whole.text().contains(SECRET),
        "the fake provider says it back"
    );
    assert!(scene.bench.gateway.stop().success());
    let mut folders = vec![scene.bench.home.kept()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files += 1;
                assert!(!holds(&path, SECRET), "{}", path.display());
                // Nor is a key, but for its hash.
                assert!(!holds(&path, &scene.bench.caller.key), "{}", path.display());
            }
        }
    }
    assert!(files > 3, "the data directory was looked through");
    let said = scene.bench.gateway.said();
    assert!(!said.contains(SECRET) && !said.contains(&scene.bench.caller.key));
}

fn holds(file: &Path, text: &str) -> bool {
    let bytes = fs::read(file).unwrap();
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn metrics_count_the_same_on_the_admin_port() {
    let scene = Scene::asked();
    let metrics = scene
        .bench
        .gateway
        .admin(&scene.operator, Ask::get("/metrics"));
    let text = metrics.is(200).text();
    let value = |labels: &[&str]| {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let line = lines.find(|line| labels.iter().all(|label| line.contains(label)));
        let line = line.unwrap_or_else(|| panic!("no {labels:?}: {text}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let requests = "tiergate_requests_total{";
    let haiku = [
        requests,
        "tier=\"haiku\"",
        "model=\"plain\"",
        "outcome=\"success\"",
    ];
    assert_eq!(value(&haiku), 5.0);
    assert_eq!(value(&[requests, "tier=\"opus\"", "status=\"200\""]), 1.0);
    assert_eq!(
        value(&[requests, "outcome=\"denied\"", "status=\"404\""]),
        1.0
    );
    assert!(value(&["tiergate_tokens_total{", "tier=\"haiku\"", "kind=\"input\""]) > 0.0);
    assert!(
        value(&[
            "tiergate_tokens_total{",
            "tier=\"haiku\"",
            "kind=\"output\""
        ]) > 0.0
    );
    assert!(value(&["tiergate_cost_pico_usd_total{", "tier=\"haiku\""]) > 0.0);
    assert_eq!(
        value(&["tiergate_requests_unpriced_total{", "tier=\"opus\""]),
        1.0
    );
    assert_eq!(value(&["tiergate_requests_in_flight "]), 0.0);
    assert_eq!(value(&["tiergate_usage_rows_lost "]), 0.0);
    let slow = ["tiergate_request_duration_seconds_count{", "tier=\"haiku\""];
    assert_eq!(value(&slow), 5.0);
    // A dashboard reads them as what they are.
    assert!(text.ends_with("# EOF\n"), "{text}");
}
