//! The dialects as faces that recordings are asked through, a row each. It must not know a
//! recording.

use testkit::{Api, Exchange};

/// Is one dialect: how its recordings are told, and who speaks it.
#[derive(Debug)]
pub struct Face {
    /// The wire API of its recordings.
    pub api: Api,
    /// Its name, which is also its adapter's.
    pub dialect: &'static str,
    /// What its paths end in, behind the base URL of an adapter.
    pub tail: &'static str,
    /// What the gateway offers it at.
    pub path: &'static str,
    /// What its SDK wants behind the gateway's address.
    pub base: &'static str,
    /// The script of `clients/oracles` that asks with its SDK.
    pub oracle: &'static str,
}

/// Lists the dialects that both take requests and reach providers.
pub static FACES: &[Face] = &[
    Face {
        api: Api::OpenaiChat,
        dialect: "openai-chat",
        tail: "/chat/completions",
        path: "/v1/chat/completions",
        base: "/v1",
        oracle: "chat",
    },
    Face {
        api: Api::AnthropicMessages,
        dialect: "anthropic-messages",
        tail: "/v1/messages",
        path: "/v1/messages",
        base: "",
        oracle: "messages",
    },
];

impl Face {
    /// Finds the face of a recording's own dialect.
    pub fn of(exchange: &Exchange) -> Option<&'static Self> {
        let face = FACES.iter().find(|face| face.api == exchange.api);
        face.filter(|face| exchange.path().ends_with(face.tail))
    }

    /// Cuts a recording's path to what stands before the dialect's own.
    pub fn prefix<'e>(&self, exchange: &'e Exchange) -> &'e str {
        let path = exchange.path();
        path.strip_suffix(self.tail).unwrap_or(path)
    }
}

/// Says why a recording without a face cannot be asked for.
pub fn why_not(api: Api) -> &'static str {
    match api {
        Api::Converse => "Bedrock's Converse is no dialect of Tiergate",
        Api::OpenaiResponses => "Responses has no row among the faces yet",
        Api::Gemini => "Gemini has no row among the faces yet",
        Api::OpenaiChat | Api::AnthropicMessages => "a path that no adapter writes",
        Api::Other => "no generation: a count of tokens, a conversation or another cloud's path",
    }
}
