//! The rules that ship, as changes of requests: a model by its id on its platform, a body in, the
//! body that the model takes out. It must not start a gateway.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Effect, Facts, Feature, Limits, Model, ModelDigest, Provider};
use http::{HeaderMap, HeaderValue};
use wire::Restrictions;

use super::{add, body};
use crate::error::{Class, Error};

const MESSAGES: &str = "anthropic-messages";
const CHAT: &str = "openai-chat";

fn model(dialect: &str, platform: &str, id: &str) -> Model {
    let facts = Facts::shipped().unwrap();
    let provider = Provider {
        name: "p".into(),
        dialect: dialect.to_owned(),
        base_url: String::new(),
    };
    let params = serde_json::Map::new();
    let digest = ModelDigest::of(&provider, id, None, &params, None).unwrap();
    let known = facts.known(platform, id);
    Model {
        name: id.into(),
        provider: Arc::new(provider),
        id: id.to_owned(),
        safeguards: None,
        params,
        weights: None,
        limits: Limits {
            max_output_tokens: known.and_then(|known| known.max_output_tokens()),
        },
        prices: None,
        takes: facts.takes(platform, id),
        tag: digest.tag(),
        digest,
    }
}

/// Adapts fields that stand before the rest of a body.
fn adapt(model: &Model, version: &'static str, text: &str) -> Result<(String, String), Error> {
    let dialect = model.provider.dialect.as_str();
    let speaks = wire::dialect(dialect).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("anthropic-version", HeaderValue::from_static(version));
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let features = speaks.peek(&bytes, None).unwrap().features;
    let (adapted, paths) = body(model, speaks, (&headers, &features), bytes)?;
    Ok((
        String::from_utf8(adapted.to_vec()).unwrap(),
        paths.join(", "),
    ))
}

const OLDER: &str = "2023-06-01";
const NEWER: &str = "2026-10-21";

