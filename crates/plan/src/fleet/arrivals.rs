//! What arrives: a request with its lengths, and streams of them fitted to a trace's moments. It
//! must not know what serves them.

use serde::Serialize;

use super::clock::{LATEST, NANOSECOND, Picos, from_seconds, seconds};
use crate::random::Random;

/// Holds one request as it arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// When, a whole number of nanoseconds.
    pub at: Picos,
    /// Its tokens.
    pub input: u32,
    /// The tokens of its answer.
    pub output: u32,
    /// The ids of its blocks of input, each standing for its block and all before it; empty where
    /// nothing is known of them.
    pub ids: Vec<u64>,
}

/// Describes arrivals by their moments.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Moments {
    /// Requests a second.
    pub rate: f64,
    /// Coefficient of variation of the time between arrivals: 1 is Poisson, above it is burstier.
    pub burstiness: f64,
    /// Mean tokens of a request.
    pub input: f64,
    /// Their coefficient of variation.
    pub input_variation: f64,
    /// Mean tokens of an answer.
    pub output: f64,
    /// Their coefficient of variation.
    pub output_variation: f64,
}

/// Draws arrivals: gamma times between them, log-normal lengths, each out of its own stream.
#[derive(Clone, Debug)]
pub struct Fitted {
    moments: Moments,
    left: u64,
    now: Picos,
    gaps: Random,
    inputs: Random,
    outputs: Random,
}

/// Numbers the streams of random numbers that arrivals use.
const STREAMS: [u64; 3] = [1, 2, 3];

impl Fitted {
    /// Draws so many.
    #[must_use]
    pub const fn new(moments: Moments, count: u64, seed: u64) -> Self {
        let [gaps, inputs, outputs] = STREAMS;
        Self {
            moments,
            left: count,
            now: 0,
            gaps: Random::new(seed, gaps),
            inputs: Random::new(seed, inputs),
            outputs: Random::new(seed, outputs),
        }
    }
}

impl Iterator for Fitted {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        self.left = self.left.checked_sub(1)?;
        let of = &self.moments;
        let shape = 1.0 / (of.burstiness * of.burstiness);
        let gap = match of.burstiness {
            none if none <= 0.0 => 1.0,
            // One draw does for what is exponential.
            poisson if (poisson - 1.0).abs() < 1e-9 => self.gaps.exponential(1.0),
            _ => self.gaps.gamma(shape),
        };
        // Whole nanoseconds, so that a trace of them can be written and read again.
        let gap = from_seconds(gap / of.rate) / NANOSECOND * NANOSECOND;
        self.now = self.now.saturating_add(gap);
        if self.now > LATEST {
            return None;
        }
        let input = self.inputs.log_normal(of.input, of.input_variation);
        let output = self.outputs.log_normal(of.output, of.output_variation);
        Some(Arrival {
            at: self.now,
            input: length(input),
            output: length(output),
            ids: vec![],
        })
    }
}

/// Rounds a length to whole tokens, at least one.
fn length(tokens: f64) -> u32 {
    tokens.round().max(1.0) as u32
}

/// Sums up arrivals as they pass, so that a trace's moments can be told without keeping it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    count: u64,
    first: Picos,
    last: Picos,
    gaps: [f64; 2],
    inputs: [f64; 2],
    outputs: [f64; 2],
}

impl Seen {
    /// Notes one, not earlier than the last.
    pub fn add(&mut self, arrival: &Arrival) {
        if self.count == 0 {
            self.first = arrival.at;
        } else {
            add(
                &mut self.gaps,
                seconds(arrival.at.saturating_sub(self.last)),
            );
        }
        self.last = arrival.at;
        self.count += 1;
        add(&mut self.inputs, f64::from(arrival.input));
        add(&mut self.outputs, f64::from(arrival.output));
    }

    /// Tells the moments; none of fewer than two arrivals at different times.
    #[must_use]
    pub fn moments(&self) -> Option<Moments> {
        let span = seconds(self.last.saturating_sub(self.first));
        if self.count < 2 || span <= 0.0 {
            return None;
        }
        let count = self.count as f64;
        let (gap, burstiness) = mean_and_variation(self.gaps, count - 1.0);
        let (input, input_variation) = mean_and_variation(self.inputs, count);
        let (output, output_variation) = mean_and_variation(self.outputs, count);
        let rate = 1.0 / gap;
        Some(Moments {
            rate,
            burstiness,
            input,
            input_variation,
            output,
            output_variation,
        })
    }

    /// Tells how many were noted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }
}

fn add(sums: &mut [f64; 2], value: f64) {
    sums[0] += value;
    sums[1] += value * value;
}

fn mean_and_variation(sums: [f64; 2], count: f64) -> (f64, f64) {
    let mean = sums[0] / count;
    let variance = (sums[1] / count - mean * mean).max(0.0);
    (mean, variance.sqrt() / mean)
}
