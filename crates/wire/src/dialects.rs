//! The dialects, a row each. It must not know anything of them but that they are there.

use crate::anthropic_messages::{self, AnthropicMessages};
use crate::dialect::Dialect;
use crate::gemini::{self, Gemini};
use crate::openai_chat::{self, OpenAiChat};
use crate::openai_responses::{self, OpenAiResponses};
use crate::passed::PASSED;

/// Names the dialect of Chat Completions, which most servers and clients speak.
pub const CHAT: &str = openai_chat::NAME;

/// Names the dialect of the Messages API.
pub const MESSAGES: &str = anthropic_messages::NAME;

/// Names the dialect of generateContent.
pub const GEMINI: &str = gemini::NAME;

/// Names the dialect of Responses.
pub const RESPONSES: &str = openai_responses::NAME;

/// Lists the dialects.
pub static DIALECTS: &[&dyn Dialect] =
    &[&OpenAiChat, &AnthropicMessages, &Gemini, &OpenAiResponses];

/// Finds a dialect by its name, one that is only passed through included.
#[must_use]
pub fn dialect(name: &str) -> Option<&'static dyn Dialect> {
    DIALECTS
        .iter()
        .chain(PASSED)
        .find(|dialect| dialect.name() == name)
        .copied()
}

#[cfg(test)]
mod tests;
