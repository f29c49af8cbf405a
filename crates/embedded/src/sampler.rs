//! The choice of the next token from logits: the likeliest, or a seeded draw. It must not know
//! where the logits come from.

use std::collections::HashMap;

/// Tokens whose chance is below e^-20 of the likeliest one's are not drawn.
const FLOOR: f32 = -20.0;

/// Says how tokens are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// How far chances are evened out; 0 always takes the likeliest token.
    pub temperature: f32,
    /// The share of all chances that the likeliest tokens drawn from must have together.
    pub top_p: f32,
    /// Where the draws begin; the same seed gives the same answer.
    pub seed: u64,
    /// Lowers a token's logit once it was used.
    pub presence_penalty: f32,
    /// Lowers a token's logit each time it was used.
    pub frequency_penalty: f32,
}

impl Sampling {
    /// Always takes the likeliest token.
    pub const GREEDY: Self = Self {
        temperature: 0.0,
        top_p: 1.0,
        seed: 0,
        presence_penalty: 0.0,
        frequency_penalty: 0.0,
    };
}

/// Chooses the tokens of one answer.
pub(crate) struct Sampler {
    sampling: Sampling,
    state: u64,
    uses: HashMap<u32, u32>,
}

impl Sampler {
    /// Begins an answer.
    pub(crate) fn new(sampling: Sampling) -> Self {
        Self {
            sampling,
            state: sampling.seed,
            uses: HashMap::new(),
        }
    }

    /// Chooses the next token; nothing where there are no logits.
    pub(crate) fn next(&mut self, logits: &mut [f32]) -> Option<u32> {
        self.penalise(logits);
        let chosen = if self.sampling.temperature > 0.0 {
            self.draw(logits)
        } else {
            likeliest(logits)
        }?;
        *self.uses.entry(chosen).or_default() += 1;
        Some(chosen)
    }

    fn penalise(&self, logits: &mut [f32]) {
        let Sampling {
            presence_penalty,
            frequency_penalty,
            ..
        } = self.sampling;
        if presence_penalty == 0.0 && frequency_penalty == 0.0 {
            return;
        }
        for (token, uses) in &self.uses {
            let logit = usize::try_from(*token)
                .ok()
                .and_then(|at| logits.get_mut(at));
            if let Some(logit) = logit {
                *logit -= presence_penalty + frequency_penalty * *uses as f32;
            }
        }
    }

    fn draw(&mut self, logits: &[f32]) -> Option<u32> {
        let best = likeliest(logits)?;
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut chances: Vec<(u32, f32)> = (0_u32..)
            .zip(logits)
            .map(|(token, logit)| (token, (logit - most) / self.sampling.temperature))
            .filter(|(_, distance)| *distance > FLOOR)
            .map(|(token, distance)| (token, distance.exp()))
            .collect();
        // Equal chances stand in the order of their tokens, so that a draw can be repeated.
        chances.sort_by(|(left, a), (right, b)| b.total_cmp(a).then(left.cmp(right)));
        let all: f32 = chances.iter().map(|(_, chance)| chance).sum();
        let nucleus = all * self.sampling.top_p;
        let mut sum = 0.0;
        let inside = chances.iter().take_while(|(_, chance)| {
            let is_inside = sum < nucleus;
            sum += chance;
            is_inside
        });
        let count = inside.count().max(1);
        let chances = chances.get(..count)?;
        let sum: f32 = chances.iter().map(|(_, chance)| chance).sum();
        let mut left = self.fraction() * sum;
        for (token, chance) in chances {
            left -= chance;
            if left < 0.0 {
                return Some(*token);
            }
        }
        Some(best)
    }

    /// Draws a number in [0, 1) by SplitMix64.
    fn fraction(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 40) as f32 / (1_u32 << 24) as f32
    }
}

/// Finds the likeliest token, the first of equals.
pub(crate) fn likeliest(logits: &[f32]) -> Option<u32> {
    let mut best = None;
    for (token, logit) in (0_u32..).zip(logits) {
        if best.is_none_or(|(_, most)| *logit > most) {
            best = Some((token, *logit));
        }
    }
    best.map(|(token, _)| token)
}

#[cfg(test)]
mod tests;
