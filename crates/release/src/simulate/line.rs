//! One command of a script: words, and `name=value` pairs of which a value in quotes may hold
//! spaces. It must not know what a command does.

use std::collections::BTreeMap;

/// Holds a command as it is written.
#[derive(Debug)]
pub(super) struct Line {
    words: Vec<String>,
    pairs: BTreeMap<String, String>,
}

impl Line {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut words = Vec::new();
        let mut pairs = BTreeMap::new();
        for part in parts(text)? {
            match part.split_once('=') {
                Some((name, value)) => {
                    pairs.insert(name.to_owned(), value.to_owned());
                }
                None => words.push(part),
            }
        }
        Ok(Self { words, pairs })
    }

    /// Shows a word by its place; empty behind the last one.
    pub(super) fn word(&self, place: usize) -> &str {
        self.words.get(place).map_or("", String::as_str)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.get(name).map(String::as_str)
    }

    pub(super) fn needs(&self, name: &str) -> Result<&str, String> {
        self.text(name)
            .ok_or_else(|| format!("say {name}=…, with quotes round what has spaces"))
    }

    pub(super) fn number(&self, name: &str, default: f64) -> Result<f64, String> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| format!("`{text}` is no number for {name}")),
        }
    }

    /// Reads a count that stands as a word.
    pub(super) fn count(&self, place: usize) -> Result<u64, String> {
        let word = self.word(place);
        word.parse()
            .map_err(|_| format!("`{word}` is no whole number"))
    }
}

fn parts(text: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut is_quoted = false;
    for letter in text.chars() {
        match (letter, is_quoted) {
            ('"', _) => is_quoted = !is_quoted,
            (' ', false) => parts.push(String::new()),
            _ => {
                if let Some(last) = parts.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    if is_quoted {
        return Err("a quote is not closed".to_owned());
    }
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect())
}
