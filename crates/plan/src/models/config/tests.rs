//! Configurations in the forms that families use, and slips in them. Each form was read in a
//! published file; the numbers here are small ones of our own.

use serde_json::{Value, json};

use super::read;
use crate::model::Model;

/// Two heads of four share a key and value of eight: sixteen values of a position and two layers
/// of keys and values, so 2 · 2 · 8 = 32 a layer.
fn config(more: &Value) -> Value {
    let mut config = json!({ "model_type": "llama", "num_hidden_layers": 6, "hidden_size": 64,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
        "intermediate_size": 128, "vocab_size": 100 });
    for (field, value) in more.as_object().into_iter().flatten() {
        config[field] = value.clone();
    }
    config
}

fn model(more: &Value) -> Model {
    read("x", &config(more)).unwrap_or_else(|fault| panic!("{more}: {fault}"))
}

fn cached(more: &Value) -> f64 {
    model(more).cached(1000.0)
}

fn said(more: &Value) -> String {
    read("x", &config(more))
        .expect_err(&more.to_string())
        .to_string()
}

const FULL: f64 = 32.0 * 1000.0;
const WINDOW: f64 = 32.0 * 100.0;

fn is_near(found: f64, stated: f64) {
    assert!(
        (found - stated).abs() < 1e-6 * stated,
        "{found} is not {stated}"
    );
}

#[test]
fn only_layers_that_slide_end_at_their_window() {
    let types = |kinds: [&str; 6]| json!({ "sliding_window": 100, "layer_types": kinds });
    let half = ["sliding_attention", "full_attention"].repeat(3);
    let half: [&str; 6] = half.try_into().expect("six");
    is_near(cached(&types(half)), 3.0 * FULL + 3.0 * WINDOW);
    let five = json!({ "sliding_window": 100, "sliding_window_pattern": 6 });
    is_near(cached(&five), FULL + 5.0 * WINDOW);
    let gemma = json!({ "sliding_window": 100, "model_type": "gemma3_text" });
    is_near(cached(&gemma), FULL + 5.0 * WINDOW);
    let gemma = json!({ "sliding_window": 100, "model_type": "gemma2" });
    is_near(cached(&gemma), 3.0 * FULL + 3.0 * WINDOW);
    let listed = json!({ "sliding_window": 100, "hybrid_layer_pattern": [0, 1, 1, 1, 1, 0] });
    is_near(cached(&listed), 2.0 * FULL + 4.0 * WINDOW);
    let all = json!({ "sliding_window": 100, "model_type": "mistral" });
    is_near(cached(&all), 6.0 * WINDOW);
    // Families with a switch state a window that is not used.
    let off = json!({ "sliding_window": 100, "use_sliding_window": false });
    is_near(cached(&off), 6.0 * FULL);
    let late = json!({ "sliding_window": 100, "use_sliding_window": true, "max_window_layers": 4 });
    is_near(cached(&late), 4.0 * FULL + 2.0 * WINDOW);
    is_near(cached(&json!({ "sliding_window": null })), 6.0 * FULL);
}

#[test]
fn layers_that_slide_may_have_heads_of_their_own() {
    let own = json!({ "sliding_window": 100, "hybrid_layer_pattern": [0, 1, 1, 1, 1, 1],
        "swa_num_attention_heads": 4, "swa_num_key_value_heads": 4, "swa_head_dim": 8 });
    is_near(cached(&own), FULL + 5.0 * 2.0 * WINDOW);
    let global = json!({ "sliding_window": 100, "model_type": "gemma4_text",
        "num_global_key_value_heads": 1, "global_head_dim": 32 });
    is_near(cached(&global), 2.0 * FULL + 5.0 * WINDOW);
    // Keys of eight and values of four: 2 · (8 + 4) a position.
    is_near(cached(&json!({ "v_head_dim": 4 })), 6.0 * 24.0 * 1000.0);
}

#[test]
fn a_layer_of_ratio_zero_keeps_its_window_alone() {
    let compressed = |ratios: [u32; 6]| {
        cached(
            &json!({ "compress_ratios": ratios, "sliding_window": 100, "q_lora_rank": 16,
            "o_lora_rank": 16, "o_groups": 2 }),
        )
    };
    // A window of 100 and every fourth of 1,000 positions, of width eight.
    is_near(compressed([4; 6]), 6.0 * 8.0 * (100.0 + 250.0));
    is_near(
        compressed([0, 0, 4, 4, 4, 4]),
        8.0 * (2.0 * 100.0 + 4.0 * 350.0),
    );
}

#[test]
fn layers_of_experts_are_those_that_the_configuration_names() {
    let of = |more: Value| {
        let mut all = json!({ "num_experts": 8, "num_experts_per_tok": 2,
            "moe_intermediate_size": 32 });
        for (field, value) in more.as_object().into_iter().flatten() {
            all[field] = value.clone();
        }
        model(&all).sums().expert_layers
    };
    is_near(of(json!({})), 6.0);
    is_near(of(json!({ "moe_layer_freq": [0, 1, 1, 1, 1, 1] })), 5.0);
    is_near(of(json!({ "moe_layer_freq": 1 })), 6.0);
    is_near(of(json!({ "decoder_sparse_step": 2 })), 3.0);
    is_near(of(json!({ "mlp_only_layers": [0, 5] })), 4.0);
    is_near(of(json!({ "first_k_dense_replace": 3 })), 3.0);
}

#[test]
fn what_is_not_known_or_cannot_be_is_refused_and_named() {
    let kinds = |kind: &str| json!({ "layer_types": [kind, kind, kind, kind, kind, kind] });
    for (more, what) in [
        (kinds("mamba"), "mamba"),
        (kinds("conv"), "conv"),
        (
            json!({ "layer_types": ["full_attention"] }),
            "lists 1 layers of 6",
        ),
        (json!({ "attn_layer_period": 8 }), "attn_layer_period"),
        (json!({ "mamba_num_heads": 8 }), "mamba_num_heads"),
        (kinds("sliding_attention"), "sliding_window"),
        (json!({ "sliding_window": 0 }), "sliding_window"),
        (json!({ "num_key_value_heads": "2" }), "no number"),
        (json!({ "num_key_value_heads": 0 }), "num_key_value_heads"),
        (json!({ "num_key_value_heads": 3 }), "num_attention_heads"),
        (json!({ "num_key_value_heads": 8 }), "num_attention_heads"),
        (json!({ "num_hidden_layers": 6.5 }), "6.5"),
        (json!({ "hidden_size": [64] }), "no number"),
        (
            json!({ "num_experts": 8, "num_experts_per_tok": 16 }),
            "num_experts_per_tok",
        ),
        (
            json!({ "num_experts": 8, "num_experts_per_tok": 0 }),
            "num_experts_per_tok",
        ),
        (json!({ "num_experts": 8 }), "num_experts_per_tok"),
    ] {
        let said = said(&more);
        assert!(said.contains(what), "{more}: {said}");
    }
    is_near(
        cached(&json!({ "num_key_value_heads": null })),
        2.0 * 6.0 * FULL,
    );
    let one = json!({ "num_key_value_heads": null, "multi_query": true });
    is_near(cached(&one), 3.0 * FULL);
    assert_eq!(
        model(&json!({ "max_position_embeddings": 4096 })).positions,
        Some(4096.0)
    );
}
