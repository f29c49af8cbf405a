//! A model as layers: the weights, what a token activates, what a sequence keeps. It must not know
//! where a description came from.

use crate::attention::Attention;
use crate::precision::Precision;

/// The family of models that exist as a size alone.
pub const SKETCHED: &str = "sketch";

/// Describes a model by what costs time or memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// The name under which coefficients are fitted for it and its kin.
    pub family: String,
    /// Width of a token.
    pub hidden: f64,
    /// Size of the vocabulary.
    pub vocabulary: f64,
    /// Whether input and output embeddings are one matrix.
    pub is_tied: bool,
    /// Its layers, like ones together.
    pub layers: Vec<Layers>,
    /// Most positions that it is described for; none where nobody says.
    pub positions: Option<f64>,
    /// Layers that guess tokens ahead.
    pub guessing_layers: f64,
    /// The format of its experts' weights where it is published in one alone.
    pub native: Option<Precision>,
}

/// Describes layers that are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layers {
    /// How many.
    pub count: f64,
    /// Their attention.
    pub attention: Attention,
    /// What follows it.
    pub feed: Feed,
}

/// Describes a feed-forward part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Feed {
    /// One gated network of a width.
    Dense {
        /// Its inner width.
        inner: f64,
    },
    /// Experts, of which a token visits some.
    Experts(Experts),
}

/// Holds the sizes of a layer of experts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Experts {
    /// How many there are.
    pub count: f64,
    /// How many a token visits.
    pub visited: f64,
    /// The inner width of one.
    pub inner: f64,
    /// The width that they work on, where it is not the model's.
    pub width: f64,
    /// The inner width of those that every token visits, together.
    pub shared: f64,
}

/// Holds the sums over a model's layers, so that an estimate need not walk them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Layers.
    pub layers: f64,
    /// Layers of experts.
    pub expert_layers: f64,
    /// Weights of attention.
    pub attention: f64,
    /// Weights of networks that every token visits.
    pub feed: f64,
    /// Weights of all experts.
    pub experts: f64,
    /// Weights of the experts that one token visits.
    pub visited: f64,
    /// Weights of the output matrix.
    pub head: f64,
}

impl Experts {
    /// Tells how many distinct experts so many tokens are expected to visit: `E·(1 − (1 − k/E)^B)`.
    #[must_use]
    pub fn distinct(&self, tokens: f64) -> f64 {
        self.count * (1.0 - (1.0 - self.visited / self.count).powf(tokens))
    }

    fn weights_of_one(&self) -> f64 {
        3.0 * self.width * self.inner
    }
}

impl Model {
    /// Says whether it exists as a size alone, so that its heads and widths are no whole numbers.
    #[must_use]
    pub fn is_sketched(&self) -> bool {
        self.family == SKETCHED
    }

    /// Sums over its layers.
    #[must_use]
    pub fn sums(&self) -> Sums {
        let head = self.vocabulary * self.hidden;
        let start = Sums {
            head,
            ..Sums::default()
        };
        self.layers.iter().fold(start, |sums, layers| {
            let mut sums = Sums {
                layers: sums.layers + layers.count,
                attention: sums.attention + layers.count * layers.attention.weights(self.hidden),
                ..sums
            };
            match layers.feed {
                Feed::Dense { inner } => sums.feed += layers.count * 3.0 * self.hidden * inner,
                Feed::Experts(experts) => {
                    let one = experts.weights_of_one();
                    let is_narrow = experts.width < self.hidden;
                    // A narrower width is reached by one matrix down and one up.
                    let around = if is_narrow {
                        2.0 * self.hidden * experts.width
                    } else {
                        0.0
                    };
                    let router = self.hidden * experts.count;
                    let shared = 3.0 * self.hidden * experts.shared;
                    sums.expert_layers += layers.count;
                    sums.feed += layers.count * (shared + around + router);
                    sums.experts += layers.count * experts.count * one;
                    sums.visited += layers.count * experts.visited * one;
                }
            }
            sums
        })
    }

