//! The dialects as faces that recordings are asked through, a row each. It must not know a
//! recording.

use serde_json::{Value, json};
use testkit::{Api, Exchange, Form};

use crate::environment::{CURRENT, Environment, GOOGLE};

/// Is one dialect: how its recordings are told, and who speaks it.
#[derive(Debug)]
pub struct Face {
    /// The wire API of its recordings.
    pub api: Api,
    /// Its name, which is also its adapter's.
    pub dialect: &'static str,
    /// What its paths go on with behind the base URL of an adapter: to their end, or to a model
    /// and what is asked of it.
    pub tail: &'static str,
    /// Where the gateway offers it, in the same way.
    pub path: &'static str,
    /// What its SDK wants behind the gateway's address.
    pub base: &'static str,
    /// The script of `clients/oracles` that asks with its SDK.
    pub oracle: &'static str,
    /// The environment that the SDK is in.
    pub environment: &'static Environment,
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
        environment: &CURRENT,
    },
    Face {
        api: Api::OpenaiResponses,
        dialect: "openai-responses",
        tail: "/responses",
        path: "/v1/responses",
        base: "/v1",
        oracle: "responses",
        environment: &CURRENT,
    },
    Face {
        api: Api::AnthropicMessages,
        dialect: "anthropic-messages",
        tail: "/v1/messages",
        path: "/v1/messages",
        base: "",
        oracle: "messages",
        environment: &CURRENT,
    },
    Face {
        api: Api::Gemini,
        dialect: "gemini",
        tail: "/v1beta/models/",
        path: "/v1beta/models/",
        base: "",
        oracle: "gemini",
        environment: &GOOGLE,
    },
];

impl Face {
    /// Finds the face of a recording's own dialect.
    pub fn of(exchange: &Exchange) -> Option<&'static Self> {
        let face = FACES.iter().find(|face| face.api == exchange.api);
        face.filter(|face| face.split(exchange).is_some())
    }

    /// Cuts a recording's path to what stands before the dialect's own.
    pub fn prefix<'e>(&self, exchange: &'e Exchange) -> &'e str {
        let split = self.split(exchange);
        split.map_or(exchange.path(), |(prefix, _)| prefix)
    }

    /// Makes the gateway's path and query for a recording, asked for by a model's name.
    pub fn target(&self, exchange: &Exchange, model: &str) -> String {
        let query = exchange.target.split_once('?').map(|(_, query)| query);
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let called = self.called(exchange);
        let called = called.map(|(_, verb)| format!("{model}:{verb}"));
        format!("{}{}{query}", self.path, called.unwrap_or_default())
    }

    /// Reads the model in a recording's path, and what is asked of it, where the dialect has both
    /// there.
    pub fn called<'e>(&self, exchange: &'e Exchange) -> Option<(&'e str, &'e str)> {
        self.split(exchange)?.1.split_once(':')
    }

    /// Makes the least body that asks for an answer.
    pub fn least(&self, exchange: &Exchange, model: &str) -> Value {
        let is_stream = exchange.form == Form::Stream;
        let said = json!([{"role": "user", "content": "Hello"}]);
        match self.api {
            Api::Gemini => json!({"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}),
            Api::OpenaiResponses => json!({"model": model, "stream": is_stream, "input": said}),
            Api::OpenaiChat if is_stream => {
                let options = json!({"include_usage": true});
                json!({
                    "model": model, "stream": true, "stream_options": options, "messages": said,
                })
            }
            _ => json!({
                "model": model, "max_tokens": 4000, "stream": is_stream, "messages": said,
            }),
        }
    }

    /// Splits a recording's path where the dialect's own part stands; behind it stands nothing,
    /// or a model and what is asked of it.
    fn split<'e>(&self, exchange: &'e Exchange) -> Option<(&'e str, &'e str)> {
        let (prefix, behind) = exchange.path().split_once(self.tail)?;
        let is_own = match self.tail.ends_with('/') {
            true => behind.contains(':'),
            false => behind.is_empty(),
        };
        is_own.then_some((prefix, behind))
    }
}

/// Says why a recording without a face cannot be asked for.
pub fn why_not(api: Api) -> &'static str {
    match api {
        Api::Converse => "Bedrock's Converse is no dialect of Tiergate",
        Api::OpenaiChat | Api::OpenaiResponses | Api::AnthropicMessages | Api::Gemini => {
            "a path of another cloud that no adapter writes"
        }
        Api::Other => "no generation: a count of tokens, a conversation or another cloud's path",
    }
}
