//! Names by their spelling: what is one, what only looks like one.

use std::sync::LazyLock;

use domain::Facts;

use super::{Names, Strength};

static NAMES: LazyLock<Names> =
    LazyLock::new(|| Names::new(&Facts::shipped().expect("facts")).expect("stems"));

/// Checks what is found in a text: the name as it is written, its id and its platform.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str, Option<&str>)]) {
    let found = NAMES.find(text.as_bytes());
    let found: Vec<_> = found
        .iter()
        .filter(|name| matches!(name.strength, Strength::Strong | Strength::Weak))
        .map(|name| {
            (
                &text[name.start..name.end],
                name.id.as_str(),
                name.platform.as_deref(),
            )
        })
        .collect();
    assert_eq!(found, expected, "in {text:?}");
}

#[track_caller]
fn check_strength(text: &str, expected: Option<Strength>) {
    let found = NAMES.find(text.as_bytes());
    assert_eq!(
        found.first().map(|name| name.strength),
        expected,
        "in {text:?}"
    );
}

#[test]
fn ids_of_many_families_are_names() {
    let ids = [
        "claude-3-5-sonnet-latest",
        "claude-opus-4-5",
        "claude-instant-1.2",
        "claude-2.1",
        "claude-3.7-sonnet",
        "gpt-4o-mini-2024-07-18",
        "gpt-3.5-turbo-0125",
        "gpt-4-1106-preview",
        "gpt-4.1-nano",
        "gpt-5.3-codex",
        "gpt-6-luna",
        "gpt-oss-120b",
        "chatgpt-4o-latest",
        "o1-preview",
        "o3-mini",
        "o4-mini-2025-04-16",
        "gemini-1.5-pro-latest",
        "gemini-2.5-flash-preview-04-17",
        "gemini-pro-vision",
        "gemma-2-9b-it",
        "deepseek-chat",
        "deepseek-r1-distill-llama-70b",
        "mistral-large-latest",
        "open-mixtral-8x7b",
        "codestral-2405",
        "llama-3.1-70b-versatile",
        "llama3-8b-8192",
        "command-r-plus",
        "embed-english-v3.0",
        "rerank-english-v3.0",
        "grok-beta",
        "grok-4-0709",
        "qwen2.5:7b-instruct",
        "qwen-turbo",
        "text-embedding-3-small",
        "text-embedding-ada-002",
        "text-bison@001",
        "dall-e-3",
        "whisper-1",
        "sonar-pro",
        "all-MiniLM-L6-v2",
        "nomic-embed-text",
        "moonshot-v1-32k",
        "glm-4.6",
        "imagen-4.0-generate-001",
        "llama-v3p1-70b-instruct",
        "deepseek-v3p1",
        "kimi-k2.6",
        "lyria-3-pro-preview",
        "intfloat/e5-mistral-7b-instruct",
        "nvidia/nv-embedqa-e5-v5",
        "cross-encoder/ms-marco-MiniLM-L-6-v2",
        "HuggingFaceH4/zephyr-7b-beta",
        "HuggingFaceTB/SmolLM2-1.7B-Instruct",
        "allenai/OLMo-2-1124-7B",
        "LiquidAI/LFM2-1.2B",
        "dolphin-mixtral:8x7b",
        "llava:7b",
        "exaone3.5:8b",
        "doubao-pro-32k",
        "anthropic--claude-3.5-sonnet",
    ];
    for id in ids {
        let found = NAMES.find(id.as_bytes());
        let whole: Vec<_> = found.iter().map(|name| &id[name.start..name.end]).collect();
        assert_eq!(whole, [id]);
    }
}

