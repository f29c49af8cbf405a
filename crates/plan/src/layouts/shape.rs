//! Shapes of one replica: how a model is divided among accelerators, which divisions are possible,
//! and what then stands in each memory. It must not know how long anything takes.

use crate::accelerators::Accelerator;
use crate::deployment::{Deployment, Layout};
use crate::memory::{cache, weights};
use crate::model::{Feed, Model};
use crate::units::Bytes;

/// Most accelerators of a replica.
pub const MOST_ACCELERATORS: f64 = 2048.0;
/// Most pipeline stages that are tried.
const MOST_STAGES: u32 = 16;
/// Most tensor parallelism that is tried.
const MOST_TENSOR: u32 = 64;
/// Most tensor parallelism that is tried beside data parallelism.
const MOST_TENSOR_BESIDE: u32 = 8;
/// Most data parallelism that is tried.
const MOST_BY_REQUESTS: u32 = 256;

/// Divides a model among the accelerators of one replica.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Within one stage.
    pub layout: Layout,
    /// Pipeline stages.
    pub stages: f64,
}

/// Says why a shape is none.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ShapeFault {
    /// It does not read.
    #[error("`{0}` is no layout; write it as `tp8`, `tp8,pp2` or `tp1,dp16,ep16`")]
    Form(String),
    /// Tensor parallelism does not divide the heads.
    #[error("tp{tensor:.0} does not divide {heads:.0} heads; possible are {possible}")]
    Heads {
        /// Tensor parallelism.
        tensor: f64,
        /// The heads of a layer.
        heads: f64,
        /// Those that do.
        possible: String,
    },
    /// A dense model has nothing to divide so.
    #[error("dp and ep divide experts, and this model has none; use tp and pp, and more replicas")]
    Dense,
    /// Experts are divided among all or by tensors.
    #[error("ep{expert:.0} is neither 1 nor tp × dp, which is {all:.0}")]
    Expert {
        /// Expert parallelism.
        expert: f64,
        /// Accelerators of a stage.
        all: f64,
    },
    /// Experts cannot be divided evenly.
    #[error("ep{expert:.0} does not divide {count:.0} experts evenly")]
    Experts {
        /// Expert parallelism.
        expert: f64,
        /// Experts of a layer.
        count: f64,
    },
    /// More stages than layers.
    #[error("pp{stages:.0} has more stages than the model's {layers:.0} layers")]
    Stages {
        /// Stages.
        stages: f64,
        /// Layers.
        layers: f64,
    },
    /// Stages beside data parallelism.
    #[error("pp beside dp is not modelled; divide by one of them")]
    StagesBesideData,
    /// Too many accelerators.
    #[error("{0:.0} accelerators are more than the {MOST_ACCELERATORS:.0} of one replica")]
    Many(f64),
}

impl Shape {
    /// Divides within one stage.
    #[must_use]
    pub const fn of(layout: Layout) -> Self {
        Self {
            layout,
            stages: 1.0,
        }
    }

    /// Tells how many accelerators it takes.
    #[must_use]
    pub const fn accelerators(&self) -> f64 {
        self.layout.accelerators() * self.stages
    }

    /// Tells how much more the fullest stage holds than an even share: layers are not divided.
    #[must_use]
    pub fn unevenness(&self, model: &Model) -> f64 {
        let each = model.sums().layers / self.stages;
        each.ceil() / each
    }

    /// Tells its name, which reads back.
    #[must_use]
    pub fn name(&self) -> String {
        let Layout {
            tensor,
            data,
            expert,
        } = self.layout;
        let degrees = [("dp", data), ("ep", expert), ("pp", self.stages)];
        let more = degrees.iter().filter(|(_, degree)| *degree > 1.0);
        let more = more.map(|(name, degree)| format!(",{name}{degree:.0}"));
        format!("tp{tensor:.0}{}", more.collect::<String>())
    }

    /// Reads a name such as `tp8,pp2` or `tp1,dp16,ep16`.
    ///
    /// # Errors
    /// Fails when it is none.
    pub fn read(text: &str) -> Result<Self, ShapeFault> {
        let form = || ShapeFault::Form(text.to_owned());
        let mut degrees = [1.0; 4];
        let mut parts: Vec<&str> = Vec::new();
        for part in text.split(',').map(|part| part.trim().to_lowercase()) {
            let names = ["tp", "dp", "ep", "pp"];
            let place = names.iter().position(|name| part.starts_with(name));
            let place = place.ok_or_else(form)?;
            let degree: u32 = part[2..].parse().map_err(|_| form())?;
            // A degree that is said twice would be one of the two.
            let is_said = parts.contains(&names[place]);
            if degree == 0 || is_said {
                return Err(form());
            }
            parts.push(names[place]);
            degrees[place] = f64::from(degree);
        }
        let [tensor, data, expert, stages] = degrees;
        let layout = Layout {
            tensor,
            data,
            expert,
        };
        Ok(Self { layout, stages })
    }

