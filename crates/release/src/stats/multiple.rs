//! Several tests at once. Sources: Bonferroni 1936; Holm 1979; Benjamini and Hochberg 1995. Where
//! any harm may stop a release the family's error rate is what counts ([`bonferroni`], or
//! [`holm`]); the false discovery rate is for exploring. It must not know what is tested.

/// Tells for each p-value whether Bonferroni's procedure rejects it while keeping the error rate
/// of the whole family at `alpha`. What is no p-value is never rejected, and counts as a test.
#[must_use]
pub fn bonferroni(p_values: &[f64], alpha: f64) -> Vec<bool> {
    let bar = alpha / p_values.len() as f64;
    p_values.iter().map(|p| closed(*p) <= bar).collect()
}

/// Tells for each p-value, in the order given, whether Holm's procedure rejects it while keeping
/// the error rate of the whole family at `alpha`. What is not a number is never rejected.
#[must_use]
pub fn holm(p_values: &[f64], alpha: f64) -> Vec<bool> {
    let mut ranked: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    ranked.sort_by(|one, other| one.1.total_cmp(&other.1));
    let rejected: Vec<usize> = (1..=ranked.len())
        .rev()
        .zip(ranked)
        .take_while(|(left, (_, p))| *p <= alpha / *left as f64)
        .map(|(_, (place, _))| place)
        .collect();
    let mut verdicts = vec![false; p_values.len()];
    for place in rejected {
        if let Some(verdict) = verdicts.get_mut(place) {
            *verdict = true;
        }
    }
    verdicts
}

/// Tells for each p-value, in the order given, whether the procedure of Benjamini and Hochberg
/// rejects it while keeping the share of false ones among the rejected at `rate`. What is no
/// p-value is never rejected, and counts as a test.
#[must_use]
pub fn benjamini_hochberg(p_values: &[f64], rate: f64) -> Vec<bool> {
    let adjusted = benjamini_hochberg_adjusted(p_values);
    // At a rate of 1 everything is rejected, but for what is no p-value.
    let rejected = |(adjusted, p): (f64, &f64)| adjusted <= rate && is_p(*p);
    adjusted.into_iter().zip(p_values).map(rejected).collect()
}

/// Computes for each p-value, in the order given, the least rate at which the procedure of
/// Benjamini and Hochberg would reject it. What is no p-value counts as 1.
#[must_use]
pub fn benjamini_hochberg_adjusted(p_values: &[f64]) -> Vec<f64> {
    let count = p_values.len() as f64;
    let mut ranked: Vec<(usize, f64)> = p_values.iter().copied().map(closed).enumerate().collect();
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    for (rank, (place, p)) in (1..=ranked.len()).rev().zip(ranked) {
        least = least.min(p * count / rank as f64);
        if let Some(slot) = adjusted.get_mut(place) {
            *slot = least;
        }
    }
    adjusted
}

fn is_p(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

/// Takes what is no p-value for the one that rejects nothing.
fn closed(value: f64) -> f64 {
    if is_p(value) { value } else { 1.0 }
}
