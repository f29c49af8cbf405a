//! What this build offers to a configuration: adapters, gates, suites, models. It must not know
//! any of them in particular.

use domain::GateSpec;
use providers::{ADAPTERS, Adapter};

use crate::config::{GateFault, Offered};

/// Lists the adapters of this build.
#[must_use]
pub fn adapters() -> Vec<&'static dyn Adapter> {
    ADAPTERS.to_vec()
}

/// Runs something with what this build offers.
pub fn with<T>(run: impl FnOnce(&Offered<'_>) -> T) -> T {
    let offered = Offered {
        dialects: adapters().iter().map(|adapter| adapter.name()).collect(),
        in_process: None,
        check_gate: &check_gate,
        weights_of: &|_| None,
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
