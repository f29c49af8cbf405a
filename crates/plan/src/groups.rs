//! The groups that a deployment belongs to, from all of them down to its own kind: at each a fitted
//! correction may stand. It must not know what was measured in one.

use std::fmt::Write as _;

use crate::deployment::Deployment;

/// Names a way of grouping deployments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// All of them.
    All,
    /// By engine.
    Engine,
    /// By accelerator.
    System,
    /// By model family.
    Family,
    /// By kind of layout.
    Layout,
    /// By engine, accelerator, family, precision, and whether prefill is apart.
    Combination,
    /// By engine and accelerator.
    EngineSystem,
    /// By combination and kind of layout.
    CombinationLayout,
    /// By combination and degrees of parallelism.
    Degrees,
    /// By combination and lengths.
    Lengths,
    /// By engine and version.
    Version,
    /// By accelerator and precision.
    SystemPrecision,
    /// By kind of model: its attention, and whether it has experts.
    Kind,
    /// By combination, its model's kind in place of its family.
    KindCombination,
    /// By degrees and lengths: what is left differs in its load alone.
    Curve,
    /// By engine and degrees of parallelism.
    Pool,
}

impl Level {
    /// Lists them.
    pub const ALL: [Self; 16] = [
        Self::All,
        Self::Engine,
        Self::System,
        Self::Family,
        Self::Layout,
        Self::Combination,
        Self::EngineSystem,
        Self::CombinationLayout,
        Self::Degrees,
        Self::Lengths,
        Self::Version,
        Self::SystemPrecision,
        Self::Kind,
        Self::KindCombination,
        Self::Curve,
        Self::Pool,
    ];

    /// Tells its name in the file of coefficients.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Engine => "engine",
            Self::System => "system",
            Self::Family => "family",
            Self::Layout => "layout",
            Self::Combination => "combination",
            Self::EngineSystem => "engine_system",
            Self::CombinationLayout => "combination_layout",
            Self::Degrees => "degrees",
            Self::Lengths => "lengths",
            Self::Version => "version",
            Self::SystemPrecision => "system_precision",
            Self::Kind => "kind",
            Self::KindCombination => "kind_combination",
            Self::Curve => "curve",
            Self::Pool => "pool",
        }
    }
}

/// Holds the groups of one deployment, in the order of `Level::ALL`.
pub type Groups = [String; Level::ALL.len()];

/// Names the groups of a deployment.
#[must_use]
pub fn groups(of: &Deployment<'_>) -> Groups {
    let (decode, _) = of.pools();
    let system = of.accelerator.system.as_str();
    let family = of.model.family.as_str();
    let precision = of.precision.name();
    let mode = if of.is_together() {
        "together"
    } else {
        "apart"
    };
    let told = if decode.workers.is_some() { "" } else { "?" };
    let layout = if of.is_together() {
        decode.layout.kind().to_owned()
    } else {
        format!("apart {}{told}", decode.layout.kind())
    };
    let engine = of.engine;
    let kind = of.model.kind();
    let combination = format!("{engine} {system} {family} {precision} {mode}");
    let mut degrees = String::with_capacity(combination.len() + 16);
    let (tensor, data) = (decode.layout.tensor, decode.layout.data);
    // Writing to a string does not fail.
    let _ = write!(degrees, "{combination} {tensor}x{data}{told}");
    let lengths = format!("{}+{}", of.input, of.output);
    let curve = format!("{degrees} {lengths}");
    [
        String::new(),
        engine.to_owned(),
        system.to_owned(),
        family.to_owned(),
        layout.clone(),
        combination.clone(),
        format!("{engine} {system}"),
        format!("{combination} {}{told}", decode.layout.kind()),
        degrees,
        format!("{combination} {lengths}"),
        format!("{engine} {}", of.version.unwrap_or("-")),
        format!("{system} {precision}"),
        kind.clone(),
        format!("{engine} {system} {kind} {precision} {mode}"),
        curve,
        format!("{engine} {layout} {tensor}x{data}"),
    ]
}

/// Tells one group of a list.
#[must_use]
pub fn at(groups: &Groups, level: Level) -> &str {
    let place = Level::ALL.iter().position(|one| *one == level);
    place.map_or("", |place| groups[place].as_str())
}

/// Tells a number of a deployment's point: all measurements of one model, system, lengths and load
/// have the same, whichever engine and layout, so that what is measured twice under two names is
/// held out together.
#[must_use]
pub fn point(of: &Deployment<'_>) -> u64 {
    let system = &of.accelerator.system;
    let (family, input, output) = (&of.model.family, of.input, of.output);
    let key = format!(
        "{family} {system} {input} {output} {}",
        of.concurrency.round()
    );
    // FNV-1a: a hash that stays the same from build to build.
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let hash = key.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    // The upper half is better mixed than the lower.
    hash >> 32
}

/// Says in which fold of a fit a deployment's point lies.
#[must_use]
pub fn fold(of: &Deployment<'_>, folds: u64) -> usize {
    (point(of) % folds) as usize
}
