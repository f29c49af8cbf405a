//! What OpenAI's two APIs have in common. It must not know a request or an answer of either.

pub(crate) mod choice;
pub(crate) mod errors;
pub(crate) mod format;
pub(crate) mod queues;
pub(crate) mod usage;
