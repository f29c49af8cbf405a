//! The adapters that there are, one row each. It must not know more of them than their names.

mod anthropic;
mod compatible;
mod gemini;

use crate::adapter::Adapter;

/// Lists the adapters over the network; the binary adds the one in process.
pub static ADAPTERS: &[&dyn Adapter] = &[
    &compatible::Compatible,
    &anthropic::Anthropic,
    &gemini::Gemini,
];
