//! What this build offers to a configuration: adapters, gates, suites, models. It must not know
//! any of them in particular.

use providers::{ADAPTERS, AUTH_KINDS, Adapter};
use release::SpecFault;

use crate::config::{self, GateFault, Offered, Settings};
use crate::exit::Fault;
use crate::in_process;

/// Finds an adapter by its name and platform.
///
/// # Errors
/// Fails where this build has no such adapter, or it cannot be started.
pub fn adapter(
    name: &str,
    platform: Option<&str>,
    settings: &Settings,
) -> Result<&'static dyn Adapter, Fault> {
    if Some(name) == in_process::DIALECT {
        return in_process::adapter(&settings.embedded);
    }
    config::pick(ADAPTERS, name, platform).ok_or_else(|| {
        let what = format!("there is no adapter for `{name}`");
        Fault::new(what, "see `tiergate check`")
    })
}

/// Runs something with what this build offers.
pub fn with<T>(run: impl FnOnce(&Offered<'_>) -> T) -> T {
    let mut dialects: Vec<&'static str> = Vec::new();
    for name in ADAPTERS
        .iter()
        .map(|one| one.name())
        .chain(in_process::DIALECT)
    {
        if !dialects.contains(&name) {
            dialects.push(name);
        }
    }
    let offered = Offered {
        dialects,
        adapters: ADAPTERS,
        auth_kinds: AUTH_KINDS,
        in_process: in_process::DIALECT,
        check_gate: &|spec| release::check(spec).map_err(fault),
        check_standing: &|spec| release::check_standing(spec).map_err(fault),
        weights_of: &in_process::weights,
        builtin_suites: evidence::BUILTIN.iter().map(|suite| suite.name).collect(),
    };
    run(&offered)
}

fn fault(fault: SpecFault) -> GateFault {
    GateFault {
        parameter: fault.parameter,
        what: fault.what,
        mend: fault.mend,
    }
}
