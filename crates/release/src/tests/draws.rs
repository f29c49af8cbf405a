//! Seeded draws for simulations. It must not know what is simulated.

use crate::chance::Chance;

/// Draws from distributions.
pub(crate) struct Draws(Chance);

impl Draws {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Chance::new(seed))
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.share()
    }

    /// Draws from a normal distribution, by two steps of Box and Muller's.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    pub(crate) fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }

    pub(crate) fn is_hit(&mut self, rate: f64) -> bool {
        self.uniform() < rate
    }
}
