//! A streamed answer as events, and the answer they add up to. It must not know framing.

use crate::canonical::{CallForm, Citation, Json, Part, Reply, ServiceTier, Stop, ToolUse, Usage};
use crate::fault::WireError;
use crate::sealed::Sealed;

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
        /// In which queue it is served, where that is known by now.
        service_tier: Option<ServiceTier>,
    },
    /// More text of the current text part.
    Text(String),
    /// More words of refusal.
    Refusal(String),
    /// More thoughts.
    Thinking(String),
    /// The signature of the thoughts before it, or more of it.
    Signature(Sealed),
    /// Thoughts that only their maker can read, whole.
    HiddenThinking(Sealed),
    /// Where something in the text before it comes from; more of that text may follow.
    Citation(Citation),
    /// How likely the tokens of the text just before it were, as [`Part::Logprobs`] holds it.
    Logprobs(Json),
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
        /// What its arguments are.
        form: CallForm,
        /// What the maker of the call checks when it comes back.
        signature: Option<Sealed>,
    },
    /// More of a call's arguments.
    ToolArguments {
        /// Number of the call.
        call: u32,
        /// JSON text, or free text.
        text: String,
    },
    /// A call's arguments are whole.
    ToolStop {
        /// Number of the call.
        call: u32,
    },
    /// In which queue the answer is served, where that came late.
    ServiceTier(ServiceTier),
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
    /// What goes on, and the place of its part.
    open: Option<(Run, usize)>,
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
                service_tier,
            } => {
                self.reply.id.clone_from(id);
                self.reply.model.clone_from(model);
                self.reply.usage = *usage;
                self.reply.created = *created;
                self.reply.service_tier.clone_from(service_tier);
            }
            Event::Text(text) => self.run(Run::Text, text),
            Event::Refusal(text) => self.run(Run::Refusal, text),
            Event::Thinking(text) => self.run(Run::Thinking, text),
            Event::Signature(more) => self.sign(more),
            Event::HiddenThinking(sealed) => self.part(Part::HiddenThinking(sealed.clone())),
            Event::Citation(citation) => self.remark(Part::Citation(citation.clone())),
            Event::Logprobs(list) => self.logprobs(list),
            Event::ToolStart {
                id,
                name,
                form,
                signature,
                ..
            } => {
                self.calls.push(self.reply.parts.len());
                self.part(Part::ToolUse(ToolUse {
                    id: id.clone(),
                    name: name.clone(),
                    arguments: String::new(),
                    form: *form,
                    signature: signature.clone(),
                }));
            }
            Event::ToolArguments { call, text } => {
                if let Some(call) = self.call(*call) {
                    call.arguments.push_str(text);
                }
            }
            Event::PartEnd => self.open = None,
            Event::ToolStop { .. } | Event::End => {}
            Event::ServiceTier(tier) => self.reply.service_tier = Some(tier.clone()),
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
                && call.form == CallForm::Json
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
        if let Some((open, at)) = self.open
            && open == run
            && let Some(Part::Text(old) | Part::Refusal(old) | Part::Thinking { text: old, .. }) =
                self.reply.parts.get_mut(at)
        {
            old.push_str(text);
            return;
        }
        let at = self.reply.parts.len();
        self.part(match run {
            Run::Text => Part::Text(text.to_owned()),
            Run::Refusal => Part::Refusal(text.to_owned()),
            Run::Thinking => Part::Thinking {
                text: text.to_owned(),
                signature: None,
            },
        });
        self.open = Some((run, at));
    }

    fn sign(&mut self, more: &Sealed) {
        if self.open.is_none_or(|(run, _)| run != Run::Thinking) {
            self.run(Run::Thinking, "");
        }
        let at = self.open.map_or(0, |(_, at)| at);
        if let Some(Part::Thinking { signature, .. }) = self.reply.parts.get_mut(at) {
            match signature {
                Some(old) if old.maker == more.maker => old.text.push_str(&more.text),
                signature => *signature = Some(more.clone()),
            }
        }
    }

    /// Adds to the list of the nearest text: each delta brings its own piece.
    fn logprobs(&mut self, list: &Json) {
        let (from, to) = self.remarks();
        let behind = self.reply.parts.get_mut(from..to).unwrap_or_default();
        let known = behind.iter_mut().find_map(|part| match part {
            Part::Logprobs(known) => Some(known),
            _ => None,
        });
        match known {
            Some(known) => *known = join(known, list),
            None => self.remark(Part::Logprobs(list.clone())),
        }
    }

    /// Finds where what is said of the nearest text stands.
    fn remarks(&self) -> (usize, usize) {
        let parts = &self.reply.parts;
        let text = parts.iter().rposition(|part| matches!(part, Part::Text(_)));
        let from = text.map_or(parts.len(), |at| at + 1);
        let behind = parts.get(from..).unwrap_or_default();
        let many = behind.iter().take_while(|part| part.is_remark()).count();
        (from, from + many)
    }

    /// Puts in what is said of the nearest text, which may go on.
    fn remark(&mut self, part: Part) {
        let (_, at) = self.remarks();
        self.reply.parts.insert(at, part);
        let open = self.open.as_mut().map(|(_, open)| open);
        let places = self.calls.iter_mut().chain(open);
        places
            .filter(|place| **place >= at)
            .for_each(|place| *place += 1);
    }

    fn call(&mut self, number: u32) -> Option<&mut ToolUse> {
        let at = *self.calls.get(usize::try_from(number).ok()?)?;
        match self.reply.parts.get_mut(at) {
            Some(Part::ToolUse(call)) => Some(call),
            _ => None,
        }
    }
}

/// Joins two JSON arrays.
fn join(one: &Json, other: &Json) -> Json {
    let inside = |list: &Json| {
        let list = list.0.trim();
        let list = list.strip_prefix('[').unwrap_or(list);
        list.strip_suffix(']').unwrap_or(list).trim().to_owned()
    };
    match (inside(one), inside(other)) {
        (one, other) if one.is_empty() => Json(format!("[{other}]")),
        (one, other) if other.is_empty() => Json(format!("[{one}]")),
        (one, other) => Json(format!("[{one},{other}]")),
    }
}
