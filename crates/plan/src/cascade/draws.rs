//! Draws that depend on nothing but a seed and a counter, so that one run is like another. It must
//! not be used where somebody gains by guessing.

use crate::random::{GOLDEN, mixed};

/// Draws by counting up from a seed (SplitMix64, Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// Starts a row of draws of its own for each purpose.
    #[must_use]
    pub fn new(seed: u64, purpose: u64) -> Self {
        let mut start = Self(seed);
        let first = start.next();
        Self(first ^ purpose.wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn next(&mut self) -> u64 {
        let drawn = mixed(self.0);
        self.0 = self.0.wrapping_add(GOLDEN);
        drawn
    }

    /// Draws a number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        // The upper 53 bits are what a number of that size holds exactly.
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Draws an order of so many places.
    #[must_use]
    pub fn order(&mut self, places: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..places).collect();
        for place in (1..places).rev() {
            let other = (self.unit() * (place as f64 + 1.0)) as usize;
            order.swap(place, other.min(place));
        }
        order
    }
}
