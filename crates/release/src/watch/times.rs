//! Times compared by a quantile, exactly: how often each arm is beyond a threshold that was known
//! before. The threshold is the incumbent's quantile among its latest conversations, made longer
//! by what is allowed; at the true quantile the two arms are beyond it equally often when the
//! candidate's quantile is as much longer. It must not know which time is measured.

use std::collections::VecDeque;

/// The latest incumbents whose quantile is the threshold.
const LATEST: usize = 1_000;
/// The fewest before there is a threshold. Any that is known beforehand is fair to both arms, and
/// the greatest of a few is one that few are beyond.
const FEWEST: usize = 8;

/// Holds the incumbent's latest times.
#[derive(Clone, Debug, Default)]
pub(super) struct Threshold {
    latest: VecDeque<f64>,
    /// The same, in order.
    sorted: Vec<f64>,
}

impl Threshold {
    /// Tells the quantile of the times so far, where there are enough.
    pub(super) fn quantile(&self, quantile: f64) -> Option<f64> {
        if self.sorted.len() < FEWEST {
            return None;
        }
        // Between 0 and the length, so that it is a place in the list or just behind it.
        let place = (quantile * self.sorted.len() as f64).ceil() as usize;
        self.sorted.get(place.saturating_sub(1)).copied()
    }

    /// Takes one time.
    pub(super) fn push(&mut self, time: f64) {
        if self.latest.len() >= LATEST
            && let Some(oldest) = self.latest.pop_front()
        {
            let place = self.sorted.partition_point(|one| *one < oldest);
            self.sorted.remove(place);
        }
        self.latest.push_back(time);
        let place = self.sorted.partition_point(|one| *one < time);
        self.sorted.insert(place, time);
    }
}

#[cfg(test)]
mod tests {
    use super::Threshold;

    #[test]
    fn the_threshold_follows_the_latest_times() {
        let mut threshold = Threshold::default();
        for time in 1..=7 {
            threshold.push(f64::from(time));
        }
        assert_eq!(threshold.quantile(0.5), None);
        threshold.push(8.0);
        assert_eq!(threshold.quantile(0.5), Some(4.0));
        assert_eq!(threshold.quantile(0.95), Some(8.0));
        for _ in 0..1_000 {
            threshold.push(7.0);
        }
        assert_eq!(threshold.quantile(0.01), Some(7.0));
        assert_eq!(threshold.quantile(0.99), Some(7.0));
    }
}
