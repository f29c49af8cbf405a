//! What an engine is allowed, and what all replicas have in common. It must not know a step.

use super::costs::{BLOCK, Costs};
use super::requests::Requests;

/// Holds an engine's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most sequences of a step.
    pub most_sequences: u32,
    /// Most tokens of a step: what decoding leaves of them, prefill gets.
    pub most_tokens: u32,
    /// Cache blocks of 16 tokens.
    pub blocks: u64,
    /// Most tokens of a request with its answer.
    pub context: u32,
    /// Tokens that one id of a request's input stands for, a multiple of a block; none without a
    /// prefix cache.
    pub id_tokens: Option<u32>,
}

/// Says how decode steps that are alike are simulated: both ways give the same, to the picosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Many at once.
    Jump,
    /// One after another.
    Step,
}

/// Says what a replica does for its requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// All of it; what comes prefilled is decoded.
    #[default]
    Serves,
    /// It prefills, and lets go of what it has prefilled.
    Prefills,
}

/// Holds what all replicas have in common.
#[derive(Clone, Copy, Debug)]
pub struct Engine<'e> {
    /// How long steps take.
    pub costs: &'e Costs,
    /// The limits.
    pub limits: Limits,
    /// How like steps are simulated.
    pub pace: Pace,
}

/// Counts what a replica did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How long steps were under way.
    pub busy: u128,
    /// Steps.
    pub steps: u64,
    /// Requests that were put back to be computed again.
    pub preempted: u64,
    /// Tokens that were prefilled.
    pub prefilled: u64,
    /// Tokens that a prefix cache spared.
    pub spared: u64,
}

impl Engine<'_> {
    /// Says whether a request can be served at all.
    #[must_use]
    pub fn fits(&self, input: u32, output: u32) -> bool {
        let length = u64::from(input) + u64::from(output);
        length <= u64::from(self.limits.context) && blocks_of(length) <= self.limits.blocks
    }

    /// Tells the ids of a request that stand for full blocks: those are cached.
    #[must_use]
    pub fn full(&self, requests: &Requests, at: usize) -> usize {
        let most = self
            .limits
            .id_tokens
            .map_or(0, |tokens| requests.input[at] / tokens);
        requests.ids[at].len().min(most as usize)
    }

    /// Tells the cache blocks of one id.
    #[must_use]
    pub fn per_id(&self) -> u64 {
        self.limits
            .id_tokens
            .map_or(0, |tokens| u64::from(tokens / BLOCK))
    }
}

/// Tells the blocks that so many tokens take.
#[must_use]
pub fn blocks_of(tokens: u64) -> u64 {
    tokens.div_ceil(u64::from(BLOCK))
}
