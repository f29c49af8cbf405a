//! Accelerators by name: peaks, bandwidth, memory, links, each with its source. It must not know
//! how well an engine uses them.

use serde::Deserialize;

use crate::precision::Precision;
use crate::units::{Bytes, BytesPerSecond, FlopsPerSecond, Seconds};

const SHIPPED: &str = include_str!("../facts/accelerators.toml");

/// Describes one accelerator.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accelerator {
    /// Its name.
    pub name: String,
    /// Other names that rows and users give it.
    #[serde(default)]
    also: Vec<String>,
    /// The name under which coefficients are fitted for it.
    pub system: String,
    bandwidth: f64,
    memory: f64,
    peaks: Peaks,
    /// How many share one fast domain: a node, or a rack.
    pub domain: u32,
    link: f64,
    network: f64,
    /// Measured all-reduces between two of them, by size; none where the links tell enough.
    #[serde(default)]
    all_reduces: Vec<AllReduce>,
    /// How much longer its measured kernels take than their bare formulas; none where there are no
    /// measurements.
    #[serde(default)]
    pub kernels: Option<Kernels>,
    /// Its power under load, in watts.
    pub watts: f64,
    /// The resource by which a cluster counts it.
    #[serde(default = "usual_resource")]
    pub resource: String,
    /// Where the numbers stand.
    pub source: String,
    /// The day on which they were read.
    pub read_on: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Peaks {
    bf16: f64,
    fp8: Option<f64>,
    fp4: Option<f64>,
}

fn usual_resource() -> String {
    "nvidia.com/gpu".to_owned()
}

/// Holds a measured all-reduce: its rate and latency up to a size.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllReduce {
    up_to: f64,
    rate: f64,
    latency: f64,
}

/// Holds measured times of an accelerator's kernels over those of their bare formulas.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernels {
    /// Reading weights for a few rows.
    pub weights: f64,
    /// Products of many rows.
    pub compute: f64,
    /// Reading caches.
    pub cache: f64,
    /// Attention of prefill.
    pub attention: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    accelerators: Vec<Accelerator>,
}

/// Holds the accelerators that are known.
#[derive(Clone, Debug)]
pub struct Accelerators(Vec<Accelerator>);

/// Says that an accelerator is not known, and which are.
#[derive(Debug, thiserror::Error)]
#[error("there is no accelerator `{name}`; known are {known}")]
pub struct UnknownAccelerator {
    name: String,
    known: String,
}

impl Accelerators {
    /// Reads those that ship.
    ///
    /// # Errors
    /// Fails when a row is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(SHIPPED)?;
        Ok(Self(file.accelerators))
    }

    /// Finds one by a name that begins with one of its own: `NVIDIA H200-SXM-141GB` is an H200.
    ///
    /// # Errors
    /// Fails when none is so named.
    pub fn find(&self, name: &str) -> Result<&Accelerator, UnknownAccelerator> {
        let wanted = plain(name);
        let wanted = wanted.trim_start_matches("nvidia ");
        let exact = |row: &&Accelerator| row.names().any(|own| own == wanted);
        // An L40 is no L4: what follows a name begins with a mark, not with a digit or letter.
        let goes_on = |own: &String| {
            let rest = wanted.strip_prefix(own.as_str());
            rest.is_some_and(|rest| {
                let is_other = rest.split(' ').any(|word| OTHERS.contains(&word));
                !rest.starts_with(char::is_alphanumeric) && !is_other
            })
        };
        let longest = |row: &&Accelerator| {
            let fitting = row.names().filter(goes_on);
            fitting.map(|own| own.len()).max().unwrap_or_default()
        };
        let found = self.0.iter().find(exact);
        let begins = || {
            self.0
                .iter()
                .max_by_key(longest)
                .filter(|row| longest(row) > 0)
        };
        found.or_else(begins).ok_or_else(|| UnknownAccelerator {
            name: name.to_owned(),
            known: self.names(),
        })
    }

    /// Names them.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|row| row.name.as_str()).collect();
        names.join(", ")
    }

    /// Lists them.
    #[must_use]
    pub fn all(&self) -> &[Accelerator] {
        &self.0
    }
}

/// What behind a name makes another part of it: other memory, links or slices.
const OTHERS: [&str; 4] = ["nvl", "pcie", "mig", "super"];

/// Brings a name to one case and one mark between its parts.
fn plain(name: &str) -> String {
    let name = name.trim().to_lowercase();
    name.replace(['_', '-'], " ")
}

impl Accelerator {
    fn names(&self) -> impl Iterator<Item = String> {
        let own = [&self.name, &self.system];
        own.into_iter().chain(&self.also).map(|name| plain(name))
    }

    /// Tells its memory bandwidth.
    #[must_use]
    pub const fn bandwidth(&self) -> BytesPerSecond {
        BytesPerSecond::new(self.bandwidth)
    }

    /// Tells its memory.
    #[must_use]
    pub const fn memory(&self) -> Bytes {
        Bytes::new(self.memory)
    }

    /// Tells its peak for a precision: without units for that, sixteen bits compute instead.
    #[must_use]
    pub fn peak(&self, precision: Precision) -> FlopsPerSecond {
        FlopsPerSecond::new(self.own_peak(precision).unwrap_or(self.peaks.bf16))
    }

    const fn own_peak(&self, precision: Precision) -> Option<f64> {
        match precision {
            Precision::Bf16 => Some(self.peaks.bf16),
            Precision::Fp8 => self.peaks.fp8,
            Precision::Fp4 => self.peaks.fp4,
        }
    }

    /// Says whether it computes in a precision itself, rather than in a wider one.
    #[must_use]
    pub const fn computes_in(&self, precision: Precision) -> bool {
        self.own_peak(precision).is_some()
    }

    /// Tells in which precision it computes what is stored in one.
    #[must_use]
    pub const fn computes_as(&self, precision: Precision) -> Precision {
        if self.computes_in(precision) {
            precision
        } else {
            Precision::Bf16
        }
    }

    /// Tells the bandwidth between so many of them, in one direction.
    #[must_use]
    pub fn link(&self, among: f64) -> BytesPerSecond {
        let is_inside = among <= f64::from(self.domain);
        BytesPerSecond::new(if is_inside { self.link } else { self.network })
    }

    /// Tells the measured rate and latency of an all-reduce of a size, where there are any.
    #[must_use]
    pub fn all_reduce_rate(&self, size: Bytes) -> Option<(BytesPerSecond, Seconds)> {
        let found = self
            .all_reduces
            .iter()
            .find(|row| size.get() <= row.up_to)?;
        Some((BytesPerSecond::new(found.rate), Seconds::new(found.latency)))
    }

    /// Changes its memory bandwidth by a factor: what another part of its kind would do.
    #[must_use]
    pub fn with_bandwidth(mut self, factor: f64) -> Self {
        self.bandwidth *= factor;
        self
    }

    /// Changes its memory by a factor.
    #[must_use]
    pub fn with_memory(mut self, factor: f64) -> Self {
        self.memory *= factor;
        self
    }

    /// Changes its links' bandwidth by a factor.
    #[must_use]
    pub fn with_links(mut self, factor: f64) -> Self {
        self.link *= factor;
        self.network *= factor;
        self
    }
}
