//! Rows of memory: caches, model states, activations, weights. It must not know an accelerator.

use serde_json::{Value, json};

use crate::memory::{Sharding, states};
use crate::precision::Precision;
use crate::rows::row::{Answer, Known, Row, number, text};

pub(super) fn answer(row: &Row, config: &Row, known: &Known) -> Result<Answer, String> {
    let name = text(row, "model").ok_or("the row names no model")?;
    let unit = text(row, "unit").unwrap_or_default();
    if unit.contains("per_token") {
        let bytes = cache(name, config, known)?;
        let scale = if unit.starts_with("KB") { 1e3 } else { 1.0 };
        return Ok(Answer::number(
            bytes / scale,
            "cache of a token, from the configuration",
        ));
    }
    if unit.starts_with("GB_per_gpu") {
        let both = number(config, "params").zip(number(config, "dp"));
        let (parameters, ranks) = both.ok_or("the row has no `params` and `dp`")?;
        let sharding = match text(config, "stage") {
            Some("stage1") => Sharding::Optimiser,
            Some("stage2") => Sharding::Gradients,
            Some("stage3") => Sharding::Parameters,
            _ => Sharding::None,
        };
        let bytes = states(parameters, ranks, sharding).get();
        return Ok(Answer::number(
            bytes / 1e9,
            "16 bytes a parameter, divided by stage",
        ));
    }
    if unit.starts_with("parameters") {
        let model = known.models.find(name).map_err(|fault| fault.to_string())?;
        let all = model.parameters() + model.guessing_parameters();
        return Ok(Answer::number(all, "summed over the configuration").within(0.98, 1.02));
    }
    if !unit.starts_with("bytes") {
        return Err(format!("no memory is counted in `{unit}`"));
    }
    // Two rows quote a formula; ours is the same or it is not.
    let formula = if unit.contains("selective") {
        "34*s*b*h/t"
    } else {
        "s*b*h*(34+5*a*s/h)"
    };
    let basis = "the formula that `memory` computes by".to_owned();
    Ok(Answer {
        value: json!(formula),
        interval: None,
        basis,
    })
}

/// Tells the bytes a token of a cache in sixteen bits: of a known model, else by the row's formula.
fn cache(name: &str, config: &Row, known: &Known) -> Result<f64, String> {
    let plain = name.split(" (").next().unwrap_or(name);
    if let Ok(model) = known.models.find(plain) {
        return Ok(model.cached(1.0) * Precision::Bf16.cache_bytes());
    }
    let formula = config.get("formula").and_then(Value::as_str);
    let formula =
        formula.ok_or_else(|| format!("`{plain}` is not known, and no formula is given"))?;
    let factors = formula.trim_end_matches('B').split('*').map(str::trim);
    let product = factors
        .map(|factor| factor.parse::<f64>().ok())
        .try_fold(1.0, |all, factor| factor.map(|factor| all * factor));
    product.ok_or_else(|| format!("the formula `{formula}` is no product of numbers"))
}
