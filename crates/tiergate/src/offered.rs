//! What this build offers to a configuration: adapters, gates, suites, models. It must not know
//! any of them in particular.

use domain::GateSpec;
use providers::{ADAPTERS, Adapter};

use crate::config::{GateFault, Offered, Settings};
use crate::exit::Fault;
use crate::in_process;

/// Finds an adapter by its name.
///
/// # Errors
/// Fails where this build has none of that name, or it cannot be started.
pub fn adapter(name: &str, settings: &Settings) -> Result<&'static dyn Adapter, Fault> {
    if Some(name) == in_process::DIALECT {
        return in_process::adapter(&settings.embedded);
    }
    let found = ADAPTERS.iter().find(|one| one.name() == name);
    found.copied().ok_or_else(|| {
        let what = format!("there is no adapter for `{name}`");
        Fault::new(what, "see `tiergate check`")
    })
}

/// Runs something with what this build offers.
pub fn with<T>(run: impl FnOnce(&Offered<'_>) -> T) -> T {
    let reached = ADAPTERS.iter().map(|adapter| adapter.name());
    let offered = Offered {
        dialects: reached.chain(in_process::DIALECT).collect(),
        in_process: in_process::DIALECT,
        check_gate: &check_gate,
        weights_of: &in_process::weights,
        builtin_suites: evidence::BUILTIN.iter().map(|suite| suite.name).collect(),
    };
    run(&offered)
}

fn check_gate(spec: &GateSpec) -> Result<(), GateFault> {
    release::check(spec).map_err(|fault| GateFault {
        parameter: fault.parameter,
        what: fault.what,
        mend: fault.mend,
    })
}
