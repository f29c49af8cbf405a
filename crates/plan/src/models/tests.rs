//! Sizes of the models that ship, and what is read from descriptions. They must not read a file.

use serde_json::json;

use super::{Models, config, sketch};
use crate::model::{Experts, Model};

fn known(name: &str) -> Model {
    let models = Models::shipped().expect("the models that ship read");
    models.find(name).expect(name).clone()
}

fn is_near(found: f64, stated: f64, within: f64) {
    assert!(
        (found / stated - 1.0).abs() <= within,
        "{found} is not {stated} within {within}"
    );
}

#[test]
fn parameters_follow_from_published_configurations() {
    // Name, parameters and active parameters as the makers state them; the first without the
    // module that guesses tokens ahead.
    let stated = [
        ("meta-llama/Llama-3.1-8B-Instruct", 8.03e9, 8.03e9),
        ("meta-llama/Llama-3.1-70B", 70.6e9, 70.6e9),
        ("Llama 3.1 405B", 405.9e9, 405.9e9),
        ("Qwen/Qwen3-32B", 32.8e9, 32.8e9),
        ("Qwen/Qwen3-235B-A22B-FP8", 235e9, 22e9),
        ("deepseek-ai/DeepSeek-R1", 671e9, 37e9),
        ("openai/gpt-oss-120b", 116.8e9, 5.1e9),
        ("Kimi K2", 1.04e12, 32e9),
        ("Qwen/Qwen3.5-397B-A17B", 397e9, 17e9),
        ("deepseek-ai/DeepSeek-V4-Pro", 1.6e12, 49e9),
        ("XiaomiMiMo/MiMo-V2-Flash", 309e9, 15e9),
        ("google/gemma-4-26B-A4B-it", 25.2e9, 3.8e9),
        ("Qwen/Qwen3.6-35B-A3B", 35e9, 3e9),
        ("MiniMaxAI/MiniMax-M2.7", 229e9, 10e9),
    ];
    for (name, parameters, active) in stated {
        let model = known(name);
        is_near(model.parameters(), parameters, 0.03);
        // The input embedding is counted by some makers and not by others.
        is_near(model.active_parameters(), active, 0.13);
    }
}

#[test]
fn experts_of_a_narrower_width_are_counted_at_it() {
    is_near(known("moonshotai/Kimi-K3").parameters(), 2.8e12, 0.02);
}

#[test]
fn caches_are_those_of_the_published_table() {
    // DeepSeek-V3 report on hardware (ISCA 2025), table 1, and configurations.
    let bytes = |name: &str| known(name).cached(1.0) * 2.0;
    is_near(bytes("DeepSeek-V3"), 70_272.0, 1e-9);
    is_near(bytes("Llama-3.1-405B"), 516_096.0, 1e-9);
    is_near(bytes("Llama-3.1-8B"), 131_072.0, 1e-9);
    is_near(bytes("Qwen3-235B-A22B"), 192_512.0, 1e-9);
    is_near(bytes("Kimi-K2"), 70_272.0, 1e-9);
    is_near(bytes("Mixtral-8x7B"), 131_072.0, 1e-9);
}

#[test]
fn windows_end_the_growth_of_half_the_layers() {
    let model = known("gpt-oss-120b");
    let per_layer = 2.0 * 8.0 * 64.0;
    is_near(
        model.cached(1_000.0),
        per_layer * (18.0 * 1_000.0 + 18.0 * 128.0),
        1e-9,
    );
}

#[test]
fn linear_layers_keep_a_state_of_constant_size() {
    let model = known("Qwen3.5-397B-A17B");
    let grown = model.cached(2_000.0) - model.cached(1_000.0);
    is_near(grown, 1_000.0 * 15.0 * 2.0 * 2.0 * 256.0, 1e-9);
}

#[test]
fn distinct_experts_are_as_worked_by_hand() {
    let of = |count, visited| Experts {
        count,
        visited,
        inner: 1.0,
        width: 1.0,
        shared: 0.0,
    };
    let deepseek = of(256.0, 8.0);
    let found = [1.0, 8.0, 32.0, 64.0, 128.0].map(|tokens| deepseek.distinct(tokens).round());
    assert_eq!(found, [8.0, 57.0, 163.0, 222.0, 252.0]);
    let kimi = of(896.0, 16.0);
    assert_eq!(
        [32.0, 128.0].map(|tokens| kimi.distinct(tokens).round()),
        [393.0, 807.0]
    );
}

#[test]
fn a_sketch_has_the_size_that_it_names() {
    let model = sketch::read("10T, 0.8T active, 128 experts").expect("a sketch");
    is_near(model.parameters(), 10e12, 0.05);
    is_near(model.active_parameters(), 0.8e12, 0.05);
    let dense = sketch::read("10T").expect("a sketch");
    is_near(dense.parameters(), 10e12, 0.05);
}

#[test]
fn a_sketch_that_contradicts_itself_says_how_to_mend_it() {
    let said = |text: &str| sketch::read(text).expect_err(text).to_string();
    assert!(said("128 experts").contains("names no size"));
    assert!(said("10T, 128 experts").contains("add them"));
    assert!(said("1T, 2T active").contains("leave `active` out"));
    assert!(said("10T, lots of experts").contains("is no part"));
    assert!(said("10T, 0.1T active, 9 experts").contains("fewer"));
}

#[test]
fn a_broken_configuration_names_its_field() {
    let said = |config| config::read("x", &config).expect_err("broken").to_string();
    assert!(said(json!([])).contains("no JSON object"));
    assert!(said(json!({ "num_hidden_layers": 2 })).contains("num_attention_heads"));
    let many = json!({ "num_hidden_layers": 1e8, "hidden_size": 8, "num_attention_heads": 1 });
    assert!(said(many).contains("num_hidden_layers"));
    assert!(said(json!({ "num_hidden_layers": -1 })).contains("-1"));
    let mamba = json!({ "hybrid_override_pattern": "M-M*", "num_hidden_layers": 4 });
    assert!(said(mamba).contains("sketch"));
}

#[test]
fn a_model_is_found_however_it_is_packed() {
    for (packed, plain) in [
        ("nvidia/DeepSeek-R1-FP4-v2", "DeepSeek-V3"),
        ("deepseek-ai/DeepSeek-V3.1-Terminus", "DeepSeek-V3.1"),
        (
            "RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic",
            "Llama-3.3-70B",
        ),
        ("amd/Llama-3.1-405B-Instruct-FP8-KV", "Llama-3.1-405B"),
        ("org/Qwen3-32B-w8a8", "Qwen3-32B"),
    ] {
        assert_eq!(known(packed), known(plain), "{packed}");
    }
    let models = Models::shipped().expect("the models that ship read");
    // A version of the model is none of its packing.
    assert!(models.find("deepseek-ai/DeepSeek-V2").is_err());
}

#[test]
fn an_unknown_model_is_told_with_those_that_are_known() {
    let models = Models::shipped().expect("the models that ship read");
    let said = models
        .find("capybara-10t")
        .expect_err("unknown")
        .to_string();
    assert!(
        said.contains("capybara-10t") && said.contains("Kimi-K3"),
        "{said}"
    );
}
