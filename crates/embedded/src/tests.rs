//! A tiny model file made on the spot, for the tests of this crate. It must not be real.

use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

use crate::convert::convert;
use crate::engine::Ask;
use crate::host::Config;
use crate::model::Limits;
use crate::sampler::Sampling;
use crate::template::Turn;

const WIDTH: usize = 64;
const INNER: usize = 96;
const KEYS: usize = 32;
const LAYERS: usize = 2;
const SPECIALS: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/// Limits that a short chat with the tiny model keeps.
pub(crate) const LIMITS: Limits = Limits {
    input_tokens: 200,
    output_tokens: 24,
    prefix_bytes: 1 << 20,
};

/// Writes a source file of the architecture; its weights are noise from a seed.
pub(crate) fn source_file(path: &Path, architecture: &str) {
    let words = words();
    let mut noise = Noise(7);
    let mut tensors = Vec::new();
    let mut add = |name: String, shape: &[usize]| tensors.push((name, noise.tensor(shape)));
    add("token_embd.weight".to_owned(), &[words.len(), WIDTH]);
    add("output_norm.weight".to_owned(), &[WIDTH]);
    for at in 0..LAYERS {
        for (part, shape) in [
            ("attn_norm.weight", &[WIDTH][..]),
            ("attn_q.weight", &[WIDTH, WIDTH]),
            ("attn_k.weight", &[KEYS, WIDTH]),
            ("attn_v.weight", &[KEYS, WIDTH]),
            ("attn_output.weight", &[WIDTH, WIDTH]),
            ("ffn_norm.weight", &[WIDTH]),
            ("ffn_gate.weight", &[INNER, WIDTH]),
            ("ffn_up.weight", &[INNER, WIDTH]),
            ("ffn_down.weight", &[WIDTH, INNER]),
        ] {
            add(format!("blk.{at}.{part}"), shape);
        }
        if architecture == "qwen2" {
            add(format!("blk.{at}.attn_q.bias"), &[WIDTH]);
        }
    }
    let entries = entries(architecture, &words);
    let entries: Vec<_> = entries
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    let tensors: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    let mut file = std::fs::File::create(path).unwrap();
    gguf_file::write(&mut file, &entries, &tensors).unwrap();
}

/// Writes and converts a tiny model, and returns the directory's settings.
pub(crate) fn models(directory: &Path, name: &str, architecture: &str) -> (Config, PathBuf) {
    let source = directory.join("source");
    source_file(&source, architecture);
    let target = directory.join(format!("{name}.gguf"));
    convert(&source, &target, |_| ()).unwrap();
    let config = Config {
        directory: directory.to_owned(),
        threads: 1,
        queue: 4,
        limits: LIMITS,
    };
    (config, target)
}

/// Asks greedily with one user turn.
pub(crate) fn ask(text: &str) -> Ask {
    Ask {
        turns: vec![turn("user", text)],
        sampling: Sampling::GREEDY,
        stops: Vec::new(),
        output_tokens: None,
    }
}

/// Makes a turn.
pub(crate) fn turn(role: &str, content: &str) -> Turn {
    Turn {
        role: role.to_owned(),
        content: content.to_owned(),
    }
}

fn entries(architecture: &str, words: &[String]) -> Vec<(String, Value)> {
    let own = |name: &str, value: usize| {
        (
            format!("{architecture}.{name}"),
            Value::U32(u32::try_from(value).unwrap()),
        )
    };
    let text = |name: &str, value: &str| (name.to_owned(), Value::String(value.to_owned()));
    let pre = if architecture == "qwen2" {
        "qwen2"
    } else {
        "smollm"
    };
    let kind = |at: usize| Value::I32(if at < SPECIALS.len() { 3 } else { 1 });
    vec![
        text("general.architecture", architecture),
        own("block_count", LAYERS),
        own("context_length", 256),
        own("embedding_length", WIDTH),
        own("feed_forward_length", INNER),
        own("attention.head_count", 2),
        own("attention.head_count_kv", 1),
        (
            format!("{architecture}.attention.layer_norm_rms_epsilon"),
            Value::F32(1e-5),
        ),
        text("tokenizer.ggml.model", "gpt2"),
        text("tokenizer.ggml.pre", pre),
        (
            "tokenizer.ggml.tokens".to_owned(),
            Value::Array(
                words
                    .iter()
                    .map(|word| Value::String(word.clone()))
                    .collect(),
            ),
        ),
        (
            "tokenizer.ggml.token_type".to_owned(),
            Value::Array((0..words.len()).map(kind).collect()),
        ),
        (
            "tokenizer.ggml.merges".to_owned(),
            Value::Array(vec![
                Value::String("h e".to_owned()),
                Value::String("Ġ a".to_owned()),
            ]),
        ),
        ("tokenizer.ggml.eos_token_id".to_owned(), Value::U32(2)),
    ]
}

/// Lists the special tokens, one token for every byte as byte-level files spell it, and two words.
fn words() -> Vec<String> {
    let mut words: Vec<String> = SPECIALS.map(str::to_owned).to_vec();
    let mut spare = 256_u32;
    for byte in 0_u8..=255 {
        let is_shown = matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
        let code = if is_shown { u32::from(byte) } else { spare };
        spare += u32::from(!is_shown);
        words.push(char::from_u32(code).unwrap().to_string());
    }
    words.extend(["he".to_owned(), "Ġa".to_owned()]);
    words
}

struct Noise(u64);

impl Noise {
    fn tensor(&mut self, shape: &[usize]) -> QTensor {
        let count = shape.iter().product();
        let numbers: Vec<f32> = (0..count).map(|_| self.number()).collect();
        let tensor = Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap();
        QTensor::quantize(&tensor, GgmlDType::F32).unwrap()
    }

    fn number(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 40) as f32 / (1 << 24) as f32 - 0.5
    }
}
