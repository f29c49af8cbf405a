//! Requests that only a provider of their own API can answer, and that pass through to it as they
//! are: tokens counted, texts embedded, the older completions. It must not translate.

use bytes::Bytes;

use crate::anthropic_messages::AnthropicMessages;
use crate::canonical::{Reply, Request, UsageChunk};
use crate::dialect::{
    DecodeEvents, Dialect, EncodeEvents, Encoded, ListedModel, Observed, Tap, Target, Translated,
};
use crate::fault::{BadRequest, Malformed, WireError};
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::openai_chat::{self, OpenAiChat};
use crate::peek::{Edits, Features, IncludeUsage, Opening, Peek};
use crate::splice;
use crate::survey::{Named, model, required, walk};

/// Names the older completions of OpenAI's API.
pub const COMPLETIONS: &str = "openai-completions";
/// Names the embeddings of OpenAI's API.
pub const EMBEDDINGS: &str = "openai-embeddings";
/// Names the counting of tokens in Anthropic's API.
pub const COUNT_TOKENS: &str = "anthropic-count-tokens";

/// Holds the field with a stream's options, for the one kind that is streamed.
const STREAM_OPTIONS: &str = "stream_options";

/// Is one kind of request.
struct Passed {
    name: &'static str,
    /// Whose envelopes, headers and streams it has.
    family: &'static dyn Dialect,
    /// The field that it cannot be without, beside the model.
    needs: &'static str,
    /// Whether its answers are streamed where the request says so.
    streams: bool,
    /// Says which models alone can answer it.
    elsewhere: &'static str,
}

/// Lists the kinds.
pub(crate) static PASSED: &[&dyn Dialect] = &[
    &Passed {
        name: COMPLETIONS,
        family: &OpenAiChat,
        needs: "prompt",
        streams: true,
        elsewhere: "only models behind OpenAI's chat API answer completions; use \
                    /v1/chat/completions for others",
    },
    &Passed {
        name: EMBEDDINGS,
        family: &OpenAiChat,
        needs: "input",
        streams: false,
        elsewhere: "only models behind OpenAI's API make embeddings; name one of them",
    },
    &Passed {
        name: COUNT_TOKENS,
        family: &AnthropicMessages,
        needs: "messages",
        streams: false,
        elsewhere: "only models behind Anthropic's API count tokens; name one of them",
    },
];

impl Passed {
    fn unfit(&self) -> BadRequest {
        BadRequest::of("model", self.elsewhere)
    }
}

impl Dialect for Passed {
    fn name(&self) -> &'static str {
        self.name
    }

    fn conversation_header(&self) -> Option<&'static str> {
        self.family.conversation_header()
    }

    fn version_header(&self) -> Option<&'static str> {
        self.family.version_header()
    }

    fn key_header(&self) -> Option<&'static str> {
        self.family.key_header()
    }

    fn request_id_header(&self) -> &'static str {
        self.family.request_id_header()
    }

    fn peek<'a>(&self, body: &'a [u8], _call: Option<&'a str>) -> Result<Peek<'a>, BadRequest> {
        let mut seen = Seen::default();
        let insert_at = walk(body, std::convert::identity, |cursor, key| {
            seen.field(cursor, key, self)
        })?;
        let (model, model_span) = required(seen.model)?;
        if !seen.has_needed {
            return Err(BadRequest::of(self.needs, "is required"));
        }
        let include_usage = match seen.include_usage {
            _ if !seen.stream => IncludeUsage::NotNeeded,
            None => IncludeUsage::Absent,
            Some(options) => options,
        };
        Ok(Peek {
            model,
            model_span,
            stream: seen.stream,
            include_usage,
            max_tokens: seen.max_tokens,
            conversation: None,
            opening: Opening::default(),
            features: Features {
                stream: seen.stream,
                ..Features::default()
            },
            insert_at,
        })
    }

    fn edit(&self, body: &Bytes, peek: &Peek<'_>, edits: &Edits<'_>) -> Bytes {
        splice::edit(body, peek, edits, STREAM_OPTIONS)
    }

    fn decode_request(
        &self,
        _body: &[u8],
        _version: Option<&str>,
    ) -> Result<Translated<Request>, BadRequest> {
        Err(self.unfit())
    }

    fn encode_request(
        &self,
        _request: &Request,
        _target: &Target<'_>,
    ) -> Result<Encoded, BadRequest> {
        Err(self.unfit())
    }

    fn decode_reply(&self, _body: &[u8]) -> Result<Translated<Reply>, Malformed> {
        Err(Malformed {
            dialect: self.name,
            message: "it is not read, since it is passed on as it is".to_owned(),
        })
    }

    fn encode_reply(&self, reply: &Reply) -> Translated<Vec<u8>> {
        self.family.encode_reply(reply)
    }

    fn events(&self) -> Box<dyn DecodeEvents> {
        self.family.events()
    }

    fn writer(&self, usage: UsageChunk) -> Box<dyn EncodeEvents> {
        self.family.writer(usage)
    }

    fn tap(&self, usage: UsageChunk) -> Box<dyn Tap> {
        self.family.tap(usage)
    }

    fn observe(&self, body: &[u8]) -> Observed {
        let seen = self.family.observe(body);
        Observed {
            terminated: seen.error.is_none() && is_object(body),
            ..seen
        }
    }

    fn status_of(&self, error: &WireError) -> u16 {
        self.family.status_of(error)
    }

    fn error_body(&self, error: &WireError) -> Vec<u8> {
        self.family.error_body(error)
    }

    fn error_event(&self, error: &WireError) -> Vec<u8> {
        self.family.error_event(error)
    }

    fn read_error(&self, status: u16, body: &[u8]) -> WireError {
        self.family.read_error(status, body)
    }

    fn models_page(&self, models: &[ListedModel<'_>]) -> Vec<u8> {
        self.family.models_page(models)
    }

    fn model(&self, model: &ListedModel<'_>) -> Vec<u8> {
        self.family.model(model)
    }
}

/// Collects what is read of a body.
#[derive(Default)]
struct Seen<'a> {
    model: Option<Named<'a>>,
    has_needed: bool,
    stream: bool,
    include_usage: Option<IncludeUsage>,
    max_tokens: Option<u64>,
}

impl<'a> Seen<'a> {
    fn field(&mut self, cursor: &mut Cursor<'a>, key: &str, kind: &Passed) -> Scan<()> {
        match key {
            "model" => self.model = Some(model(cursor)?),
            "stream" if kind.streams => {
                self.stream = cursor.optional_bool("stream")? == Some(true);
            }
            "max_tokens" if kind.streams => self.max_tokens = cursor.optional_whole(key)?,
            STREAM_OPTIONS if kind.streams => {
                self.include_usage = Some(openai_chat::usage_options(cursor)?);
            }
            key => {
                self.has_needed |= key == kind.needs && cursor.kind()? != Kind::Null;
                cursor.pass()?;
            }
        }
        Ok(())
    }
}

fn is_object(body: &[u8]) -> bool {
    let walk = || -> Scan<bool> {
        let mut cursor = Cursor::new(body)?;
        let is_object = cursor.kind()? == Kind::Object;
        cursor.pass()?;
        cursor.end()?;
        Ok(is_object)
    };
    walk().unwrap_or(false)
}

#[cfg(test)]
mod tests;
