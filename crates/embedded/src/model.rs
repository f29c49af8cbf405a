//! The engine of this crate: one converted file's weights, tokenizer and chat template together.
//! It must not know HTTP, queues or threads.

use std::io;
use std::path::Path;
use std::thread;

use crate::engine::{Ask, AskFault, EndReason, Engine, Listener, Said};
use crate::fault::FileFault;
use crate::header::{Header, SOURCE_ENTRY};
use crate::memory::{Memory, Prefixes};
use crate::sampler::Sampler;
use crate::stops::Stops;
use crate::template::{Template, Turn};
use crate::tokens::Tokens;
use crate::transformer::Transformer;

/// Tokens read at a time; between two pieces the engine looks whether anyone still listens. The
/// larger model takes about half a second for so many on one core. The more at a time, the more
/// products share one widening of the weights.
pub(crate) const TOKENS_AT_A_TIME: usize = 24;
/// A prefix shorter than this is read again rather than kept.
const SHORTEST_PREFIX: usize = 8;
/// No token spells more bytes than this, so longer text is refused before it is cut to tokens.
const MAX_BYTES_PER_TOKEN: usize = 128;
/// Stands for the first words of a chat when its fixed beginning is looked for.
const MARK: &str = "\u{1}";

/// Limits what one engine takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tokens of a chat.
    pub input_tokens: usize,
    /// Tokens of an answer.
    pub output_tokens: usize,
    /// Bytes of remembered prefixes.
    pub prefix_bytes: usize,
}

/// Holds a model that is ready to answer.
pub struct Model {
    transformer: Transformer,
    tokens: Tokens,
    template: Template,
    prefixes: Prefixes,
    limits: Limits,
    weights: String,
}

impl Model {
    /// Loads a converted file.
    ///
    /// # Errors
    /// Fails where the file is missing, was not converted, or is not one that the engine runs.
    pub fn load(path: &Path, limits: Limits) -> Result<Self, FileFault> {
        let header = Header::open(path)?;
        let weights = header
            .text(SOURCE_ENTRY)
            .map_err(|_| FileFault::NotConverted)?
            .to_owned();
        let (transformer, tokens) = thread::scope(|scope| {
            let tokens = scope.spawn(|| Tokens::of(&header));
            let transformer = Transformer::load(&header);
            let ended = |_| FileFault::Thread(io::Error::other("the tokenizer's thread ended"));
            (transformer, tokens.join().map_err(ended).flatten())
        });
        let tokens = tokens?;
        let source = header.text("tokenizer.chat_template").ok();
        let template = Template::new(source, &tokens.begin_text, &tokens.end_text)?;
        Ok(Self {
            transformer: transformer?,
            tokens,
            template,
            prefixes: Prefixes::new(limits.prefix_bytes),
            limits,
            weights,
        })
    }

    /// Turns a chat to tokens within the limit.
    fn prompt(&self, turns: &[Turn]) -> Result<Vec<u32>, AskFault> {
        let limit = self
            .limits
            .input_tokens
            .min(self.transformer.shape().context - 1);
        let bytes: usize = turns.iter().map(|turn| turn.content.len()).sum();
        if bytes > limit.saturating_mul(MAX_BYTES_PER_TOKEN) {
            return Err(AskFault::PromptTooLong {
                tokens: None,
                limit,
            });
        }
        let text = self.render(turns)?;
        let tokens = self.tokens.encode(&text).map_err(engine)?;
        if tokens.len() > limit {
            let tokens = Some(tokens.len());
            return Err(AskFault::PromptTooLong { tokens, limit });
        }
        Ok(tokens)
    }

    /// Renders a chat so that only the template writes control tokens.
    // INVARIANT: no message adds a control token, held by `a_message_cannot_forge_a_turn`.
    fn render(&self, turns: &[Turn]) -> Result<String, AskFault> {
        let names = self.tokens.names();
        let render = |hide: &dyn Fn(&str) -> String| {
            let hide = |turn: &Turn| Turn {
                role: hide(&turn.role),
                content: hide(&turn.content),
            };
            let turns: Vec<Turn> = turns.iter().map(hide).collect();
            let rendered = self.template.render(&turns);
            rendered.map_err(|error| AskFault::Template(error.to_string()))
        };
        let rendered = render(&|text| names.hide(text))?;
        // A template may cut and join what messages say, and so make a name that none of them
        // holds whole. Then it gets nothing to make one from.
        let strict = render(&|text| names.hide_beginnings(text))?;
        let is_forged = names.controls(&rendered) != names.controls(&strict);
        Ok(if is_forged { strict } else { rendered })
    }

