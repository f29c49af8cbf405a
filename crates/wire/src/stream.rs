//! A streamed answer as events, and the answer they add up to. It must not know framing.

use crate::canonical::{Part, Reply, Stop, ToolUse, Usage};
use crate::fault::WireError;

/// Holds one step of a streamed answer. Deltas of tool calls name their call and may be
/// interleaved; all other deltas continue the part before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The answer begins; first and once.
    Start {
        /// The answer's id.
        id: String,
        /// The model that answers.
        model: String,
        /// Input tokens, where they are known by now.
        usage: Option<Usage>,
        /// When it was made, in Unix seconds, where known.
        created: Option<u64>,
    },
    /// More text of the current text part.
    Text(String),
    /// More words of refusal.
    Refusal(String),
    /// More thoughts.
    Thinking(String),
    /// The signature of the thoughts before it.
    Signature(String),
    /// Thoughts that only their maker can read, whole.
    HiddenThinking(String),
    /// The text, refusal or thoughts before it are whole; what follows is a part of its own.
    PartEnd,
    /// A tool call begins.
    ToolStart {
        /// Number of the call among the calls of this answer, from 0.
        call: u32,
        /// Its id.
        id: String,
        /// The tool.
        name: String,
    },
    /// More of a call's arguments.
    ToolArguments {
        /// Number of the call.
        call: u32,
        /// JSON text.
        text: String,
    },
    /// A call's arguments are whole.
    ToolStop {
        /// Number of the call.
        call: u32,
    },
    /// What was used until now; a later one replaces an earlier one.
    Usage(Usage),
    /// Why the answer ended.
    Stop(Stop),
    /// The provider reports an error; nothing follows.
    Error(WireError),
    /// The stream is complete; last.
    End,
}

/// Adds a stream's events up to the answer that they are.
#[derive(Debug, Default)]
pub struct Accumulator {
    reply: Reply,
    open: Option<Run>,
    calls: Vec<usize>,
}

/// What the last delta wrote, so that the next of the same kind continues it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    Text,
    Refusal,
    Thinking,
}

impl Accumulator {
    /// Takes the next event.
    ///
    /// # Errors
    /// Where the stream itself reports an error, that error.
    pub fn push(&mut self, event: &Event) -> Result<(), WireError> {
        match event {
            Event::Start {
                id,
                model,
                usage,
                created,
            } => {
                self.reply.id.clone_from(id);
                self.reply.model.clone_from(model);
                self.reply.usage = *usage;
                self.reply.created = *created;
            }
            Event::Text(text) => self.run(Run::Text, text),
            Event::Refusal(text) => self.run(Run::Refusal, text),
            Event::Thinking(text) => self.run(Run::Thinking, text),
            Event::Signature(text) => self.sign(text),
            Event::HiddenThinking(text) => self.part(Part::HiddenThinking(text.clone())),
            Event::ToolStart { id, name, .. } => {
                self.calls.push(self.reply.parts.len());
                self.part(Part::ToolUse(ToolUse {
                    id: id.clone(),
                    name: name.clone(),
                    arguments: String::new(),
                }));
            }
            Event::ToolArguments { call, text } => self.arguments(*call, text),
            Event::PartEnd => self.open = None,
            Event::ToolStop { .. } | Event::End => {}
            Event::Usage(usage) => self.reply.usage = Some(*usage),
            Event::Stop(stop) => self.reply.stop = stop.clone(),
            Event::Error(error) => return Err(error.clone()),
        }
        Ok(())
    }

    /// Gives the answer.
    #[must_use]
    pub fn finish(mut self) -> Reply {
        for part in &mut self.reply.parts {
            if let Part::ToolUse(call) = part
                && call.arguments.trim().is_empty()
            {
                "{}".clone_into(&mut call.arguments);
            }
        }
        self.reply
    }

    fn part(&mut self, part: Part) {
        self.reply.parts.push(part);
        self.open = None;
    }

    fn run(&mut self, run: Run, text: &str) {
        if self.open == Some(run)
            && let Some(Part::Text(old) | Part::Refusal(old) | Part::Thinking { text: old, .. }) =
                self.reply.parts.last_mut()
        {
            old.push_str(text);
            return;
        }
        self.part(match run {
            Run::Text => Part::Text(text.to_owned()),
            Run::Refusal => Part::Refusal(text.to_owned()),
            Run::Thinking => Part::Thinking {
                text: text.to_owned(),
                signature: None,
            },
        });
        self.open = Some(run);
    }

    fn sign(&mut self, text: &str) {
        if self.open != Some(Run::Thinking) {
            self.run(Run::Thinking, "");
        }
        if let Some(Part::Thinking { signature, .. }) = self.reply.parts.last_mut() {
            signature.get_or_insert_default().push_str(text);
        }
    }

    fn arguments(&mut self, call: u32, text: &str) {
        let place = usize::try_from(call)
            .ok()
            .and_then(|call| self.calls.get(call));
        if let Some(Part::ToolUse(call)) = place.and_then(|at| self.reply.parts.get_mut(*at)) {
            call.arguments.push_str(text);
        }
    }
}
