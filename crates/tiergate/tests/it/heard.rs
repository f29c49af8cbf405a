//! What callers have sent, held against a model with `scan --traffic` on the running gateway: who
//! breaks on it and who does not, the steps of an agent with their outcomes, and whether code asks
//! for what it names. It must not look at the code that finds sites.

use std::fs;

use serde_json::{Value, json};
use testkit::FakeProvider;

use crate::bench::{Bench, claudes};
use crate::client::{Answer, Ask};
use crate::home::Key;
use crate::patience::eventually;

/// A word that a caller says.
const SECRET: &str = "rosebud-under-the-sledge";

/// Two tiers and a candidate, all on one fake provider that stands for Anthropic's own API.
fn config(fake: &FakeProvider) -> String {
    claudes(fake)
        + r#"
[models.next]
provider = "claudes"
id = "claude-opus-5-5"

[tiers.sonnet]
serves = ["sonnet-now"]
aliases = ["claude-sonnet-4-5*"]
purpose = "usual steps"

[tiers.capybara]
purpose = "not open yet"

[people.security-lead]
roles = ["security"]

[use_cases.defense]
owner = "security-lead"
tiers = ["capybara"]

[releases.next]
tier = "capybara"
candidate = "next"

[[releases.next.stages]]
stage = "early_access"
admit = { use_cases = ["defense"] }
gates = [{ gate = "approval", roles = ["security"], of = 1 }]
"#
}

/// Two callers with different habits: one agent of three steps that sets a temperature and begins
/// the answer, and one that sets nothing.
struct Scene {
    bench: Bench,
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
        let scene = Self { bench };
        for success in [true, false] {
            let conversation = if success { "one" } else { "two" };
            scene.step(&agent, conversation, ("plan", "sonnet", None));
            let act = ("act", "haiku", Some(success));
            scene.step(&agent, conversation, act);
            scene.step(&agent, conversation, ("check", "sonnet", None));
        }
        let named = question("claude-sonnet-4-5-20250929", json!({}));
        scene.ask(&calm, &named, &[]).is(200);
        scene
            .ask(&calm, &question("nowhere", json!({})), &[])
            .is(404);
        eventually("every row is durable", || {
            let heard = scene.scan(&["--traffic"])["traffic"].clone();
            let sum = heard["requests"].as_u64()? + heard["denied"].as_u64()?;
            (sum == 8).then_some(())
        });
        scene
    }

    fn ask(&self, key: &Key, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut ask = Ask::post("/v1/messages", body)
            .with("x-api-key", &key.key)
            .with("anthropic-version", "2023-06-01");
        for (name, value) in headers {
            ask = ask.with(name, value);
        }
        ask.to(self.bench.gateway.listen)
    }

    /// Takes a step of the agent, and reports how it went.
    fn step(
        &self,
        key: &Key,
        conversation: &str,
        (step, tier, success): (&str, &str, Option<bool>),
    ) {
        let begun = json!([
            { "role": "user", "content": format!("{step} {SECRET}") },
            { "role": "assistant", "content": "{" },
        ]);
        let body = question(tier, json!({ "temperature": 0.2, "messages": begun }));
        let headers = [
            ("tiergate-step", step),
            ("tiergate-conversation", conversation),
        ];
        let answer = self.ask(key, &body, &headers).is(200);
        let Some(success) = success else { return };
        let decision = answer.header("tiergate-decision").unwrap().to_owned();
        eventually("the outcome is taken", || {
            let report = json!({ "decision": decision, "success": success });
            let report = Ask::post("/tiergate/v1/outcomes", &report).bearer(&key.key);
            (report.to(self.bench.gateway.listen).status < 300).then_some(())
        });
    }

    fn scan(&self, more: &[&str]) -> Value {
        let command = [&["scan", "--json"], more].concat();
        self.bench.home.run(&command).is(0).json()
    }
}

fn question(model: &str, more: Value) -> Value {
    let mut body = json!({
        "model": model,
        "max_tokens": 64,
        "messages": [{ "role": "user", "content": SECRET }],
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn caller<'v>(scanned: &'v Value, name: &str) -> &'v Value {
    let mut all = scanned["traffic"]["callers"].as_array().unwrap().iter();
    all.find(|one| one["caller"] == name)
        .unwrap_or_else(|| panic!("no {name}: {scanned:#}"))
}

fn rules(habits: &Value) -> Vec<(&str, u64, u64)> {
    let habits = habits.as_array().unwrap().iter();
    let rule = |one: &'_ Value| {
        let count = |name: &str| one[name].as_u64().unwrap();
        (count("requests"), count("sure"))
    };
    habits
        .map(|one| {
            let (requests, sure) = rule(one);
            (one["rule"].as_str().unwrap(), requests, sure)
        })
        .collect()
}

