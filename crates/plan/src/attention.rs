//! What each kind of attention costs: weights, cache of a sequence, work of a position. It must not
//! know a model or an accelerator.

/// Describes the attention of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Attention {
    /// Heads that share keys and values in groups; as many groups as heads is plain attention.
    Grouped(Grouped),
    /// A compressed key and value for all heads.
    Latent(Latent),
    /// A state of constant size in place of a cache.
    Linear(Linear),
    /// Keys and values of several positions in one, beside a window of single ones.
    Compressed(Compressed),
}

/// Holds the sizes of grouped attention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grouped {
    /// Query heads.
    pub heads: f64,
    /// Key and value heads.
    pub kv_heads: f64,
    /// Width of a head.
    pub width: f64,
    /// How far back it looks; none for all.
    pub window: Option<f64>,
    /// Whether the output passes a gate as wide as the queries.
    pub is_gated: bool,
}

/// Holds the sizes of latent attention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latent {
    /// Heads.
    pub heads: f64,
    /// Rank of the queries; none where they are not compressed.
    pub query_rank: Option<f64>,
    /// Rank of keys and values: what is cached.
    pub rank: f64,
    /// Width of the rotated part, cached beside it.
    pub rope: f64,
    /// Width of a key without the rotated part.
    pub nope: f64,
    /// Width of a value.
    pub value: f64,
}

/// Holds the sizes of linear attention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linear {
    /// Key heads.
    pub key_heads: f64,
    /// Value heads.
    pub value_heads: f64,
    /// Width of a key.
    pub key: f64,
    /// Width of a value.
    pub value: f64,
}

/// Holds the sizes of compressed attention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compressed {
    /// Query heads.
    pub heads: f64,
    /// Rank of the queries.
    pub query_rank: f64,
    /// Width of the one key and value.
    pub width: f64,
    /// Rank of the output, and the groups of heads that it is reached by.
    pub output_rank: f64,
    /// Groups of heads, each with its own matrix to that rank.
    pub output_groups: f64,
    /// Positions in one entry.
    pub ratio: f64,
    /// Single positions beside them.
    pub window: f64,
    /// Most entries that a query reads.
    pub top: f64,
}

impl Attention {
    /// Names its kind, the rarer the greater.
    #[must_use]
    pub const fn rank(&self) -> (u8, &'static str) {
        match self {
            Self::Grouped(Grouped { window: None, .. }) => (0, "grouped"),
            Self::Grouped(_) => (1, "window"),
            Self::Latent(_) => (2, "latent"),
            Self::Linear(_) => (3, "linear"),
            Self::Compressed(_) => (4, "compressed"),
        }
    }

    /// Tells the weights of a layer of a given hidden width.
    #[must_use]
    pub fn weights(&self, hidden: f64) -> f64 {
        match *self {
            Self::Grouped(of) => {
                let queries = hidden * of.heads * of.width;
                let gates = if of.is_gated { queries } else { 0.0 };
                2.0 * queries + gates + 2.0 * hidden * of.kv_heads * of.width
            }
            Self::Latent(of) => {
                let wide = of.heads * (of.nope + of.rope);
                let queries = match of.query_rank {
                    Some(rank) => hidden * rank + rank * wide,
                    None => hidden * wide,
                };
                let keys = hidden * (of.rank + of.rope) + of.rank * of.heads * (of.nope + of.value);
                queries + keys + of.heads * of.value * hidden
            }
            Self::Linear(of) => {
                let keys = 2.0 * of.key_heads * of.key;
                let values = 2.0 * of.value_heads * of.value;
                hidden * (keys + values + 2.0 * of.value_heads) + of.value_heads * of.value * hidden
            }
            Self::Compressed(of) => {
                let wide = of.heads * of.width;
                let queries = hidden * of.query_rank + of.query_rank * wide;
                let output = wide * of.output_rank + of.output_groups * of.output_rank * hidden;
                queries + 2.0 * hidden * of.width + output
            }
        }
    }

    /// Tells the cached values of one sequence at a length.
    #[must_use]
    pub fn cached(&self, tokens: f64) -> f64 {
        match *self {
            Self::Grouped(of) => {
                let seen = of.window.map_or(tokens, |window| tokens.min(window));
                2.0 * of.kv_heads * of.width * seen
            }
            Self::Latent(of) => (of.rank + of.rope) * tokens,
            Self::Linear(of) => of.value_heads * of.key * of.value,
            Self::Compressed(of) => of.width * (tokens.min(of.window) + tokens / of.ratio),
        }
    }

    /// Tells the operations of one new position over a cache of a length.
    #[must_use]
    pub fn work(&self, tokens: f64) -> f64 {
        match *self {
            Self::Grouped(of) => {
                let seen = of.window.map_or(tokens, |window| tokens.min(window));
                4.0 * of.heads * of.width * seen
            }
            Self::Latent(of) => 2.0 * of.heads * (2.0 * of.rank + of.rope) * tokens,
            Self::Linear(of) => 4.0 * of.value_heads * of.key * of.value,
            Self::Compressed(of) => {
                let seen = tokens.min(of.window) + (tokens / of.ratio).min(of.top);
                4.0 * of.heads * of.width * seen
            }
        }
    }

    /// Tells the operations of one position of many at once, when it sees so many: then latent keys
    /// and values are widened to heads once for all, which is less work than reading them latent.
    #[must_use]
    pub fn work_at_once(&self, tokens: f64) -> f64 {
        match *self {
            Self::Latent(of) => 2.0 * of.heads * (of.nope + of.rope + of.value) * tokens,
            _ => self.work(tokens),
        }
    }

    /// Tells the numbers of heads that tensor parallelism has to divide.
    #[must_use]
    pub fn heads(&self) -> Vec<f64> {
        match *self {
            Self::Grouped(of) => vec![of.heads],
            Self::Latent(of) => vec![of.heads],
            Self::Linear(of) => vec![of.key_heads, of.value_heads],
            Self::Compressed(of) => vec![of.heads],
        }
    }

    /// Tells among how many accelerators its cache can be divided by heads.
    #[must_use]
    pub fn divides(&self) -> f64 {
        match *self {
            Self::Grouped(of) => of.kv_heads,
            Self::Linear(of) => of.value_heads,
            // One cache for all heads: tensor parallelism repeats it.
            Self::Latent(_) | Self::Compressed(_) => 1.0,
        }
    }
}
