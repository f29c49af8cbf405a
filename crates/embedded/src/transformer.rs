//! The forward pass of llama and qwen2 models: tokens in, hidden rows and logits out. It must not
//! know text, sampling or threads.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::arith::{add_scaled, add_to_rows, dot, gate, rms_norm, softmax};
use crate::fault::FileFault;
use crate::header::{Architecture, BLOCK, Header};
use crate::matrix::Matrix;
use crate::memory::{Layer, Memory};

/// Base of the rotary frequencies where a file does not say.
const DEFAULT_ROPE_BASE: f32 = 10_000.0;
/// Threads that load one file at most; more wait for the disk.
const MAX_LOADERS: usize = 4;

/// Holds one model's weights; shared by all texts.
pub(crate) struct Transformer {
    shape: Shape,
    embedding: Matrix,
    blocks: Vec<Block>,
    last_norm: Vec<f32>,
    /// Absent where the embedding is used for the output too.
    output: Option<Matrix>,
    /// One turn per pair of numbers in a head, in radians a position.
    turns: Vec<f32>,
}

/// Holds the sizes of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    architecture: Architecture,
    width: usize,
    inner: usize,
    heads: usize,
    key_heads: usize,
    head: usize,
    layers: usize,
    /// Tokens that the model was made for.
    pub(crate) context: usize,
    /// Tokens in the vocabulary.
    pub(crate) vocabulary: usize,
    epsilon: f32,
}

struct Block {
    attention_norm: Vec<f32>,
    query: Projection,
    key: Projection,
    value: Projection,
    attention_out: Matrix,
    feed_norm: Vec<f32>,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

struct Projection {
    weights: Matrix,
    bias: Option<Vec<f32>>,
}

/// Says that a token is not in the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("token {0} is not in the model's vocabulary")]
pub(crate) struct UnknownToken(pub(crate) u32);

impl Transformer {
    /// Loads the weights of an open, converted file.
    pub(crate) fn load(header: &Header) -> Result<Self, FileFault> {
        let shape = Shape::read(header)?;
        let turns = turns(header, &shape)?;
        let Shape {
            width, vocabulary, ..
        } = shape;
        let next = AtomicUsize::new(0);
        let load_rest = || load_blocks(header, &shape, &next);
        thread::scope(|scope| {
            let helpers: Vec<_> = (1..loaders()).map(|_| scope.spawn(load_rest)).collect();
            // The embedding is far larger than any block, so this thread begins with it.
            let embedding = Matrix::load(header, "token_embd.weight", vocabulary, width)?;
            let output = header
                .has_tensor("output.weight")
                .then(|| Matrix::load(header, "output.weight", vocabulary, width))
                .transpose()?;
            let mut numbered = load_rest()?;
            for helper in helpers {
                numbered.extend(helper.join().map_err(|_| ended())??);
            }
            numbered.sort_by_key(|(at, _)| *at);
            Ok(Self {
                last_norm: header.vector("output_norm.weight", width)?,
                shape,
                embedding,
                blocks: numbered.into_iter().map(|(_, block)| block).collect(),
                output,
                turns,
            })
        })
    }

    /// Tells the model's sizes.
    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Makes the memory of a text that has not begun.
    pub(crate) fn empty_memory(&self) -> Memory {
        Memory::new(self.shape.layers, self.shape.key_heads * self.shape.head)
    }

    /// Reads tokens after those in memory, and returns one hidden row per token.
    pub(crate) fn read(
        &self,
        tokens: &[u32],
        memory: &mut Memory,
    ) -> Result<Vec<f32>, UnknownToken> {
        let width = self.shape.width;
        let start = memory.len();
        let mut rows = vec![0.0; tokens.len() * width];
        for (token, row) in tokens.iter().zip(rows.chunks_exact_mut(width)) {
            let at = usize::try_from(*token).map_err(|_| UnknownToken(*token))?;
            if !self.embedding.copy_row(at, row) {
                return Err(UnknownToken(*token));
            }
        }
        for (at, block) in self.blocks.iter().enumerate() {
            // INVARIANT: memory has one layer per block; `empty_memory` is its only source.
            let Some(layer) = memory.layer(at) else { break };
            let attended = self.attend(block, &rows, start, layer);
            add_scaled(&mut rows, &attended, 1.0);
            let fed = self.feed(block, &rows);
            add_scaled(&mut rows, &fed, 1.0);
        }
        Ok(rows)
    }

    /// Computes the logits of each hidden row.
    pub(crate) fn logits(&self, rows: &[f32]) -> Vec<f32> {
        let normed = rms_norm(rows, &self.last_norm, self.shape.epsilon);
        self.output
            .as_ref()
            .unwrap_or(&self.embedding)
            .times(&normed)
    }

