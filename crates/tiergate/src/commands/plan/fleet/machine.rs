//! Which model runs on what, how often, within which limits. It must not guess a model.

use clap::Args;
use plan::accelerators::{Accelerator, Accelerators};
use plan::deployment::{Deployment, Layout, Serving};
use plan::fleet::costs;
use plan::fleet::simulation::Apart;
use plan::layouts::Shape;
use plan::memory::least_tensor;
use plan::model::Model;
use plan::precision::Precision;

use super::super::faults::broken;
use super::super::model::Named;
use super::super::terms;
use crate::exit::Fault;
use crate::options::Common;

/// The engines that step times are known of.
const ENGINES: [&str; 3] = ["vllm", "sglang", "trtllm"];

#[derive(Args)]
pub(super) struct MachineAsked {
    #[command(flatten)]
    named: Named,
    /// The accelerator
    #[arg(long, value_name = "NAME", default_value = "H200")]
    on: String,
    /// The layout of a replica, such as tp8, tp4,dp2 or dp8,ep8 [default: the least tensor
    /// parallelism that leaves room to caches]
    #[arg(long, value_name = "DEGREES", value_parser = layout)]
    layout: Option<Layout>,
    /// The format of the weights: bf16, fp8 or fp4
    #[arg(long, value_name = "FORMAT", default_value = "fp8", value_parser = terms::precision)]
    precision: Precision,
    /// The engine
    #[arg(long, default_value = "vllm", value_parser = ENGINES)]
    engine: String,
    /// Replicas; with autoscaling the most
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replicas: u32,
    /// Accelerators of the whole fleet, in place of replicas
    #[arg(long, value_name = "COUNT", conflicts_with = "replicas")]
    accelerators: Option<u32>,
    /// Most sequences of a replica's step
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(super) sequences: u32,
    /// Most tokens of a replica's step: what decoding leaves of them, prefill gets
    #[arg(long, default_value_t = 8192)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) step_tokens: u32,
    /// Most tokens of a request with its answer; a longer one is refused and counted
    #[arg(long, default_value_t = 131_072)]
    pub(super) context: u32,
    /// Cache blocks of 16 tokens of a replica [default: what the weights leave of the memory]
    #[arg(long, value_name = "COUNT")]
    blocks: Option<u64>,
    /// So many of the replicas only prefill, and hand caches over to the others
    #[arg(long, value_name = "COUNT", conflicts_with = "autoscale")]
    prefill_replicas: Option<u32>,
    /// Keep no prefixes for later requests
    #[arg(long)]
    pub(super) no_prefix_cache: bool,
}

/// Holds what was chosen.
pub(super) struct Machine {
    pub(super) model: Model,
    /// Whether the model's shape is assumed.
    pub(super) is_sketch: bool,
    pub(super) accelerator: Accelerator,
    pub(super) layout: Layout,
    pub(super) precision: Precision,
    pub(super) engine: String,
    pub(super) replicas: u32,
    lengths: (f64, f64),
}

impl MachineAsked {
    /// Chooses for requests of mean lengths.
    pub(super) fn choose(&self, lengths: (f64, f64), common: &Common) -> Result<Machine, Fault> {
        let chosen = self.named.choose(common)?;
        let accelerators = Accelerators::shipped().map_err(broken)?;
        let accelerator = accelerators
            .find(&self.on)
            .map_err(|error| Fault::new(error.to_string(), "name one of these with --on"))?;
        let mut machine = Machine {
            model: chosen.model,
            is_sketch: chosen.basis.kind == "assumption",
            accelerator: accelerator.clone(),
            layout: self.layout.unwrap_or(Layout::tensor(1.0)),
            precision: self.precision,
            engine: self.engine.clone(),
            replicas: self.replicas,
            lengths,
        };
        if self.layout.is_none() {
            machine.layout = Layout::tensor(least_tensor(&machine.deployment()));
        }
        let shape = Shape::of(machine.layout);
        shape.check(&machine.model).map_err(|error| {
            let what = format!(
                "{} cannot be divided as {}",
                machine.model.name,
                shape.name()
            );
            Fault::because(error, what, "give another --layout")
        })?;
        if let Some(count) = self.accelerators {
            let each = machine.accelerators();
            machine.replicas = count / each;
            if machine.replicas == 0 {
                let what = format!("{count} accelerators are fewer than one replica's {each}");
                return Err(Fault::new(
                    what,
                    "give more with --accelerators, or another --layout",
                ));
            }
        }
        Ok(machine)
    }

