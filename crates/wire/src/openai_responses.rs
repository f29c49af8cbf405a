//! The dialect `openai-responses`: OpenAI's Responses, spoken by its newer clients and by servers
//! that follow Open Responses. It must not know another dialect, nor any provider's own ways.

mod annotations;
mod asked;
mod content;
mod event;
mod events;
mod failure;
mod input;
mod output;
mod peek;
mod progress;
mod prompt;
mod reasoning;
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
    DecodeEvents, Dialect, EncodeEvents, Encoded, ListedModel, Observed, Stripped, Tap, Target,
    Translated,
};
use crate::fault::{BadRequest, Malformed, WireError};
use crate::openai::errors;
use crate::openai_responses::asked::Asked;
use crate::peek::{Edits, Peek};
use crate::splice;

pub(crate) use vocabulary::NAME;

/// Speaks Responses.
#[derive(Clone, Copy, Debug)]
pub struct OpenAiResponses;

impl Dialect for OpenAiResponses {
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
        // A stream always tells its usage, so no option has to ask for it.
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
        reply::encode(&Asked::default(), reply)
    }

    fn encode_reply_to(&self, asked: &[u8], reply: &Reply) -> Translated<Vec<u8>> {
        reply::encode(&Asked::read(asked), reply)
    }

    fn events(&self) -> Box<dyn DecodeEvents> {
        Box::new(events::Events::default())
    }

    fn writer(&self, _usage: UsageChunk) -> Box<dyn EncodeEvents> {
        Box::new(writer::Items::default())
    }

    fn writer_to(&self, asked: &[u8], _usage: UsageChunk) -> Box<dyn EncodeEvents> {
        Box::new(writer::Items::of(Asked::read(asked)))
    }

    fn tap(&self, _usage: UsageChunk) -> Box<dyn Tap> {
        Box::new(tap::ResponsesTap::default())
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
        // How many events went before is not known here, and no client counts behind an error.
        failure::write(error, 0)
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