    /// Computes the logits of the last hidden row.
    pub(crate) fn last_logits(&self, rows: &[f32]) -> Vec<f32> {
        let from = rows.len().saturating_sub(self.shape.width);
        self.logits(rows.get(from..).unwrap_or_default())
    }

    fn attend(&self, block: &Block, rows: &[f32], start: usize, layer: &mut Layer) -> Vec<f32> {
        let Shape {
            heads,
            key_heads,
            head,
            epsilon,
            ..
        } = self.shape;
        let normed = rms_norm(rows, &block.attention_norm, epsilon);
        let mut queries = block.query.times(&normed);
        let mut keys = block.key.times(&normed);
        self.turn(&mut queries, heads, start);
        self.turn(&mut keys, key_heads, start);
        layer.keys.extend_from_slice(&keys);
        layer.values.extend_from_slice(&block.value.times(&normed));

        let mut mixed = vec![0.0; queries.len()];
        let texts = queries.chunks_exact(heads * head);
        let outs = mixed.chunks_exact_mut(heads * head);
        for (at, (query, out)) in texts.zip(outs).enumerate() {
            let seen = start + at + 1;
            let each = query.chunks_exact(head).zip(out.chunks_exact_mut(head));
            for (number, (query, out)) in each.enumerate() {
                // Several query heads share one key head.
                let offset = number * key_heads / heads * head;
                self.mix(query, layer, offset, seen, out);
            }
        }
        block.attention_out.times(&mixed)
    }

    /// Mixes the values of all seen positions by how well their keys fit the query.
    fn mix(&self, query: &[f32], layer: &Layer, offset: usize, seen: usize, out: &mut [f32]) {
        let Shape {
            key_heads, head, ..
        } = self.shape;
        let stride = key_heads * head;
        let scale = (head as f32).sqrt().recip();
        let place = offset..offset + head;
        let of_head = |row| <[f32]>::get(row, place.clone()).unwrap_or_default();
        let keys = layer.keys.chunks_exact(stride).take(seen).map(of_head);
        let mut scores: Vec<f32> = keys.map(|key| dot(query, key) * scale).collect();
        softmax(&mut scores);
        let values = layer.values.chunks_exact(stride).map(of_head);
        for (value, score) in values.zip(&scores) {
            add_scaled(out, value, *score);
        }
    }

    fn feed(&self, block: &Block, rows: &[f32]) -> Vec<f32> {
        let normed = rms_norm(rows, &block.feed_norm, self.shape.epsilon);
        let mut gated = block.gate.times(&normed);
        gate(&mut gated, &block.up.times(&normed));
        block.down.times(&gated)
    }

    /// Turns each pair of numbers in each head by its angle at the row's position.
    fn turn(&self, rows: &mut [f32], heads: usize, start: usize) {
        let head = self.shape.head;
        for (at, row) in rows.chunks_exact_mut(heads * head).enumerate() {
            let position = (start + at) as f32;
            let turned: Vec<(f32, f32)> = self
                .turns
                .iter()
                .map(|turn| (turn * position).sin_cos())
                .collect();
            for numbers in row.chunks_exact_mut(head) {
                match self.shape.architecture {
                    // The converter of llama files reorders the weights so that the numbers of
                    // a pair are neighbours; for qwen2 they stay half a turned head apart.
                    Architecture::Llama => {
                        let (pairs, _) = numbers.as_chunks_mut::<2>();
                        for ([x, y], (sin, cos)) in pairs.iter_mut().zip(&turned) {
                            (*x, *y) = (*x * cos - *y * sin, *x * sin + *y * cos);
                        }
                    }
                    Architecture::Qwen2 => {
                        let (low, high) = numbers.split_at_mut(turned.len().min(head));
                        for ((x, y), (sin, cos)) in low.iter_mut().zip(high).zip(&turned) {
                            (*x, *y) = (*x * cos - *y * sin, *x * sin + *y * cos);
                        }
                    }
                }
            }
        }
    }
}

impl Shape {
    fn read(header: &Header) -> Result<Self, FileFault> {
        let heads = header.size("attention.head_count")?;
        let width = header.size("embedding_length")?;
        let key_heads = header.size("attention.head_count_kv").unwrap_or(heads);
        let entry = |name: &str| FileFault::Entry(header.own(name));
        if heads == 0 || key_heads == 0 || !heads.is_multiple_of(key_heads) {
            return Err(entry("attention.head_count"));
        }
        let head = header.size("attention.key_length").unwrap_or(width / heads);
        let inner = header.size("feed_forward_length")?;
        let layers = header.size("block_count")?;
        let sizes = [width, inner, heads * head, key_heads * head];
        let is_whole = |size: &usize| *size > 0 && size.is_multiple_of(BLOCK);
        if !sizes.iter().all(is_whole) || head < 2 || !head.is_multiple_of(2) || layers == 0 {
            return Err(entry("embedding_length"));
        }
        if header
            .size("attention.value_length")
            .is_ok_and(|value| value != head)
        {
            return Err(entry("attention.value_length"));
        }
        Ok(Self {
            architecture: header.architecture,
            width,
            inner,
            heads,
            key_heads,
            head,
            layers,
            context: header.size("context_length")?,
            vocabulary: header.texts("tokenizer.ggml.tokens")?.len(),
            epsilon: header
                .number("attention.layer_norm_rms_epsilon")
                .ok_or_else(|| entry("attention.layer_norm_rms_epsilon"))?,
        })
    }
}

/// Tells how many threads load a file: turning its blocks to what the kernels want is most of it.
fn loaders() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_LOADERS))
}

