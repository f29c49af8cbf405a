//! A pipeline put together from its steps and edges: what stands out is found, and the graph is
//! written. It must not know where the steps are from.

use crate::pipeline::step::{Edge, Origin, Pipeline, Step};
use crate::pipeline::{draw, odd};

/// Puts steps and edges together.
pub(super) fn pipeline(name: &str, origin: Origin, steps: Vec<Step>, edges: Vec<Edge>) -> Pipeline {
    let findings = odd::findings(&steps, &edges);
    let mut pipeline = Pipeline {
        name: name.to_owned(),
        origin,
        steps,
        edges,
        findings,
        unnamed: 0,
        mermaid: String::new(),
    };
    pipeline.mermaid = draw::mermaid(&pipeline);
    pipeline
}
