//! One side's bets that a mean is beyond a bound: a mixture of fixed bets, so that one of them is
//! near the best whatever the effect. Source: Ville's inequality for the capital, a non-negative
//! supermartingale; Waudby-Smith and Ramdas (arXiv 2010.09686) for bets on bounded means; Cover's
//! universal portfolio for the mixture. It must not know what is bet on.

/// The bets, as shares of the largest that cannot ruin, with their weights: twelve on a logarithmic
/// scale bear 95 % of the capital, and four faint ones find small effects.
pub(super) const BETS: [(f64, f64); 16] = [
    (0.95, MAIN),
    (0.727, MAIN),
    (0.556, MAIN),
    (0.425, MAIN),
    (0.325, MAIN),
    (0.249, MAIN),
    (0.190, MAIN),
    (0.146, MAIN),
    (0.111, MAIN),
    (0.0853, MAIN),
    (0.0653, MAIN),
    (0.05, MAIN),
    (0.0247, FAINT),
    (0.0122, FAINT),
    (0.006_06, FAINT),
    (0.003, FAINT),
];
const MAIN: f64 = 0.95 / 12.0;
const FAINT: f64 = 0.05 / 4.0;

/// Holds the capital of each bet. A value is at least `-1` times the room that the bets were made
/// for, so no capital is ever negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wealth {
    /// The largest bet that cannot ruin.
    most: f64,
    ln_capitals: [f64; BETS.len()],
}

impl Wealth {
    /// Starts bets on values of which none is below `-room`, and whose mean is zero or less
    /// unless the bet is right.
    pub(super) fn new(room: f64) -> Self {
        Self {
            most: room.recip(),
            ln_capitals: [0.0; BETS.len()],
        }
    }

    /// Lists the bets with their weights.
    pub(super) fn bets(&self) -> [(f64, f64); BETS.len()] {
        BETS.map(|(share, weight)| (share * self.most, weight))
    }

    /// Takes one value.
    pub(super) fn push(&mut self, value: f64) {
        for (capital, (bet, _)) in self.ln_capitals.iter_mut().zip(BETS) {
            *capital += (bet * self.most * value).ln_1p();
        }
    }

    /// Tells the logarithm of the capital, an e-value at any look: it ever reaches `-ln(alpha)`
    /// with probability `alpha` at most where the bet is wrong.
    pub(super) fn ln_value(&self) -> f64 {
        let most = self.ln_capitals.iter().copied().fold(f64::MIN, f64::max);
        let parts = self.ln_capitals.iter().zip(BETS);
        let sum: f64 = parts
            .map(|(ln, (_, weight))| weight * (ln - most).exp())
            .sum();
        most + sum.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::{BETS, Wealth};

    #[test]
    fn the_capital_is_the_mean_of_its_bets() {
        let mut wealth = Wealth::new(0.5);
        let values = [0.5, -0.5, 0.25];
        for value in values {
            wealth.push(value);
        }
        let of_bet = |share: f64| {
            values
                .iter()
                .map(|v| 1.0 + 2.0 * share * v)
                .product::<f64>()
        };
        let parts = BETS.map(|(share, weight)| weight * of_bet(share));
        let mean: f64 = parts.iter().sum();
        assert!((wealth.ln_value() - mean.ln()).abs() < 1e-12);
    }

    #[test]
    fn the_worst_value_ruins_no_bet() {
        let mut wealth = Wealth::new(0.05);
        for _ in 0..1_000 {
            wealth.push(-0.05);
        }
        assert!(wealth.ln_value().is_finite() && wealth.ln_value() < 0.0);
    }
}