#[test]
fn what_platforms_and_routers_write_is_told_from_the_id() {
    check(
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        &[(
            "us.anthropic.claude-sonnet-4-20250514-v1:0",
            "anthropic.claude-sonnet-4-20250514-v1:0",
            Some("bedrock"),
        )],
    );
    let arn = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0";
    check(
        arn,
        &[(
            arn,
            "anthropic.claude-3-haiku-20240307-v1:0",
            Some("bedrock"),
        )],
    );
    check(
        "claude-sonnet-4@20250514",
        &[(
            "claude-sonnet-4@20250514",
            "claude-sonnet-4@20250514",
            Some("vertex"),
        )],
    );
    check(
        "openai:gpt-4o",
        &[("openai:gpt-4o", "gpt-4o", Some("openai"))],
    );
    check("azure/gpt-4o", &[("azure/gpt-4o", "gpt-4o", Some("azure"))]);
    check(
        "models/gemini-2.5-pro",
        &[("models/gemini-2.5-pro", "gemini-2.5-pro", None)],
    );
    check(
        "openrouter/anthropic/claude-3.5-sonnet",
        &[(
            "openrouter/anthropic/claude-3.5-sonnet",
            "anthropic/claude-3.5-sonnet",
            Some("openrouter"),
        )],
    );
    check(
        "anthropic/claude-3.5-sonnet",
        &[(
            "anthropic/claude-3.5-sonnet",
            "anthropic/claude-3.5-sonnet",
            Some("openrouter"),
        )],
    );
    check(
        "bedrock/eu.anthropic.claude-3-haiku-20240307-v1:0",
        &[(
            "bedrock/eu.anthropic.claude-3-haiku-20240307-v1:0",
            "anthropic.claude-3-haiku-20240307-v1:0",
            Some("bedrock"),
        )],
    );
    check(
        "anthropic/claude-sonnet-4-5:online",
        &[(
            "anthropic/claude-sonnet-4-5:online",
            "claude-sonnet-4-5",
            Some("anthropic"),
        )],
    );
}

#[test]
fn a_setting_s_path_and_a_quota_end_before_the_id() {
    check(
        "models.gpt-4o.providers.openai",
        &[("gpt-4o", "gpt-4o", None)],
    );
    check(
        "config.embedding_models.text-embedding-3-small",
        &[("text-embedding-3-small", "text-embedding-3-small", None)],
    );
    check(
        "OpenAI.GlobalStandard.gpt-4o-mini",
        &[("gpt-4o-mini", "gpt-4o-mini", Some("azure"))],
    );
    check("app.models.gemini.client", &[]);
}

#[test]
fn names_that_are_made_of_an_id_tell_it_and_how_it_is_served() {
    for (text, id, platform) in [
        (
            "ft:gpt-4o-mini-2024-07-18:our-org::Ab1",
            "gpt-4o-mini-2024-07-18",
            "openai",
        ),
        ("gpt-4o-mini-azure", "gpt-4o-mini", "azure"),
        (
            "claude-3-haiku-20240307-aws-bedrock",
            "claude-3-haiku-20240307",
            "bedrock",
        ),
    ] {
        check(text, &[(text, id, Some(platform))]);
    }
    check(
        "ft:open-mistral-7b:b6e34a5e:20240719:baf7cb65",
        &[(
            "ft:open-mistral-7b:b6e34a5e:20240719:baf7cb65",
            "open-mistral-7b",
            None,
        )],
    );
    check("gpt-4-turbo-utils", &[]);
    check("nova-3-azure", &[]);
}

#[test]
fn who_only_serves_a_model_is_no_vendor() {
    for (text, is_routed) in [
        ("openai/gpt-4o", true),
        ("meta-llama/llama-3.3-70b-instruct", true),
        ("azure/gpt-4o", false),
        ("bedrock/us-east-1/mistral.mistral-large-2402-v1:0", false),
        ("gemini/gemini-2.5-pro", false),
    ] {
        let found = NAMES.find(text.as_bytes());
        let routed = found.iter().any(|name| name.routed.is_some());
        assert_eq!(routed, is_routed, "{text}: {found:?}");
    }
}

#[test]
fn what_only_looks_like_a_model_is_none() {
    let others = [
        "claude-code",
        "claude-code-action",
        "claude_code_oauth_token",
        "@anthropic-ai/claude-code",
        "gemini-cli",
        "gpt-researcher",
        "gpt-4-turbo-utils",
        "gpt-engineer",
        "llama-index",
        "llama.cpp",
        "llama_index",
        "langchain-mistralai",
        "MistralAiChatModel",
        "mistral-common",
        "ngrok-url",
        "o1-o3",
        "foo1",
        "proto3",
        "command-line",
        "deepseek-sdk",
        "qwen-agent",
        "model-context-protocol",
        "OPENAI_API_KEY",
        "GEMINI_API_KEY",
        "claude.md",
        "gpt-4.json",
        "a99431cae6ee4305f17c8cd00758560",
        "sha512-o1x9aGPT4kQ==",
        "embed-code",
        "rerank-me",
        "MISTRAL_API_KEY",
        "config.o1.value",
    ];
    for text in others {
        check(text, &[]);
    }
}