    /// Checks that a model can be divided so.
    ///
    /// # Errors
    /// Fails when it cannot.
    pub fn check(&self, model: &Model) -> Result<(), ShapeFault> {
        let Layout {
            tensor,
            data,
            expert,
        } = self.layout;
        if let Some(heads) = undivided(model, tensor) {
            let possible = tensors(model, MOST_TENSOR);
            let possible: Vec<String> = possible.map(|tensor| format!("tp{tensor:.0}")).collect();
            return Err(ShapeFault::Heads {
                tensor,
                heads,
                possible: possible.join(", "),
            });
        }
        let layers = model.sums().layers;
        let all = self.layout.accelerators();
        let stages = self.stages;
        let count = experts(model);
        match count {
            None if data > 1.0 || expert > 1.0 => return Err(ShapeFault::Dense),
            Some(_) if expert > 1.0 && (expert - all).abs() > 0.5 => {
                return Err(ShapeFault::Expert { expert, all });
            }
            Some(count) if count % expert != 0.0 => {
                return Err(ShapeFault::Experts { expert, count });
            }
            _ => (),
        }
        if stages > layers {
            return Err(ShapeFault::Stages { stages, layers });
        }
        if stages > 1.0 && data > 1.0 {
            return Err(ShapeFault::StagesBesideData);
        }
        let accelerators = self.accelerators();
        if accelerators > MOST_ACCELERATORS {
            return Err(ShapeFault::Many(accelerators));
        }
        Ok(())
    }
}

/// Tells the heads of a layer that so many accelerators do not divide. Those of a sketch count as
/// divisible: whoever built such a model would have seen to it.
fn undivided(model: &Model, tensor: f64) -> Option<f64> {
    if model.is_sketched() {
        return None;
    }
    let heads = model
        .layers
        .iter()
        .flat_map(|layers| layers.attention.heads());
    heads.into_iter().find(|heads| heads % tensor != 0.0)
}

/// Tells the experts of a layer; none in a dense model.
fn experts(model: &Model) -> Option<f64> {
    model.layers.iter().find_map(|layers| match layers.feed {
        Feed::Dense { .. } => None,
        Feed::Experts(experts) => Some(experts.count),
    })
}

fn powers(most: u32) -> impl Iterator<Item = f64> {
    (0..)
        .map(|power| 1_u32 << power)
        .take_while(move |degree| *degree <= most)
        .map(f64::from)
}

fn tensors(model: &Model, most: u32) -> impl Iterator<Item = f64> {
    powers(most).filter(|tensor| undivided(model, *tensor).is_none())
}

/// Lists the shapes that are tried: tensor parallelism within a fast domain, with pipeline stages,
/// and for experts attention by requests with experts over all.
#[must_use]
pub fn shapes(model: &Model, part: &Accelerator) -> Vec<Shape> {
    let most = MOST_TENSOR.min(part.domain);
    let by_tensors = tensors(model, most).flat_map(|tensor| {
        powers(MOST_STAGES).flat_map(move |stages| {
            let layout = Layout::tensor(tensor);
            let experts = Layout {
                expert: tensor,
                ..layout
            };
            [layout, experts].map(|layout| Shape { layout, stages })
        })
    });
    let by_requests = tensors(model, most.min(MOST_TENSOR_BESIDE)).flat_map(|tensor| {
        powers(MOST_BY_REQUESTS).skip(1).map(move |data| {
            Shape::of(Layout {
                tensor,
                data,
                expert: tensor * data,
            })
        })
    });
    let mut found: Vec<Shape> = Vec::new();
    for shape in by_tensors.chain(by_requests) {
        if shape.check(model).is_ok() && !found.contains(&shape) {
            found.push(shape);
        }
    }
    found
}

/// Holds what stands in the memory of one accelerator of a shape.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Weights.
    pub weights: Bytes,
    /// What weights and caches may take.
    pub usable: Bytes,
    /// The cache of one sequence, half through its answer.
    pub each: Bytes,
    /// Sequences of the replica whose caches are there at once; none where weights do not fit.
    pub sequences: f64,
}

/// Works out what stands in each memory, that of the fullest pipeline stage.
#[must_use]
pub fn room(of: &Deployment<'_>, shape: Shape, usable: f64) -> Room {
    let layout = shape.layout;
    let guessing = if of.speculation.is_some() {
        of.model.guessing_parameters() * of.precision.weight_bytes() / layout.accelerators()
    } else {
        0.0
    };
    let stages = shape.stages / shape.unevenness(of.model);
    let weights = (weights(of, layout) + Bytes::new(guessing)) / stages;
    let usable = of.accelerator.memory() * usable;
    let each = cache(of, layout, of.middle()) / stages;
    let left = (usable - weights).get().max(0.0);
    Room {
        weights,
        usable,
        each,
        sequences: (left / each.get()).floor() * layout.data,
    }
}