    /// Counts the tokens of a prompt that do not depend on what the first user says: the system
    /// prompt and what the template puts around it.
    fn fixed_tokens(&self, turns: &[Turn], prompt: &[u32]) -> Result<usize, AskFault> {
        let Some(first) = turns.iter().position(|turn| turn.role != "system") else {
            return Ok(0);
        };
        let mut marked = turns.get(..=first).unwrap_or_default().to_vec();
        if let Some(turn) = marked.last_mut() {
            MARK.clone_into(&mut turn.content);
        }
        let marked = self.render(&marked)?;
        let Some((head, _)) = marked.split_once(MARK) else {
            return Ok(0);
        };
        let head = self.tokens.encode(head).map_err(engine)?;
        Ok(head
            .iter()
            .zip(prompt)
            .take_while(|(left, right)| left == right)
            .count())
    }

    /// Reads the prompt after what is remembered, and returns the logits of its last token;
    /// nothing where the listener has gone.
    fn read_prompt(
        &self,
        prompt: &[u32],
        fixed: usize,
        memory: &mut Memory,
        listener: &dyn Listener,
    ) -> Result<Option<Vec<f32>>, AskFault> {
        let mut logits = None;
        while memory.len() < prompt.len() {
            if listener.is_gone() {
                return Ok(None);
            }
            let from = memory.len();
            let until = if from < fixed { fixed } else { prompt.len() };
            let until = until.min(from + TOKENS_AT_A_TIME);
            let piece = prompt.get(from..until).unwrap_or_default();
            let rows = self.transformer.read(piece, memory).map_err(engine)?;
            if until == fixed && fixed >= SHORTEST_PREFIX {
                self.prefixes
                    .keep(prompt.get(..fixed).unwrap_or_default(), memory);
            }
            if until == prompt.len() {
                logits = Some(self.transformer.last_logits(&rows));
            }
        }
        Ok(logits)
    }

    /// Says the answer token by token; nothing where the listener has gone.
    fn say(
        &self,
        ask: &Ask,
        mut logits: Vec<f32>,
        memory: &mut Memory,
        listener: &mut dyn Listener,
    ) -> Result<Option<Said>, AskFault> {
        let mut limit = ask
            .output_tokens
            .unwrap_or(usize::MAX)
            .min(self.limits.output_tokens);
        limit = limit.min(self.transformer.shape().context - memory.len());
        let mut sampler = Sampler::new(ask.sampling);
        let mut stops = Stops::new(&ask.stops);
        let mut spell = self.tokens.speller();
        let mut output_tokens = 0;
        let mut reason = EndReason::Length;
        while output_tokens < limit {
            if listener.is_gone() {
                return Ok(None);
            }
            let chosen = sampler.next(&mut logits);
            let token = chosen.ok_or_else(|| AskFault::Engine("no logits".to_owned()))?;
            output_tokens += 1;
            if self.tokens.is_end(token) {
                reason = EndReason::Stop;
                break;
            }
            let piece = spell(token).map_err(engine)?.unwrap_or_default();
            let (shown, is_stopped) = stops.take(&piece);
            if !shown.is_empty() {
                listener.hear(Said::Text(shown));
            }
            if is_stopped {
                reason = EndReason::Stop;
                break;
            }
            if output_tokens < limit {
                let rows = self.transformer.read(&[token], memory).map_err(engine)?;
                logits = self.transformer.last_logits(&rows);
            }
        }
        let rest = stops.rest();
        if !rest.is_empty() {
            listener.hear(Said::Text(rest));
        }
        Ok(Some(Said::Ended {
            reason,
            output_tokens,
        }))
    }
}

impl Engine for Model {
    fn answer(&self, ask: &Ask, listener: &mut dyn Listener) -> Result<(), AskFault> {
        let prompt = self.prompt(&ask.turns)?;
        let fixed = self.fixed_tokens(&ask.turns, &prompt)?;
        let remembered = self.prefixes.longest(&prompt);
        let mut memory = remembered.unwrap_or_else(|| self.transformer.empty_memory());
        listener.hear(Said::Began {
            input_tokens: prompt.len(),
            cached_tokens: memory.len(),
        });
        let Some(logits) = self.read_prompt(&prompt, fixed, &mut memory, listener)? else {
            return Ok(());
        };
        if let Some(ended) = self.say(ask, logits, &mut memory, listener)? {
            listener.hear(ended);
        }
        Ok(())
    }

    fn weights(&self) -> &str {
        &self.weights
    }
}

fn engine(error: impl std::fmt::Display) -> AskFault {
    AskFault::Engine(error.to_string())
}

#[cfg(test)]
mod tests;
