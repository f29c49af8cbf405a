//! Times in buckets whose width grows with the time: percentiles within 0.8 % in memory that does
//! not grow. Mean, least and greatest are exact. It must not know what the times are of.

use serde::Serialize;

use super::clock::{Picos, seconds};

/// Buckets between a power of two and the next: their number bounds the error, 1/128.
const BITS: u32 = 7;
const EACH: usize = 1 << BITS;
const BUCKETS: usize = (64 - BITS as usize + 1) * EACH;

/// Counts times.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
    sum: u128,
    least: Picos,
    most: Picos,
}

/// Holds what a histogram shows, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Percentiles {
    /// How many times were counted.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// Nine of ten are no longer.
    pub p90: f64,
    /// 95 of 100 are no longer.
    pub p95: f64,
    /// 99 of 100 are no longer.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            count: 0,
            sum: 0,
            least: Picos::MAX,
            most: 0,
        }
    }
}

impl Histogram {
    /// Counts one.
    pub fn add(&mut self, time: Picos) {
        self.counts[bucket(time)] += 1;
        self.count += 1;
        self.sum += u128::from(time);
        self.least = self.least.min(time);
        self.most = self.most.max(time);
    }

    /// Tells how many were counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Tells the mean in seconds; nought of none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64 / seconds_unit()
    }

    /// Tells the time that a share of the counted do not exceed, within a bucket.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Picos {
        if self.count == 0 {
            return 0;
        }
        let rank = ((share * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        found.map_or(self.most, middle).clamp(self.least, self.most)
    }

    /// Shows the percentiles.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        let at = |share| seconds(self.quantile(share));
        Percentiles {
            count: self.count,
            mean: self.mean(),
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            max: seconds(self.most),
        }
    }
}

fn seconds_unit() -> f64 {
    super::clock::SECOND as f64
}

/// Finds the bucket of a time: as it is below 128, then by its highest eight bits.
fn bucket(time: Picos) -> usize {
    let shift = (64 - time.leading_zeros()).saturating_sub(BITS + 1);
    shift as usize * EACH + (time >> shift) as usize
}

/// Tells the middle of a bucket.
fn middle(bucket: usize) -> Picos {
    if bucket < 2 * EACH {
        return bucket as Picos;
    }
    let shift = bucket / EACH - 1;
    let low = ((bucket - shift * EACH) as Picos) << shift;
    low + (1 << shift) / 2
}