#[test]
fn words_that_other_things_are_called_by_are_doubtful() {
    check_strength("o1", Some(Strength::Bare));
    check_strength("mistral", Some(Strength::Bare));
    check_strength("llama3", Some(Strength::Bare));
    check_strength("solar-10.7b", Some(Strength::Bare));
    check_strength("ollama/llama3.1", Some(Strength::Strong));
    check_strength("claude", Some(Strength::Fragment));
    check_strength("gpt-", Some(Strength::Fragment));
    check_strength("GPT-4o", Some(Strength::Shown));
    check_strength("O1", None);
    check_strength("veo-2", Some(Strength::Bare));
    check_strength("veo-2.0-generate-001", Some(Strength::Strong));
    check_strength("ollama/ollama:0.10.1", None);
    check_strength(
        "tjake/Mistral-7B-Instruct-v0.3-Jlama-Q4",
        Some(Strength::Bare),
    );
}

#[test]
fn constants_of_libraries_stand_for_ids() {
    for (word, id) in [
        ("GPT_4_O_MINI", "gpt-4o-mini"),
        ("OpenAiChatModelName.GPT_3_5_TURBO", "gpt-3.5-turbo"),
        ("openai.GPT4oMini", "gpt-4o-mini"),
        ("sdk.ModelOpenMistral7b", "open-mistral-7b"),
        (
            "anthropic.ModelClaudeSonnet4_20250514",
            "claude-sonnet-4-20250514",
        ),
        ("TEXT_EMBEDDING_ADA_002", "text-embedding-ada-002"),
        ("MISTRAL_SMALL_LATEST", "mistral-small-latest"),
        ("gemini25Flash", "gemini-2.5-flash"),
    ] {
        let found = NAMES.find(word.as_bytes());
        let found: Vec<_> = found
            .iter()
            .map(|name| (name.strength, name.id.as_str()))
            .collect();
        assert_eq!(found, [(Strength::Constant, id)], "in {word}");
    }
}

#[test]
fn every_id_of_the_facts_is_found_whole() {
    let facts = Facts::shipped().expect("facts");
    for model in facts.models() {
        for id in model.ids.values().flatten() {
            let found = NAMES.find(id.as_bytes());
            let whole = found
                .iter()
                .any(|name| name.start == 0 && name.end == id.len());
            assert!(whole, "{id} is found as {found:?}");
        }
    }
}

#[test]
fn people_write_names_with_spaces() {
    for (text, written, id) in [
        (
            "Ask Claude 3.5 Sonnet.",
            "Claude 3.5 Sonnet",
            "claude-3.5-sonnet",
        ),
        ("Gemini 2.5 Pro is", "Gemini 2.5 Pro", "gemini-2.5-pro"),
        ("Llama 3.1 405B", "Llama 3.1 405B", "llama-3.1-405b"),
        ("Claude Opus 4.5, or", "Claude Opus 4.5", "claude-opus-4.5"),
        ("DeepSeek V3", "DeepSeek V3", "deepseek-v3"),
    ] {
        let found = NAMES.find(text.as_bytes());
        let found: Vec<_> = found
            .iter()
            .map(|name| (&text[name.start..name.end], &*name.id, name.strength))
            .collect();
        assert_eq!(found, [(written, id, Strength::Shown)], "in {text}");
    }
    for text in [
        "Claude Code 2",
        "Claude says 3",
        "Gemini CLI 1.0",
        "Mistral AI",
        "see Claude",
    ] {
        let found = NAMES.find(text.as_bytes());
        assert!(
            found.iter().all(|name| name.strength != Strength::Shown),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn routers_are_asked_for_models_that_no_family_lists() {
    check_strength("ollama/some-model:8b", Some(Strength::Bare));
    check_strength("src/ollama/index.ts", None);
    check(
        "openrouter/anthropic/claude-opus-4.5",
        &[(
            "openrouter/anthropic/claude-opus-4.5",
            "anthropic/claude-opus-4.5",
            Some("openrouter"),
        )],
    );
}
