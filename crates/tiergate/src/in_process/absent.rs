//! A build without the demonstration models. It must not pretend to have any.

use providers::Adapter;

use crate::config::EmbeddedSettings;
use crate::exit::Fault;

/// Names the adapter of the models in this process: there is none.
pub const DIALECT: Option<&str> = None;

/// Finds the hash of the weights behind a model's id: there is no such model.
#[must_use]
pub fn weights(_id: &str) -> Option<String> {
    None
}

/// Finds the adapter of the models in this process.
///
/// # Errors
/// Says that this build has none.
pub fn adapter(_settings: &EmbeddedSettings) -> Result<&'static dyn Adapter, Fault> {
    Err(absent())
}

/// Pulls a model.
///
/// # Errors
/// Says that this build has none.
pub fn pull(_id: &str) -> Result<(), Fault> {
    Err(absent())
}

fn absent() -> Fault {
    let what = "this build has no models of its own: it was made without the feature `embedded`";
    let mend = "name a provider, or build with `cargo build --release`";
    Fault::new(what, mend)
}
