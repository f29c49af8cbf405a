//! The in-process demonstration models as one more adapter: a GGUF file is converted once, then
//! answers chats on threads of low priority. It must not know a tier, a caller or where files
//! come from.

mod adapter;
mod arith;
mod catalogue;
mod chat;
mod convert;
mod engine;
mod fault;
mod header;
mod host;
mod matrix;
mod measure;
mod memory;
mod model;
mod names;
mod priority;
mod product;
mod reply;
mod sampler;
mod serve;
mod stops;
mod template;
mod tokens;
mod transformer;

pub use adapter::Embedded;
pub use catalogue::{CATALOGUE, Package, Row, find};
pub use convert::{Converted, Progress, convert, describe, verify};
pub use engine::{Ask, AskFault, EndReason, Engine, Listener, Said};
pub use fault::FileFault;
pub use header::Architecture;
pub use host::{Answering, Config, Host, is_file_name};
pub use measure::{Pace, Speed, measure};
pub use model::{Limits, Model};
pub use sampler::Sampling;
pub use serve::{SharedHost, answer};
pub use template::Turn;

#[cfg(test)]
mod tests;
