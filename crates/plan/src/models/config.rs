//! A Hugging Face `config.json` as a model. It must not fill in what decides the cost: a missing
//! width is an error that names the field.

use serde_json::{Map, Value};

use crate::attention::{Attention, Compressed, Grouped, Latent, Linear};
use crate::model::{Experts, Feed, Layers, Model};
use crate::precision::Precision;

/// Says why a configuration is no model that can be costed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// It is no JSON object.
    #[error("the configuration is no JSON object; give the config.json of the model")]
    Shape,
    /// A field is missing.
    #[error("the configuration has no number `{0}`; add it, or give a sketch of the model")]
    Missing(&'static str),
    /// Its layers are of a kind that is not known here.
    #[error("`{0}` layers are not known here; give a sketch of the model instead")]
    Kind(&'static str),
    /// A number is out of all proportion.
    #[error("`{field}` is {value}, which no model has; correct it")]
    Size {
        /// The field.
        field: &'static str,
        /// Its value.
        value: f64,
    },
}

/// Most of anything that a configuration may count; beyond it stands a slip.
const MOST: f64 = 1e9;
/// Most layers.
const MOST_LAYERS: usize = 10_000;

struct Fields<'c>(&'c Map<String, Value>);

impl Fields<'_> {
    fn maybe(&self, field: &'static str) -> Result<Option<f64>, ConfigFault> {
        let value = self.0.get(field).and_then(Value::as_f64);
        match value {
            Some(value) if !(0.0..=MOST).contains(&value) => {
                Err(ConfigFault::Size { field, value })
            }
            other => Ok(other),
        }
    }

    fn needs(&self, field: &'static str) -> Result<f64, ConfigFault> {
        let value = self.maybe(field)?.ok_or(ConfigFault::Missing(field))?;
        if value < 1.0 {
            return Err(ConfigFault::Size { field, value });
        }
        Ok(value)
    }

    fn first(&self, fields: &[&'static str]) -> Result<Option<f64>, ConfigFault> {
        for field in fields {
            if let Some(value) = self.maybe(field)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn is(&self, field: &str) -> bool {
        self.0.get(field).and_then(Value::as_bool).unwrap_or(false)
    }

    fn list(&self, field: &str) -> Option<&Vec<Value>> {
        self.0.get(field).and_then(Value::as_array)
    }
}

/// Reads a configuration.
///
/// # Errors
/// Fails when a width is missing or out of all proportion, or layers are of a kind unknown here.
pub fn read(name: &str, config: &Value) -> Result<Model, ConfigFault> {
    let outer = config.as_object().ok_or(ConfigFault::Shape)?;
    let inner = outer
        .get("text_config")
        .and_then(Value::as_object)
        .unwrap_or(outer);
    if inner.contains_key("hybrid_override_pattern") {
        return Err(ConfigFault::Kind("hybrid_override_pattern"));
    }
    let fields = Fields(inner);
    let count = fields.needs("num_hidden_layers")? as usize;
    if count > MOST_LAYERS {
        let value = count as f64;
        return Err(ConfigFault::Size {
            field: "num_hidden_layers",
            value,
        });
    }
    let mut layers: Vec<Layers> = Vec::new();
    for at in 0..count {
        let attention = attention(&fields, at)?;
        let feed = feed(&fields, at)?;
        match layers
            .iter_mut()
            .find(|one| one.attention == attention && one.feed == feed)
        {
            Some(like) => like.count += 1.0,
            None => layers.push(Layers {
                count: 1.0,
                attention,
                feed,
            }),
        }
    }
    let quantised = inner
        .get("quantization_config")
        .or(outer.get("quantization_config"));
    let method = quantised
        .and_then(|of| of.get("quant_method"))
        .and_then(Value::as_str);
    Ok(Model {
        name: name.to_owned(),
        family: name.to_lowercase(),
        hidden: fields.needs("hidden_size")?,
        vocabulary: fields.needs("vocab_size")?,
        is_tied: fields.is("tie_word_embeddings"),
        layers,
        guessing_layers: fields.maybe("num_nextn_predict_layers")?.unwrap_or(0.0),
        // Other methods are one packing among several; this one is how the model was trained.
        native: method
            .filter(|method| *method == "mxfp4")
            .and_then(Precision::read),
    })
}

fn attention(fields: &Fields<'_>, at: usize) -> Result<Attention, ConfigFault> {
    let heads = fields.needs("num_attention_heads")?;
    if let Some(ratios) = fields.list("compress_ratios") {
        return compressed(fields, ratios.get(at).and_then(Value::as_f64), heads);
    }
    if !is_full(fields, at)?
        && let Some(linear) = linear(fields)?
    {
        return Ok(linear);
    }
    if let Some(rank) = fields.maybe("kv_lora_rank")? {
        return Ok(Attention::Latent(Latent {
            heads,
            query_rank: fields.maybe("q_lora_rank")?,
            rank,
            rope: fields.needs("qk_rope_head_dim")?,
            nope: fields.needs("qk_nope_head_dim")?,
            value: fields.needs("v_head_dim")?,
        }));
    }
    let width = match fields.maybe("head_dim")? {
        Some(width) => width,
        None => fields.needs("hidden_size")? / heads,
    };
    let window = fields.maybe("sliding_window")?;
    let has_interval = fields.0.contains_key("full_attention_interval");
    let slides = if has_interval {
        !is_full(fields, at)?
    } else {
        window.is_some()
    };
    Ok(Attention::Grouped(Grouped {
        heads,
        kv_heads: fields.maybe("num_key_value_heads")?.unwrap_or(heads),
        width,
        window: window.filter(|_| slides),
        is_gated: fields.is("attn_output_gate"),
    }))
}

fn compressed(
    fields: &Fields<'_>,
    ratio: Option<f64>,
    heads: f64,
) -> Result<Attention, ConfigFault> {
    Ok(Attention::Compressed(Compressed {
        heads,
        query_rank: fields.needs("q_lora_rank")?,
        width: fields.needs("head_dim")?,
        output_rank: fields.needs("o_lora_rank")?,
        output_groups: fields.needs("o_groups")?,
        ratio: ratio.unwrap_or(1.0).max(1.0),
        window: fields.maybe("sliding_window")?.unwrap_or(0.0),
        top: fields.maybe("index_topk")?.unwrap_or(f64::INFINITY),
    }))
}

/// Says whether a layer looks at all positions.
fn is_full(fields: &Fields<'_>, at: usize) -> Result<bool, ConfigFault> {
    let mixed = fields
        .0
        .get("linear_attn_config")
        .and_then(|of| of.get("full_attn_layers"));
    if let Some(full) = mixed.and_then(Value::as_array) {
        return Ok(full.iter().any(|one| one.as_u64() == Some(at as u64 + 1)));
    }
    if let Some(kinds) = fields.list("layer_types") {
        let kind = kinds.get(at).and_then(Value::as_str);
        return Ok(kind.is_none_or(|kind| kind == "full_attention"));
    }
    let interval = fields
        .maybe("full_attention_interval")?
        .unwrap_or(1.0)
        .max(1.0);
    Ok((at + 1).is_multiple_of(interval as usize))
}

fn linear(fields: &Fields<'_>) -> Result<Option<Attention>, ConfigFault> {
    if let Some(of) = fields
        .0
        .get("linear_attn_config")
        .and_then(Value::as_object)
    {
        let of = Fields(of);
        let (heads, width) = (of.needs("num_heads")?, of.needs("head_dim")?);
        return Ok(Some(Attention::Linear(Linear {
            key_heads: heads,
            value_heads: heads,
            key: width,
            value: width,
        })));
    }
    let Some(value_heads) = fields.maybe("linear_num_value_heads")? else {
        return Ok(None);
    };
    Ok(Some(Attention::Linear(Linear {
        key_heads: fields.needs("linear_num_key_heads")?,
        value_heads,
        key: fields.needs("linear_key_head_dim")?,
        value: fields.needs("linear_value_head_dim")?,
    })))
}

fn feed(fields: &Fields<'_>, at: usize) -> Result<Feed, ConfigFault> {
    let names = ["n_routed_experts", "num_experts", "num_local_experts"];
    let count = fields.first(&names)?.filter(|count| *count > 1.0);
    let first_dense = fields.maybe("first_k_dense_replace")?.unwrap_or(0.0) as usize;
    let every = fields
        .maybe("interleave_moe_layer_step")?
        .unwrap_or(1.0)
        .max(1.0) as usize;
    let is_dense = at < first_dense || !(at + 1).is_multiple_of(every);
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
    ];
    let visited = fields.first(&names)?;
    let inner = fields.first(&["moe_intermediate_size", "intermediate_size"])?;
    let inner = inner.ok_or(ConfigFault::Missing("moe_intermediate_size"))?;
    let shared = fields.first(&[
        "shared_expert_intermediate_size",
        "shared_intermediate_size",
    ])?;
    let numbered = fields.first(&["n_shared_experts", "num_shared_experts"])?;
    // This family always has one shared expert and does not say so in its configuration.
    let is_interleaved = fields.0.contains_key("interleave_moe_layer_step");
    let shared = shared.or(numbered.map(|shared| shared * inner));
    let hidden = fields.needs("hidden_size")?;
    Ok(Feed::Experts(Experts {
        count,
        visited: visited
            .ok_or(ConfigFault::Missing("num_experts_per_tok"))?
            .min(count),
        inner,
        width: fields.maybe("routed_expert_hidden_size")?.unwrap_or(hidden),
        shared: shared.unwrap_or(if is_interleaved { inner } else { 0.0 }),
    }))
}
