//! The step-time function as tables, for one deployment: whole picoseconds by sequences and tokens
//! of a step, and straight pieces over cached length, so that many like steps sum up in closed
//! form. It must not know which requests are in a step.

use crate::attention::Attention;
use crate::deployment::{Deployment, Layout, Serving};
use crate::memory::{USABLE, weights};
use crate::model::Model;
use crate::serving::Estimator;
use crate::step::{STEP_PARTS, StepParts, prefill_of, step_parts};

use super::clock::{Picos, SECOND};

/// Tokens of a cache block.
pub const BLOCK: u32 = 16;
/// Tokens of a step up to which the reading of weights is tabled; beyond, nearly all experts are
/// read.
const TABLED: u32 = 4096;

/// Tells how long steps take.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// What a step takes beside weights and cache, by the sequences that decode.
    rest: Vec<Picos>,
    /// The reading of weights, by the tokens of the step.
    weights: Vec<Picos>,
    /// The reading of caches, by the mean length of the sequences that decode.
    cache: Vec<Piece>,
    /// Ranks among which sequences are spread: with fewer sequences some idle.
    ranks: u64,
    /// Prefill of a token without its attention, in picoseconds.
    token: f64,
    /// Prefill's attention of a token, by how many it sees.
    attention: Vec<Straight>,
}

/// Is a straight piece of a sequence's cache reading.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// It holds below this mean length.
    below: u64,
    own: Picos,
    per_token: Picos,
}

/// Is a straight piece of a function of length.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Straight {
    below: f64,
    own: f64,
    slope: f64,
}

/// Tells the times of like decode steps, one after another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The first step.
    pub first: Picos,
    /// What each step takes longer than the one before.
    pub more: Picos,
    /// For how many steps it holds.
    pub steps: u64,
}

impl Line {
    /// Tells how long so many of its steps take: exact, a sum of whole numbers.
    #[must_use]
    pub fn after(&self, steps: u64) -> Picos {
        let (first, more, steps) = (self.first as u128, u128::from(self.more), u128::from(steps));
        let sum = steps * first + more * (steps * steps.saturating_sub(1) / 2);
        u64::try_from(sum).unwrap_or(Picos::MAX / 2)
    }
}

impl Costs {
    /// Takes steps that are all alike, whatever is in them, with prefill for nothing: a server of a
    /// queue.
    #[must_use]
    pub fn alike(step: Picos) -> Self {
        Self {
            rest: vec![step.max(1)],
            weights: vec![0],
            cache: vec![Piece {
                below: u64::MAX,
                own: 0,
                per_token: 0,
            }],
            ranks: 1,
            token: 0.0,
            attention: vec![Straight {
                below: f64::INFINITY,
                own: 0.0,
                slope: 0.0,
            }],
        }
    }

    /// Tables the step-time function for a deployment with up to so many sequences.
    #[must_use]
    pub fn of(deployment: &Deployment<'_>, estimator: &Estimator, most_sequences: u32) -> Self {
        let (pool, _) = deployment.pools();
        let scales = estimator.step_scales(deployment);
        let table = Table {
            of: deployment,
            scales,
            layout: pool.layout,
        };
        let counts = 0..=most_sequences;
        let tokens = 1..=TABLED;
        let cache = |length: f64| table.cache(length);
        let attention = |length: f64| table.attention(length);
        let ends = ends(deployment.model);
        let pieces = straight(&ends, cache).into_iter().map(|piece| Piece {
            // The ends are whole lengths of a model's windows.
            below: if piece.below.is_finite() {
                piece.below as u64
            } else {
                u64::MAX
            },
            own: picos(piece.own),
            per_token: picos(piece.slope),
        });
        Self {
            rest: counts
                .map(|count| picos(table.rest(f64::from(count))))
                .collect(),
            weights: tokens
                .map(|count| picos(table.weights(f64::from(count))))
                .collect(),
            cache: pieces.collect(),
            ranks: pool.layout.data as u64,
            token: table.token() * SECOND as f64,
            attention: straight(&ends, attention)
                .into_iter()
                .map(Straight::in_picos)
                .collect(),
        }
    }

    /// Tells the times of decode steps of so many sequences, whose caches hold so many tokens
    /// together in the first of them.
    #[must_use]
    pub fn decode(&self, sequences: u64, cached: u64) -> Line {
        let piece = self.piece(sequences, cached);
        // Fewer sequences than ranks leave ranks idle, and the others take as long.
        let spread = sequences.max(self.ranks);
        let per_token = piece.per_token * spread / sequences.max(1);
        let base = self.base(sequences, sequences) + piece.own * spread;
        let until = piece.below.saturating_mul(sequences);
        let steps = until.saturating_sub(cached).div_ceil(sequences.max(1));
        let steps = if piece.below == u64::MAX {
            u64::MAX
        } else {
            steps
        };
        Line {
            first: base + per_token * cached,
            more: per_token * sequences,
            steps,
        }
    }

    /// Tells the time of a step that prefills so many tokens, too, whose work is told.
    #[must_use]
    pub fn mixed(&self, (sequences, cached): (u64, u64), tokens: u32, work: f64) -> Picos {
        let decoding = if sequences == 0 {
            0
        } else {
            let line = self.decode(sequences, cached);
            line.first - self.base(sequences, sequences)
        };
        let base = self.base(sequences, sequences + u64::from(tokens));
        // Less than 2⁵³ picoseconds, 2.5 hours, a step is told exactly.
        base + decoding + work.round() as Picos
    }

