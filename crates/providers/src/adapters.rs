//! The adapters that there are, one row each. It must not know more of them than their names.

mod anthropic;
mod aws;
mod azure;
mod compatible;
mod gemini;
#[cfg(feature = "aws")]
mod invoke;
mod raw_predict;

use crate::adapter::Adapter;

/// Lists the adapters over the network; the binary adds the one in process.
pub static ADAPTERS: &[&dyn Adapter] = &[
    &compatible::CHAT,
    &compatible::RESPONSES,
    &anthropic::MESSAGES,
    &azure::Deployments,
    &compatible::CHAT_ON_MANTLE,
    &compatible::RESPONSES_ON_MANTLE,
    &anthropic::MESSAGES_ON_MANTLE,
    #[cfg(feature = "aws")]
    &invoke::Invoke,
    &raw_predict::RawPredict,
    &gemini::Gemini,
];

#[cfg(test)]
mod tests;
