//! Loads within and beyond what was measured.

use super::{Measured, axes, load_of};
use crate::accelerators::Accelerators;
use crate::deployment::{Deployment, Layout, Serving};
use crate::models::Models;
use crate::precision::Precision;
use crate::serving::Estimator;

#[test]
fn the_further_a_load_lies_beyond_what_was_measured_the_wider_is_its_interval() {
    let models = Models::shipped().expect("models");
    let parts = Accelerators::shipped().expect("accelerators");
    let estimator = Estimator::shipped().expect("coefficients");
    let at = |input: f64, output: f64| Deployment {
        model: models.find("Llama-3.1-70B").expect("a model"),
        accelerator: parts.find("H100").expect("an accelerator"),
        engine: "vllm",
        version: None,
        precision: Precision::Fp8,
        serving: Serving::Together(Layout::tensor(4.0)),
        concurrency: 16.0,
        input,
        output,
        cached: 0.0,
        speculation: None,
    };
    let near = at(8192.0, 1024.0);
    let measured = Measured::new(&axes(&[
        load_of(&at(128.0, 100.0)),
        load_of(&at(15_000.0, 8192.0)),
    ]));
    assert!((measured.doubt(&near) - 1.0).abs() < 1e-12);
    // Three doublings beyond 15,000 tokens at 0.15 each: e^0.45.
    let far = at(120_000.0, 1024.0);
    assert!((measured.doubt(&far) / 0.45_f64.exp() - 1.0).abs() < 1e-9);
    let width = |of: &Deployment<'_>| {
        let step = estimator.estimate(of).step;
        step.interval.1.get() / step.interval.0.get()
    };
    let widths = [near, far, at(1e6, 1024.0), at(1e6, 1.0)].map(|of| width(&of));
    assert!(widths.is_sorted_by(|one, two| one < two), "{widths:?}");
    // What was never measured near by is never known better than another model's is.
    assert!(widths[1] > 1.6, "{widths:?}");
}
