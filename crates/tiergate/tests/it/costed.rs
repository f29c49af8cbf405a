//! `plan cost` and `plan swap` over what a live gateway has recorded of two callers: money by hand,
//! contexts, peaks, latencies and what the other model refuses. It must not test single prices.

use std::collections::BTreeMap;

use domain::Timestamp;
use serde_json::{Value, json};
use testkit::FakeProvider;

use crate::bench::{Bench, claudes};
use crate::client::Ask;
use crate::home::{Ended, Key};
use crate::patience::eventually;

const MS_PER_DAY: f64 = 86_400_000.0;
/// Words of a request that Opus holds and Haiku does not, whichever tokenizer counts them.
const LONG: usize = 300_000;
/// How many requests [`Scene::sent`] sends that use tokens.
const REQUESTS: u64 = 9;

/// Three tiers on one fake provider that stands for Anthropic's own API.
fn config(fake: &FakeProvider) -> String {
    claudes(fake)
        + r#"
[models.opus-now]
provider = "claudes"
id = "claude-opus-5"

[tiers.sonnet]
serves = ["sonnet-now"]
purpose = "usual steps"

[tiers.opus]
serves = ["opus-now"]
purpose = "hard steps"
"#
}

/// What requests used, as their answers said: input and output tokens, request by request.
type Used = Vec<[u64; 2]>;

/// A gateway that two callers have asked: an agent that sets a temperature asks sonnet, a calm one
/// that sets nothing asks haiku and opus, once at great length.
struct Scene {
    bench: Bench,
    agent: Used,
    quick: Used,
    hard: Used,
}

impl Scene {
    fn sent() -> Self {
        let bench = Bench::with(config);
        let agent = bench.home.caller("agent", &[]);
        let calm = bench.home.caller("calm", &[]);
        for key in [&agent, &calm] {
            eventually("the key is known", || {
                let list = Ask::get("/v1/models").bearer(&key.key);
                (list.to(bench.gateway.listen).status == 200).then_some(())
            });
        }
        let warm = json!({ "temperature": 0.2 });
        let long = json!({ "system": "w ".repeat(LONG) });
        let mut scene = Self {
            bench,
            agent: Vec::new(),
            quick: Vec::new(),
            hard: Vec::new(),
        };
        for words in [3, 5, 7, 11] {
            scene.agent.push(scene.ask(&agent, "sonnet", words, &warm));
        }
        for words in [2, 4] {
            scene
                .quick
                .push(scene.ask(&calm, "haiku", words, &json!({})));
        }
        for (words, more) in [(6, json!({})), (8, json!({})), (9, long)] {
            scene.hard.push(scene.ask(&calm, "opus", words, &more));
        }
        // What was refused uses no tokens and costs nothing anywhere.
        let nowhere = question("nowhere", 1, &json!({}));
        scene.post(&calm, &nowhere).to(scene.listen()).is(404);
        eventually("every row is durable", || {
            let told = scene.run(&["cost", "claude-opus-5-5", "--usage"]);
            (told.code == 0 && told.json()["load"]["requests"] == REQUESTS).then_some(())
        });
        scene
    }

    fn listen(&self) -> std::net::SocketAddr {
        self.bench.gateway.listen
    }

    fn post(&self, key: &Key, body: &Value) -> Ask {
        Ask::post("/v1/messages", body)
            .with("x-api-key", &key.key)
            .with("anthropic-version", "2023-06-01")
    }

    /// Asks, and tells what the answer says it used.
    fn ask(&self, key: &Key, tier: &str, words: usize, more: &Value) -> [u64; 2] {
        let body = question(tier, words, more);
        let answer = self.post(key, &body).to(self.listen()).is(200).json();
        ["input_tokens", "output_tokens"].map(|name| answer["usage"][name].as_u64().unwrap())
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let command = [&["plan"], arguments, &["--json"]].concat();
        self.bench.home.run(&command)
    }

    fn swap(&self, to: &str, more: &[&str]) -> Value {
        let asked = ["swap", "--to", to, "--usage"];
        self.run(&[&asked[..], more].concat()).is(0).json()
    }

    /// Finds the requests and the tokens of the fullest minute of one model's rows in the store.
    fn peaks(&self, model: &str) -> [u64; 2] {
        let mut minutes: BTreeMap<i64, [u64; 2]> = BTreeMap::new();
        for asked in self.bench.home.store().asked_rows(Timestamp(0)).unwrap() {
            let row = asked.unwrap().row;
            if row
                .model
                .as_ref()
                .is_some_and(|name| name.as_str() == model)
            {
                let minute = minutes.entry(row.at().0 / 60_000).or_default();
                minute[0] += 1;
                minute[1] += row.tokens.input + row.tokens.output;
            }
        }
        [0, 1].map(|at| minutes.values().map(|minute| minute[at]).max().unwrap())
    }
}

