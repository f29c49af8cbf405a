//! A model out of a sketch such as `10T, 0.8T active, 128 experts`: the shape that a model of that
//! size would have. It must not pass for a fact: whoever shows it says that it is assumed.

use crate::attention::{Attention, Grouped, Latent};
use crate::model::{Experts, Feed, Layers, Model, SKETCHED};

/// Says why a sketch is none.
#[derive(Debug, thiserror::Error)]
pub enum SketchFault {
    /// A part does not read.
    #[error("`{0}` is no part of a sketch; write it as `10T, 0.8T active, 128 experts`")]
    Part(String),
    /// The size is missing.
    #[error("the sketch names no size; write it as `10T, 0.8T active, 128 experts`")]
    Size,
    /// The parts contradict each other.
    #[error("{0}")]
    Contradiction(&'static str),
}

/// Experts where a sketch names active parameters alone.
const USUAL_EXPERTS: f64 = 256.0;
/// Experts that a token visits, where it is not given.
const USUAL_VISITED: f64 = 8.0;
/// Size of the vocabulary.
const VOCABULARY: f64 = 160_000.0;
/// Parameters of a dense layer in units of the hidden width's square: four of attention with
/// grouped keys (2.25) and three matrices of 3.5 times the width.
const DENSE_SHAPE: f64 = 2.25 + 10.5;
/// Hidden width in units of the number of layers, as in large published models.
const ASPECT: f64 = 115.0;
/// The least share of what all tokens pass that is beside attention: shared experts and routers.
const LEAST_SHARED: f64 = 0.05;

/// Reads a sketch.
///
/// # Errors
/// Fails when a part does not read, the size is missing, or more is active than there is.
pub fn read(text: &str) -> Result<Model, SketchFault> {
    let (mut total, mut active, mut experts, mut visited) = (None, None, None, None);
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let mut words = part.split_whitespace();
        let number = words.next().and_then(size);
        let number = number.ok_or_else(|| SketchFault::Part(part.to_owned()))?;
        match words.next() {
            None | Some("total" | "parameters") => total = Some(number),
            Some("active") => active = Some(number),
            Some("experts") => experts = Some(number),
            Some("visited") => visited = Some(number),
            Some(_) => return Err(SketchFault::Part(part.to_owned())),
        }
    }
    let total = total.ok_or(SketchFault::Size)?;
    match (active, experts) {
        (None, None) => Ok(dense(text, total)),
        (None, Some(_)) => Err(SketchFault::Contradiction(
            "the sketch has experts and no active parameters; add them, as `0.8T active`",
        )),
        (Some(active), _) if active >= total => Err(SketchFault::Contradiction(
            "the sketch has as many active parameters as parameters; leave `active` out",
        )),
        (Some(active), experts) => {
            let count = experts.unwrap_or(USUAL_EXPERTS);
            let visited = visited.unwrap_or(USUAL_VISITED);
            if visited >= count {
                let what = "a token of the sketch visits all its experts; raise their number";
                return Err(SketchFault::Contradiction(what));
            }
            sparse(text, [total, active, count, visited])
        }
    }
}

fn size(word: &str) -> Option<f64> {
    let (digits, scale) = match word.chars().last()?.to_ascii_uppercase() {
        'T' => (word.get(..word.len() - 1)?, 1e12),
        'B' => (word.get(..word.len() - 1)?, 1e9),
        'M' => (word.get(..word.len() - 1)?, 1e6),
        _ => (word, 1.0),
    };
    let value: f64 = digits.parse().ok()?;
    (value.is_finite() && value > 0.0).then_some(value * scale)
}

fn dense(text: &str, total: f64) -> Model {
    // Layers follow from parameters = layers · shape · (aspect · layers)², rounded to whole ones.
    let count = (total / (DENSE_SHAPE * ASPECT * ASPECT))
        .cbrt()
        .round()
        .max(1.0);
    let hidden = (total / (DENSE_SHAPE * count)).sqrt();
    let heads = (hidden / 128.0).max(1.0);
    let attention = Attention::Grouped(Grouped {
        heads,
        kv_heads: (heads / 8.0).max(1.0),
        width: 128.0,
        window: None,
        is_gated: false,
    });
    let feed = Feed::Dense {
        inner: 3.5 * hidden,
    };
    model(
        text,
        hidden,
        Layers {
            count,
            attention,
            feed,
        },
    )
}

fn sparse(text: &str, [total, active, count, visited]: [f64; 4]) -> Result<Model, SketchFault> {
    // Experts hold what is not shared: total = fixed + experts, active = fixed + experts · share.
    let share = visited / count;
    let experts = (total - active) / (1.0 - share);
    let fixed = total - experts;
    if fixed <= 0.0 {
        return Err(SketchFault::Contradiction(
            "the sketch's active parameters are fewer than its experts alone activate; name more \
             experts, or fewer that a token visits",
        ));
    }
    let layers = (active / (DENSE_SHAPE * ASPECT * ASPECT))
        .cbrt()
        .round()
        .max(1.0);
    let hidden = ASPECT * layers;
    let heads = (hidden / 64.0).max(1.0);
    let latent = |value: f64| {
        Attention::Latent(Latent {
            heads,
            query_rank: Some(hidden / 5.0),
            rank: 512.0,
            rope: 64.0,
            nope: value,
            value,
        })
    };
    let attention = latent(128.0);
    let left = (fixed / layers - attention.weights(hidden)).max(LEAST_SHARED * fixed / layers);
    let experts = Experts {
        count,
        visited,
        inner: experts / layers / count / (3.0 * hidden),
        width: hidden,
        shared: left / (3.0 * hidden),
    };
    let feed = Feed::Experts(experts);
    Ok(model(
        text,
        hidden,
        Layers {
            count: layers,
            attention,
            feed,
        },
    ))
}

fn model(text: &str, hidden: f64, layers: Layers) -> Model {
    Model {
        name: text.to_owned(),
        family: SKETCHED.to_owned(),
        hidden,
        vocabulary: VOCABULARY,
        is_tied: false,
        layers: vec![layers],
        positions: None,
        guessing_layers: 0.0,
        native: None,
    }
}
