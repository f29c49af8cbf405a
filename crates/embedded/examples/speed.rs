//! Measures one converted model file on one thread: `cargo run --release -p embedded --example
//! speed -- FILE`. It must not know more than the crate offers.

use std::error::Error;
use std::path::Path;

use embedded::{Pace, measure};

/// The prompt is this sentence over and over.
const SENTENCE: &str = "A lighthouse keeper wrote the weather down every evening at nine. ";
const SENTENCES: usize = 20;
const TOKENS: usize = 64;
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("usage: speed FILE")?;
    for _ in 0..ROUNDS {
        let speed = measure(Path::new(&file), &SENTENCE.repeat(SENTENCES), TOKENS)?;
        show("read", speed.reading);
        show("written", speed.writing);
    }
    Ok(())
}

#[allow(clippy::print_stdout)]
fn show(what: &str, pace: Pace) {
    let tokens = pace.tokens as f64;
    println!(
        "{tokens} tokens {what}: {:.1} a second, {:.1} ms of processor time each",
        tokens / pace.elapsed.as_secs_f64(),
        1e3 * pace.processor.as_secs_f64() / tokens,
    );
}