    /// Tells the work of prefilling a chunk behind what is cached already, in picoseconds.
    #[must_use]
    pub fn prefill(&self, before: u32, chunk: u32) -> f64 {
        let chunk = f64::from(chunk);
        // A position of the chunk sees what was before it and, on average, half of the chunk.
        let seen = f64::from(before) + chunk / 2.0;
        let piece = self.attention.iter().find(|piece| seen < piece.below);
        let attention = piece.map_or(0.0, |piece| piece.own + piece.slope * seen);
        chunk * (self.token + attention)
    }

    fn base(&self, sequences: u64, tokens: u64) -> Picos {
        let rest = tabled(&self.rest, sequences);
        rest + tabled(&self.weights, tokens.saturating_sub(1))
    }

    fn piece(&self, sequences: u64, cached: u64) -> Piece {
        let holds = |piece: &&Piece| cached < piece.below.saturating_mul(sequences);
        let found = self.cache.iter().find(holds).or(self.cache.last());
        found.copied().unwrap_or(Piece {
            below: u64::MAX,
            own: 0,
            per_token: 0,
        })
    }
}

/// Reads a table, at its end for all beyond.
fn tabled(table: &[Picos], at: u64) -> Picos {
    let last = table.len() - 1;
    table[usize::try_from(at).unwrap_or(last).min(last)]
}

fn picos(seconds: f64) -> Picos {
    // A time is positive; a step of nothing would let time stand still.
    (seconds * SECOND as f64).round().max(0.0) as Picos
}

impl Straight {
    fn in_picos(self) -> Self {
        let unit = SECOND as f64;
        Self {
            below: self.below,
            own: self.own * unit,
            slope: self.slope * unit,
        }
    }
}

/// Evaluates the step-time function at single points, in seconds.
struct Table<'t> {
    of: &'t Deployment<'t>,
    scales: StepParts,
    layout: Layout,
}

impl Table<'_> {
    /// Tells the scaled parts of a decode step.
    fn parts(&self, sequences: f64, length: f64) -> StepParts {
        let at = Deployment {
            concurrency: sequences.max(1.0),
            // The middle of the answer is then the length.
            input: length - 0.5,
            output: 1.0,
            serving: Serving::Together(self.layout),
            speculation: None,
            ..self.of.clone()
        };
        let mut parts = step_parts(&at);
        for (part, scale) in parts.iter_mut().zip(self.scales) {
            *part *= scale;
        }
        parts
    }

    fn rest(&self, sequences: f64) -> f64 {
        let [_, compute, _, layers, host, each, sync, traffic, _] =
            self.parts(sequences, self.of.middle());
        let own = if sequences > 0.0 {
            compute + each + traffic
        } else {
            0.0
        };
        layers + host + sync + own
    }

    fn weights(&self, tokens: f64) -> f64 {
        self.parts(tokens, self.of.middle())[0]
    }

    /// Tells the reading of one sequence's cache, where each rank has one.
    fn cache(&self, length: f64) -> f64 {
        self.parts(self.layout.data, length.max(1.0))[2] / self.layout.data
    }

    /// Tells the work of one token that sees so many.
    fn prefilled(&self, seen: f64) -> f64 {
        let input = seen + 0.5;
        let at = Deployment {
            input,
            cached: 1.0 - 1.0 / input,
            ..self.of.clone()
        };
        let work = prefill_of(&at, &self.of.model.sums(), self.layout);
        let scale = self.scales[STEP_PARTS.len() - 1];
        work.busy() * scale / self.layout.data
    }

    fn token(&self) -> f64 {
        let (one, two) = (self.prefilled(1.0), self.prefilled(2.0));
        (2.0 * one - two).max(0.0)
    }

    fn attention(&self, seen: f64) -> f64 {
        (self.prefilled(seen.max(1.0)) - self.token()).max(0.0)
    }
}

/// Lists the lengths at which a model's attention changes how it grows.
fn ends(model: &Model) -> Vec<f64> {
    let mut ends: Vec<f64> = Vec::new();
    for layers in &model.layers {
        match layers.attention {
            Attention::Grouped(of) => ends.extend(of.window),
            Attention::Compressed(of) => ends.extend([of.window, of.ratio * of.top]),
            Attention::Latent(_) | Attention::Linear(_) => {}
        }
    }
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    ends.push(f64::INFINITY);
    ends
}

/// Draws straight pieces through a function that is straight between its ends.
fn straight(ends: &[f64], of: impl Fn(f64) -> f64) -> Vec<Straight> {
    /// How far beyond the last end the last piece is measured.
    const BEYOND: f64 = 65_536.0;
    let mut from = 1.0;
    let pieces = ends.iter().map(|end| {
        let to = if end.is_finite() { *end } else { from + BEYOND };
        let slope = ((of(to) - of(from)) / (to - from)).max(0.0);
        let own = (of(from) - slope * from).max(0.0);
        from = to;
        Straight {
            below: *end,
            own,
            slope,
        }
    });
    pieces.collect()
}

/// Tells how many cache blocks a replica has beside its weights; none where these do not fit.
#[must_use]
pub fn blocks(of: &Deployment<'_>) -> Option<u64> {
    let (pool, _) = of.pools();
    let left = of.accelerator.memory().get() * USABLE - weights(of, pool.layout).get();
    let length = of.middle().max(1.0);
    let values = of.model.cached_among(length, pool.layout.tensor) / length;
    let each = values * of.precision.cache_bytes() * f64::from(BLOCK);
    // A whole number far below 2⁵³.
    let found = (left / each * pool.layout.data).floor();
    (found >= 1.0).then_some(found as u64)
}
