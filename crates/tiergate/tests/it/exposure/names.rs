//! Every spelling of a sealed name: exact, in another case, in look-alike letters, with spaces,
//! as a path, as an alias or behind a prefix. It must not test headers or keys.

use serde_json::json;

use super::scene::{
    Scene, UNKNOWN, in_a_path, in_both_dialects, reveals_nothing, to_be_shown, without_ids,
};
use crate::client::Ask;

/// Spellings that lead nowhere.
const NOWHERE: &[&str] = &[
    // Exact: the models, their provider's ids, the tier that only a release would serve.
    "mythos",
    "successor",
    "capybara",
    "vendor-7",
    "vendor-7-small",
    // The arms that only an evaluation key reaches.
    "release/mythos/candidate",
    "release/mythos/incumbent",
    "release/successor/candidate",
    "release/successor/incumbent",
    // Case.
    "Mythos",
    "MYTHOS",
    "mythoS",
    "CAPYBARA",
    // Space and control characters.
    "mythos ",
    " mythos",
    "mythos\t",
    "mythos\n",
    "mythos\r\n",
    "mythos\u{0}",
    "mythos\u{a0}",
    "mythos\u{3000}",
    // Invisible: zero width space, joiner, byte order mark, soft hyphen, direction marks.
    "mythos\u{200b}",
    "my\u{200d}thos",
    "\u{feff}mythos",
    "my\u{ad}thos",
    "\u{202e}sohtym",
    "mythos\u{2060}",
    // The same under NFKC or case folding: full width, mathematical, circled, ligature, long s.
    "ｍｙｔｈｏｓ",
    "𝐦𝐲𝐭𝐡𝐨𝐬",
    "ⓜⓨⓣⓗⓞⓢ",
    "mythoſ",
    "ｃａｐｙｂａｒａ",
    // Letters of other scripts, and combining marks.
    "mуthоs",
    "mythοs",
    "mythos\u{301}",
    // Wildcards and patterns.
    "*",
    "mythos*",
    "myth*",
    "?ythos",
    "[m]ythos",
    "mythos|haiku",
    "mythos,haiku",
    // Prefixes, paths, encodings.
    "chat/mythos",
    "capybara/mythos",
    "haiku/mythos",
    "/mythos",
    "./mythos",
    "../mythos",
    "mythos/",
    "mythos/../mythos",
    "%6dythos",
    "mythos%00",
    "mythos?x=1",
    "mythos#haiku",
    "mythos@latest",
    "mythos:latest",
    "models/mythos",
    "tier:capybara",
    "haiku\u{0}mythos",
    // Look-alikes of an alias's prefix.
    "gpt-4omythos",
    "gpt-4p-mythos",
    "claude-opusmythos",
    "GPT-4O-mythos",
    " gpt-4o-mythos",
];

#[test]
fn no_spelling_reaches_or_reveals_a_sealed_model() {
    let scene = Scene::start();
    for name in NOWHERE {
        for key in scene.callers().into_iter().chain([&scene.outsider]) {
            for ask in in_both_dialects(name, key) {
                for ask in [ask.clone(), ask.streamed()] {
                    let answer = scene.ask(&ask);
                    assert_eq!(answer.status, 404, "{name:?}: {}", answer.text());
                    assert_eq!(answer.model(), None, "{name:?}");
                    let escaped = json!(name).to_string();
                    reveals_nothing(&answer, escaped.trim_matches('"'));
                }
            }
        }
    }
    assert!(scene.bench.fake.requests().is_empty());
}

#[test]
fn no_spelling_shows_a_sealed_model_alone() {
    let scene = Scene::start();
    let everyone = [&scene.bench.caller, &scene.helper, &scene.outsider];
    for name in NOWHERE {
        let is_own = name.starts_with("release/successor/");
        let evaluator = (!is_own).then_some(&scene.evaluator);
        for key in everyone.into_iter().chain(evaluator) {
            for ask in to_be_shown(name, key) {
                let answer = scene.ask(&ask);
                assert_eq!(answer.status, 404, "{name:?}: {}", answer.text());
                reveals_nothing(&answer, &in_a_path(name));
            }
        }
    }
}

