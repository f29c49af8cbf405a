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

/// What a comparison with llama.cpp must show.
struct Bounds {
    /// Terms that the engine's activations are quantised to; the engine itself takes one.
    terms: usize,
    /// The least cosine at any one position.
    anywhere: f64,
}

/// The bound of the mean over all positions, in every comparison.
const MIN_COSINE: f64 = 0.999;
/// Rounding activations moves single positions of the smallest model, in llama.cpp as in the
/// engine; `goldens/README.md` has the figures. A fault of a layer falls far below this bound.
const ROUNDED: Bounds = Bounds {
    terms: 1,
    anywhere: 0.97,
};
/// Larger models move less: the bound of the mean holds at every position.
const ROUNDED_LARGER: Bounds = Bounds {
    terms: 1,
    anywhere: MIN_COSINE,
};
/// Without that rounding on either side it does for the smallest model too.
const EXACT: Bounds = Bounds {
    terms: 2,
    anywhere: MIN_COSINE,
};
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
    let golden = include_str!("../../goldens/smollm2-135m.json");
    agrees("smollm2-135m", golden, &ROUNDED);
}

#[test]
fn smollm2_in_single_precision_agrees_with_llama_cpp_in_single_precision() {
    let golden = include_str!("../../goldens/smollm2-135m-exact.json");
    agrees("smollm2-135m", golden, &EXACT);
}

#[test]
fn qwen2_agrees_with_llama_cpp() {
    let golden = include_str!("../../goldens/qwen2.5-coder-0.5b.json");
    agrees("qwen2.5-coder-0.5b", golden, &ROUNDED_LARGER);
}

fn agrees(name: &str, golden: &str, bounds: &Bounds) {
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
    let model = model.with_terms(bounds.terms);
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
        "{name}, activations in {} terms: {positions} positions; cosine {mean:.6} mean, \
         {least:.6} least, under {MIN_COSINE} at {:.1} %; same likeliest token at {:.1} %",
        bounds.terms,
        100.0 * share(under.count()),
        100.0 * agreement,
    ));
    assert!(positions >= MIN_POSITIONS);
    assert!(mean >= MIN_COSINE, "{mean}");
    assert!(least >= bounds.anywhere, "{least}");
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
