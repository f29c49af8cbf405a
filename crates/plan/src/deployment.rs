//! What is to be estimated: a model on accelerators under an engine, its layout, and the load on
//! one replica. It must not know how long anything takes.

use crate::accelerators::Accelerator;
use crate::model::Model;
use crate::precision::Precision;

/// Describes a replica under a closed-loop load.
#[derive(Clone, Debug)]
pub struct Deployment<'f> {
    /// The model.
    pub model: &'f Model,
    /// The accelerator.
    pub accelerator: &'f Accelerator,
    /// The engine, by name.
    pub engine: &'f str,
    /// The engine's version, where it is known.
    pub version: Option<&'f str>,
    /// The format of the weights.
    pub precision: Precision,
    /// Who prefills.
    pub serving: Serving,
    /// Requests in flight.
    pub concurrency: f64,
    /// Tokens of a request.
    pub input: f64,
    /// Tokens of an answer.
    pub output: f64,
    /// The share of the input that a prefix cache already holds.
    pub cached: f64,
    /// Tokens guessed ahead and how many of a step are kept; none without speculation.
    pub speculation: Option<Speculation>,
}

/// Says which accelerators prefill and which decode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Serving {
    /// The same ones, step by step.
    Together(Layout),
    /// Two pools with a handover of the cache between them.
    Apart {
        /// Who prefills.
        prefill: Pool,
        /// Who decodes.
        decode: Pool,
    },
}

/// Describes equal workers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pool {
    /// The layout of one.
    pub layout: Layout,
    /// How many; none where it is not told.
    pub workers: Option<f64>,
}

/// Divides a model among accelerators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Tensor parallelism of attention.
    pub tensor: f64,
    /// Data parallelism of attention.
    pub data: f64,
    /// Expert parallelism.
    pub expert: f64,
}

/// Describes speculative decoding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speculation {
    /// Tokens guessed ahead in a step.
    pub guessed: f64,
    /// Tokens that a step yields on average.
    pub kept: f64,
}

/// Holds how many workers decode together in pools that tell it.
struct Usual {
    /// Requests in flight, their geometric mean.
    flight: f64,
    /// Workers, theirs.
    workers: f64,
}

/// By what power of the requests in flight their number grows: 0.22 in the largest group of those.
const GROWTH: f64 = 0.2;

/// Tells what the calibration rows have that tell how many workers decode: TensorRT-LLM's that
/// divide attention by tensors (44 rows) and by requests (35), and SGLang's (17 and 29), which
/// stand for other engines.
const fn usual(is_trtllm: bool, is_by_requests: bool) -> Usual {
    let (flight, workers) = match (is_trtllm, is_by_requests) {
        (true, false) => (51.0, 4.96),
        (true, true) => (292.0, 1.93),
        (false, false) => (18.0, 1.57),
        (false, true) => (491.0, 1.30),
    };
    Usual { flight, workers }
}

impl Layout {
    /// Divides by tensor parallelism alone.
    #[must_use]
    pub const fn tensor(tensor: f64) -> Self {
        Self {
            tensor,
            data: 1.0,
            expert: 1.0,
        }
    }

    /// Tells how many accelerators it takes.
    #[must_use]
    pub const fn accelerators(&self) -> f64 {
        self.tensor * self.data
    }

    /// Names its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (self.data > 1.0, self.expert > 1.0) {
            (false, false) => "tensor",
            (false, true) => "tensor+expert",
            (true, false) => "data",
            (true, true) => "data+expert",
        }
    }
}

impl Deployment<'_> {
    /// Tells the pool that decodes, and that which prefills.
    #[must_use]
    pub const fn pools(&self) -> (Pool, Pool) {
        match self.serving {
            Serving::Together(layout) => {
                let pool = Pool {
                    layout,
                    workers: Some(1.0),
                };
                (pool, pool)
            }
            Serving::Apart { prefill, decode } => (decode, prefill),
        }
    }

    /// Says whether prefill and decode share accelerators.
    #[must_use]
    pub const fn is_together(&self) -> bool {
        matches!(self.serving, Serving::Together(_))
    }

    /// Tells how many workers decode: as many as are told, else as many as pools of such an engine
    /// and division usually have.
    #[must_use]
    pub fn decoding_workers(&self) -> f64 {
        let (decode, _) = self.pools();
        let usual = || {
            let Usual { flight, workers } =
                usual(self.engine == "trtllm", decode.layout.data > 1.0);
            let grown = workers * (self.concurrency / flight).powf(GROWTH);
            grown.min(self.concurrency).max(1.0)
        };
        decode.workers.unwrap_or_else(usual)
    }

    /// Tells the sequences of one decoding worker.
    #[must_use]
    pub fn batch(&self) -> f64 {
        (self.concurrency / self.decoding_workers()).max(1.0)
    }

    /// Tells the length of a sequence half through its answer.
    #[must_use]
    pub fn middle(&self) -> f64 {
        self.input + self.output / 2.0
    }

    /// Tells the format of the experts' weights, and that of the rest: a model that was trained in
    /// four bits keeps them, and everything else in sixteen.
    #[must_use]
    pub fn formats(&self) -> (f64, f64) {
        match self.model.native {
            // Four bits with an eight-bit scale for each 32.
            Some(Precision::Fp4) => (0.53125, 2.0),
            Some(other) => (other.weight_bytes(), 2.0),
            None => (self.precision.weight_bytes(), self.precision.weight_bytes()),
        }
    }
}
