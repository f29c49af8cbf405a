//! Faults that all plans have in common. It must not know a plan.

use std::error::Error;

use crate::exit::Fault;

/// Says that what ships does not read.
pub fn broken(error: impl Error + Send + Sync + 'static) -> Fault {
    let what = "the facts that ship cannot be read";
    Fault::because(error, what, "report this as a fault of Tiergate")
}
