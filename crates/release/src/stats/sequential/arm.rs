//! What is known of one arm's mean. It must not know what the arm is compared with.

/// Sums up one arm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    /// How many observations it has.
    pub count: f64,
    /// Their mean.
    pub mean: f64,
    /// The variance of one observation.
    pub variance: f64,
}

impl Arm {
    /// Sums up `count` observations from their sum and the sum of their squares, with the sample
    /// variance; none below two observations.
    #[must_use]
    pub fn of_sums(sum: f64, squares: f64, count: f64) -> Option<Self> {
        (count >= 2.0).then(|| Self {
            count,
            mean: sum / count,
            variance: (squares - sum * sum / count) / (count - 1.0),
        })
    }

    /// Sums up `hits` in `count`, with the binomial variance; none without observations.
    #[must_use]
    pub fn of_hits(hits: f64, count: f64) -> Option<Self> {
        let share = hits / count;
        (count > 0.0).then_some(Self {
            count,
            mean: share,
            variance: share * (1.0 - share),
        })
    }

    /// Computes the square of the mean's standard error.
    pub(super) fn error_squared(&self) -> f64 {
        self.variance / self.count
    }
}