#[test]
fn who_breaks_on_the_candidate_is_told_beside_the_running_gateway() {
    let scene = Scene::sent();
    // The tier has no model of its own yet: what stands behind it is its release's candidate.
    let scanned = scene.scan(&["--traffic", "--target", "capybara"]);
    assert_eq!(scanned["traffic"]["target"]["id"], "claude-opus-5-5");
    assert_eq!(scanned["traffic"]["denied"], 1);
    let agent = caller(&scanned, "agent");
    assert_eq!(agent["verdict"], "breaks", "{agent:#}");
    assert_eq!(agent["breaking"], 6);
    let broken = rules(&agent["breaks"]);
    for rule in ["claude-sampling-newest", "claude-prefill-newest"] {
        assert!(broken.contains(&(rule, 6, 6)), "{rule}: {broken:?}");
    }
    let calm = caller(&scanned, "calm");
    assert_eq!(calm["verdict"], "changes", "{calm:#}");
    assert_eq!(calm["breaks"], json!([]));
    // What no row tells is said not to be told.
    assert!(
        scanned["traffic"]["not_recorded"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    );
    // Where they are served today nothing breaks.
    let today = scene.scan(&["--traffic"]);
    assert_eq!(caller(&today, "agent")["breaking"], 0, "{today:#}");
    let one_tier = scene.scan(&["--traffic", "--target", "capybara", "--tier", "haiku"]);
    assert_eq!(one_tier["traffic"]["requests"], 2);
    let later = scene.scan(&["--traffic", "--since", "0m"]);
    assert_eq!(later["traffic"]["requests"], 0);
}

#[test]
fn a_caller_that_breaks_ends_a_scan_with_one_where_that_is_asked() {
    let scene = Scene::sent();
    let command = |more: &[&str]| {
        let all = [&["scan", "--traffic", "--target", "capybara"], more].concat();
        scene.bench.home.run(&all)
    };
    let told = command(&[]).is(0).out;
    assert!(
        told.contains("agent: breaks, 6 requests, 6 end in an error"),
        "{told}"
    );
    assert!(told.contains("calm: changes, 1 request"), "{told}");
    assert!(!told.contains(SECRET), "{told}");
    command(&["--fail-on", "breaks"]).is(1);
    let calm = [
        "scan",
        "--traffic",
        "--target",
        "sonnet",
        "--fail-on",
        "breaks",
    ];
    scene.bench.home.run(&calm).is(0);
}

#[test]
fn steps_are_drawn_with_their_models_cost_and_outcomes() {
    let scene = Scene::sent();
    let page = scene.bench.home.path().join("page.html");
    let scanned = scene.scan(&["--traffic", "--html", page.to_str().unwrap()]);
    let pipelines = scanned["pipelines"].as_array().unwrap();
    assert_eq!(pipelines.len(), 1, "{pipelines:#?}");
    let agent = &pipelines[0];
    assert_eq!(agent["name"], "agent");
    let steps = agent["steps"].as_array().unwrap();
    let shown = steps.iter().map(|step| {
        let tier = step["tiers"][0]["name"].as_str().unwrap();
        (
            step["name"].as_str().unwrap(),
            tier,
            step["traffic"]["requests"].as_u64().unwrap(),
        )
    });
    let shown: Vec<_> = shown.collect();
    assert_eq!(
        shown,
        [
            ("plan", "sonnet", 2),
            ("act", "haiku", 2),
            ("check", "sonnet", 2)
        ]
    );
    let act = &steps[1]["traffic"];
    assert_eq!(
        (&act["reported"], &act["success_percent"]),
        (&json!(2), &json!(50.0))
    );
    assert_eq!(act["unpriced"], 0, "the facts know its price: {act}");
    let edges = agent["edges"].as_array().unwrap().iter();
    let edges: Vec<_> = edges
        .map(|edge| (&edge["from"], &edge["to"], &edge["times"]))
        .collect();
    assert_eq!(
        edges,
        [
            (&json!(0), &json!(1), &json!(2)),
            (&json!(1), &json!(2), &json!(2))
        ]
    );
    assert_eq!(agent["findings"][0]["step"], "act", "{agent:#}");
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains("<svg") && page.contains("50 % of 2 succeeded"),
        "{page}"
    );
    assert!(page.contains("flowchart LR"), "{page}");
    assert!(!page.contains(SECRET), "{page}");
}

