//! How fast a model reads and writes on this machine, without a gateway around it. It must not
//! know requests or queues.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::engine::AskFault;
use crate::fault::FileFault;
use crate::header::Header;
use crate::model::TOKENS_AT_A_TIME;
use crate::priority;
use crate::sampler::likeliest;
use crate::tokens::Tokens;
use crate::transformer::Transformer;

/// Holds how fast a model is on one thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Reading the prompt.
    pub reading: Pace,
    /// Writing the answer.
    pub writing: Pace,
}

/// Holds what some tokens took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// How many tokens.
    pub tokens: usize,
    /// Time on the clock.
    pub elapsed: Duration,
    /// Processor time of the thread; less than the clock's where others have the cores.
    pub processor: Duration,
}

/// Reads a prompt and writes `tokens` tokens after it, greedily, on one thread of the priority
/// that inference has.
///
/// # Errors
/// Fails where the file cannot be loaded or the prompt cannot be read.
pub fn measure(path: &Path, prompt: &str, tokens: usize) -> Result<Speed, FileFault> {
    let header = Header::open(path)?;
    let transformer = Transformer::load(&header)?;
    let prompt = Tokens::of(&header)?
        .encode(prompt)
        .map_err(|error| FileFault::Tokenizer(error.to_string()))?;
    let measured = thread::scope(|scope| {
        let run = scope.spawn(|| {
            priority::lower();
            run(&transformer, &prompt, tokens)
        });
        run.join()
            .map_err(|_| AskFault::Engine("the thread ended".to_owned()))?
    });
    measured.map_err(|fault| FileFault::Unsupported(fault.to_string()))
}

fn run(transformer: &Transformer, prompt: &[u32], tokens: usize) -> Result<Speed, AskFault> {
    let mut memory = transformer.empty_memory();
    let (reading, read) = paced(prompt.len(), || {
        let mut rows = Vec::new();
        for piece in prompt.chunks(TOKENS_AT_A_TIME) {
            rows = transformer.read(piece, &mut memory).map_err(failed)?;
        }
        Ok(transformer.last_logits(&rows))
    });
    let mut logits = read?;
    let (writing, written) = paced(tokens, || {
        for _ in 0..tokens {
            let token = likeliest(&logits).ok_or_else(|| failed("the prompt is empty"))?;
            let rows = transformer.read(&[token], &mut memory).map_err(failed)?;
            logits = transformer.last_logits(&rows);
        }
        Ok(())
    });
    written.map(|()| Speed { reading, writing })
}

/// Takes the time of what some tokens need.
fn paced<T>(tokens: usize, work: impl FnOnce() -> T) -> (Pace, T) {
    let (began, processor) = (Instant::now(), processor_time());
    let done = work();
    let pace = Pace {
        tokens,
        elapsed: began.elapsed(),
        processor: processor_time().saturating_sub(processor),
    };
    (pace, done)
}

/// Tells the processor time of the calling thread so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn failed(error: impl std::fmt::Display) -> AskFault {
    AskFault::Engine(error.to_string())
}
