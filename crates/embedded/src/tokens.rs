//! Text to tokens and back, built from a model file's own vocabulary, merges and special tokens.
//! It must not know a chat or a model's weights.

use candle_core::quantized::gguf_file::Value;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::unicode::NFC;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;
use tokenizers::{AddedToken, Tokenizer};

use crate::fault::FileFault;
use crate::header::Header;
use crate::names::{Names, Piece, reveal};

/// The pattern of Qwen 2's own tokenizer: single digits, words with what stands before them.
const QWEN2: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}",
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
);
/// The pattern of Llama 3's own tokenizer: as above with up to three digits together.
const LLAMA3: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}",
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
);
/// What GGUF files call tokens that steer a model rather than spell text.
const CONTROL: usize = 3;
/// What GGUF files call tokens that were added whole to the vocabulary.
const USER_DEFINED: usize = 4;
/// Control tokens that end an answer in some family of models, beside the one a file names.
const ENDINGS: &[&str] = &[
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "</s>",
];

/// Turns text to tokens and back.
pub(crate) struct Tokens {
    tokenizer: Tokenizer,
    names: Names,
    begin: Option<u32>,
    adds_begin: bool,
    ends: Vec<u32>,
    pub(crate) begin_text: String,
    pub(crate) end_text: String,
}

impl Tokens {
    /// Builds the tokenizer of a model file.
    pub(crate) fn of(header: &Header) -> Result<Self, FileFault> {
        let model = header.text("tokenizer.ggml.model")?;
        if model != "gpt2" {
            return Err(FileFault::Unsupported(format!(
                "the tokenizer model `{model}`"
            )));
        }
        let words = header.texts("tokenizer.ggml.tokens")?;
        let kinds = kinds(header);
        let tokenizer = tokenizer_of(header, &words, &kinds)?;
        let id = |entry: &str| header.whole(entry).and_then(|id| u32::try_from(id).ok());
        let begin = id("tokenizer.ggml.bos_token_id");
        let end = id("tokenizer.ggml.eos_token_id");
        let word = |id: Option<u32>| {
            let at = id.and_then(|id| usize::try_from(id).ok());
            at.and_then(|at| words.get(at))
                .copied()
                .unwrap_or_default()
                .to_owned()
        };
        let named = [end, id("tokenizer.ggml.eot_token_id")]
            .into_iter()
            .flatten();
        let known = (0_u32..)
            .zip(&words)
            .filter(|(_, word)| ENDINGS.contains(word))
            .map(|(id, _)| id);
        let ends: Vec<u32> = named.chain(known).collect();
        let adds_begin = header.whole("tokenizer.ggml.add_bos_token") == Some(1);
        let controls = (0_u32..)
            .zip(&words)
            .enumerate()
            .filter(|(at, (id, word))| {
                let kind = kinds.get(*at).copied().unwrap_or_default();
                is_control(word, kind) || ends.contains(id) || begin == Some(*id)
            });
        let controls = controls.map(|(_, (id, word))| ((*word).to_owned(), id));
        Ok(Self {
            names: Names::new(controls),
            ends,
            begin,
            adds_begin,
            begin_text: word(begin),
            end_text: word(end),
            tokenizer,
        })
    }

    /// Returns the names of the control tokens.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// Turns a rendered chat to tokens: the names of control tokens in it become those tokens, and
    /// what was hidden is put back as plain text.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, TextFault> {
        let mut tokens = Vec::new();
        for piece in self.names.pieces(text) {
            match piece {
                Piece::Control(token) => tokens.push(token),
                Piece::Text(text) => {
                    let plain = reveal(text);
                    let encoded = self.tokenizer.encode_fast(plain, false);
                    tokens.extend_from_slice(encoded.map_err(TextFault)?.get_ids());
                }
            }
        }
        if let Some(begin) = self.begin
            && self.adds_begin
            && tokens.first() != Some(&begin)
        {
            tokens.insert(0, begin);
        }
        Ok(tokens)
    }

    /// Tells whether a token ends an answer.
    pub(crate) fn is_end(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }

    /// Begins to spell an answer token by token.
    pub(crate) fn speller(&self) -> impl FnMut(u32) -> Result<Option<String>, TextFault> {
        let mut stream = self.tokenizer.decode_stream(true);
        move |token| stream.step(token).map_err(TextFault)
    }
}

