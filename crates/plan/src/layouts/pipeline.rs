//! What pipeline stages add to times: uneven stages, gaps, the way from one to the next, and doubt,
//! as none was measured. It must not know a load.

use crate::deployment::Deployment;
use crate::layouts::shape::Shape;
use crate::model::Model;
use crate::serving::Bounded;
use crate::units::{Bytes, Seconds};

/// Describes the stages of a replica.
#[derive(Clone, Copy, Debug)]
pub struct Pipeline {
    /// How the model is divided.
    pub shape: Shape,
    /// How much of its time a stage works.
    pub busy: f64,
    /// By how much intervals are widened to both sides.
    pub doubt: f64,
}

/// The latency of a hop from one pipeline stage to the next.
const HOP: f64 = 2e-5;
/// Bytes of a value on its way to the next stage.
const WIDTH: f64 = 2.0;

impl Pipeline {
    /// Tells by how much stages take longer than even and busy ones.
    #[must_use]
    pub fn slower(&self, model: &Model) -> f64 {
        if self.shape.stages <= 1.0 {
            return 1.0;
        }
        self.shape.unevenness(model) / self.busy
    }

    /// Adds the way from stage to stage of so many tokens, gaps, and the doubt about both.
    #[must_use]
    pub fn hopped(&self, bounded: Bounded, of: &Deployment<'_>, tokens: f64) -> Bounded {
        if self.shape.stages <= 1.0 {
            return bounded;
        }
        let size = Bytes::new(tokens * of.model.hidden * WIDTH);
        let hop = size / of.accelerator.link(self.shape.accelerators()) + Seconds::new(HOP);
        let hops = hop * (self.shape.stages - 1.0);
        let slower = self.slower(of.model);
        let (low, high) = bounded.interval;
        let longer = Bounded {
            time: bounded.time * slower + hops,
            interval: (low * slower + hops, high * slower + hops),
            rows: bounded.rows,
        };
        longer.doubted(self.doubt)
    }
}
