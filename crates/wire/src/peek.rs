//! What is read of a request without building a tree: what a decision and an edit need, and its
//! features without content. It must not know a dialect's field names, nor keep any text of the
//! caller's but borrowed.

use std::borrow::Cow;
use std::ops::Range;

use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::canonical::{Request, Stream, UsageChunk};
use crate::known::ToolTypes;

/// Holds what one pass over a request's body found.
#[derive(Clone, Debug)]
pub struct Peek<'a> {
    /// The model asked for.
    pub model: Cow<'a, str>,
    /// The bytes of its value, quotation marks included; empty where the body does not name it.
    pub model_span: Range<usize>,
    /// Whether events are asked for.
    pub stream: bool,
    /// Whether and where the body asks for the usage chunk.
    pub include_usage: IncludeUsage,
    /// Most tokens to answer with.
    pub max_tokens: Option<u64>,
    /// The client's own id of the conversation.
    pub conversation: Option<Cow<'a, str>>,
    /// What a conversation without an id is known by.
    pub opening: Opening<'a>,
    /// What the request uses, without content.
    pub features: Features,
    /// Right behind the body's first brace: where a field can be put in.
    pub insert_at: usize,
}

impl Peek<'_> {
    /// Puts into a request that was read of the same body what its path may say instead: the
    /// model, and whether it is streamed.
    pub fn complete(&self, request: &mut Request) {
        (*self.model).clone_into(&mut request.model);
        if self.stream && request.stream == Stream::Whole {
            request.stream = Stream::Events(UsageChunk::Show);
        }
    }

    /// Says whether the stream's usage chunk is shown to this client.
    #[must_use]
    pub fn usage_chunk(&self) -> UsageChunk {
        match self.include_usage {
            IncludeUsage::Asked => UsageChunk::Show,
            _ => UsageChunk::Hide,
        }
    }
}

/// Says whether and where a body asks for the usage chunk of its stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IncludeUsage {
    /// The dialect always tells, or the request is not streamed: nothing to do.
    #[default]
    NotNeeded,
    /// It asks.
    Asked,
    /// No field holds the options.
    Absent,
    /// The options are `null`, in these bytes.
    Null(Range<usize>),
    /// The options stand without the flag; it can be put in here, with a comma behind it where
    /// others follow.
    Options {
        /// Right behind the options' brace.
        at: usize,
        /// Whether other options follow.
        more: bool,
    },
    /// The flag says no, in these bytes.
    Declined(Range<usize>),
}

/// Holds the raw JSON of a conversation's beginning; the same in each of its requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening<'a> {
    /// The first system text's value.
    pub system: Option<&'a str>,
    /// The first user message's content.
    pub user: Option<&'a str>,
}

/// Holds what a request uses: counts and flags, nothing that was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[allow(clippy::struct_excessive_bools)]
pub struct Features {
    /// Messages.
    pub messages: u32,
    /// Tools declared.
    pub tools: u32,
    /// Whether a tool must be called.
    pub forced_tool: bool,
    /// Whether the last message is the model's own, to be continued.
    pub prefill: bool,
    /// Which sampling parameters are set.
    pub sampling: SamplingSet,
    /// Which of them have the value that they would have anyway.
    pub usual: SamplingSet,
    /// Whether thinking or an effort is asked for.
    pub thinking: bool,
    /// Most tokens to think with.
    pub thinking_budget: Option<u64>,
    /// Pictures.
    pub images: u32,
    /// Documents and files.
    pub documents: u32,
    /// Sound recordings.
    pub audio: u32,
    /// Whether the answer must be JSON.
    pub structured_output: bool,
    /// Whether cache breakpoints or a cache key are set.
    pub cache_control: bool,
    /// Whether events are asked for.
    pub stream: bool,
    /// Whether stop sequences are set.
    pub stop_sequences: bool,
    /// Whether a system text stands at the front.
    pub system: bool,
    /// Turns of the model in the history; none in a conversation that begins.
    pub answers: u32,
    /// Pieces of the model's thoughts in the history.
    pub thoughts: u32,
    /// The word of the effort, where one is said: a known one, or `other`.
    pub effort: Option<&'static str>,
    /// How it is asked to think, where that is said: `budget`, `adaptive`, `disabled` or `other`.
    pub thinking_form: Option<&'static str>,
    /// Tools that the provider defines.
    pub tool_types: ToolTypes,
    /// Whether a system text stands in the middle of the conversation.
    pub mid_system: bool,
    /// Whether the most tokens stand in the field of before.
    pub older_max_tokens: bool,
}

impl Features {
    /// Notes a parameter that is set to a value, given as JSON text; says whether it is a sampling
    /// parameter.
    pub(crate) fn sample(&mut self, name: &str, value: &str) -> bool {
        if !self.sampling.insert(name) {
            return false;
        }
        if SamplingSet::usual_value(name).is_some_and(|usual| is_same(usual, value)) {
            self.usual.insert(name);
        }
        true
    }
}

/// Compares two JSON texts: numbers by value, all else by spelling.
fn is_same(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    one == other || number(one).is_some_and(|one| number(other) == Some(one))
}

/// Holds which sampling parameters a request sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SamplingSet(u16);

/// Names the sampling parameters, in the order of their bits, and the value that each has where it
/// is not set; none where there is no such value, or models differ.
const SAMPLING: [(&str, Option<&str>); 10] = [
    ("temperature", Some("1")),
    ("top_p", Some("1")),
    ("top_k", None),
    ("presence_penalty", Some("0")),
    ("frequency_penalty", Some("0")),
    ("seed", None),
    ("logit_bias", None),
    ("logprobs", Some("false")),
    ("n", Some("1")),
    ("top_logprobs", None),
];

impl SamplingSet {
    /// Adds the parameter of that name; says whether it is one.
    pub(crate) fn insert(&mut self, name: &str) -> bool {
        let Some(bit) = SAMPLING.iter().position(|(known, _)| *known == name) else {
            return false;
        };
        self.0 |= 1 << bit;
        true
    }

    /// Lists those that are not in the other set.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Tells the value that a parameter has where it is not set, as JSON text.
    #[must_use]
    pub fn usual_value(name: &str) -> Option<&'static str> {
        let mut rows = SAMPLING.iter();
        rows.find(|(known, _)| *known == name)?.1
    }

    /// Lists the names of those that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        SAMPLING
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 & (1 << bit) != 0)
            .map(|(_, (name, _))| name)
    }

    /// Tells whether none is set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Serialize for SamplingSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for name in self.names() {
            list.serialize_element(name)?;
        }
        list.end()
    }
}

/// Lists the edits that a body which passes through may get; every other byte stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edits<'e> {
    /// The model's name as the provider knows it.
    pub model: Option<&'e str>,
    /// Whether a stream is made to tell its usage.
    pub usage: AskUsage,
    /// Top-level fields that are always as given: name, and value as JSON text.
    pub fixed: &'e [(String, String)],
}

/// Says whether a stream is made to tell its usage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskUsage {
    /// It is; the caller hides the chunk where the client did not ask.
    #[default]
    Always,
    /// The body stays as it is, for servers that refuse the option.
    AsRequested,
}
