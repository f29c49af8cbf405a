//! What the fake provider does with a request: the list of behaviours and their names.
//!
//! It must not know a socket, a dialect or the script that picks a behaviour.

use std::time::Duration;

use bytes::Bytes;

/// The largest answer that a name may ask for.
const NAMED_SIZE_MAX: u64 = 256 << 20;
/// The gap between tokens where a name gives none.
const NAMED_GAP_MS: u64 = 20;

/// Names one way of answering, well or badly.
///
/// "After n" counts visible deltas of a stream; for an answer that is not streamed it means half
/// way through the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers with the model's id, the last user text and filler up to `tokens` deltas.
    Normal {
        /// The least number of deltas.
        tokens: usize,
        /// The pause before each delta.
        gap: Duration,
    },
    /// Answers with a body of this many bytes that is built once; a stream is as `Normal`.
    Canned {
        /// The size of the whole body.
        bytes: usize,
    },
    /// Answers with deltas whose text is the wall clock in nanoseconds at which each was sent.
    Stamped {
        /// The number of deltas.
        tokens: usize,
        /// The pause before each delta.
        gap: Duration,
    },
    /// Calls the first tool of the request this many times with the last user text.
    ToolCalls(usize),
    /// Does an agent's task: calls a tool, and once it has answered says what it said.
    Task,
    /// Never sends a byte.
    StallHeaders,
    /// Sends the headers and nothing else.
    StallFirstToken,
    /// Sends n deltas, then nothing.
    StallAfter(usize),
    /// Resets the connection before any byte.
    CutBeforeHeaders,
    /// Closes the connection after n deltas, in the middle of the HTTP body.
    CutAfter(usize),
    /// Ends the HTTP body properly after n deltas, but says no finish reason.
    EndAfter(usize),
    /// Declares a longer body than it sends, then closes.
    LieLengthLong,
    /// Declares a shorter body than it sends, then closes.
    LieLengthShort,
    /// Sends bytes that are not HTTP.
    Garbage,
    /// Sends an event that is not JSON after n deltas, then goes on.
    MalformedEvent(usize),
    /// Leaves out `[DONE]` or `message_stop`; all else is complete.
    NoTerminator,
    /// Sends the dialect's error event after n deltas, then ends.
    ErrorEvent(usize),
    /// Answers with this status, headers and body.
    Status {
        /// The status code.
        code: u16,
        /// Headers beside content type and length.
        headers: Vec<(String, String)>,
        /// The body; empty means the dialect's own error envelope.
        body: String,
    },
    /// Answers 307 with this location.
    Redirect(String),
    /// Sends one delta with this many bytes of text.
    HugeEvent(usize),
    /// Waits before the headers, then answers.
    SlowHeaders(Duration),
    /// Sends deltas until the peer leaves.
    EndlessStream,
    /// Sends header lines until the peer leaves.
    EndlessHeaders,
    /// Answers with a cookie and other headers that must not travel on.
    SetCookie,
    /// Sends the headers, waits so long, then answers.
    SlowFirstToken(Duration),
    /// Answers with the error that providers of the dialect have for this.
    Complaint(Complaint),
    /// Declines, with a success status.
    Refusal,
    /// Refuses a request whose last message is the model's own, and answers any other.
    RejectsPrefill,
    /// Thinks before it answers, signs what it thought, and refuses what it has not signed.
    Thinks,
    /// Answers the i-th request with the i-th behaviour, later ones with the last.
    Sequence(Vec<Behaviour>),
    /// Sends recorded bytes, status line and all, then closes.
    Replay(Bytes),
}

/// Names what a provider complains of in words of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// The request is longer than the model's context.
    Overflow,
    /// The provider's filter declines the request.
    Filtered,
    /// The account's money is used up.
    Exhausted,
}

/// Says why a name is no behaviour.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BehaviourError {
    /// The name is on no row of the table.
    #[error("no behaviour is named `{0}`; a name is a word and its numbers, as in cut-after-3")]
    Unknown(String),
    /// The name lacks a number that it needs.
    #[error("the behaviour `{0}` needs a number, as in {0}-3")]
    NumberMissing(&'static str),
    /// A number in the name is too large.
    #[error("the behaviour `{0}` asks for more than {NAMED_SIZE_MAX}")]
    TooLarge(String),
}

/// One name and how it becomes a behaviour from its numbers.
struct Row {
    name: &'static str,
    numbers: usize,
    make: fn(&[u64]) -> Behaviour,
}

