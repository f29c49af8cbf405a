//! One side's bets that a mean is beyond a bound: a mixture of fixed bets, so that one of them is
//! near the best whatever the effect. Source: Ville's inequality for the capital, a non-negative
//! supermartingale; Waudby-Smith and Ramdas (arXiv 2010.09686) for bets on bounded means; Cover's
//! universal portfolio for the mixture. It must not know what is bet on.

/// The bets, as shares of the largest that cannot ruin: each half of the one before, or so.
pub(super) const BETS: [f64; 8] = [0.9, 0.45, 0.22, 0.11, 0.055, 0.027, 0.013, 0.0065];

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

    /// Lists the bets.
    pub(super) fn bets(&self) -> [f64; BETS.len()] {
        BETS.map(|share| share * self.most)
    }

    /// Takes one value.
    pub(super) fn push(&mut self, value: f64) {
        for (capital, bet) in self.ln_capitals.iter_mut().zip(BETS) {
            *capital += (bet * self.most * value).ln_1p();
        }
    }

    /// Tells the logarithm of the capital, an e-value at any look: it ever reaches `-ln(alpha)`
    /// with probability `alpha` at most where the bet is wrong.
    pub(super) fn ln_value(&self) -> f64 {
        let most = self.ln_capitals.iter().copied().fold(f64::MIN, f64::max);
        let sum: f64 = self.ln_capitals.iter().map(|ln| (ln - most).exp()).sum();
        most + (sum / BETS.len() as f64).ln()
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
        let mean = BETS.map(of_bet).iter().sum::<f64>() / BETS.len() as f64;
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
