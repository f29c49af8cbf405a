//! Which kind of attention a layer has, as the several ways of writing it down say. It must not
//! take a kind that it does not know for another.

use serde_json::Value;

use crate::models::config::fields::{ConfigFault, Fields};

/// Names how far a layer looks, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// At all positions.
    Full,
    /// At a window of them.
    Sliding,
    /// At a state of constant size.
    Linear,
}

/// Fields of layers without attention, as several families name them.
const STATES: [&str; 5] = [
    "hybrid_override_pattern",
    "layers_block_type",
    "attn_layer_period",
    "mamba_num_heads",
    "mamba_d_state",
];

/// Refuses configurations with layers of state spaces, which are not known here.
pub(super) fn known(fields: &Fields<'_>) -> Result<(), ConfigFault> {
    match STATES.iter().find(|field| fields.has(field)) {
        Some(field) => Err(ConfigFault::Kind((*field).to_owned())),
        None => Ok(()),
    }
}

/// Tells the kind of a layer, of so many.
pub(super) fn kind(fields: &Fields<'_>, of: (usize, usize)) -> Result<Kind, ConfigFault> {
    let (at, _) = of;
    let mixed = fields.0.get("linear_attn_config");
    let listed = mixed.and_then(|mixed| mixed.get("full_attn_layers"));
    if let Some(full) = listed.and_then(Value::as_array) {
        let is_full = full.iter().any(|one| one.as_u64() == Some(at as u64 + 1));
        return Ok(if is_full { Kind::Full } else { Kind::Linear });
    }
    if let Some(named) = fields.of_layer("layer_types", of)? {
        return by_name(named);
    }
    if let Some(pattern) = fields.of_layer("hybrid_layer_pattern", of)? {
        let is_full = pattern.as_u64() == Some(0);
        return Ok(if is_full { Kind::Full } else { Kind::Sliding });
    }
    let other = if fields.has("linear_num_value_heads") {
        Kind::Linear
    } else {
        Kind::Sliding
    };
    for field in [
        "full_attention_interval",
        "sliding_window_pattern",
        "_sliding_window_pattern",
    ] {
        if let Some(interval) = fields.some(field)? {
            return Ok(every(interval, at, other));
        }
    }
    sliding(fields, at)
}

/// Tells that each so manyth layer looks at all positions.
fn every(interval: f64, at: usize, other: Kind) -> Kind {
    if (at + 1).is_multiple_of(interval as usize) {
        Kind::Full
    } else {
        other
    }
}

fn by_name(named: &Value) -> Result<Kind, ConfigFault> {
    match named.as_str() {
        // Sparse attention keeps all positions, and picks among them.
        Some("full_attention" | "global_attention" | "deepseek_sparse_attention" | "attention") => {
            Ok(Kind::Full)
        }
        Some("sliding_attention" | "local_attention") => Ok(Kind::Sliding),
        Some("linear_attention") => Ok(Kind::Linear),
        Some(other) => Err(ConfigFault::Kind(other.to_owned())),
        None => Err(ConfigFault::Kind(named.to_string())),
    }
}

/// Tells whether a layer slides where no list says so: by the switch that some families have, by
/// what the family is known to do, else all do where there is a window.
fn sliding(fields: &Fields<'_>, at: usize) -> Result<Kind, ConfigFault> {
    let has_window = fields.maybe("sliding_window")?.is_some();
    if !has_window || fields.says("use_sliding_window") == Some(false) {
        return Ok(Kind::Full);
    }
    // Before this layer all look at all positions, in families that have the switch.
    if fields.says("use_sliding_window") == Some(true)
        && let Some(first) = fields.maybe("max_window_layers")?
    {
        let is_before = at < first as usize;
        return Ok(if is_before { Kind::Full } else { Kind::Sliding });
    }
    // What the code of these families does where their configuration leaves it out.
    let family = fields.text("model_type").unwrap_or_default();
    let interval = match family.trim_end_matches("_text") {
        "gemma2" => 2.0,
        "gemma3" | "gemma4" => 6.0,
        "cohere2" => 4.0,
        _ => return Ok(Kind::Sliding),
    };
    Ok(every(interval, at, Kind::Sliding))
}