#[test]
fn code_is_hot_or_unseen_by_what_its_caller_asks_for() {
    let scene = Scene::sent();
    let code = scene.bench.home.path().join("code");
    fs::create_dir_all(code.join("shop")).unwrap();
    fs::create_dir_all(code.join("other")).unwrap();
    let call = |model: &str| {
        format!(
            "import anthropic\nclient = anthropic.Anthropic()\n\n\ndef ask(q):\n    return \
             client.messages.create(model=\"{model}\", max_tokens=9, messages=q)\n"
        )
    };
    let write = |name: &str, model: &str| fs::write(code.join(name), call(model)).unwrap();
    write("shop/now.py", "claude-sonnet-4-5-20250929");
    write("shop/old.py", "claude-opus-4-1-20250805");
    write("other/now.py", "claude-sonnet-4-5-20250929");
    let paths = ["code", "--traffic", "--caller", "calm=shop"];
    let scanned = scene.scan(&paths);
    let of = |path: &str| {
        let mut all = scanned["findings"].as_array().unwrap().iter();
        let found = all.find(|one| one["path"] == path);
        found.unwrap_or_else(|| panic!("no {path}: {scanned:#}"))["traffic"].clone()
    };
    assert_eq!(of("shop/now.py")["heat"], "hot");
    assert_eq!(of("shop/now.py")["requests"], 1);
    assert_eq!(of("shop/old.py")["heat"], "unseen");
    assert_eq!(of("other/now.py"), Value::Null);
    let cold = scene.scan(&[&paths[..], &["--lately", "0m"]].concat());
    let told = cold["findings"].as_array().unwrap().iter();
    let heats: Vec<_> = told.map(|one| &one["traffic"]["heat"]).collect();
    assert!(heats.contains(&&json!("cold")), "{heats:?}");
    let terminal = [&["scan"], &paths[..]].concat();
    let text = scene.bench.home.run(&terminal).is(0).out;
    assert!(text.contains("hot in calm"), "{text}");
}

#[test]
fn a_recorded_request_is_held_against_a_model_without_sending_it() {
    let bench = Bench::with(config);
    let file = bench.home.path().join("requests.jsonl");
    let forced = json!({ "temperature": 0.2, "tool_choice": { "type": "any" } });
    let warm = json!({ "custom_id": "a", "params": question("sonnet", forced) });
    let plain = json!({ "custom_id": "b", "params": question("sonnet", json!({})) });
    fs::write(&file, format!("{warm}\n{plain}\n")).unwrap();
    let check = |more: &[&str]| {
        let file = file.to_str().unwrap();
        let all = [&["scan", "--json", "--request", file], more].concat();
        bench.home.run(&all)
    };
    let told = check(&["--target", "capybara", "--dialect", "anthropic-messages"]);
    let told = told.is(1).json();
    let requests = told["requests"].as_array().unwrap();
    let broken = |at: usize| {
        let breaks = requests[at]["breaks"].as_array().unwrap().iter();
        let errors = breaks.filter(|one| one["effect"] == "error");
        let rules = errors.map(|one| one["rule"].as_str().unwrap());
        rules.collect::<Vec<_>>()
    };
    assert_eq!(broken(0), ["claude-sampling-newest", "claude-forced-tool"]);
    assert_eq!(broken(1), Vec::<&str>::new());
    assert_eq!(bench.fake.count_requests(), 0, "nothing was sent");
    // Nothing says the dialect; a body of another one; a file that is not there.
    for (more, part) in [
        (&["--target", "capybara"][..], "--dialect"),
        (&["--target", "capybara", "--dialect", "gemini"], "contents"),
        (&["--target", "nobody", "--dialect", "gemini"], "nobody"),
    ] {
        let ended = check(more).is(2);
        assert!(ended.err.contains(part), "{}", ended.err);
    }
    fs::write(&file, "{\"path\":\"/v1/messages\",\n \"body\": {]}").unwrap();
    let broken = check(&["--target", "capybara"]).is(2);
    assert!(broken.err.contains("line 2"), "{}", broken.err);
}
