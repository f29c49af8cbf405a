//! What the other crates offer, so that the file can be checked against it. It must not know any of
//! them in particular.

use domain::GateSpec;
use providers::{Adapter, AuthKind};

/// Says what is wrong with a criterion, and how to mend it.
pub type CheckGate<'a> = &'a dyn Fn(&GateSpec) -> Result<(), GateFault>;

/// Knows what the other crates offer, so that the file can be checked against it.
pub struct Offered<'a> {
    /// Names of the provider adapters.
    pub dialects: Vec<&'static str>,
    /// The adapters over the network.
    pub adapters: &'a [&'static dyn Adapter],
    /// The kinds of authorisation.
    pub auth_kinds: &'a [&'static dyn AuthKind],
    /// The adapter that needs no base URL, where this build has one.
    pub in_process: Option<&'static str>,
    /// Says what is wrong with a gate's name or parameters, and how to mend it.
    pub check_gate: CheckGate<'a>,
    /// Says the same of a criterion to stay in a stage.
    pub check_standing: CheckGate<'a>,
    /// Finds the hash of the weights behind an embedded model's id.
    pub weights_of: &'a dyn Fn(&str) -> Option<String>,
    /// Names of the suites in the binary.
    pub builtin_suites: Vec<&'static str>,
}

impl Offered<'_> {
    /// Finds an adapter over the network.
    #[must_use]
    pub fn adapter(&self, dialect: &str, platform: Option<&str>) -> Option<&'static dyn Adapter> {
        pick(self.adapters, dialect, platform)
    }

    /// Lists the platforms that have adapters of their own.
    pub fn platforms(&self) -> impl Iterator<Item = &'static str> {
        self.adapters.iter().filter_map(|one| one.platform())
    }
}

/// Picks an adapter by its dialect and its platform. A platform that no adapter is for is asked in
/// the dialect's usual way: it is named for what is known of its models alone.
#[must_use]
pub fn pick(
    adapters: &[&'static dyn Adapter],
    dialect: &str,
    platform: Option<&str>,
) -> Option<&'static dyn Adapter> {
    let has_own = adapters.iter().any(|one| one.platform() == platform);
    let platform = platform.filter(|_| has_own);
    let is_it = |one: &&&dyn Adapter| one.name() == dialect && one.platform() == platform;
    adapters.iter().find(is_it).copied()
}

/// Says what is wrong with one gate.
pub struct GateFault {
    /// The parameter, or none for the gate itself.
    pub parameter: Option<String>,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}
