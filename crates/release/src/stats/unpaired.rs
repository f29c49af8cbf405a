//! The difference of two means that share no items, and how much pairing would gain. Source:
//! Miller, "Adding Error Bars to Evals" (arXiv 2411.00640), section 4. It must not know what is
//! observed.

use super::clustered::Clustered;

/// Holds a difference of two means, with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The first mean less the second.
    pub mean: f64,
    /// Its standard error, corrected for few clusters.
    pub error: f64,
}

/// Computes the difference of two means of observations that are not paired: the squares of
/// their clustered errors add up. Of the same items it claims less than
/// [`clustered_mean`](super::clustered_mean) of the paired differences does.
#[must_use]
pub fn unpaired_difference(first: &Clustered, second: &Clustered) -> Difference {
    Difference {
        mean: first.mean - second.mean,
        error: first.corrected_error().hypot(second.corrected_error()),
    }
}

/// Computes Pearson's correlation of pairs: the share of the unpaired variance that pairing saves
/// where both sides vary alike. None where a side does not vary.
#[must_use]
pub fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let count = pairs.len() as f64;
    let first = pairs.iter().map(|pair| pair.0).sum::<f64>() / count;
    let second = pairs.iter().map(|pair| pair.1).sum::<f64>() / count;
    let (mut both, mut ours, mut theirs) = (0.0, 0.0, 0.0);
    for (one, other) in pairs {
        both += (one - first) * (other - second);
        ours += (one - first).powi(2);
        theirs += (other - second).powi(2);
    }
    (ours > 0.0 && theirs > 0.0).then(|| both / (ours * theirs).sqrt())
}
