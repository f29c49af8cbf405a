//! The rows that ship: each sourced, dated and rated, each name known, and what they say of models
//! whose answers were read.

use std::collections::BTreeSet;

use super::{Basis, Effect, Facts, Feature, ModelFact, Rule};

fn shipped() -> Facts {
    Facts::shipped().unwrap()
}

fn bases(model: &ModelFact) -> Vec<&Basis> {
    let limits = model.limits.iter().map(|fact| &fact.basis);
    let efforts = model.efforts.iter().map(|fact| &fact.basis);
    let prices = model.prices.iter().map(|fact| &fact.basis);
    let lifecycle = model.lifecycle.iter().map(|fact| &fact.basis);
    limits
        .chain(efforts)
        .chain(prices)
        .chain(lifecycle)
        .collect()
}

fn check_basis(row: &str, basis: &Basis) {
    assert!(!basis.sources.is_empty(), "{row}");
    for source in &basis.sources {
        assert!(source.url.starts_with("https://"), "{row}: {}", source.url);
        assert!(source.read_on.to_string().as_str() >= "2026-11-01", "{row}");
    }
}

#[test]
fn every_row_has_a_source_a_day_and_a_known_place() {
    let facts = shipped();
    let places: BTreeSet<&str> = facts
        .platforms()
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let check_places = |row: &str, named: &[String]| {
        assert!(!named.is_empty(), "{row}");
        for one in named {
            assert!(places.contains(one.as_str()), "{row}: {one}");
        }
    };
    assert!(facts.models().len() >= 70 && facts.rules().len() >= 60);
    for model in facts.models() {
        let row = model.name.as_str();
        bases(model)
            .iter()
            .for_each(|basis| check_basis(row, basis));
        assert!(model.ids.values().all(|ids| !ids.is_empty()), "{row}");
        let ids: Vec<String> = model.ids.keys().cloned().collect();
        check_places(row, &ids);
        let named = model.limits.iter().map(|fact| &fact.platforms);
        let named = named.chain(model.efforts.iter().map(|fact| &fact.platforms));
        let named = named.chain(model.prices.iter().map(|fact| &fact.platforms));
        let named = named.chain(model.lifecycle.iter().map(|fact| &fact.platforms));
        for platforms in named {
            check_places(row, platforms);
            let has_id = |one: &String| model.ids.contains_key(one);
            assert!(platforms.iter().all(has_id), "{row}: a fact without an id");
        }
    }
    for rule in facts.rules() {
        check_basis(&rule.id, &rule.basis);
        check_places(&rule.id, &rule.platforms);
        assert!(
            !rule.says.is_empty() && !rule.remedy.is_empty(),
            "{}",
            rule.id
        );
        assert!(!rule.features.is_empty(), "{}", rule.id);
        let names_models = !rule.models.is_empty();
        assert_ne!(names_models, rule.api_version.is_some(), "{}", rule.id);
    }
}

#[test]
fn a_rule_holds_only_where_its_models_are() {
    let facts = shipped();
    for rule in facts.rules() {
        for name in &rule.models {
            let mut rows = facts.models().iter();
            let model = rows.find(|row| row.name == *name).unwrap();
            let is_there = |one: &String| model.ids.contains_key(one);
            assert!(
                rule.platforms.iter().any(is_there),
                "{}: {name} has no id there",
                rule.id
            );
        }
    }
}

#[test]
fn an_earliest_day_is_no_retirement() {
    for model in shipped().models() {
        for life in &model.lifecycle {
            let both = life.retires_on.is_some() && life.not_before.is_some();
            assert!(!both, "{}", model.name);
        }
    }
    let facts = shipped();
    let opus = facts.known("anthropic", "claude-opus-4-5").unwrap();
    let life = opus.lifecycle().unwrap();
    assert_eq!(life.retires_on, None);
    assert_eq!(life.not_before.unwrap().to_string(), "2026-11-24");
}

#[test]
fn prices_divide_at_every_hour() {
    for model in shipped().models() {
        for fact in &model.prices {
            let percent = fact.peak.as_ref().map_or(100, |peak| peak.percent);
            let prices = fact.prices;
            let all = [
                Some(prices.input_usd_micros),
                Some(prices.output_usd_micros),
                prices.cached_usd_micros,
                prices.cache_write_usd_micros,
                prices.cache_write_1h_usd_micros,
            ];
            for price in all.into_iter().flatten() {
                assert_eq!(price * percent % 100, 0, "{}", model.name);
            }
            assert!(prices.input_usd_micros > 0, "{}", model.name);
        }
    }
}