#[test]
fn what_is_listed_is_shown_alone_as_it_is_listed_and_an_alias_as_its_tier() {
    let scene = Scene::start();
    for key in [&scene.bench.caller, &scene.outsider, &scene.evaluator] {
        let listed = Ask::get("/v1/models").bearer(&key.key);
        let listed = scene.ask(&listed).is(200).json();
        let rows = listed["data"].as_array().unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            let [ask, ..] = to_be_shown(row["id"].as_str().unwrap(), key);
            assert_eq!(scene.ask(&ask).is(200).json(), *row);
        }
    }
    for (name, purpose) in [
        ("gpt-4o-mythos", "quick steps"),
        ("claude-opus-4", "hard steps"),
    ] {
        let shapes = [("id", ""), ("id", ""), ("name", "models/")];
        let asks = to_be_shown(name, &scene.helper).into_iter();
        for (ask, (field, prefix)) in asks.zip(shapes) {
            let shown = scene.ask(&ask).is(200).json();
            assert_eq!(shown[field], format!("{prefix}{name}"), "{shown}");
            assert_eq!(shown["description"], purpose);
        }
    }
    let [ask, ..] = to_be_shown("haiku", &scene.outsider);
    assert_eq!(scene.ask(&ask).status, 404, "its use case has no such tier");
    scene.reached_nothing_sealed();
}

#[test]
fn a_hidden_and_an_unknown_name_give_the_same_bytes() {
    let scene = Scene::start();
    // Pairs of one length: what is sealed, and what does not exist.
    for (hidden, unknown) in [
        ("mythos", UNKNOWN),
        ("capybara", "capybera"),
        ("successor", "successer"),
        ("vendor-7", "vendor-8"),
        ("release/mythos/candidate", "release/mythes/candidate"),
        ("release/successor/incumbent", "release/successer/incumbent"),
    ] {
        for key in [
            &scene.bench.caller,
            &scene.helper,
            &scene.outsider,
            &scene.evaluator,
        ] {
            if hidden.starts_with("release/successor") && key.id == scene.evaluator.id {
                continue;
            }
            let pairs = in_both_dialects(hidden, key).into_iter();
            for (asked, other) in pairs.zip(in_both_dialects(unknown, key)) {
                let told = without_ids(&scene.ask(&asked), hidden);
                assert_eq!(told, without_ids(&scene.ask(&other), unknown), "{hidden}");
                let (asked, other) = (asked.streamed(), other.streamed());
                let told = without_ids(&scene.ask(&asked), hidden);
                assert_eq!(told, without_ids(&scene.ask(&other), unknown), "{hidden}");
            }
            let shown = to_be_shown(hidden, key).into_iter();
            for (asked, other) in shown.zip(to_be_shown(unknown, key)) {
                let told = without_ids(&scene.ask(&asked), &in_a_path(hidden));
                let other = without_ids(&scene.ask(&other), &in_a_path(unknown));
                assert_eq!(told, other, "{hidden}");
            }
        }
    }
}

#[test]
fn an_alias_leads_to_what_serves_its_tier_whatever_stands_behind_its_prefix() {
    let scene = Scene::start();
    for (name, model) in [
        ("gpt-4o-mythos", "plain"),
        ("gpt-4o-successor", "plain"),
        ("gpt-4o-capybara", "plain"),
        ("gpt-4o", "plain"),
        ("claude-opus-mythos", "claude"),
        ("haiku", "plain"),
    ] {
        for key in scene.callers() {
            for ask in in_both_dialects(name, key) {
                let answer = scene.ask(&ask);
                assert_eq!(answer.status, 200, "{name}: {}", answer.text());
                assert_eq!(answer.model(), Some(model), "{name}");
                assert_eq!(answer.header("tiergate-stage"), None, "{name}");
            }
        }
    }
    scene.reached_nothing_sealed();
}

#[test]
fn a_name_that_is_no_text_is_a_bad_request() {
    let scene = Scene::start();
    for name in [
        json!(null),
        json!([]),
        json!(["mythos"]),
        json!({ "name": "mythos" }),
        json!(7),
    ] {
        let body = json!({ "model": name, "messages": [] });
        let ask = Ask::post("/v1/chat/completions", &body).bearer(&scene.helper.key);
        let answer = scene.ask(&ask);
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
        reveals_nothing(&answer, "");
    }
    let empty = in_both_dialects("", &scene.helper);
    for ask in empty {
        let status = scene.ask(&ask).status;
        assert!([400, 404].contains(&status), "{status}");
    }
    assert!(scene.bench.fake.requests().is_empty());
}
