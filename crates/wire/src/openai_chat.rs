//! The dialect `openai-chat`: OpenAI's Chat Completions, spoken by most servers. It must not know
//! another dialect, nor any provider's own ways.

mod annotations;
mod events;
mod peek;
mod prompt;
mod reply;
mod request;
mod tap;
mod thoughts;
mod tools;
mod vocabulary;
mod words;
mod writer;

use bytes::Bytes;

use crate::adapt::Words;
use crate::canonical::{Reply, Request, UsageChunk};
use crate::dialect::{
    DecodeEvents, Dialect, EncodeEvents, Encoded, ListedModel, Observed, Tap, Target, Translated,
};
use crate::fault::{BadRequest, Malformed, WireError};
use crate::openai::errors;
use crate::peek::{Edits, Peek};
use crate::splice;

pub(crate) use peek::usage_options;
pub(crate) use vocabulary::NAME;

/// Speaks Chat Completions.
#[derive(Clone, Copy, Debug)]
pub struct OpenAiChat;

impl Dialect for OpenAiChat {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request_id_header(&self) -> &'static str {
        "x-request-id"
    }

    fn peek<'a>(&self, body: &'a [u8], _call: Option<&'a str>) -> Result<Peek<'a>, BadRequest> {
        peek::peek(body)
    }

    fn edit(&self, body: &Bytes, peek: &Peek<'_>, edits: &Edits<'_>) -> Bytes {
        splice::edit(body, peek, edits, "stream_options")
    }

    fn words(&self) -> Option<&'static Words> {
        Some(&words::WORDS)
    }

    fn decode_request(
        &self,
        body: &[u8],
        _version: Option<&str>,
    ) -> Result<Translated<Request>, BadRequest> {
        request::decode(body)
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

    fn writer(&self, usage: UsageChunk) -> Box<dyn EncodeEvents> {
        Box::new(writer::Chunks::new(usage))
    }

    fn tap(&self, usage: UsageChunk) -> Box<dyn Tap> {
        Box::new(tap::ChatTap::new(usage))
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
        writer::failure(error)
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