const ROWS: &[Row] = &[
    row("normal", 1, |n| Behaviour::normal(count(n, 0))),
    row("canned", 1, |n| Behaviour::Canned { bytes: count(n, 0) }),
    row("stamped", 1, |n| Behaviour::Stamped {
        tokens: count(n, 0),
        gap: Duration::from_millis(n.get(1).copied().unwrap_or(NAMED_GAP_MS)),
    }),
    row("paced", 1, |n| Behaviour::Normal {
        tokens: count(n, 0),
        gap: Duration::from_millis(n.get(1).copied().unwrap_or(NAMED_GAP_MS)),
    }),
    row("tool-calls", 1, |n| Behaviour::ToolCalls(count(n, 0))),
    row("task", 0, |_| Behaviour::Task),
    row("stall-headers", 0, |_| Behaviour::StallHeaders),
    row("stall-first-token", 0, |_| Behaviour::StallFirstToken),
    row("stall-after", 1, |n| Behaviour::StallAfter(count(n, 0))),
    row("cut-before-headers", 0, |_| Behaviour::CutBeforeHeaders),
    row("cut-after", 1, |n| Behaviour::CutAfter(count(n, 0))),
    row("end-after", 1, |n| Behaviour::EndAfter(count(n, 0))),
    row("lie-length-long", 0, |_| Behaviour::LieLengthLong),
    row("lie-length-short", 0, |_| Behaviour::LieLengthShort),
    row("garbage", 0, |_| Behaviour::Garbage),
    row("malformed-event", 1, |n| {
        Behaviour::MalformedEvent(count(n, 0))
    }),
    row("no-terminator", 0, |_| Behaviour::NoTerminator),
    row("error-event", 1, |n| Behaviour::ErrorEvent(count(n, 0))),
    row("status", 1, |n| Behaviour::status(code(n))),
    row("huge-event", 1, |n| Behaviour::HugeEvent(count(n, 0))),
    row("slow-headers", 1, |n| {
        Behaviour::SlowHeaders(Duration::from_millis(n.first().copied().unwrap_or(0)))
    }),
    row("slow-first-token", 1, |n| {
        Behaviour::SlowFirstToken(Duration::from_millis(n.first().copied().unwrap_or(0)))
    }),
    row("overflow", 0, |_| Behaviour::Complaint(Complaint::Overflow)),
    row("filtered", 0, |_| Behaviour::Complaint(Complaint::Filtered)),
    row("exhausted", 0, |_| {
        Behaviour::Complaint(Complaint::Exhausted)
    }),
    row("refusal", 0, |_| Behaviour::Refusal),
    row("rejects-prefill", 0, |_| Behaviour::RejectsPrefill),
    row("thinks", 0, |_| Behaviour::Thinks),
    row("endless-stream", 0, |_| Behaviour::EndlessStream),
    row("endless-headers", 0, |_| Behaviour::EndlessHeaders),
    row("set-cookie", 0, |_| Behaviour::SetCookie),
    row("fail-times", 1, |n| {
        Behaviour::failing(count(n, 0), Behaviour::status(503))
    }),
];

const fn row(name: &'static str, numbers: usize, make: fn(&[u64]) -> Behaviour) -> Row {
    Row {
        name,
        numbers,
        make,
    }
}

fn count(numbers: &[u64], at: usize) -> usize {
    let number = numbers.get(at).copied().unwrap_or(0);
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn code(numbers: &[u64]) -> u16 {
    let number = numbers.first().copied().unwrap_or(500);
    u16::try_from(number).unwrap_or(500)
}

impl Behaviour {
    /// Makes a normal answer of at least this many deltas without pauses.
    #[must_use]
    pub const fn normal(tokens: usize) -> Self {
        Self::Normal {
            tokens,
            gap: Duration::ZERO,
        }
    }

    /// Makes an answer with this status and the dialect's own error envelope.
    #[must_use]
    pub const fn status(code: u16) -> Self {
        Self::Status {
            code,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// Makes a behaviour that fails so many times and is normal from then on.
    #[must_use]
    pub fn failing(times: usize, failure: Self) -> Self {
        let mut turns = vec![failure; times.min(1_000)];
        turns.push(Self::normal(0));
        Self::Sequence(turns)
    }

    /// Reads a name such as `stall-headers`, `cut-after-3` or `stamped-20-5` (tokens and
    /// milliseconds between them).
    ///
    /// # Errors
    ///
    /// Says which name is unknown, lacks its number or asks for too much.
    pub fn named(name: &str) -> Result<Self, BehaviourError> {
        for row in ROWS {
            let Some(rest) = name.strip_prefix(row.name) else {
                continue;
            };
            let Some(numbers) = numbers_of(rest) else {
                continue;
            };
            if numbers.len() < row.numbers {
                return Err(BehaviourError::NumberMissing(row.name));
            }
            if numbers.iter().any(|number| *number > NAMED_SIZE_MAX) {
                return Err(BehaviourError::TooLarge(name.to_owned()));
            }
            return Ok((row.make)(&numbers));
        }
        Err(BehaviourError::Unknown(name.to_owned()))
    }

    /// Lists the names that [`Behaviour::named`] reads.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ROWS.iter().map(|row| row.name)
    }
}

/// Reads `-3-20` as `[3, 20]`; `None` where something else stands.
fn numbers_of(rest: &str) -> Option<Vec<u64>> {
    if rest.is_empty() {
        return Some(Vec::new());
    }
    let numbers = rest.strip_prefix('-')?;
    numbers.split('-').map(|text| text.parse().ok()).collect()
}

#[cfg(test)]
mod tests;
