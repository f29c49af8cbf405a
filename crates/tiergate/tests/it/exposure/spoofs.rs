//! Headers, queries and fields beside the name that other gateways and vendors listen to: none
//! changes who answers, none reaches or reveals a sealed model. It must not test names.

use serde_json::{Value, json};

use super::scene::{Scene, UNKNOWN, in_both_dialects, reveals_nothing, without_ids};
use crate::client::Ask;

/// Headers that claim what only the gateway decides.
const HEADERS: &[(&str, &str)] = &[
    ("tiergate-tier", "capybara"),
    ("tiergate-model", "mythos"),
    ("tiergate-stage", "general"),
    ("tiergate-release", "mythos"),
    ("tiergate-candidate", "mythos"),
    ("tiergate-arm", "candidate"),
    ("tiergate-digest", "sha256:00"),
    ("tiergate-decision", "mythos"),
    ("tiergate-caller", "lead"),
    ("tiergate-person", "lead"),
    ("tiergate-team", "blue"),
    ("tiergate-share", "100"),
    ("tiergate-error", "provider"),
    ("tiergate-admin", "1"),
    ("x-tiergate-model", "mythos"),
    ("x-model", "mythos"),
    ("x-model-id", "vendor-7"),
    ("model", "mythos"),
    ("openai-model", "mythos"),
    ("anthropic-model", "mythos"),
    ("openai-organization", "capybara"),
    ("anthropic-beta", "mythos"),
    ("x-litellm-model", "mythos"),
    ("x-litellm-tags", "capybara"),
    (
        "x-portkey-config",
        r#"{"override_params":{"model":"mythos"}}"#,
    ),
    ("x-portkey-custom-host", "http://127.0.0.1:9"),
    ("x-portkey-provider", "mythos"),
    ("helicone-model-override", "mythos"),
    ("cf-aig-model", "mythos"),
    ("x-envoy-ai-gateway-model", "mythos"),
    ("x-ai-eg-model", "mythos"),
    ("x-amzn-bedrock-model", "mythos"),
    ("x-goog-api-client", "mythos"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-forwarded-host", "127.0.0.1:4001"),
    ("x-original-url", "/metrics"),
    ("x-rewrite-url", "/api/v1/releases"),
    ("x-http-method-override", "GET"),
    ("forwarded", "for=127.0.0.1"),
    ("cookie", "model=mythos"),
];

/// Fields of a body that other gateways read.
fn fields() -> Vec<Value> {
    vec![
        json!({ "models": ["mythos"] }),
        json!({ "fallbacks": ["mythos"], "route": "fallback" }),
        json!({ "metadata": { "model": "mythos", "tier": "capybara" } }),
        json!({ "extra_body": { "model": "mythos" } }),
        json!({ "tier": "capybara", "stage": "general" }),
        json!({ "provider": { "order": ["mythos"] } }),
        json!({ "Model": "mythos", "MODEL": "mythos", "model ": "mythos" }),
        json!({ "user": "lead", "service_tier": "capybara" }),
    ]
}

#[test]
fn a_header_changes_neither_who_answers_nor_who_is_hidden() {
    let scene = Scene::start();
    for (header, value) in HEADERS {
        for key in scene.callers() {
            let answered = in_both_dialects("haiku", key).into_iter();
            for ask in answered.map(|ask| ask.with(header, value)) {
                let answer = scene.ask(&ask);
                assert_eq!(answer.status, 200, "{header}: {}", answer.text());
                assert_eq!(answer.model(), Some("plain"), "{header}");
                assert_eq!(answer.header("tiergate-tier"), Some("haiku"), "{header}");
                reveals_nothing(&answer, "\u{0}");
            }
            let hidden = in_both_dialects("mythos", key).into_iter();
            for (asked, other) in hidden.zip(in_both_dialects(UNKNOWN, key)) {
                let asked = scene.ask(&asked.with(header, value));
                let other = scene.ask(&other.with(header, value));
                assert_eq!(asked.status, 404, "{header}: {}", asked.text());
                let told = without_ids(&asked, "mythos");
                assert_eq!(told, without_ids(&other, UNKNOWN), "{header}");
            }
        }
    }
    scene.reached_nothing_sealed();
    for request in scene.bench.fake.requests() {
        let ours = request.headers.iter();
        let leaked = ours.filter(|(name, _)| name.starts_with("tiergate-"));
        assert_eq!(leaked.count(), 0, "{:?}", request.headers);
    }
}

#[test]
fn every_header_at_once_changes_nothing_on_any_list() {
    let scene = Scene::start();
    let with_all = |ask: Ask| {
        let each = HEADERS.iter();
        each.fold(ask, |ask, (header, value)| ask.with(header, value))
    };
    for key in scene.callers() {
        for version in [None, Some("2023-06-01")] {
            let plain = Ask::get("/v1/models").bearer(&key.key);
            let plain = match version {
                Some(version) => plain.with("anthropic-version", version),
                None => plain,
            };
            let listed = scene.ask(&plain).is(200);
            reveals_nothing(&listed, "\u{0}");
            assert!(listed.text().contains("haiku") && listed.text().contains("opus"));
            let spoofed = scene.ask(&with_all(plain)).is(200);
            assert_eq!(listed.body, spoofed.body);
        }
    }
}

#[test]
fn a_query_changes_nothing() {
    let scene = Scene::start();
    for query in [
        "model=mythos",
        "model=capybara&tier=capybara",
        "name=mythos",
        "key=lead",
        "beta=true&model=vendor-7",
        "model=mythos#fragment",
    ] {
        for key in scene.callers() {
            let list = Ask::get("/v1/models").bearer(&key.key);
            let told = scene.ask(&list).is(200);
            let path = format!("/v1/models?{query}");
            let asked = scene.ask(&Ask::get(&path).bearer(&key.key)).is(200);
            assert_eq!(told.body, asked.body, "{query}");
            for mut ask in in_both_dialects("haiku", key) {
                ask.path = format!("{}?{query}", ask.path);
                let answer = scene.ask(&ask).is(200);
                assert_eq!(answer.model(), Some("plain"), "{query}");
            }
            for mut ask in in_both_dialects(UNKNOWN, key) {
                ask.path = format!("{}?{query}", ask.path);
                reveals_nothing(&scene.ask(&ask).is(404), "\u{0}");
            }
        }
    }
    scene.reached_nothing_sealed();
}

#[test]
fn a_field_beside_the_model_changes_nothing() {
    let scene = Scene::start();
    for more in fields() {
        for key in scene.callers() {
            for (name, status) in [("haiku", 200), (UNKNOWN, 404)] {
                for ask in in_both_dialects(name, key) {
                    let mut body: Value = serde_json::from_slice(&ask.body).unwrap();
                    body.as_object_mut()
                        .unwrap()
                        .extend(more.as_object().unwrap().clone());
                    let answer = scene.ask(&ask.sending(body.to_string()));
                    assert_eq!(answer.status, status, "{more}: {}", answer.text());
                    let model = (status == 200).then_some("plain");
                    assert_eq!(answer.model(), model, "{more}");
                }
            }
        }
    }
    scene.reached_nothing_sealed();
}
