//! The demonstration models inside this process: the one place that knows whether this build has
//! them. It must not know how they run.

#[cfg(not(feature = "embedded"))]
mod absent;
#[cfg(feature = "embedded")]
mod built;

#[cfg(not(feature = "embedded"))]
pub use absent::{DIALECT, adapter, pull, weights};
#[cfg(feature = "embedded")]
pub use built::{DIALECT, adapter, pull, weights};
