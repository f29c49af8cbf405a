//! Means of observations that come in clusters, with the error that clusters, not items, carry.
//! Source: Miller, "Adding Error Bars to Evals" (arXiv 2411.00640). It must not know what is
//! observed.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::proportion::Interval;

/// Holds a clustered mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clustered {
    /// How many observations there are.
    pub count: usize,
    /// How many clusters they come in.
    pub clusters: usize,
    /// Their mean.
    pub mean: f64,
    /// The cluster-robust standard error: `sqrt(Σ_clusters (Σ (x − mean))²) / count`.
    pub error: f64,
}

/// Computes the mean of `(cluster, value)` pairs; none without observations.
#[must_use]
pub fn clustered_mean<'a>(
    observations: impl IntoIterator<Item = (&'a str, f64)>,
) -> Option<Clustered> {
    let observations: Vec<(&str, f64)> = observations.into_iter().collect();
    if observations.is_empty() {
        return None;
    }
    let count = observations.len();
    let mean = observations.iter().map(|(_, value)| value).sum::<f64>() / count as f64;
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for (cluster, value) in &observations {
        *sums.entry(cluster).or_default() += value - mean;
    }
    let squares: f64 = sums.values().map(|sum| sum * sum).sum();
    Some(Clustered {
        count,
        clusters: sums.len(),
        mean,
        error: squares.sqrt() / count as f64,
    })
}

impl Clustered {
    /// Computes the error with the small-sample correction `sqrt(clusters / (clusters − 1))`,
    /// which for clusters of one item is the usual standard error of a mean.
    #[must_use]
    pub fn corrected_error(&self) -> f64 {
        let clusters = self.clusters as f64;
        self.error * (clusters / (clusters - 1.0)).sqrt()
    }

    /// Computes the two-sided interval of the mean at level `1 − alpha`: Student's t with
    /// `clusters − 1` degrees of freedom on the corrected error; none for a single cluster.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Option<Interval> {
        if self.clusters < 2 {
            return None;
        }
        let t = StudentsT::new(0.0, 1.0, (self.clusters - 1) as f64).ok()?;
        let margin = t.inverse_cdf(1.0 - alpha / 2.0) * self.corrected_error();
        Some(Interval {
            lower: self.mean - margin,
            upper: self.mean + margin,
        })
    }

    /// Computes the one-sided lower bound of the mean at level `1 − alpha`: Student's t with
    /// `clusters − 1` degrees of freedom on the corrected error, and never nearer to the mean than
    /// what could have gone unseen in that many clusters, `1 − alpha^(1/clusters)`.
    // INVARIANT: one more miss never raises the bound, which without that floor it does where
    // almost nothing varies; held by `tests::one_more_miss_never_raises_the_bound`.
    #[must_use]
    pub fn lower(&self, alpha: f64) -> f64 {
        if self.clusters < 2 {
            // With one cluster there is no error to speak of, and nothing is bounded.
            return f64::NEG_INFINITY;
        }
        let unseen = 1.0 - alpha.powf(1.0 / self.clusters as f64);
        let freedom = (self.clusters - 1) as f64;
        StudentsT::new(0.0, 1.0, freedom).map_or(f64::NEG_INFINITY, |t| {
            let margin = t.inverse_cdf(1.0 - alpha) * self.corrected_error();
            self.mean - margin.max(unseen)
        })
    }
}
