//! What a scan answers: breaks on a target, exit codes, baselines.

use std::fs;

use serde_json::{Value, json};

use super::repository::{PLAIN, PYTHON, Repository, TYPESCRIPT, at};
use crate::bench::{fake, standard};

/// Refuses any temperature, at a price of its own.
const OPUS: &str = "anthropic/claude-opus-5-5";

fn effects(finding: &Value) -> Vec<(String, bool)> {
    let breaks = finding["breaks"].as_array().unwrap().iter();
    breaks
        .map(|one| {
            (
                one["effect"].as_str().unwrap().to_owned(),
                one["seen"] == true,
            )
        })
        .collect()
}

#[test]
fn a_call_breaks_where_the_target_refuses_what_it_sets() {
    let repository = Repository::new(&[("a.py", PYTHON), ("b.ts", TYPESCRIPT)]);
    let document = repository.json(&[".", "--target", OPUS]);
    let call = at(&document, "a.py", 8);
    assert_eq!(call["role"], json!("live_call"), "{call:#}");
    assert_eq!(call["model"], json!("claude-opus-4-5"));
    assert_eq!(call["column"], json!(16));
    assert!(
        effects(call).contains(&("error".to_owned(), true)),
        "{call:#}"
    );
    let refused = &call["breaks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["seen"] == true);
    assert_eq!(refused.unwrap()["line"], json!(10), "{call:#}");
    let other = at(&document, "b.ts", 7);
    assert!(
        !effects(other).contains(&("error".to_owned(), true)),
        "{other:#}"
    );
    assert_eq!(document["target"]["id"], json!("claude-opus-5-5"));
    let text = repository.scan(&[".", "--target", OPUS]).is(0).out;
    assert!(
        text.contains("temperature=0.2") || text.contains("a.py:8:16"),
        "{text}"
    );
    assert!(
        !text.contains('\u{1b}'),
        "colours where there is no terminal: {text}"
    );
}

#[test]
fn the_exit_code_is_the_answer() {
    let repository = Repository::new(&[("a.py", PYTHON)]);
    let code = |arguments: &[&str]| repository.scan(&[&["."], arguments].concat()).code;
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--target", OPUS, "--fail-on", "breaks"]), 1);
    // It breaks nothing where it is.
    assert_eq!(code(&["--fail-on", "breaks"]), 0);
    let asked = repository.scan(&[".", "--target", OPUS, "--fail-on", "breaks", "--json"]);
    assert!(asked.is(1).json()["findings"].is_array());
    repository.put("a.py", PLAIN);
    assert_eq!(code(&["--target", OPUS, "--fail-on", "breaks"]), 0);
    for wrong in [
        &["--fail-on", "days=soon"][..],
        &["--fail-on", "everything"],
        &["--fix", "everything"],
        &["--role", "star"],
        &["--target", "claude-opus-99"],
        &["--baseline", "nowhere.json"],
        &["--sarif", "nowhere/scan.sarif"],
        &["--sarif", "-", "--html", "-"],
    ] {
        let ended = repository.scan(&[&["."], wrong].concat());
        assert_eq!(ended.code, 2, "{wrong:?}: {}", ended.err);
        assert!(!ended.err.is_empty(), "{wrong:?}");
    }
}

#[test]
fn a_retired_model_fails_from_its_last_day_on_and_days_ahead() {
    let text = PYTHON.replace("claude-opus-4-5", "claude-opus-4-1-20250805");
    let repository =
        Repository::new(&[("a.py", &text), ("README.md", "claude-opus-4-1-20250805\n")]);
    let code = |condition: &str, day: &str| {
        // The last `--on` would be refused as a second one.
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tiergate"));
        command.args(["scan", ".", "--fail-on", condition, "--on", day]);
        command.current_dir(repository.path());
        crate::home::Ended::of(command, crate::patience::PATIENCE).code
    };
    let document = repository.json(&["."]);
    let last = at(&document, "a.py", 8)["retirement"]["retires_on"].clone();
    assert_eq!(last, json!("2026-08-05"), "{document:#}");
    for (condition, day, expected) in [
        ("retired", "2026-08-05", 0),
        ("retired", "2026-08-06", 1),
        ("days=90", "2026-05-06", 0),
        ("days=90", "2026-05-07", 1),
        ("days=90", "2026-11-27", 1),
    ] {
        assert_eq!(code(condition, day), expected, "{condition} on {day}");
    }
    // Prose asks no model.
    fs::remove_file(repository.at("a.py")).unwrap();
    assert_eq!(code("retired", "2026-08-06"), 0);
}

#[test]
fn a_baseline_accepts_what_it_has_seen_and_nothing_more() {
    let repository = Repository::new(&[("a.py", PLAIN)]);
    let fails = ["--target", OPUS, "--fail-on", "breaks,retired"];
    let scan = |more: &[&str]| repository.scan(&[&["."], &fails[..], more].concat());
    repository.put("a.py", PYTHON);
    scan(&[]).is(1);
    scan(&["--write-baseline", "accepted.json"]).is(1);
    let accepted = scan(&["--baseline", "accepted.json"]).is(0);
    assert!(
        accepted.out.contains("accepted by the baseline"),
        "{}",
        accepted.out
    );
    // The baseline names models and is no code.
    let found = repository.found(&[".", "--baseline", "accepted.json"]);
    assert_eq!(found, ["a.py"]);
    // Lines that move are the same finding.
    repository.put("a.py", format!("# moved\n\n{PYTHON}"));
    scan(&["--baseline", "accepted.json"]).is(0);
    // What breaks besides is not accepted.
    let more = PYTHON.replace("temperature=0.2", "temperature=0.2, top_k=5");
    repository.put("a.py", more);
    scan(&["--baseline", "accepted.json"]).is(1);
    // Nor is another site.
    repository.put("a.py", PYTHON);
    repository.put("b.py", PYTHON);
    scan(&["--baseline", "accepted.json"]).is(1);
}

#[test]
fn a_target_is_the_model_behind_a_tier_of_the_configuration() {
    let config = standard(&fake(testkit::Script::new()));
    let repository = Repository::new(&[("a.py", PYTHON), ("tiergate.toml", &config)]);
    let document = repository.json(&["a.py", "--target", "opus"]);
    assert_eq!(document["target"]["asked"], json!("opus"));
    // A provider that is no platform of the facts is judged as what it is: unknown.
    let call = at(&document, "a.py", 8);
    assert!(!call["unknown"].as_array().unwrap().is_empty(), "{call:#}");
    let ours = "[providers.p]\ndialect = \"anthropic-messages\"\n\
                base_url = \"https://api.anthropic.com\"\napi_key = { env = \"K\" }\n\
                [models.big]\nprovider = \"p\"\nid = \"claude-opus-5-5\"\n\
                [tiers.opus]\nserves = [\"big\"]\npurpose = \"all\"\n";
    repository.put("tiergate.toml", ours);
    for asked in ["opus", "big"] {
        let document = repository.json(&["a.py", "--target", asked]);
        let target = json!({ "asked": asked, "platform": "anthropic", "id": "claude-opus-5-5" });
        assert_eq!(document["target"], target);
        assert!(effects(at(&document, "a.py", 8)).contains(&("error".to_owned(), true)));
    }
    let unknown = repository.scan(&["a.py", "--target", "capybara"]).is(2);
    assert!(unknown.err.contains("capybara") && unknown.err.contains("tiergate.toml"));
    repository.put("tiergate.toml", "[tiers.opus\n");
    let broken = repository.scan(&["a.py", "--target", "opus"]).is(2);
    assert!(broken.err.contains("tiergate.toml:1"), "{}", broken.err);
    // What the facts know needs no configuration.
    repository.json(&["a.py", "--target", "claude-opus-5-5"]);
}

#[test]
fn roles_choose_what_is_told() {
    let repository = Repository::new(&[("a.py", PYTHON), ("README.md", "Ask claude-opus-4-5.\n")]);
    let found = |role: &str| repository.found(&[".", "--role", role]);
    assert_eq!(found("live_call"), ["a.py"]);
    assert_eq!(found("documentation"), ["README.md"]);
    assert_eq!(found("documentation,live_call"), ["README.md", "a.py"]);
    assert!(found("catalogue").is_empty());
}
