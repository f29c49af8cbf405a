//! The dialects, a row each. It must not know anything of them but that they are there.

use crate::anthropic_messages::AnthropicMessages;
use crate::dialect::Dialect;
use crate::openai_chat::OpenAiChat;

/// Lists the dialects.
pub static DIALECTS: &[&dyn Dialect] = &[&OpenAiChat, &AnthropicMessages];

/// Finds a dialect by its name.
#[must_use]
pub fn dialect(name: &str) -> Option<&'static dyn Dialect> {
    DIALECTS
        .iter()
        .find(|dialect| dialect.name() == name)
        .copied()
}

#[cfg(test)]
mod tests;
