//! The forward pass agrees with itself in any pieces, and with llama.cpp on the real files.

use std::env;
use std::path::PathBuf;

use serde::Deserialize;

use super::{Transformer, UnknownToken};
use crate::convert::describe;
use crate::header::{Header, half_to_single};
use crate::sampler::likeliest;
use crate::tests::models;
use crate::tokens::Tokens;

/// The bound of the mean over all positions; against llama.cpp in single precision it holds at
/// every position of every model.
const MIN_COSINE: f64 = 0.999;
/// The bounds of one position where llama.cpp rounds activations to bytes and the engine does not:
/// that moves single positions, of the smaller model more. `goldens/README.md` has the figures. A
/// fault of a layer falls far below these bounds.
const MIN_COSINE_ROUNDED_SMALLER: f64 = 0.97;
const MIN_COSINE_ROUNDED_LARGER: f64 = 0.995;
const MIN_AGREEMENT: f64 = 0.95;
const MIN_POSITIONS: usize = 500;

#[test]
fn tokens_read_one_by_one_give_what_they_give_together() {
    for architecture in ["llama", "qwen2"] {
        let directory = tempfile::tempdir().unwrap();
        let (_, path) = models(directory.path(), "tiny", architecture);
        let model = Transformer::load(&Header::open(&path).unwrap()).unwrap();
        let tokens: Vec<u32> = (0..70).map(|at| at * 3 % 250).collect();
        let mut memory = model.empty_memory();
        let together = model.read(&tokens, &mut memory).unwrap();
        let mut memory = model.empty_memory();
        let mut apart = Vec::new();
        for token in &tokens {
            apart.extend(model.read(&[*token], &mut memory).unwrap());
        }
        assert_eq!(together, apart, "{architecture}");
        assert_eq!(memory.len(), tokens.len());
        let again = model.read(&tokens[..1], &mut memory).unwrap();
        assert_ne!(again, together[..64], "the position must count");
    }
}

#[test]
fn a_token_outside_the_vocabulary_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (_, path) = models(directory.path(), "tiny", "llama");
    let model = Transformer::load(&Header::open(&path).unwrap()).unwrap();
    let read = model.read(&[9_999], &mut model.empty_memory());
    assert_eq!(read, Err(UnknownToken(9_999)));
}

#[derive(Deserialize)]
struct Golden {
    content_sha256: String,
    ids: Vec<usize>,
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    tokens: Vec<u32>,
    top: Vec<u32>,
    logits: String,
}

#[test]
fn smollm2_agrees_with_llama_cpp() {
    let golden = include_str!("../../goldens/smollm2-135m-exact.json");
    agrees("smollm2-135m", golden, MIN_COSINE);
}

#[test]
fn qwen2_agrees_with_llama_cpp() {
    let golden = include_str!("../../goldens/qwen2.5-coder-0.5b-exact.json");
    agrees("qwen2.5-coder-0.5b", golden, MIN_COSINE);
}

#[test]
fn smollm2_agrees_with_llama_cpp_that_rounds_activations() {
    let golden = include_str!("../../goldens/smollm2-135m.json");
    agrees("smollm2-135m", golden, MIN_COSINE_ROUNDED_SMALLER);
}

#[test]
fn qwen2_agrees_with_llama_cpp_that_rounds_activations() {
    let golden = include_str!("../../goldens/qwen2.5-coder-0.5b.json");
    agrees("qwen2.5-coder-0.5b", golden, MIN_COSINE_ROUNDED_LARGER);
}

/// Compares the engine as it answers; `anywhere` is the least cosine at any one position.
fn agrees(name: &str, golden: &str, anywhere: f64) {
    let path = directory().join(format!("{name}.gguf"));
    if !path.exists() {
        assert!(
            env::var_os("CI").is_none(),
            "{name} is not pulled, and CI must compare it"
        );
        say(&format!(
            "skipped: 1 agreement test of {name} (the model is not pulled)"
        ));
        return;
    }
    let golden: Golden = serde_json::from_str(golden).unwrap();
    let content = describe(&path).unwrap().content_sha256;
    assert_eq!(
        content, golden.content_sha256,
        "the goldens are of other weights"
    );
    let header = Header::open(&path).unwrap();
    let tokens = Tokens::of(&header).unwrap();
    let model = Transformer::load(&header).unwrap();
    let (mut cosines, mut same) = (Vec::new(), 0_usize);
    for text in &golden.texts {
        assert_eq!(
            tokens.encode(&text.text).unwrap(),
            text.tokens,
            "{}",
            text.text
        );
        let rows = model.read(&text.tokens, &mut model.empty_memory()).unwrap();
        let logits = model.logits(&rows);
        let ours = logits.chunks_exact(model.shape().vocabulary);
        let theirs = numbers(&text.logits);
        let theirs = theirs.chunks_exact(golden.ids.len());
        for ((ours, theirs), top) in ours.zip(theirs).zip(&text.top) {
            let picked: Vec<f64> = golden.ids.iter().map(|id| f64::from(ours[*id])).collect();
            cosines.push(cosine(&picked, theirs));
            same += usize::from(likeliest(ours) == Some(*top));
        }
    }
    let positions = cosines.len();
    let share = |count: usize| count as f64 / positions as f64;
    let agreement = share(same);
    let mean = cosines.iter().sum::<f64>() / positions as f64;
    let least = cosines.iter().copied().fold(1.0, f64::min);
    let under = cosines.iter().filter(|cosine| **cosine < MIN_COSINE);
    say(&format!(
        "{name}: {positions} positions; cosine {mean:.6} mean, {least:.6} least, \
         under {MIN_COSINE} at {:.1} %; same likeliest token at {:.1} %",
        100.0 * share(under.count()),
        100.0 * agreement,
    ));
    assert!(positions >= MIN_POSITIONS);
    assert!(mean >= MIN_COSINE, "{mean}");
    assert!(least >= anywhere, "{least}");
    assert!(agreement >= MIN_AGREEMENT, "{agreement}");
}

fn directory() -> PathBuf {
    let set = |name| env::var_os(name).map(PathBuf::from);
    set("TIERGATE_MODELS_DIR").unwrap_or_else(|| {
        let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
        cache.unwrap_or_default().join("tiergate").join("models")
    })
}

fn numbers(hex: &str) -> Vec<f64> {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let half = |at: usize| u16::from_le_bytes([byte(at), byte(at + 2)]);
    (0..hex.len() / 4)
        .map(|at| f64::from(half_to_single(half(at * 4))))
        .collect()
}

fn cosine(left: &[f64], right: &[f64]) -> f64 {
    let dot = |l: &[f64], r: &[f64]| l.iter().zip(r).map(|(l, r)| l * r).sum::<f64>();
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

/// Says what belongs in the account of the run, which reads what tests print.
#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
