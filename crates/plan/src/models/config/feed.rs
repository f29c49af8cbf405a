//! What follows the attention of a layer: one network, or experts. It must not fill in a width.

use serde_json::Value;

use crate::model::{Experts, Feed};
use crate::models::config::fields::{ConfigFault, Fields};

/// Says whether a layer has one network for all tokens, as the several ways of writing it say.
fn is_dense(fields: &Fields<'_>, of: (usize, usize)) -> Result<bool, ConfigFault> {
    let (at, _) = of;
    if let Some(pattern) = fields.of_layer("moe_layer_freq", of)? {
        return Ok(pattern.as_u64() == Some(0));
    }
    let first = fields.maybe("first_k_dense_replace")?.unwrap_or(0.0) as usize;
    let named = fields.list("mlp_only_layers");
    let is_named = named.is_some_and(|list| list.contains(&Value::from(at)));
    let mut is_beside = false;
    for field in ["interleave_moe_layer_step", "decoder_sparse_step"] {
        let every = fields.maybe(field)?.unwrap_or(1.0).max(1.0) as usize;
        is_beside |= !(at + 1).is_multiple_of(every);
    }
    Ok(at < first || is_named || is_beside)
}

/// Reads what follows a layer's attention.
pub(super) fn feed(fields: &Fields<'_>, of: (usize, usize)) -> Result<Feed, ConfigFault> {
    let names = ["n_routed_experts", "num_experts", "num_local_experts"];
    let count = fields.first(&names)?.filter(|count| *count > 1.0);
    let is_dense = count.is_some() && is_dense(fields, of)?;
    let Some(count) = count.filter(|_| !is_dense) else {
        let names = [
            "dense_intermediate_size",
            "intermediate_size_mlp",
            "intermediate_size",
        ];
        let inner = fields.first(&names)?;
        return Ok(Feed::Dense {
            inner: inner.ok_or(ConfigFault::Missing("intermediate_size"))?,
        });
    };
    let names = [
        "num_experts_per_tok",
        "num_experts_per_token",
        "experts_per_token",
        "top_k_experts",
    ];
    let visited = visited(fields.first(&names)?, count)?;
    let inner = fields.first(&["moe_intermediate_size", "intermediate_size"])?;
    let inner = inner.ok_or(ConfigFault::Missing("moe_intermediate_size"))?;
    let shared = fields.first(&[
        "shared_expert_intermediate_size",
        "shared_intermediate_size",
        "share_expert_dim",
    ])?;
    let numbered = fields.first(&["n_shared_experts", "num_shared_experts"])?;
    // This family always has one shared expert and does not say so in its configuration.
    let is_interleaved = fields.0.contains_key("interleave_moe_layer_step");
    let shared = shared.or(numbered.map(|shared| shared * inner));
    // A network for all tokens stands beside the experts in families with this switch.
    let is_beside = fields.says("enable_moe_block") == Some(true);
    let beside = fields.maybe("intermediate_size")?.filter(|_| is_beside);
    let shared = shared.or(beside);
    let hidden = fields.needs("hidden_size")?;
    Ok(Feed::Experts(Experts {
        count,
        visited,
        inner,
        width: fields.maybe("routed_expert_hidden_size")?.unwrap_or(hidden),
        shared: shared.unwrap_or(if is_interleaved { inner } else { 0.0 }),
    }))
}

fn visited(stated: Option<f64>, count: f64) -> Result<f64, ConfigFault> {
    let field = "num_experts_per_tok";
    let value = stated.ok_or(ConfigFault::Missing(field))?;
    if value < 1.0 {
        return Err(ConfigFault::Size { field, value });
    }
    if value > count {
        return Err(ConfigFault::Pair {
            field,
            value,
            beside: "num_experts",
            other: count,
        });
    }
    Ok(value)
}