#[test]
fn an_id_is_exact_on_its_platform() {
    let facts = shipped();
    for (platform, id, name) in [
        ("anthropic", "claude-haiku-4-5-20251001", "Claude Haiku 4.5"),
        (
            "bedrock",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "Claude Sonnet 4.5",
        ),
        ("vertex", "claude-haiku-4-5@20251001", "Claude Haiku 4.5"),
        ("openai", "gpt-4o-2024-11-20", "GPT-4o"),
        ("gemini", "gemini-3.8-flash", "Gemini 3.8 Flash"),
        ("deepseek", "deepseek-v4-pro", "DeepSeek V4 Pro"),
        ("openrouter", "anthropic/claude-opus-5", "Claude Opus 5"),
    ] {
        let found = facts
            .known(platform, id)
            .map(|known| known.fact().name.as_str());
        assert_eq!(found, Some(name), "{platform} {id}");
    }
    for (platform, id) in [
        ("anthropic", "claude-opus-5-5-unheard-of"),
        ("anthropic", "claude-opus"),
        ("openai", "claude-opus-5"),
        ("elsewhere", "gpt-5"),
        ("openai", "GPT-5"),
    ] {
        assert!(facts.known(platform, id).is_none(), "{platform} {id}");
    }
}

#[test]
fn a_host_tells_its_platform_and_another_none() {
    let facts = shipped();
    for (host, platform) in [
        ("api.anthropic.com", Some("anthropic")),
        ("API.OpenAI.com", Some("openai")),
        ("us-east5-aiplatform.googleapis.com", Some("vertex")),
        ("bedrock-runtime.eu-west-1.amazonaws.com", Some("bedrock")),
        ("ec2-10-0-0-1.compute.amazonaws.com", None),
        ("contoso.openai.azure.com", Some("azure")),
        (".openai.azure.com", None),
        ("api.anthropic.com.example.org", None),
        ("127.0.0.1", None),
    ] {
        assert_eq!(facts.platform_at(host), platform, "{host}");
    }
}

fn errors(rules: &[std::sync::Arc<Rule>], feature: Feature) -> Vec<&str> {
    let is_about = |rule: &&std::sync::Arc<Rule>| {
        rule.effect == Effect::Error && rule.features.contains(&feature)
    };
    let found = rules.iter().filter(is_about);
    found.map(|rule| rule.id.as_str()).collect()
}

#[test]
fn the_same_model_elsewhere_is_another_verdict() {
    let facts = shipped();
    let own = facts.takes("anthropic", "claude-opus-5");
    let other = facts.takes("openrouter", "anthropic/claude-opus-5");
    assert!(errors(&own.rules, Feature::Temperature).contains(&"claude-sampling"));
    assert!(errors(&other.rules, Feature::Temperature).is_empty());
    let silent = other
        .rules
        .iter()
        .find(|rule| rule.effect == Effect::Silent);
    assert_eq!(silent.unwrap().id, "claude-sampling-openrouter");
}

#[test]
fn a_version_of_the_api_holds_for_models_that_nobody_knows() {
    let takes = shipped().takes("anthropic", "claude-of-tomorrow");
    assert_eq!(
        errors(&takes.rules, Feature::TopK),
        ["anthropic-version-sampling"]
    );
    assert_eq!(takes.efforts, None);
    assert!(
        shipped()
            .takes("elsewhere", "claude-opus-5")
            .rules
            .is_empty()
    );
}

#[test]
fn a_price_knows_its_day_and_its_source() {
    let facts = shipped();
    let argon = facts
        .known("gemini", "gemini-4-argon")
        .unwrap()
        .prices()
        .unwrap();
    let at = |day: &str| {
        let now = argon.at(day.parse().unwrap()).unwrap();
        (now.prices.input_usd_micros, now.basis.to_string())
    };
    assert_eq!(at("2026-11-30T23:00:00Z").0, 2_000_000);
    assert_eq!(
        at("2026-12-01T00:00:00Z"),
        (4_000_000, "facts 2026-11-25 (reported)".to_owned())
    );
}
