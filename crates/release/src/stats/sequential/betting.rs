//! The mean of values between 0 and 1, watched by betting against each mean that it might have.
//! Source: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting"
//! (arXiv 2010.09686), the sequence that the paper names Hedged, with the predictable plug-in bets
//! `sqrt(2 ln(2/α) / (σ̂² t ln(1+t)))`. It must not know what is scored.

use super::super::proportion::Interval;
use super::super::roots::crossing;

/// The share of the greatest possible bet that is placed at most.
const CAUTION: f64 = 0.5;
/// How many steps the watched means are apart: the ends of an interval are known to a thousandth.
const STEPS: u32 = 1000;

/// What is known where every mean is excluded: the observations have no one mean, so that nothing
/// bounds it, which closes.
const UNBOUNDED: Interval = Interval {
    lower: 0.0,
    upper: 1.0,
};

/// Holds a value from 0 to 1, both included.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct UnitValue(f64);

impl UnitValue {
    /// Takes a value; none outside 0 to 1, for of such values nothing would be bounded.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// Tells the value.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }
}

/// Chooses each bet from the observations before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bets {
    count: f64,
    sum: f64,
    squares: f64,
    depth: f64,
}

impl Bets {
    /// Starts bets of two processes that share `alpha`.
    pub(super) fn new(alpha: f64) -> Self {
        Self {
            count: 0.0,
            sum: 0.5,
            squares: 0.25,
            depth: 2.0 * (2.0 / alpha).ln(),
        }
    }

    /// Tells the bet on the next observation.
    pub(super) fn next(&self) -> f64 {
        let next = self.count + 1.0;
        let variance = self.squares / next;
        (self.depth / (variance * next * next.ln_1p())).sqrt()
    }

    /// Takes the observation that was bet on.
    pub(super) fn push(&mut self, value: UnitValue) {
        self.count += 1.0;
        self.sum += value.0;
        let mean = self.sum / (self.count + 1.0);
        self.squares += (value.0 - mean).powi(2);
    }
}

/// Holds the capital of one who bets that the mean is above and of one who bets that it is below.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Capital {
    above: f64,
    below: f64,
}

impl Capital {
    const START: Self = Self {
        above: 1.0,
        below: 1.0,
    };

    fn push(&mut self, mean: f64, value: UnitValue, bet: f64) {
        self.above *= 1.0 + bet.min(CAUTION / mean) * (value.0 - mean);
        self.below *= 1.0 - bet.min(CAUTION / (1.0 - mean)) * (value.0 - mean);
    }

    fn hedged(self) -> f64 {
        0.5 * self.above.max(self.below)
    }
}

/// Watches whether the mean is one given value.
///
/// The capital of a side that loses for long becomes too small to be a number and stays nothing,
/// which closes: that side excludes no more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BettingTest {
    mean: f64,
    alpha: f64,
    bets: Bets,
    capital: Capital,
}

impl BettingTest {
    /// Starts a watch of the mean `mean` at level `1 − alpha`.
    #[must_use]
    pub fn new(mean: UnitValue, alpha: f64) -> Self {
        Self {
            mean: mean.0,
            alpha,
            bets: Bets::new(alpha),
            capital: Capital::START,
        }
    }

    /// Takes one observation.
    pub fn push(&mut self, value: UnitValue) {
        self.capital.push(self.mean, value, self.bets.next());
        self.bets.push(value);
    }

    /// Tells the hedged capital, an e-value at any look: it ever reaches `1 / alpha` with
    /// probability `alpha` at most if the mean is the given one.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.capital.hedged()
    }

    /// Tells whether the mean is excluded.
    #[must_use]
    pub fn excludes(&self) -> bool {
        self.value() > 1.0 / self.alpha
    }
}

/// Watches a mean against every thousandth from 0 to 1; each observation costs one step per
/// thousandth and no memory.
#[derive(Clone, Debug, PartialEq)]
pub struct BettingMean {
    alpha: f64,
    bets: Bets,
    capitals: Vec<Capital>,
}

impl BettingMean {
    /// Starts a watch at level `1 − alpha`.
    #[must_use]
    pub fn new(alpha: f64) -> Self {
        Self {
            alpha,
            bets: Bets::new(alpha),
            capitals: vec![Capital::START; STEPS as usize + 1],
        }
    }

    /// Takes one observation.
    pub fn push(&mut self, value: UnitValue) {
        let bet = self.bets.next();
        for (mean, capital) in (0..).map(mean_of_step).zip(&mut self.capitals) {
            capital.push(mean, value, bet);
        }
        self.bets.push(value);
    }

    /// Computes the interval of the mean, each end rounded outwards by less than a thousandth.
    // INVARIANT: capital bet on above only falls, and on below only rises, with the mean bet
    // against, so that what is excluded lies outside the interval and nothing else does; held by
    // `tests::the_grid_holds_the_exact_interval`.
    #[must_use]
    pub fn interval(&self) -> Interval {
        let is_within = |capital: &Capital| capital.hedged() <= 1.0 / self.alpha;
        let first = self.capitals.iter().position(is_within);
        let last = self.capitals.iter().rposition(is_within);
        match (first, last) {
            (Some(first), Some(last)) => Interval {
                lower: first.saturating_sub(1) as f64 / f64::from(STEPS),
                upper: (last + 1).min(STEPS as usize) as f64 / f64::from(STEPS),
            },
            _ => UNBOUNDED,
        }
    }

    /// Tells whether the mean `mean` lies outside the interval.
    #[must_use]
    pub fn excludes(&self, mean: UnitValue) -> bool {
        self.interval().excludes(mean.0)
    }
}

fn mean_of_step(step: u32) -> f64 {
    f64::from(step) / f64::from(STEPS)
}

/// Computes the exact interval of the mean of all `values` at level `1 − alpha`.
#[must_use]
pub fn betting_interval(values: &[UnitValue], alpha: f64) -> Interval {
    let capital = |mean: f64| {
        let (mut bets, mut capital) = (Bets::new(alpha), Capital::START);
        for value in values {
            capital.push(mean, *value, bets.next());
            bets.push(*value);
        }
        capital
    };
    let threshold = 2.0 / alpha;
    let is_above = |mean: f64| capital(mean).above > threshold;
    let is_below = |mean: f64| capital(mean).below > threshold;
    let lower = if is_above(0.0) {
        crossing(0.0, 1.0, |mean| !is_above(mean))
    } else {
        0.0
    };
    let upper = if is_below(1.0) {
        crossing(0.0, 1.0, is_below)
    } else {
        1.0
    };
    if lower > upper {
        return UNBOUNDED;
    }
    Interval { lower, upper }
}
