//! Errors sorted by what may be done about them, where neither status nor kind says it: providers
//! put it into a code, or only into words. It must not know who asks, nor do anything about it.

use crate::fault::WireError;

/// Says what an error is about, as far as it decides what is tried next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The request is longer than the model's context: the same model will never take it.
    Overflow,
    /// The provider's filter declines the request.
    Filtered,
    /// The account has no money or no quota left, which no short wait mends.
    Exhausted,
    /// Thoughts in the history are not this model's, or are not where it wants them.
    Thoughts,
    /// Nothing of these.
    Other,
}

impl Trouble {
    /// Shows the word used in accounting.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overflow => "context_overflow",
            Self::Filtered => "filtered",
            Self::Exhausted => "exhausted",
            Self::Thoughts => "foreign_thoughts",
            Self::Other => "other",
        }
    }
}

/// Codes that say it, whole, in lower case.
const CODES: [(&str, Trouble); 14] = [
    ("context_length_exceeded", Trouble::Overflow),
    ("context_window_exceeded", Trouble::Overflow),
    ("exceed_context_size_error", Trouble::Overflow),
    ("content_filter", Trouble::Filtered),
    ("content_policy_violation", Trouble::Filtered),
    ("responsibleaipolicyviolation", Trouble::Filtered),
    ("insufficient_quota", Trouble::Exhausted),
    ("credit_balance_exhausted", Trouble::Exhausted),
    ("organization_usage_limit_exceeded", Trouble::Exhausted),
    ("organization_spend_limit_exceeded", Trouble::Exhausted),
    ("project_spend_limit_exceeded", Trouble::Exhausted),
    ("enforced_spend_limit_reached", Trouble::Exhausted),
    ("billing_hard_limit_reached", Trouble::Exhausted),
    ("invalid_encrypted_content", Trouble::Thoughts),
];

/// Phrases that say it where there is no code, in lower case.
const PHRASES: [(&str, Trouble); 17] = [
    ("prompt is too long", Trouble::Overflow),
    ("maximum context length", Trouble::Overflow),
    ("exceed context limit", Trouble::Overflow),
    ("exceeds the available context size", Trouble::Overflow),
    ("exceeds the maximum number of tokens", Trouble::Overflow),
    ("content filtering policy", Trouble::Filtered),
    ("content management policy", Trouble::Filtered),
    ("specified api usage limits", Trouble::Exhausted),
    ("specified workspace api usage limits", Trouble::Exhausted),
    ("credit balance is too low", Trouble::Exhausted),
    ("in `thinking` block", Trouble::Thoughts),
    ("`redacted_thinking` blocks", Trouble::Thoughts),
    (
        "expected `thinking` or `redacted_thinking`",
        Trouble::Thoughts,
    ),
    ("thought signature", Trouble::Thoughts),
    ("thought_signature", Trouble::Thoughts),
    ("without its required 'reasoning' item", Trouble::Thoughts),
    ("without its required following item", Trouble::Thoughts),
];

impl WireError {
    /// Sorts the error. An unknown wording is [`Trouble::Other`], which leaves it to the status.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        let code = self.code.as_deref().unwrap_or_default();
        let by_code = CODES
            .iter()
            .find(|(known, _)| code.eq_ignore_ascii_case(known));
        if let Some((_, trouble)) = by_code {
            return *trouble;
        }
        let said = self.message.to_ascii_lowercase();
        let by_phrase = PHRASES.iter().find(|(known, _)| said.contains(known));
        by_phrase.map_or(Trouble::Other, |(_, trouble)| *trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::Trouble;
    use crate::dialects::dialect;

    fn check(name: &str, status: u16, body: &str, wanted: Trouble) {
        let error = dialect(name).unwrap().read_error(status, body.as_bytes());
        assert_eq!(error.trouble(), wanted, "{body}");
    }

    #[test]
    fn chat_says_it_in_a_code_or_in_words() {
        let code = |code: &str| {
            format!(r#"{{"error":{{"message":"no","type":"t","param":null,"code":"{code}"}}}}"#)
        };
        let rows = [
            (400, code("context_length_exceeded"), Trouble::Overflow),
            (400, code("content_filter"), Trouble::Filtered),
            (429, code("insufficient_quota"), Trouble::Exhausted),
            (
                429,
                code("project_spend_limit_exceeded"),
                Trouble::Exhausted,
            ),
            (429, code("rate_limit_exceeded"), Trouble::Other),
            (500, code("server_error"), Trouble::Other),
        ];
        for (status, body, wanted) in rows {
            check("openai-chat", status, &body, wanted);
        }
        let served = r#"{"object":"error",
            "message":"This model's maximum context length is 4096 tokens. You requested 5000",
            "type":"BadRequestError","param":null,"code":400}"#;
        check("openai-chat", 400, served, Trouble::Overflow);
        check("openai-chat", 503, "not JSON", Trouble::Other);
    }

    #[test]
    fn messages_say_it_in_details_or_in_words() {
        let said = |message: &str| {
            format!(
                r#"{{"type":"error","error":{{"type":"invalid_request_error","message":"{message}"}}}}"#
            )
        };
        for (message, wanted) in [
            (
                "prompt is too long: 250000 tokens > 200000 maximum",
                Trouble::Overflow,
            ),
            (
                "input length and `max_tokens` exceed context limit: 1 + 2 > 2",
                Trouble::Overflow,
            ),
            (
                "Output blocked by content filtering policy",
                Trouble::Filtered,
            ),
            (
                "You have reached your specified API usage limits.",
                Trouble::Exhausted,
            ),
            (
                "messages.1.content.0: Invalid `signature` in `thinking` block",
                Trouble::Thoughts,
            ),
            (
                "messages.3.content.0: `thinking` or `redacted_thinking` blocks in the latest \
                 assistant message cannot be modified",
                Trouble::Thoughts,
            ),
            (
                "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found \
                 `tool_use`",
                Trouble::Thoughts,
            ),
            ("messages: at least one message is required", Trouble::Other),
        ] {
            check("anthropic-messages", 400, &said(message), wanted);
        }
        let capped = r#"{"type":"error","error":{"type":"rate_limit_error","message":"no","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
        check("anthropic-messages", 429, capped, Trouble::Exhausted);
    }
    #[test]
    fn responses_say_it_in_a_code_or_in_words() {
        let said = |message: &str| {
            format!(r#"{{"error":{{"message":"{message}","type":"t","param":null,"code":null}}}}"#)
        };
        for message in [
            "Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' \
             item: 'rs_1'.",
            "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
        ] {
            check("openai-responses", 400, &said(message), Trouble::Thoughts);
        }
        let code = r#"{"error":{"message":"no","type":"t","param":null,"code":"invalid_encrypted_content"}}"#;
        check("openai-responses", 400, code, Trouble::Thoughts);
    }

    #[test]
    fn gemini_says_it_in_words() {
        let said = |message: &str| {
            format!(
                r#"{{"error":{{"code":400,"message":"{message}","status":"INVALID_ARGUMENT"}}}}"#
            )
        };
        for (message, wanted) in [
            ("Thought signature is not valid.", Trouble::Thoughts),
            (
                "Function call is missing a thought_signature in functionCall parts.",
                Trouble::Thoughts,
            ),
            (
                "Please ensure that the number of parts is equal.",
                Trouble::Other,
            ),
        ] {
            check("gemini", 400, &said(message), wanted);
        }
    }
}
