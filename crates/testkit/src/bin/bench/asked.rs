//! The requests that targets are driven with. It must not know who is asked.

use bytes::Bytes;
use serde_json::{Value, json};
use testkit::post;

/// How many pieces a stream has.
const PIECES: usize = 64;
/// How many pieces a stamped stream has.
const STAMPED_PIECES: usize = 50;
/// The pause before each piece of a stream that waits, in milliseconds.
const PAUSE_MS: usize = 20;

/// Asks for a stream whose pieces alone are timed: its request is as short as can be.
pub const TIMED: (Kind, usize) = (Kind::Stamped, 1);

/// Says what kind of answer is asked for, and in which dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole answer.
    Canned,
    /// A stream without pauses.
    Saturated,
    /// A stream with a pause before each piece.
    Paced,
    /// A stream with the time of its sending in each piece.
    Stamped,
    /// A whole answer, asked for in another dialect than its provider's.
    Translated,
}

impl Kind {
    /// Says what comes back.
    pub fn about(self) -> String {
        match self {
            Self::Canned => "a 1024-byte answer".to_owned(),
            Self::Translated => "a 1024-byte answer, asked for in `anthropic-messages` of an \
                                 `openai-chat` provider (the bare proxy passes the same text)"
                .to_owned(),
            Self::Saturated => format!("a stream of {PIECES} pieces, written one by one"),
            Self::Paced => {
                format!("a stream of {PIECES} pieces, {PAUSE_MS} ms before each")
            }
            Self::Stamped => format!(
                "a stream of {STAMPED_PIECES} pieces, {PAUSE_MS} ms before each, each with its time"
            ),
        }
    }

    /// Names the tier that the gateway answers it with.
    pub fn tier(self) -> &'static str {
        match self {
            Self::Canned | Self::Translated => "haiku",
            Self::Saturated => "opus",
            Self::Paced => "capybara",
            Self::Stamped => "sonnet",
        }
    }

    /// Names the model that the fake provider answers it with.
    pub fn model(self) -> String {
        match self {
            Self::Canned | Self::Translated => "fake-1".to_owned(),
            Self::Saturated => format!("normal-{PIECES}"),
            Self::Paced => format!("paced-{PIECES}-{PAUSE_MS}"),
            Self::Stamped => format!("stamped-{STAMPED_PIECES}-{PAUSE_MS}"),
        }
    }

    /// Makes the request for the bare proxy, which is the provider's own.
    pub fn direct(self, text: usize) -> Bytes {
        let body = body(&self.model(), text, self.is_stream());
        post(CHAT_PATH, &[], &body.to_string())
    }

    /// Makes the request for the gateway.
    pub fn asked(self, text: usize, key: &str) -> Bytes {
        let mut body = body(self.tier(), text, self.is_stream());
        if self == Self::Translated {
            body["max_tokens"] = json!(1_000);
            let bearer = format!("Bearer {key}");
            let version = ("anthropic-version", "2023-06-01");
            let headers = [("authorization", bearer.as_str()), version];
            return post(MESSAGES_PATH, &headers, &body.to_string());
        }
        keyed(&body, key)
    }

    fn is_stream(self) -> bool {
        matches!(self, Self::Saturated | Self::Paced | Self::Stamped)
    }
}

/// Makes the request for the gateway with this body, in the provider's own dialect.
pub fn keyed(body: &Value, key: &str) -> Bytes {
    let bearer = format!("Bearer {key}");
    post(CHAT_PATH, &[("authorization", &bearer)], &body.to_string())
}

const CHAT_PATH: &str = "/v1/chat/completions";
const MESSAGES_PATH: &str = "/v1/messages";

fn body(model: &str, text: usize, is_stream: bool) -> Value {
    let mut body = json!({
        "model": model,
        "messages": [{"role": "user", "content": "x".repeat(text)}],
    });
    if is_stream {
        body["stream"] = json!(true);
    }
    body
}
