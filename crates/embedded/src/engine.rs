//! What an engine is: something that answers a chat piece by piece. It must not know candle,
//! HTTP or threads, so that another engine is one more file.

use std::sync::Arc;
use std::time::Duration;

use crate::fault::FileFault;
use crate::sampler::Sampling;
use crate::template::Turn;

/// Answers chats with one model's weights, which all chats share.
pub trait Engine: Send + Sync {
    /// Answers one chat, telling the listener what it says; stops early once nobody listens.
    ///
    /// # Errors
    /// Fails where the chat does not fit the model, and where the model fails.
    fn answer(&self, ask: &Ask, listener: &mut dyn Listener) -> Result<(), AskFault>;

    /// Names the file that the weights were made from, by its SHA-256 in hex.
    fn weights(&self) -> &str;
}

/// Hears an answer as it is made.
pub trait Listener {
    /// Takes the next part.
    fn hear(&mut self, said: Said);

    /// Tells whether nobody is there any more.
    fn is_gone(&self) -> bool;
}

/// Holds one question to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The chat so far.
    pub turns: Vec<Turn>,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// Strings that end the answer; they are not part of it.
    pub stops: Vec<String>,
    /// Tokens that the answer may have; the engine's own limit where there is none.
    pub output_tokens: Option<usize>,
}

/// Holds one part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The chat fits, and reading it begins.
    Began {
        /// Tokens of the chat.
        input_tokens: usize,
        /// Those of them that were remembered from an earlier chat.
        cached_tokens: usize,
    },
    /// Text of the answer.
    Text(String),
    /// The answer is finished.
    Ended {
        /// Why.
        reason: EndReason,
        /// Tokens that were generated.
        output_tokens: usize,
    },
}

/// Says why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The model ended it, or a stop string was found.
    Stop,
    /// The limit of tokens was reached.
    Length,
}

/// Says why a question was not answered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AskFault {
    /// The queue is full.
    #[error("the embedded model is busy: try again in {} s", retry_after.as_secs())]
    Busy {
        /// How long the queue is likely to take.
        retry_after: Duration,
    },
    /// The chat is longer than is allowed.
    #[error(
        "the messages are {} tokens long and the embedded model takes at most {limit}: shorten \
         them or ask another model", count_or_more(*tokens, *limit)
    )]
    PromptTooLong {
        /// Tokens of the chat, where they were counted.
        tokens: Option<usize>,
        /// The most that is allowed.
        limit: usize,
    },
    /// The model's chat template refuses the chat.
    #[error("the embedded model's chat template does not take these messages: {0}")]
    Template(String),
    /// There is no such model.
    #[error("there is no embedded model `{0}`: pull it with `tiergate models pull {0}`")]
    UnknownModel(String),
    /// The model's file cannot be used.
    #[error("the embedded model could not be loaded: {0}")]
    Load(Arc<FileFault>),
    /// The engine failed.
    #[error("the embedded model failed: {0}")]
    Engine(String),
}

fn count_or_more(tokens: Option<usize>, limit: usize) -> String {
    tokens.map_or_else(|| format!("more than {limit}"), |count| count.to_string())
}
