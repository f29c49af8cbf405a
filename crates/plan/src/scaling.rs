//! Laws of loss over parameters and tokens, as published, side by side: they disagree by more than
//! a generation gains. It must not map a loss to a quality.

use serde_json::{Value, json};

/// Holds `L = E + A/N^alpha + B/D^beta`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// Loss that remains.
    pub floor: f64,
    /// Weight of parameters.
    pub a: f64,
    /// Weight of tokens.
    pub b: f64,
    /// Exponent of parameters.
    pub alpha: f64,
    /// Exponent of tokens.
    pub beta: f64,
}

/// Hoffmann et al. 2022 (Chinchilla), approach 3.
pub const CHINCHILLA: Law = Law {
    floor: 1.69,
    a: 406.4,
    b: 410.7,
    alpha: 0.34,
    beta: 0.28,
};
/// Besiroglu et al. 2024 (Epoch AI), the replication.
pub const EPOCH: Law = Law {
    floor: 1.8172,
    a: 482.01,
    b: 2085.43,
    alpha: 0.3478,
    beta: 0.3658,
};

/// Kaplan et al. 2020: exponents and constants for parameters, tokens and compute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kaplan {
    /// Exponent and constant of parameters.
    pub parameters: (f64, f64),
    /// Exponent and constant of tokens.
    pub tokens: (f64, f64),
    /// Exponent and constant of compute, in petaflop-days.
    pub compute: (f64, f64),
}

/// The constants as published.
pub const KAPLAN: Kaplan = Kaplan {
    parameters: (0.076, 8.8e13),
    tokens: (0.095, 5.4e13),
    compute: (0.05, 3.1e8),
};

impl Law {
    /// Tells the loss.
    #[must_use]
    pub fn loss(&self, parameters: f64, tokens: f64) -> f64 {
        self.floor + self.a / parameters.powf(self.alpha) + self.b / tokens.powf(self.beta)
    }

    /// Tells the parameters and tokens of least loss for a compute budget: `N = G·(C/6)^(β/(α+β))`
    /// with `G = (αA/βB)^(1/(α+β))`, and what is left for tokens.
    #[must_use]
    pub fn optimal(&self, flop: f64) -> (f64, f64) {
        let sum = self.alpha + self.beta;
        let g = (self.alpha * self.a / (self.beta * self.b)).powf(sum.recip());
        let parameters = g * (flop / 6.0).powf(self.beta / sum);
        (parameters, tokens_for(flop, parameters))
    }

    /// Shows its constants.
    #[must_use]
    pub fn shown(&self) -> Value {
        let Self {
            floor,
            a,
            b,
            alpha,
            beta,
        } = self;
        json!({ "E": floor, "A": a, "B": b, "alpha": alpha, "beta": beta })
    }
}

impl Kaplan {
    /// Tells the loss at `(N_c/N)^(α_N/α_D) + D_c/D`, to the power of `α_D`.
    #[must_use]
    pub fn loss(&self, parameters: f64, tokens: f64) -> f64 {
        let (alpha_n, n_c) = self.parameters;
        let (alpha_d, d_c) = self.tokens;
        ((n_c / parameters).powf(alpha_n / alpha_d) + d_c / tokens).powf(alpha_d)
    }

    /// Shows its constants.
    #[must_use]
    pub fn shown(&self) -> Value {
        let Self {
            parameters: (alpha_n, n_c),
            tokens: (alpha_d, d_c),
            compute: (alpha_c, c_c),
        } = self;
        json!({ "alpha_N": alpha_n, "N_c": n_c, "alpha_D": alpha_d, "D_c": d_c, "alpha_C": alpha_c,
            "C_c": c_c })
    }
}

/// Tells the tokens that a compute budget buys for so many parameters: `C = 6·N·D`.
#[must_use]
pub fn tokens_for(flop: f64, parameters: f64) -> f64 {
    flop / (6.0 * parameters)
}
