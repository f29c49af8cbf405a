//! What OpenAI's two APIs have in common. It must not know a request or an answer of either.

pub(crate) mod errors;
pub(crate) mod queues;
