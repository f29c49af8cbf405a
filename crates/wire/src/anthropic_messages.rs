//! The dialect `anthropic-messages`: the Messages API, in both its versions. It must not know
//! another dialect, nor any provider's own ways.

mod blocks;
mod errors;
mod events;
mod peek;
mod prompt;
mod reply;
mod request;
mod tap;
mod thoughts;
mod vocabulary;
mod words;
mod writer;

use bytes::Bytes;

use crate::adapt::Words;
use crate::canonical::{Reply, Request, UsageChunk};
use crate::dialect::{
    DecodeEvents, Dialect, EncodeEvents, Encoded, ListedModel, Observed, Stripped, Tap, Target,
    Translated,
};
use crate::fault::{BadRequest, Malformed, WireError};
use crate::peek::{Edits, Peek};
use crate::splice;

pub(crate) use vocabulary::NAME;

/// Speaks the Messages API.
#[derive(Clone, Copy, Debug)]
pub struct AnthropicMessages;

impl Dialect for AnthropicMessages {
    fn name(&self) -> &'static str {
        NAME
    }

    fn conversation_header(&self) -> Option<&'static str> {
        Some("x-claude-code-session-id")
    }

    fn version_header(&self) -> Option<&'static str> {
        Some("anthropic-version")
    }

    fn beta_header(&self) -> Option<&'static str> {
        Some("anthropic-beta")
    }

    fn key_header(&self) -> Option<&'static str> {
        Some("x-api-key")
    }

    fn request_id_header(&self) -> &'static str {
        "request-id"
    }

    fn peek<'a>(&self, body: &'a [u8], _call: Option<&'a str>) -> Result<Peek<'a>, BadRequest> {
        peek::peek(body)
    }

    fn edit(&self, body: &Bytes, peek: &Peek<'_>, edits: &Edits<'_>) -> Bytes {
        // A stream always tells its usage here, so no field asks for it.
        splice::edit(body, peek, edits, "")
    }

    fn without_thoughts(&self, body: &[u8], below: u32) -> Option<Stripped> {
        thoughts::without(body, below)
    }

    fn words(&self) -> Option<&'static Words> {
        Some(&words::WORDS)
    }

    fn decode_request(
        &self,
        body: &[u8],
        version: Option<&str>,
    ) -> Result<Translated<Request>, BadRequest> {
        request::decode(body, version)
    }

    fn encode_request(
        &self,
        request: &Request,
        target: &Target<'_>,
    ) -> Result<Encoded, BadRequest> {
        prompt::encode(request, target)
    }

    fn decode_reply(&self, body: &[u8]) -> Result<Translated<Reply>, Malformed> {
        reply::decode(body)
    }

    fn encode_reply(&self, reply: &Reply) -> Translated<Vec<u8>> {
        reply::encode(reply)
    }

    fn events(&self) -> Box<dyn DecodeEvents> {
        Box::new(events::Events::default())
    }

    fn writer(&self, _usage: UsageChunk) -> Box<dyn EncodeEvents> {
        Box::new(writer::Blocks::default())
    }

    fn tap(&self, _usage: UsageChunk) -> Box<dyn Tap> {
        Box::new(tap::MessagesTap::default())
    }

    fn observe(&self, body: &[u8]) -> Observed {
        tap::observe(body)
    }

    fn status_of(&self, error: &WireError) -> u16 {
        errors::status_of(error)
    }

    fn error_body(&self, error: &WireError) -> Vec<u8> {
        errors::body(error)
    }

    fn error_event(&self, error: &WireError) -> Vec<u8> {
        errors::event(error)
    }

    fn read_error(&self, status: u16, body: &[u8]) -> WireError {
        errors::read(status, body)
    }

    fn models_page(&self, models: &[ListedModel<'_>]) -> Vec<u8> {
        errors::models_page(models)
    }

    fn model(&self, model: &ListedModel<'_>) -> Vec<u8> {
        errors::model(model)
    }
}

#[cfg(test)]
mod tests;