    /// Tells all its parameters.
    #[must_use]
    pub fn parameters(&self) -> f64 {
        let sums = self.sums();
        let embeddings = if self.is_tied {
            sums.head
        } else {
            2.0 * sums.head
        };
        sums.attention + sums.feed + sums.experts + embeddings
    }

    /// Tells the parameters that one token passes, the input embedding left out.
    #[must_use]
    pub fn active_parameters(&self) -> f64 {
        let sums = self.sums();
        sums.attention + sums.feed + sums.visited + sums.head
    }

    /// Tells the experts' weights that so many tokens of one step read.
    #[must_use]
    pub fn experts_read(&self, tokens: f64) -> f64 {
        let read = self.layers.iter().map(|layers| match layers.feed {
            Feed::Dense { .. } => 0.0,
            Feed::Experts(experts) => {
                layers.count * experts.distinct(tokens) * experts.weights_of_one()
            }
        });
        read.sum()
    }

    /// Tells how many experts a token visits in a layer; none in a dense model.
    #[must_use]
    pub fn visited_experts(&self) -> Option<f64> {
        self.layers.iter().find_map(|layers| match layers.feed {
            Feed::Dense { .. } => None,
            Feed::Experts(experts) => Some(experts.visited),
        })
    }

    /// Tells the cached values of one sequence at a length, and those that one of so many
    /// accelerators keeps: heads can be divided, a shared cache is repeated.
    #[must_use]
    pub fn cached_among(&self, tokens: f64, accelerators: f64) -> f64 {
        let parts = self.layers.iter().map(|layers| {
            let among = accelerators.min(layers.attention.divides()).max(1.0);
            layers.count * layers.attention.cached(tokens) / among
        });
        parts.sum()
    }

    /// Tells the cached values of one sequence at a length.
    #[must_use]
    pub fn cached(&self, tokens: f64) -> f64 {
        self.cached_among(tokens, 1.0)
    }

    /// Tells the attention's operations of one new position over a cache of a length.
    #[must_use]
    pub fn attention_work(&self, tokens: f64) -> f64 {
        let parts = self
            .layers
            .iter()
            .map(|layers| layers.count * layers.attention.work(tokens));
        parts.sum()
    }

    /// Tells the attention's operations of one position of many at once.
    #[must_use]
    pub fn attention_work_at_once(&self, tokens: f64) -> f64 {
        let work = |layers: &Layers| layers.count * layers.attention.work_at_once(tokens);
        self.layers.iter().map(work).sum()
    }

    /// Tells the parameters of the layers that guess tokens ahead, which ship with the weights:
    /// each is one more layer of the largest kind, with embeddings and a projection of its own.
    #[must_use]
    pub fn guessing_parameters(&self) -> f64 {
        let sizes = self.layers.iter().map(|layers| {
            let feed = match layers.feed {
                Feed::Dense { inner } => 3.0 * self.hidden * inner,
                Feed::Experts(experts) => {
                    experts.count * experts.weights_of_one() + 3.0 * self.hidden * experts.shared
                }
            };
            layers.attention.weights(self.hidden) + feed
        });
        let layer = sizes.fold(0.0, f64::max);
        let around = 2.0 * self.vocabulary * self.hidden + 2.0 * self.hidden * self.hidden;
        self.guessing_layers * (layer + around)
    }

    /// Names its kind: the attention that tells it apart, and whether it has experts.
    #[must_use]
    pub fn kind(&self) -> String {
        let attention = self.layers.iter().map(|layers| layers.attention.rank());
        let attention = attention.max().map_or("none", |(_, name)| name);
        let feed = if self.has_experts() {
            "experts"
        } else {
            "dense"
        };
        format!("{attention} {feed}")
    }

    /// Says whether a token visits experts.
    #[must_use]
    pub fn has_experts(&self) -> bool {
        self.visited_experts().is_some()
    }

    /// Says whether one cache serves all heads, so that tensor parallelism only repeats it.
    #[must_use]
    pub fn shares_cache(&self) -> bool {
        let divides = self.layers.iter().map(|layers| layers.attention.divides());
        divides.fold(f64::INFINITY, f64::min) <= 1.0
    }
}