fn ended() -> FileFault {
    FileFault::Thread(io::Error::other("a loading thread ended"))
}

/// Loads blocks that no other thread has begun, with their numbers.
fn load_blocks(
    header: &Header,
    shape: &Shape,
    next: &AtomicUsize,
) -> Result<Vec<(usize, Block)>, FileFault> {
    let mut numbered = Vec::new();
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        if at >= shape.layers {
            return Ok(numbered);
        }
        numbered.push((at, Block::load(header, shape, at)?));
    }
}

impl Block {
    fn load(header: &Header, shape: &Shape, at: usize) -> Result<Self, FileFault> {
        let Shape {
            width,
            inner,
            heads,
            key_heads,
            head,
            ..
        } = *shape;
        let name = |part: &str| format!("blk.{at}.{part}.weight");
        let (queries, keys) = (heads * head, key_heads * head);
        Ok(Self {
            attention_norm: header.vector(&name("attn_norm"), width)?,
            query: Projection::load(header, &format!("blk.{at}.attn_q"), queries, width)?,
            key: Projection::load(header, &format!("blk.{at}.attn_k"), keys, width)?,
            value: Projection::load(header, &format!("blk.{at}.attn_v"), keys, width)?,
            attention_out: Matrix::load(header, &name("attn_output"), width, queries)?,
            feed_norm: header.vector(&name("ffn_norm"), width)?,
            gate: Matrix::load(header, &name("ffn_gate"), inner, width)?,
            up: Matrix::load(header, &name("ffn_up"), inner, width)?,
            down: Matrix::load(header, &name("ffn_down"), width, inner)?,
        })
    }
}

impl Projection {
    fn load(header: &Header, name: &str, rows: usize, columns: usize) -> Result<Self, FileFault> {
        let bias = format!("{name}.bias");
        let has_bias = header.has_tensor(&bias);
        Ok(Self {
            weights: Matrix::load(header, &format!("{name}.weight"), rows, columns)?,
            bias: has_bias.then(|| header.vector(&bias, rows)).transpose()?,
        })
    }

    fn times(&self, input: &[f32]) -> Vec<f32> {
        let mut product = self.weights.times(input);
        if let Some(bias) = &self.bias {
            add_to_rows(&mut product, bias);
        }
        product
    }
}

/// Computes how far each pair of a head turns a position. Files that stretch their context by a
/// scaling of their own are refused, since their answers would be wrong without a word.
fn turns(header: &Header, shape: &Shape) -> Result<Vec<f32>, FileFault> {
    let scaling = header.own("rope.scaling.type");
    if header.text(&scaling).is_ok_and(|kind| kind != "none") {
        return Err(FileFault::Unsupported("rotary scaling".to_owned()));
    }
    let turned = header.size("rope.dimension_count").unwrap_or(shape.head);
    if turned == 0 || turned > shape.head || !turned.is_multiple_of(2) {
        return Err(FileFault::Entry(header.own("rope.dimension_count")));
    }
    let base = header.number("rope.freq_base").unwrap_or(DEFAULT_ROPE_BASE);
    let mut turns: Vec<f32> = (0..turned / 2)
        .map(|pair| base.powf(-2.0 * pair as f32 / turned as f32))
        .collect();
    if header.has_tensor("rope_freqs.weight") {
        let factors = header.vector("rope_freqs.weight", turns.len())?;
        for (turn, factor) in turns.iter_mut().zip(factors) {
            *turn /= factor;
        }
    }
    Ok(turns)
}

#[cfg(test)]
mod tests;
