//! A Hugging Face `config.json` as a model. It must not fill in what decides the cost: a missing
//! width is an error that names the field.

mod feed;
mod fields;
mod kind;

use serde_json::Value;

use crate::attention::{Attention, Compressed, Grouped, Latent, Linear};
use crate::model::{Layers, Model};
use crate::models::config::feed::feed;
use crate::models::config::fields::Fields;
use crate::models::config::kind::{Kind, kind, known};
use crate::precision::Precision;

pub use crate::models::config::fields::ConfigFault;

/// Most layers.
const MOST_LAYERS: usize = 10_000;

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
    let fields = Fields(inner);
    known(&fields)?;
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
        let attention = attention(&fields, (at, count))?;
        let feed = feed(&fields, (at, count))?;
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
        is_tied: fields.says("tie_word_embeddings").unwrap_or(false),
        layers,
        positions: fields.some("max_position_embeddings")?,
        guessing_layers: fields.maybe("num_nextn_predict_layers")?.unwrap_or(0.0),
        // Other methods are one packing among several; this one is how the model was trained.
        native: method
            .filter(|method| *method == "mxfp4")
            .and_then(Precision::read),
    })
}

fn attention(fields: &Fields<'_>, of: (usize, usize)) -> Result<Attention, ConfigFault> {
    let heads = fields.needs("num_attention_heads")?;
    if let Some(ratio) = fields.of_layer("compress_ratios", of)? {
        return compressed(fields, ratio, heads);
    }
    let kind = kind(fields, of)?;
    if kind == Kind::Linear {
        let none = || ConfigFault::Missing("linear_num_value_heads");
        return linear(fields)?.ok_or_else(none);
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
    grouped(fields, kind, heads)
}

fn grouped(fields: &Fields<'_>, kind: Kind, heads: f64) -> Result<Attention, ConfigFault> {
    // Some families give layers of the one kind other heads than those of the other.
    let (own_heads, own_keys, own_width) = match kind {
        Kind::Sliding => (
            "swa_num_attention_heads",
            "swa_num_key_value_heads",
            "swa_head_dim",
        ),
        _ => ("", "num_global_key_value_heads", "global_head_dim"),
    };
    let heads = fields.some(own_heads)?.unwrap_or(heads);
    let key = match fields.first(&[own_width, "head_dim"])? {
        Some(width) => width,
        None => fields.needs("hidden_size")? / heads,
    };
    // Keys and values of two widths cost as much as both of their mean.
    let value = fields.maybe("v_head_dim")?.unwrap_or(key);
    let window = match kind {
        Kind::Sliding => Some(fields.needs("sliding_window")?),
        _ => None,
    };
    Ok(Attention::Grouped(Grouped {
        heads,
        kv_heads: kv_heads(fields, own_keys, heads)?,
        width: f64::midpoint(key, value),
        window,
        is_gated: fields.says("attn_output_gate").unwrap_or(false),
    }))
}

/// Reads the key and value heads: as many as heads where nothing is said, one where all share it.
fn kv_heads(fields: &Fields<'_>, own: &'static str, heads: f64) -> Result<f64, ConfigFault> {
    let field = "num_key_value_heads";
    let found = fields
        .some(own)?
        .map_or_else(|| fields.some(field), |own| Ok(Some(own)))?;
    let is_one = fields.says("multi_query") == Some(true);
    let count = found.unwrap_or(if is_one { 1.0 } else { heads });
    if heads % count != 0.0 {
        return Err(ConfigFault::Pair {
            field,
            value: count,
            beside: "num_attention_heads",
            other: heads,
        });
    }
    Ok(count)
}

fn compressed(fields: &Fields<'_>, ratio: &Value, heads: f64) -> Result<Attention, ConfigFault> {
    // A layer of ratio zero keeps its window alone.
    let ratio = match ratio.as_f64() {
        Some(0.0) => f64::INFINITY,
        Some(ratio) if ratio >= 1.0 => ratio,
        _ => {
            return Err(ConfigFault::Type {
                field: "compress_ratios",
                value: ratio.to_string(),
            });
        }
    };
    Ok(Attention::Compressed(Compressed {
        heads,
        query_rank: fields.needs("q_lora_rank")?,
        width: fields.needs("head_dim")?,
        output_rank: fields.needs("o_lora_rank")?,
        output_groups: fields.needs("o_groups")?,
        ratio,
        window: fields.maybe("sliding_window")?.unwrap_or(0.0),
        top: fields.maybe("index_topk")?.unwrap_or(f64::INFINITY),
    }))
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

#[cfg(test)]
mod tests;
