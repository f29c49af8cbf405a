//! What a dialect can do: one trait that each wire API implements once. It must not know any
//! dialect, nor when it is used.

use std::time::Duration;

use bytes::Bytes;

use crate::adapt::Words;
use crate::canonical::{Close, Ending, Reply, Request, Stop, Usage, UsageChunk};
use crate::fault::{BadRequest, Loss, Malformed, WireError};
use crate::frames::{Frame, Framing};
use crate::peek::{Edits, Peek};
use crate::stream::Event;
use crate::tool_names::ToolNames;

/// Speaks one wire API.
pub trait Dialect: Sync + Send {
    /// Names it, as the configuration does.
    fn name(&self) -> &'static str;

    /// Names the header in which a client of this dialect says its conversation's id.
    fn conversation_header(&self) -> Option<&'static str> {
        None
    }

    /// Names the header in which a client of this dialect says the version of the API that it
    /// means.
    fn version_header(&self) -> Option<&'static str> {
        None
    }

    /// Names the header in which a client of this dialect asks for what is not yet released.
    fn beta_header(&self) -> Option<&'static str> {
        None
    }

    /// Names a header that clients of no other dialect send, which tells them apart on a shared
    /// path.
    fn own_header(&self) -> Option<&'static str> {
        self.version_header()
    }

    /// Names the header in which a client of this dialect may send its key, and which then counts
    /// before a bearer token.
    fn key_header(&self) -> Option<&'static str> {
        None
    }

    /// Names the parameter of a query in which a client of this dialect may send its key, where no
    /// header bears one. It is read and then kept from logs and providers.
    fn key_parameter(&self) -> Option<&'static str> {
        None
    }

    /// Tells whether the variable segment of a path names something that this dialect answers;
    /// where its paths have none it is not asked.
    fn answers(&self, _call: &str) -> bool {
        true
    }

    /// Says how a stream is framed that was asked for with this query.
    fn framing(&self, _query: Option<&str>) -> Framing {
        Framing::Events
    }

    /// Writes the variable segment of a path for a provider's model, where the dialect says the
    /// model, and whether events are asked for, in the path.
    fn call(&self, _model: &str, _stream: bool) -> Option<String> {
        None
    }

    /// Names the header in which clients of this dialect look for an answer's id.
    fn request_id_header(&self) -> &'static str;

    /// Reads what a decision needs, in one pass and without a tree. The whole body is checked to
    /// be JSON; its values are judged only where they are needed. `call` is the variable segment of
    /// the path, for dialects that say a part of the request there.
    ///
    /// # Errors
    /// Broken JSON, a top-level key given twice, nesting over [`MAX_DEPTH`](crate::MAX_DEPTH),
    /// no model or messages, a value of the wrong type where one is read.
    fn peek<'a>(&self, body: &'a [u8], call: Option<&'a str>) -> Result<Peek<'a>, BadRequest>;

    /// Edits a body of this dialect; every byte outside the edits stays.
    fn edit(&self, body: &Bytes, peek: &Peek<'_>, edits: &Edits<'_>) -> Bytes;

    /// Takes the model's thoughts out of the first `below` messages of a body, so that another
    /// model takes it: thoughts are of use to their maker alone, and newer models refuse those of
    /// another. Every byte outside stays. None where nothing needs to go.
    fn without_thoughts(&self, _body: &[u8], _below: u32) -> Option<Stripped> {
        None
    }

    /// Names the fields in which this dialect says what a model may refuse; a dialect without them
    /// is passed on as it is.
    fn words(&self) -> Option<&'static Words> {
        None
    }

    /// Reads a request's body whole. `version` is the API version that the client asked for, where
    /// the dialect has one. What the path says instead, [`Peek::complete`] puts in.
    ///
    /// # Errors
    /// What is wrong, and what no other dialect could carry, by the field's path.
    fn decode_request(
        &self,
        body: &[u8],
        version: Option<&str>,
    ) -> Result<Translated<Request>, BadRequest>;

    /// Writes a request for a provider of this dialect.
    ///
    /// # Errors
    /// What this dialect cannot carry, by the field's canonical path.
    fn encode_request(&self, request: &Request, target: &Target<'_>)
    -> Result<Encoded, BadRequest>;

    /// Reads an answer that is not streamed.
    ///
    /// # Errors
    /// It is not an answer of this dialect.
    fn decode_reply(&self, body: &[u8]) -> Result<Translated<Reply>, Malformed>;

    /// Writes an answer that is not streamed.
    fn encode_reply(&self, reply: &Reply) -> Translated<Vec<u8>>;

    /// Writes an answer that is not streamed to a request whose body is known, for a dialect whose
    /// answers say again what was asked.
    fn encode_reply_to(&self, _asked: &[u8], reply: &Reply) -> Translated<Vec<u8>> {
        self.encode_reply(reply)
    }

    /// Starts to read a streamed answer.
    fn events(&self) -> Box<dyn DecodeEvents>;

    /// Starts to write a streamed answer; the usage chunk where the dialect makes it a choice.
    fn writer(&self, usage: UsageChunk) -> Box<dyn EncodeEvents>;

    /// Starts to write a streamed answer to a request whose body is known, as
    /// [`Dialect::encode_reply_to`] does.
    fn writer_to(&self, _asked: &[u8], usage: UsageChunk) -> Box<dyn EncodeEvents> {
        self.writer(usage)
    }

    /// Starts to watch a streamed answer that passes through unedited.
    fn tap(&self, usage: UsageChunk) -> Box<dyn Tap>;

    /// Reads what [`Dialect::tap`] would, of an answer that is not streamed and passes through.
    fn observe(&self, body: &[u8]) -> Observed;

    /// Names the status under which this dialect sends an error.
    fn status_of(&self, error: &WireError) -> u16;

    /// Writes an error as a body.
    fn error_body(&self, error: &WireError) -> Vec<u8>;

    /// Writes an error as the last bytes of a stream that has begun; no terminator may follow.
    fn error_event(&self, error: &WireError) -> Vec<u8>;

    /// Reads a provider's error answer; what is no envelope of the dialect becomes an error of
    /// the status alone, so that no foreign text is shown by accident.
    fn read_error(&self, status: u16, body: &[u8]) -> WireError;

    /// Reads how long a provider's error answer asks to be left alone, where its body says so.
    fn retry_after(&self, _body: &[u8]) -> Option<Duration> {
        None
    }

    /// Writes the list of models.
    fn models_page(&self, models: &[ListedModel<'_>]) -> Vec<u8>;

    /// Writes one row of that list, as it stands alone.
    fn model(&self, model: &ListedModel<'_>) -> Vec<u8>;
}

/// Holds a translated value and what got lost on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Translated<T> {
    /// The value.
    pub value: T,
    /// What could not be carried or was changed.
    pub losses: Vec<Loss>,
}

/// Holds a body from which something was taken.
#[derive(Clone, Debug)]
pub struct Stripped {
    /// The body.
    pub body: Bytes,
    /// What was taken or changed.
    pub losses: Vec<Loss>,
}

/// Says what a request is written for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'t> {
    /// The model's name as its provider knows it.
    pub model: &'t str,
    /// Most tokens to answer with where the request does not say and the dialect must.
    pub default_max_tokens: u64,
    /// API version that the provider is asked under, where the dialect has one.
    pub version: Option<&'t str>,
    /// Top-level fields that are always as given: name, and value as JSON text.
    pub fixed: &'t [(String, String)],
}

/// Holds a request's bytes for a provider.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// The body.
    pub body: Bytes,
    /// What could not be carried or was changed.
    pub losses: Vec<Loss>,
    /// Tools that had to be renamed; give it each event or the reply before it is written back.
    pub tool_names: ToolNames,
}

