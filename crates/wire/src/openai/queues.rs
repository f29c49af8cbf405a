//! The names of the queues in which a request is served. It must not know when one is asked for.

use crate::canonical::ServiceTier;

/// Reads a queue's name.
pub(crate) fn service_tier(word: String) -> ServiceTier {
    match word.as_str() {
        "auto" => ServiceTier::Auto,
        "default" => ServiceTier::Standard,
        "flex" => ServiceTier::Flex,
        "priority" => ServiceTier::Priority,
        _ => ServiceTier::Other(word),
    }
}

/// Writes a queue's name.
pub(crate) fn tier_word(tier: &ServiceTier) -> &str {
    match tier {
        ServiceTier::Auto => "auto",
        ServiceTier::Standard => "default",
        ServiceTier::Flex => "flex",
        ServiceTier::Priority => "priority",
        ServiceTier::Other(word) => word,
    }
}
