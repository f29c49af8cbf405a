//! A request in the openai-chat dialect to a question for the engine. Whatever the engine cannot
//! honour is refused by name rather than dropped. It must not know queues or answers.

use std::hash::{BuildHasher as _, RandomState};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::engine::Ask;
use crate::sampler::Sampling;
use crate::template::Turn;

/// Stop strings that one request may name, as in the dialect itself.
const MAX_STOPS: usize = 4;

/// Holds a request that the engine can answer.
#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) ask: Ask,
    pub(crate) delivery: Delivery,
}

/// Says how the answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// In one piece.
    Whole,
    /// As it is made.
    Stream,
    /// As it is made, with the token counts behind it.
    StreamWithUsage,
}

/// Says what about a request cannot be honoured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct BadAsk {
    /// The field at fault, where one is.
    pub(crate) field: Option<&'static str>,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

#[derive(Deserialize)]
struct Body {
    messages: Vec<Message>,
    #[serde(default)]
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    temperature: Option<f32>,
    top_p: Option<f32>,
    seed: Option<i64>,
    stop: Option<Stop>,
    presence_penalty: Option<f32>,
    frequency_penalty: Option<f32>,
    n: Option<u64>,
    tools: Option<Vec<IgnoredAny>>,
    functions: Option<Vec<IgnoredAny>>,
    response_format: Option<ResponseFormat>,
    logprobs: Option<bool>,
    logit_bias: Option<serde_json::Map<String, serde_json::Value>>,
    modalities: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Stop {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct ResponseFormat {
    r#type: String,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
    tool_calls: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    r#type: String,
    text: Option<String>,
}

impl Chat {
    /// Reads a request.
    pub(crate) fn read(body: &[u8]) -> Result<Self, BadAsk> {
        let body: Body = serde_json::from_slice(body).map_err(|error| BadAsk {
            field: None,
            message: format!("the body is not an openai-chat request: {error}"),
        })?;
        body.refuse_unfit()?;
        let delivery = match (&body.stream, &body.stream_options) {
            (Some(true), Some(options)) if options.include_usage == Some(true) => {
                Delivery::StreamWithUsage
            }
            (Some(true), _) => Delivery::Stream,
            _ => Delivery::Whole,
        };
        let sampling = body.sampling()?;
        let output_tokens = body.output_tokens()?;
        let stops = body.stops()?;
        let turns = body
            .messages
            .into_iter()
            .map(Message::turn)
            .collect::<Result<Vec<_>, _>>()?;
        if turns.is_empty() {
            return Err(bad("messages", "is empty: send at least one message"));
        }
        Ok(Self {
            ask: Ask {
                turns,
                sampling,
                stops,
                output_tokens,
            },
            delivery,
        })
    }
}

impl Body {
    /// Refuses what would change the answer and is not done here.
    fn refuse_unfit(&self) -> Result<(), BadAsk> {
        let is_listed =
            |list: &Option<Vec<IgnoredAny>>| list.as_ref().is_some_and(|l| !l.is_empty());
        let is_plain = |format: &ResponseFormat| format.r#type == "text";
        let is_text = |kinds: &Vec<String>| kinds.iter().all(|kind| kind == "text");
        let unfit = [
            (is_listed(&self.tools), "tools", "tools are"),
            (is_listed(&self.functions), "functions", "functions are"),
            (
                self.n.is_some_and(|n| n != 1),
                "n",
                "more than one answer is",
            ),
            (
                self.response_format
                    .as_ref()
                    .is_some_and(|format| !is_plain(format)),
                "response_format",
                "an output format is",
            ),
            (
                self.logprobs == Some(true),
                "logprobs",
                "log probabilities are",
            ),
            (
                self.logit_bias
                    .as_ref()
                    .is_some_and(|bias| !bias.is_empty()),
                "logit_bias",
                "a bias is",
            ),
            (
                self.modalities
                    .as_ref()
                    .is_some_and(|kinds| !is_text(kinds)),
                "modalities",
                "another output than text is",
            ),
        ];
        match unfit.iter().find(|(is_asked, ..)| *is_asked) {
            Some((_, field, what)) => Err(BadAsk {
                field: Some(field),
                message: format!(
                    "{what} not supported by the embedded demonstration models: leave `{field}` \
                     out or ask another model"
                ),
            }),
            None => Ok(()),
        }
    }

    /// Reads how tokens are chosen. Without a temperature the likeliest token is taken: models
    /// this small wander when they are sampled.
    fn sampling(&self) -> Result<Sampling, BadAsk> {
        let within = |field, value: Option<f32>, default, low, high| {
            let value = value.unwrap_or(default);
            if (low..=high).contains(&value) {
                return Ok(value);
            }
            Err(bad(field, &format!("must be from {low} to {high}")))
        };
        let seed = self
            .seed
            .map_or_else(|| RandomState::new().hash_one(()), i64::cast_unsigned);
        let Body {
            frequency_penalty,
            presence_penalty,
            ..
        } = *self;
        Ok(Sampling {
            temperature: within("temperature", self.temperature, 0.0, 0.0, 2.0)?,
            top_p: within("top_p", self.top_p, 1.0, 0.0, 1.0)?,
            seed,
            presence_penalty: within("presence_penalty", presence_penalty, 0.0, -2.0, 2.0)?,
            frequency_penalty: within("frequency_penalty", frequency_penalty, 0.0, -2.0, 2.0)?,
        })
    }

    fn output_tokens(&self) -> Result<Option<usize>, BadAsk> {
        let field = if self.max_completion_tokens.is_some() {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        match self.max_completion_tokens.or(self.max_tokens) {
            Some(0) => Err(bad(field, "must be at least 1")),
            limit => Ok(limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))),
        }
    }

    fn stops(&self) -> Result<Vec<String>, BadAsk> {
        match &self.stop {
            None => Ok(Vec::new()),
            Some(Stop::One(stop)) => Ok(vec![stop.clone()]),
            Some(Stop::Many(stops)) if stops.len() <= MAX_STOPS => Ok(stops.clone()),
            Some(Stop::Many(_)) => Err(bad("stop", "names more than 4 strings")),
        }
    }
}

impl Message {
    fn turn(self) -> Result<Turn, BadAsk> {
        let role = match self.role.as_str() {
            "system" | "developer" => "system",
            "user" => "user",
            "assistant" => "assistant",
            other => {
                return Err(bad(
                    "messages",
                    &format!("has the role `{other}`, which is not taken"),
                ));
            }
        };
        if self.tool_calls.is_some_and(|calls| !calls.is_empty()) {
            return Err(bad("messages", "has tool calls, which are not taken"));
        }
        let content = match self.content {
            None => String::new(),
            Some(Content::Text(text)) => text,
            Some(Content::Parts(parts)) => parts
                .into_iter()
                .map(Part::text)
                .collect::<Result<_, _>>()?,
        };
        Ok(Turn {
            role: role.to_owned(),
            content,
        })
    }
}

impl Part {
    fn text(self) -> Result<String, BadAsk> {
        match (self.r#type.as_str(), self.text) {
            ("text", Some(text)) => Ok(text),
            (kind, _) => {
                let what = format!("has a part of type `{kind}`, and only text is taken");
                Err(bad("messages", &what))
            }
        }
    }
}

fn bad(field: &'static str, what: &str) -> BadAsk {
    BadAsk {
        field: Some(field),
        message: format!("`{field}` {what}"),
    }
}

#[cfg(test)]
mod tests;
