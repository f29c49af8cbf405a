//! How fast a model reads and writes on this machine, for the project's bench. It must not know
//! requests or queues.

use std::path::Path;
use std::thread;
use std::time::Instant;

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
    /// Tokens of a prompt that are read in a second.
    pub prefill_tok_s: f64,
    /// Tokens of an answer that are written in a second.
    pub decode_tok_s: f64,
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
    let failed = |error: &dyn std::fmt::Display| AskFault::Engine(error.to_string());
    let mut memory = transformer.empty_memory();
    let began = Instant::now();
    let mut logits = Vec::new();
    for piece in prompt.chunks(TOKENS_AT_A_TIME) {
        let rows = transformer
            .read(piece, &mut memory)
            .map_err(|error| failed(&error))?;
        logits = transformer.last_logits(&rows);
    }
    let prefill = began.elapsed();
    let began = Instant::now();
    for _ in 0..tokens {
        let token = likeliest(&logits).ok_or_else(|| failed(&"the prompt is empty"))?;
        let rows = transformer
            .read(&[token], &mut memory)
            .map_err(|error| failed(&error))?;
        logits = transformer.last_logits(&rows);
    }
    Ok(Speed {
        prefill_tok_s: prompt.len() as f64 / prefill.as_secs_f64(),
        decode_tok_s: tokens as f64 / began.elapsed().as_secs_f64(),
    })
}