/// Says that text could not be turned to tokens or back.
#[derive(Debug, thiserror::Error)]
#[error("the text could not be turned to tokens or back")]
pub(crate) struct TextFault(#[source] tokenizers::Error);

/// Reads what kind of token each word is; a kind that is out of range is none.
fn kinds(header: &Header) -> Vec<usize> {
    let kinds = header.content.metadata.get("tokenizer.ggml.token_type");
    let kinds = kinds.and_then(|kinds| kinds.to_vec().ok());
    let number = |kind: &Value| usize::try_from(kind.to_i32().ok()?).ok();
    let kinds = kinds.into_iter().flatten();
    kinds.map(|kind| number(kind).unwrap_or_default()).collect()
}

/// Tells whether a token steers the model. Some files call such a token a user's; one that looks
/// like a tag is taken for what it looks like, since a message must not write it.
fn is_control(word: &str, kind: usize) -> bool {
    let is_tag = word.starts_with('<') && word.ends_with('>');
    kind == CONTROL || kind == USER_DEFINED && is_tag
}

fn tokenizer_of(header: &Header, words: &[&str], kinds: &[usize]) -> Result<Tokenizer, FileFault> {
    let wrong = |error: tokenizers::Error| FileFault::Tokenizer(error.to_string());
    // Control tokens are left out: no text may come to them, and an answer does not show them.
    let kind_of = |at: usize| kinds.get(at).copied().unwrap_or_default();
    let vocabulary = words
        .iter()
        .zip(0_u32..)
        .enumerate()
        .filter(|(at, _)| kind_of(*at) != CONTROL)
        .map(|(_, (word, id))| ((*word).to_owned(), id));
    let merges = header.texts("tokenizer.ggml.merges")?;
    let merges: Option<Vec<_>> = merges
        .iter()
        .map(|merge| {
            merge
                .split_once(' ')
                .map(|(l, r)| (l.to_owned(), r.to_owned()))
        })
        .collect();
    let merges = merges.ok_or_else(|| FileFault::Entry("tokenizer.ggml.merges".to_owned()))?;
    let kind = header.text("tokenizer.ggml.pre").unwrap_or("default");
    let bpe = BPE::builder()
        .vocab_and_merges(vocabulary.collect::<Vocab>(), merges)
        .ignore_merges(kind.starts_with("llama"))
        .build()
        .map_err(wrong)?;
    let mut tokenizer = Tokenizer::new(bpe);
    tokenizer.with_pre_tokenizer(Some(splitter(kind)?));
    tokenizer.with_decoder(Some(ByteLevel::new(false, false, false)));
    if kind == "qwen2" {
        tokenizer.with_normalizer(Some(NFC)).map_err(wrong)?;
    }
    let added = words.iter().enumerate().filter(|(at, word)| {
        let kind = kind_of(*at);
        kind == USER_DEFINED && !is_control(word, kind)
    });
    let added = added.map(|(_, word)| AddedToken::from(*word, false).normalized(false));
    tokenizer.add_tokens(added).map_err(wrong)?;
    Ok(tokenizer)
}

/// Picks how text is cut before merging. An unknown name is refused: another cut gives other
/// tokens, and worse answers without a word.
fn splitter(kind: &str) -> Result<PreTokenizerWrapper, FileFault> {
    let whole = ByteLevel::new(false, true, true);
    let by = |pattern: &str| -> Result<PreTokenizerWrapper, FileFault> {
        let pattern = SplitPattern::Regex(pattern.to_owned());
        let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false)
            .map_err(|error| FileFault::Tokenizer(error.to_string()))?;
        let bytes = ByteLevel::new(false, true, false);
        Ok(Sequence::new(vec![split.into(), bytes.into()]).into())
    };
    match kind {
        // Each digit by itself, then bytes without a space set in front.
        "smollm" => Ok(Sequence::new(vec![Digits::new(true).into(), whole.into()]).into()),
        "qwen2" => by(QWEN2),
        "llama-bpe" | "llama3" | "llama-v3" => by(LLAMA3),
        "gpt-2" | "gpt2" | "default" => Ok(whole.into()),
        other => Err(FileFault::Unsupported(format!(
            "the pre-tokenizer `{other}`"
        ))),
    }
}

#[cfg(test)]
mod tests;