/// A dialect; a platform, an id and a version of the API; the fields, the fields adapted, the
/// paths.
type Case = (
    &'static str,
    [&'static str; 3],
    &'static str,
    &'static str,
    &'static str,
);

const CASES: [Case; 14] = [
    (
        MESSAGES,
        ["anthropic", "claude-opus-5-5", OLDER],
        r#""thinking":{"type":"enabled","budget_tokens":20000},"#,
        r#""output_config":{"effort":"high"},"thinking":{"type":"adaptive"},"#,
        "thinking, output_config.effort",
    ),
    (
        MESSAGES,
        ["anthropic", "claude-sonnet-5-5", OLDER],
        r#""tool_choice":{"type":"any"},"thinking":{"type":"disabled"},"#,
        r#""tool_choice":{"type":"auto"},"thinking":{"type":"between_tools"},"#,
        "thinking, tool_choice",
    ),
    (
        MESSAGES,
        ["anthropic", "claude-opus-5", OLDER],
        r#""thinking":{"type":"disabled"},"output_config":{"effort":"max"},"temperature":0.2,"#,
        r#""thinking":{"type":"disabled"},"output_config":{"effort":"high"},"#,
        "output_config.effort, temperature",
    ),
    (
        MESSAGES,
        ["anthropic", "claude-haiku-4-5-20251001", OLDER],
        r#""temperature":0.2,"top_p":0.9,"#,
        r#""temperature":0.2,"#,
        "top_p",
    ),
    (
        MESSAGES,
        ["anthropic", "claude-haiku-4-5-20251001", NEWER],
        r#""temperature":1,"top_p":0.9,"#,
        "",
        "temperature, top_p",
    ),
    // A model without a row is bound by the version of the API alone.
    (
        MESSAGES,
        ["anthropic", "claude-of-tomorrow", NEWER],
        r#""top_k":1,"thinking":{"type":"disabled"},"#,
        r#""thinking":{"type":"disabled"},"#,
        "top_k",
    ),
    (
        MESSAGES,
        ["anthropic", "claude-of-tomorrow", OLDER],
        r#""top_k":1,"#,
        r#""top_k":1,"#,
        "",
    ),
    // Another platform takes what the vendor's own API refuses, without a word.
    (
        MESSAGES,
        ["openrouter", "anthropic/claude-opus-5", OLDER],
        r#""temperature":0.2,"#,
        r#""temperature":0.2,"#,
        "",
    ),
    (
        CHAT,
        ["openai", "gpt-5", OLDER],
        r#""temperature":0.2,"presence_penalty":0,"logit_bias":{"1":2},"max_tokens":9,"#,
        r#""presence_penalty":0,"max_completion_tokens":9,"#,
        "temperature, logit_bias, max_tokens",
    ),
    (
        CHAT,
        ["openai", "gpt-5.1", OLDER],
        r#""temperature":0.2,"reasoning_effort":"none","#,
        r#""temperature":0.2,"reasoning_effort":"none","#,
        "",
    ),
    (
        CHAT,
        ["openai", "gpt-5.1", OLDER],
        r#""temperature":0.2,"reasoning_effort":"low","#,
        r#""reasoning_effort":"low","#,
        "temperature",
    ),
    (
        CHAT,
        ["openai", "gpt-5.4", OLDER],
        r#""tools":[{"type":"function"}],"reasoning_effort":"high","#,
        r#""tools":[{"type":"function"}],"reasoning_effort":"none","#,
        "reasoning_effort",
    ),
    (
        CHAT,
        ["openai", "gpt-4o", OLDER],
        r#""temperature":0.2,"max_tokens":9,"#,
        r#""temperature":0.2,"max_tokens":9,"#,
        "",
    ),
    (
        CHAT,
        ["deepseek", "deepseek-v4-pro", OLDER],
        r#""temperature":0.2,"reasoning_effort":"medium","#,
        r#""temperature":0.2,"reasoning_effort":"medium","#,
        "",
    ),
];

#[test]
fn each_model_gets_what_it_takes() {
    for (dialect, [platform, id, version], fields, expected, paths) in CASES {
        let whole = |fields: &str| {
            let most = if dialect == MESSAGES {
                r#","max_tokens":64"#
            } else {
                ""
            };
            format!(r#"{{{fields}"model":"m","messages":[{{"role":"user","content":"a"}}]{most}}}"#)
        };
        let model = model(dialect, platform, id);
        let found = adapt(&model, version, &whole(fields)).unwrap();
        assert_eq!(
            found,
            (whole(expected), paths.to_owned()),
            "{platform} {id}"
        );
    }
}

#[test]
fn what_nothing_can_stand_for_is_refused_by_its_field() {
    let begun = r#"{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":"{"}]}"#;
    let tools = r#"{"model":"m","messages":[],"tools":[{"type":"function"}]}"#;
    for (dialect, platform, id, text, field) in [
        (MESSAGES, "anthropic", "claude-opus-5", begun, "messages"),
        (CHAT, "openai", "gpt-6-astra", tools, "tools"),
    ] {
        let error = adapt(&model(dialect, platform, id), "2023-06-01", text).unwrap_err();
        assert_eq!(error.class, Class::Unadaptable, "{id}");
        assert_eq!(error.field.as_deref(), Some(field), "{id}");
    }
}

/// What each of these is about, no request of these dialects can be changed in: the provider
/// answers for it. A new rule that is read as nothing stands here, or is a mistake.
#[test]
fn every_other_refusal_is_read() {
    let facts = Facts::shipped().unwrap();
    let is_error = |rule: &&Arc<domain::Rule>| rule.effect == Effect::Error && rule.only.is_empty();
    let is_unread = |rule: &&Arc<domain::Rule>| {
        let mut found = Restrictions::default();
        add(&mut found, rule);
        found == Restrictions::default()
    };
    let rules = facts.rules().iter().filter(is_error).filter(is_unread);
    let ids: Vec<_> = rules.map(|rule| rule.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "claude-thinking-bound",
            "claude-thinking-prefix",
            "claude-thinking-account",
            "claude-mid-system",
            "claude-zero-retention",
            "anthropic-version-assistant-document",
            "anthropic-version-user-citations",
            "gemini-budget-with-level",
            "gemini-thinking-level",
        ]
    );
}

/// Writes what an example uses as fields of a body, where this test knows them.
fn fields(dialect: &str, used: &[domain::Used]) -> Option<String> {
    let is_messages = dialect == MESSAGES;
    let mut fields = String::new();
    for one in used {
        let value = one.value.as_deref().unwrap_or("1");
        let field = match one.feature {
            Feature::Temperature | Feature::TopP | Feature::TopK => {
                format!("\"{}\":{value},", one.feature)
            }
            Feature::PresencePenalty | Feature::Logprobs => {
                format!("\"{}\":{value},", one.feature)
            }
            Feature::Tools => r#""tools":[{"name":"t","type":"function"}],"#.to_owned(),
            Feature::ForcedTool if is_messages => r#""tool_choice":{"type":"any"},"#.to_owned(),
            Feature::ThinkingBudget if is_messages => {
                format!(r#""thinking":{{"type":"enabled","budget_tokens":{value}}},"#)
            }
            Feature::ThinkingAdaptive if is_messages => {
                r#""thinking":{"type":"adaptive"},"#.to_owned()
            }
            Feature::ThinkingDisabled if is_messages => {
                r#""thinking":{"type":"disabled"},"#.to_owned()
            }
            Feature::Effort if is_messages => {
                format!(r#""output_config":{{"effort":"{value}"}},"#)
            }
            Feature::Effort => format!("\"reasoning_effort\":\"{value}\","),
            Feature::OlderMaxTokens => r#""max_tokens":900,"#.to_owned(),
            Feature::MaxTokens => String::new(),
            _ => return None,
        };
        fields.push_str(&field);
    }
    Some(fields)
}

/// The matching that a scanner asks and the changes that this makes read the same rows: where the
/// one says that a request is refused, the other changes it, and leaves its neighbour as it is.
#[test]
fn an_example_is_changed_and_its_counter_is_not() {
    let facts = Facts::shipped().unwrap();
    let is_read = |rule: &&Arc<domain::Rule>| {
        let is_certain = rule.effect == Effect::Error && rule.basis.disputed.is_none();
        let mut found = Restrictions::default();
        add(&mut found, rule);
        is_certain && rule.only.is_empty() && found != Restrictions::default()
    };
    let mut asked = 0;
    for rule in facts.rules().iter().filter(is_read) {
        for (example, is_changed) in [(&rule.example, true), (&rule.counter, false)] {
            let dialect = match example.platform.as_str() {
                "anthropic" | "bedrock" => MESSAGES,
                "openai"
                    if example
                        .uses
                        .dialect
                        .as_deref()
                        .is_none_or(|one| one == CHAT) =>
                {
                    CHAT
                }
                _ => continue,
            };
            let Some(fields) = fields(dialect, &example.uses.used) else {
                continue;
            };
            let version = match example.uses.api_version.as_deref() {
                Some(NEWER) => NEWER,
                _ => OLDER,
            };
            let text = format!(
                r#"{{{fields}"model":"m","messages":[{{"role":"user","content":"a"}}],"stream":false}}"#
            );
            let model = model(dialect, &example.platform, &example.id);
            let found = adapt(&model, version, &text);
            let is_kept = found.as_ref().is_ok_and(|(body, _)| *body == text);
            assert_eq!(is_kept, !is_changed, "{} {is_changed}: {found:?}", rule.id);
            asked += 1;
        }
    }
    assert!(asked >= 50, "{asked}");
}