/// Reads a streamed answer into events.
pub trait DecodeEvents: Send {
    /// Reads one frame, adding its events to `out`.
    ///
    /// # Errors
    /// The frame is not of the dialect.
    fn read(&mut self, frame: &Frame, out: &mut Vec<Event>) -> Result<(), Malformed>;

    /// Tells that no more bytes come, adds what was still owed, and says how the stream ended.
    /// [`Event::End`] is among the events only where it is [`Ending::Complete`].
    fn close(&mut self, close: Close, out: &mut Vec<Event>) -> Ending;

    /// Takes what got lost until now.
    fn take_losses(&mut self) -> Vec<Loss>;
}

/// Writes events as a streamed answer.
pub trait EncodeEvents: Send {
    /// Writes one event, adding its bytes to `out`. After an error or the end nothing is added.
    fn write(&mut self, event: &Event, out: &mut Vec<u8>);

    /// Takes what got lost until now.
    fn take_losses(&mut self) -> Vec<Loss>;
}

/// Watches a stream that passes through. It is cheap: most frames are not parsed.
pub trait Tap: Send {
    /// Looks at one frame and says whether the client gets it.
    fn see(&mut self, frame: &Frame) -> Pass;

    /// Shows what was seen until now.
    fn observed(&self) -> &Observed;

    /// Says how the stream ended, once no more bytes come.
    fn ending(&self, close: Close) -> Ending;
}

/// Says whether a frame goes on to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// It does, unchanged.
    Forward,
    /// It does not: the usage chunk that only Tiergate asked for.
    Hide,
}

/// Holds what was seen of an answer that passed through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// What was used.
    pub usage: Option<Usage>,
    /// Why it ended. A refusal is `stop.reason`.
    pub stop: Option<Stop>,
    /// Whether anything of the answer itself went by: text, thoughts, a call.
    pub visible_output: bool,
    /// Whether the terminator came.
    pub terminated: bool,
    /// The error that the stream, or the body, reported.
    pub error: Option<WireError>,
}

/// Holds one row of the list of models.
#[derive(Clone, Copy, Debug)]
pub struct ListedModel<'m> {
    /// The name to ask for.
    pub id: &'m str,
    /// When it was made, in Unix seconds.
    pub created: u64,
    /// What it is for, to show to people.
    pub purpose: &'m str,
    /// Who offers it, such as `tiergate`.
    pub owner: &'m str,
}
