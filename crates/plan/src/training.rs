//! Work, time and money of training. It must not know a price.

use crate::accelerators::Accelerator;
use crate::model::Model;
use crate::precision::Precision;
use crate::units::{Flops, Seconds};

/// The share of the sixteen-bit peak that large runs reach in a step.
pub const USUAL_STEP_SHARE: f64 = 0.42;
/// The share of it over all hours that a model card counts: restarts and tests are among them.
pub const USUAL_RUN_SHARE: f64 = 0.34;
/// Work with all activations recomputed, over work without: forward, backward, forward again.
pub const RECOMPUTED: f64 = 8.0 / 6.0;
/// Between which factors of them four fifths of the hours on model cards lie: cards of small and of
/// distilled models count other work, too.
pub const HOURS_SPREAD: (f64, f64) = (0.6, 1.9);
const HOUR: f64 = 3600.0;

/// Tells the work of a run: `6·N·D` for the parameters that a token passes.
#[must_use]
pub fn work(active: f64, tokens: f64) -> Flops {
    Flops::new(6.0 * active * tokens)
}

/// Tells the work of a token at a length, attention over its causal half included.
#[must_use]
pub fn work_of_token(model: &Model, length: f64) -> Flops {
    let attention = model.attention_work_at_once(length / 2.0);
    Flops::new(3.0 * (2.0 * model.active_parameters() + attention))
}

/// Tells the work of teachers' forward passes over so many tokens in sequences of a length: a third
/// of that of training them.
pub fn work_of_teaching<'m>(
    teachers: impl IntoIterator<Item = &'m Model>,
    length: f64,
    tokens: f64,
) -> Flops {
    let each = |teacher: &Model| work_of_token(teacher, length).get() / 3.0;
    Flops::new(teachers.into_iter().map(each).sum::<f64>() * tokens)
}

/// Tells the accelerator hours of some work at a share of the peak of a precision.
#[must_use]
pub fn hours(work: Flops, accelerator: &Accelerator, precision: Precision, share: f64) -> f64 {
    (work / accelerator.peak(precision)).get() / share / HOUR
}

/// Tells the time of a step: its work over what so many accelerators reach.
#[must_use]
pub fn step(work: Flops, accelerators: f64, reached: Flops) -> Seconds {
    Seconds::new(work.get() / (accelerators * reached.get()))
}