fn question(tier: &str, words: usize, more: &Value) -> Value {
    let mut body = json!({
        "model": tier,
        "max_tokens": 64,
        "messages": [{ "role": "user", "content": "word ".repeat(words) }],
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Works out by hand what requests cost: USD a million tokens in and out, at so many percent of the
/// tokens, each request rounded by itself.
fn by_hand(used: &Used, [input, output]: [f64; 2], percent: u64) -> f64 {
    let scaled = |tokens: u64| ((tokens * percent + 50) / 100) as f64;
    let one = |[i, o]: &[u64; 2]| (scaled(*i) * input + scaled(*o) * output) / 1e6;
    used.iter().map(one).sum()
}

fn row<'v>(told: &'v Value, field: &str, name: &str) -> &'v Value {
    let mut rows = told["rows"].as_array().unwrap().iter();
    rows.find(|row| row[field] == name)
        .unwrap_or_else(|| panic!("no {field} {name}: {told:#}"))
}

/// Asserts that an amount of a day is this one of the whole stretch.
#[track_caller]
fn is_of_day(per_day: &Value, span_ms: &Value, once: f64) {
    let day = per_day.as_f64().unwrap() * span_ms.as_f64().unwrap() / MS_PER_DAY;
    assert!((day / once - 1.0).abs() < 1e-6, "{day} is not {once}");
}

#[test]
fn recorded_usage_costs_what_it_does_by_hand_beside_the_gateway_and_after_it() {
    let mut scene = Scene::sent();
    let asked = ["cost", "opus-now", "claude-haiku-4-5", "--usage"];
    let told = scene.run(&asked).is(0).json();
    let all: Used = [&scene.agent[..], &scene.quick, &scene.hard].concat();
    let span = &told["load"]["span_ms"];
    for (name, prices, too_long) in [
        ("Claude Opus 5", [5.0, 25.0], 0),
        ("Claude Haiku 4.5", [1.0, 5.0], 1),
    ] {
        let row = row(&told, "model", name);
        let once = by_hand(&all, prices, 100);
        is_of_day(&row["usd_per_day"], span, once);
        let each = row["usd_per_request"].as_f64().unwrap();
        assert!((each * all.len() as f64 / once - 1.0).abs() < 1e-6, "{row}");
        assert_eq!(row["requests_too_long"], too_long, "{row}");
        assert_eq!(row["platform"], "anthropic", "{row}");
    }
    let one = [&asked[..], &["--caller", "agent"]].concat();
    let told = scene.run(&one).is(0).json();
    assert_eq!(told["load"]["requests"], scene.agent.len());
    assert!(scene.bench.gateway.stop().success());
    let told = scene.run(&asked).is(0).json();
    assert_eq!(told["load"]["requests"], REQUESTS);
    let none = [&asked[..], &["--caller", "nobody"]].concat();
    let ended = scene.run(&none).is(2);
    assert!(ended.err.contains("leave --caller out"), "{}", ended.err);
}

#[test]
fn a_move_is_told_caller_by_caller_in_money_tokens_and_peaks() {
    let scene = Scene::sent();
    let limits = [
        "--requests-per-minute",
        "1000",
        "--tokens-per-minute",
        "4000000",
    ];
    let told = scene.swap("opus-now", &limits);
    let rows = told["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "what opus answers already stays: {told:#}");
    // The facts: Opus 5 makes 130 % of the tokens of Sonnet 4.5 and Haiku 4.5, at 5/25 a million.
    for (caller, model, used, prices) in [
        ("agent", "Claude Sonnet 4.5", &scene.agent, [3.0, 15.0]),
        ("calm", "Claude Haiku 4.5", &scene.quick, [1.0, 5.0]),
    ] {
        let row = row(&told, "caller", caller);
        assert_eq!(row["model"], model, "{row}");
        assert_eq!(row["requests"], used.len(), "{row}");
        assert_eq!(
            (&row["token_percent"], &row["token_basis"]),
            (&json!(130), &json!("facts"))
        );
        let (stay, moved) = (by_hand(used, prices, 100), by_hand(used, [5.0, 25.0], 130));
        is_of_day(&row["stay_usd_per_day"], &row["span_ms"], stay);
        is_of_day(&row["move_usd_per_day"], &row["span_ms"], moved);
        assert_eq!(row["break_even_share"], Value::Null, "it costs more: {row}");
        assert!(row["latency"]["total_ms"][0].as_u64().is_some(), "{row}");
    }
    let [requests, tokens] = scene.peaks("sonnet-now");
    let agent = row(&told, "caller", "agent");
    assert_eq!(agent["peak_requests_per_minute"], requests);
    assert_eq!(agent["peak_tokens_per_minute"], tokens);
    let near = |of: &Value, is: f64| (of.as_f64().unwrap() / is - 1.0).abs() < 1e-9;
    assert!(
        near(&agent["headroom_requests"], 1_000.0 / requests as f64),
        "{agent}"
    );
    assert!(
        near(&agent["headroom_tokens"], 4e6 / tokens as f64),
        "{agent}"
    );
    // The model to move to has answered already, for another caller.
    assert!(
        told["to"]["latency"]["total_ms"][0].as_u64().is_some(),
        "{told:#}"
    );
}

#[test]
fn a_cheaper_model_that_holds_less_says_which_requests_no_longer_fit() {
    let scene = Scene::sent();
    let told = scene.swap("claude-haiku-4-5", &[]);
    let mut hard = told["rows"].as_array().unwrap().iter();
    let hard = hard.find(|row| row["model"] == "Claude Opus 5").unwrap();
    let percent = hard["token_percent"].as_u64().unwrap();
    let stay = by_hand(&scene.hard, [5.0, 25.0], 100);
    let moved = by_hand(&scene.hard, [1.0, 5.0], percent);
    is_of_day(&hard["stay_usd_per_day"], &hard["span_ms"], stay);
    is_of_day(&hard["move_usd_per_day"], &hard["span_ms"], moved);
    let share = hard["break_even_share"].as_f64().unwrap();
    assert!((share - moved / stay).abs() < 1e-6, "{share}");
    assert_eq!(
        (
            &hard["requests_too_long_today"],
            &hard["requests_too_long_after"]
        ),
        (&json!(0), &json!(1))
    );
    let refused = &hard["refused"];
    assert_eq!(
        (&refused["requests"], &refused["judged"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(refused["uses"][0]["rule"], "context-tokens", "{refused}");
}

#[test]
fn what_requests_use_that_the_other_model_refuses_is_counted_as_scan_does() {
    let scene = Scene::sent();
    let told = scene.swap("claude-opus-5-5", &[]);
    let refused = &row(&told, "caller", "agent")["refused"];
    assert_eq!(
        (&refused["requests"], &refused["judged"]),
        (&json!(4), &json!(4))
    );
    let mut uses = refused["uses"].as_array().unwrap().iter();
    let used = uses
        .find(|one| one["rule"] == "claude-sampling-newest")
        .unwrap();
    assert_eq!((&used["requests"], &used["sure"]), (&json!(4), &json!(4)));
    assert!(
        used["because"].as_str().unwrap().contains("temperature"),
        "{used}"
    );
    // The same rows, judged by the command that this is shared with.
    let scan = ["scan", "--traffic", "--target", "claude-opus-5-5", "--json"];
    let scanned = scene.bench.home.run(&scan).is(0).json();
    let mut callers = scanned["traffic"]["callers"].as_array().unwrap().iter();
    let agent = callers.find(|one| one["caller"] == "agent").unwrap();
    assert_eq!(agent["breaking"], refused["requests"], "{agent:#}");
    // Of who sets nothing it is known that nothing is refused.
    for model in ["Claude Haiku 4.5", "Claude Opus 5"] {
        let calm = row(&told, "model", model);
        assert_eq!(calm["refused"]["requests"], 0, "{calm}");
    }
    let text = ["plan", "swap", "--to", "claude-opus-5-5", "--usage"];
    let out = scene.bench.home.run(&text).is(0).out;
    let line = out.lines().find(|line| line.starts_with("agent ")).unwrap();
    assert!(line.contains("4 of 4"), "{out}");
    assert!(out.contains("taken to go on so all day"), "{out}");
    for model in ["Haiku 4.5", "Opus 5"] {
        let told = format!("latency of calm at Claude {model} today");
        assert!(out.contains(&told), "{out}");
    }
    assert!(
        out.contains("refuses 4 requests of agent: it sets temperature"),
        "{out}"
    );
}

#[test]
fn what_is_refused_where_no_rule_is_known_is_not_known_and_never_none() {
    let scene = Scene::sent();
    let price = ["--price", "house/own=1/2"];
    let told = scene.swap("house/own", &price);
    let agent = row(&told, "caller", "agent");
    assert_eq!(agent["refused"], Value::Null);
    let why = agent["refused_not_known"].as_str().unwrap();
    assert!(why.contains("no rules of own"), "{why}");
    is_of_day(
        &agent["move_usd_per_day"],
        &agent["span_ms"],
        by_hand(&scene.agent, [1.0, 2.0], 100),
    );
    let text = [
        &["plan", "swap", "--to", "house/own", "--usage"][..],
        &price,
    ]
    .concat();
    let out = scene.bench.home.run(&text).is(0).out;
    let line = out.lines().find(|line| line.starts_with("agent ")).unwrap();
    assert!(line.contains("not known"), "{out}");
    let described = [
        "plan",
        "swap",
        "--away-from",
        "claude-opus-5",
        "--to",
        "claude-opus-5-5",
    ];
    let described = [&described[..], &["--json"]].concat();
    let told = scene.bench.home.run(&described).is(0).json();
    assert_eq!(told["rows"][0]["refused"], Value::Null);
    assert!(
        told["rows"][0]["refused_not_known"]
            .as_str()
            .unwrap()
            .contains("--usage")
    );
}