    /// Tells who prefills, and what a handover takes: a request's cache over the network that each
    /// accelerator of a replica has.
    pub(super) fn apart(&self, machine: &Machine) -> Result<Option<Apart>, Fault> {
        let Some(prefill) = self.prefill_replicas else {
            return Ok(None);
        };
        if prefill == 0 || prefill >= machine.replicas {
            let all = machine.replicas;
            let what = format!(
                "--prefill-replicas {prefill} of {all} replicas leaves none to one of the pools"
            );
            return Err(Fault::new(
                what,
                "give from 1 to one less than all replicas",
            ));
        }
        let of = machine.deployment();
        let length = of.middle();
        let bytes = of.model.cached(length) / length * of.precision.cache_bytes();
        let beyond = f64::from(of.accelerator.domain) + 1.0;
        let rate = of.accelerator.link(beyond).get() * machine.layout.accelerators();
        // Femtoseconds: a token takes some nanoseconds.
        let per_token = (bytes / rate * 1e15).round() as u64;
        Ok(Some(Apart { prefill, per_token }))
    }

    /// Tells a replica's cache blocks.
    pub(super) fn blocks(&self, of: &Deployment<'_>) -> Result<u64, Fault> {
        if let Some(blocks) = self.blocks {
            return Ok(blocks);
        }
        costs::blocks(of).ok_or_else(|| {
            let (pool, _) = of.pools();
            let weights = plan::memory::weights(of, pool.layout).get() / 1e9;
            let memory = of.accelerator.memory().get() / 1e9;
            let least = least_tensor(of);
            let what = format!(
                "{} does not fit: its weights take {weights:.0} GB of each {}, which has \
                 {memory:.0} GB",
                of.model.name, of.accelerator.name
            );
            let mend = format!("use --layout tp{least} or more, --precision fp4, or another --on");
            Fault::new(what, mend)
        })
    }
}

impl Machine {
    /// Describes one replica, half full.
    pub(super) fn deployment(&self) -> Deployment<'_> {
        Deployment {
            model: &self.model,
            accelerator: &self.accelerator,
            engine: &self.engine,
            version: None,
            precision: self.precision,
            serving: Serving::Together(self.layout),
            concurrency: 64.0,
            input: self.lengths.0,
            output: self.lengths.1,
            cached: 0.0,
            speculation: None,
        }
    }

    /// Tells the accelerators of one replica.
    pub(super) fn accelerators(&self) -> u32 {
        // A product of two degrees, each a small whole number.
        self.layout.accelerators() as u32
    }

    /// Tells how many replicas share a fast domain, which fails as a whole.
    pub(super) fn replicas_of_a_rack(&self) -> u32 {
        (self.accelerator.domain / self.accelerators()).max(1)
    }
}

/// Reads a layout such as `tp8` or `dp8,ep8`.
fn layout(text: &str) -> Result<Layout, String> {
    let mut found = Layout::tensor(1.0);
    let mut kinds = Vec::new();
    for part in text.split(',').map(str::trim) {
        let wrong = || format!("`{part}` is no degree; write tp8, tp4,dp2 or dp8,ep8");
        let (kind, digits) = part.split_at_checked(2).ok_or_else(wrong)?;
        let degree: u16 = digits
            .parse()
            .ok()
            .filter(|degree| *degree > 0)
            .ok_or_else(wrong)?;
        if kinds.contains(&kind) {
            return Err(format!("`{kind}` is said twice; say each degree once"));
        }
        kinds.push(kind);
        match kind {
            "tp" => found.tensor = f64::from(degree),
            "dp" => found.data = f64::from(degree),
            "ep" => found.expert = f64::from(degree),
            _ => return Err(wrong()),
        }
    }
    let most = found.accelerators();
    if found.expert > most {
        return Err(format!("ep{} is more than tp × dp = {most}", found.expert));
    }
    Ok(found)
}
