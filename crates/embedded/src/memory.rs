//! What a model remembers of a text: keys and values by layer, and the store of prefixes that
//! several texts share. It must not know how they are computed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Holds the keys and values of one text's tokens, by layer.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    width: usize,
    layers: Vec<Layer>,
}

/// Holds the keys and values of one layer, position after position.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    pub(crate) keys: Vec<f32>,
    pub(crate) values: Vec<f32>,
}

impl Memory {
    /// Makes an empty memory for `layers` layers of keys and values `width` wide.
    pub(crate) fn new(layers: usize, width: usize) -> Self {
        Self {
            width,
            layers: vec![Layer::default(); layers],
        }
    }

    /// Counts the tokens that are remembered.
    pub(crate) fn len(&self) -> usize {
        self.layers
            .last()
            .map_or(0, |layer| layer.keys.len() / self.width)
    }

    /// Reaches one layer.
    pub(crate) fn layer(&mut self, at: usize) -> Option<&mut Layer> {
        self.layers.get_mut(at)
    }

    fn bytes(&self) -> usize {
        let numbers = |layer: &Layer| layer.keys.len() + layer.values.len();
        self.layers.iter().map(numbers).sum::<usize>() * size_of::<f32>()
    }
}

/// Keeps the memories of prefixes that prompts begin with, newest first, within a limit.
pub(crate) struct Prefixes {
    limit_bytes: usize,
    kept: Mutex<VecDeque<Prefix>>,
}

#[derive(Clone)]
struct Prefix {
    tokens: Arc<[u32]>,
    memory: Arc<Memory>,
}

impl Prefixes {
    /// Makes an empty store that holds at most so many bytes.
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            kept: Mutex::default(),
        }
    }

    /// Copies the memory of the longest kept prefix of a prompt. At least one token is left to be
    /// computed, since its result is what the first new token is drawn from.
    pub(crate) fn longest(&self, prompt: &[u32]) -> Option<Memory> {
        let found = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let fits = |prefix: &Prefix| {
                prefix.tokens.len() < prompt.len() && prompt.starts_with(&prefix.tokens)
            };
            let (at, _) = kept
                .iter()
                .enumerate()
                .filter(|(_, prefix)| fits(prefix))
                .max_by_key(|(_, prefix)| prefix.tokens.len())?;
            let prefix = kept.remove(at)?;
            let memory = Arc::clone(&prefix.memory);
            kept.push_front(prefix);
            memory
        };
        // The copy is made outside the lock: it may be many megabytes.
        Some(Memory::clone(&found))
    }

    /// Keeps a prefix; the oldest ones leave when there is no place. One that is larger than the
    /// whole store is not kept.
    pub(crate) fn keep(&self, tokens: &[u32], memory: &Memory) {
        if memory.bytes() > self.limit_bytes {
            return;
        }
        let fresh = Prefix {
            tokens: tokens.into(),
            memory: Arc::new(memory.clone()),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|prefix| prefix.tokens != fresh.tokens);
        kept.push_front(fresh);
        let mut bytes = 0;
        kept.retain(|prefix| {
            bytes += prefix.memory.bytes();
            bytes <= self.limit_bytes
        });
    }
}

#[cfg(test)]
mod tests;
