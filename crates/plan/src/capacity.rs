//! The most that a replica gives: the load at which tokens a second are greatest, within memory and
//! an aim for latency. It must not search among layouts.

use crate::deployment::{Deployment, Layout, Serving};
use crate::memory::sequences;
use crate::serving::{Bounded, Estimate, Estimator};
use crate::units::Seconds;

/// Sequences that engines take at most on one accelerator in published runs.
const MOST_EACH: f64 = 2048.0;

/// Holds a load and what comes out.
#[derive(Clone, Debug)]
pub struct Peak {
    /// Requests in flight.
    pub concurrency: f64,
    /// Tokens a second of one accelerator.
    pub each: f64,
    /// Between which they should lie.
    pub interval: (f64, f64),
    /// The estimate at that load.
    pub estimate: Estimate,
}

/// Finds the load of most tokens a second whose steps are no longer than an aim; none where the
/// weights do not fit.
#[must_use]
pub fn peak(
    of: &Deployment<'_>,
    layout: Layout,
    longest: Option<Seconds>,
    estimator: &Estimator,
) -> Option<Peak> {
    let most = sequences(of, layout)?
        .min(MOST_EACH * layout.accelerators())
        .max(1.0);
    let steps = (0..)
        .map(|power| f64::from(1_u32 << power))
        .take_while(|load| *load < most);
    let loads = steps.take(24).chain([most]);
    let peaks = loads.filter_map(|concurrency| {
        let at = Deployment {
            concurrency,
            serving: Serving::Together(layout),
            ..of.clone()
        };
        let estimate = estimator.held_out(&at);
        let is_late = longest.is_some_and(|longest| estimate.step.time > longest);
        if is_late && concurrency > 1.0 {
            return None;
        }
        let among = layout.accelerators();
        // At a peak requests follow each other, so only steps and the prefill between them count.
        let rate = |time: Seconds| concurrency / time.get() / among;
        let Bounded {
            time,
            interval: (low, high),
            ..
        } = estimate.step;
        Some(Peak {
            concurrency,
            each: rate(time),
            interval: (rate(high), rate(low)),
            estimate,
        })
    });
    peaks.max_by(|one, two| one.each.total_cmp(&two.each))
}
