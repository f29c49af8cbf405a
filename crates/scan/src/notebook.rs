//! Reads the cells of a notebook as one text of Python, and knows where in the file each byte of it
//! stands. It must not know what is looked for.

use crate::lines::Lines;
use crate::place::Beside;
use crate::site::Span;

/// Holds the code of a notebook.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    /// The code, cell after cell.
    pub code: String,
    /// Where each byte of it stands in the file.
    at: Vec<usize>,
}

impl Cells {
    /// Takes in the strings of a file of JSON that are lines of code cells.
    pub(crate) fn read(source: &str) -> Self {
        let mut cells = Self::default();
        let mut rest = 0;
        while let Some(found) = find(source, rest, "\"cell_type\"") {
            let next = find(source, found + 1, "\"cell_type\"").unwrap_or(source.len());
            let cell = source.get(found..next).unwrap_or_default();
            let kind = cell.get("\"cell_type\"".len()..).unwrap_or_default();
            let is_code = kind
                .trim_start_matches([':', ' ', '\n', '\r', '\t'])
                .starts_with("\"code\"");
            if let Some(begin) =
                find(source, found, "\"source\"").filter(|at| is_code && *at < next)
            {
                cells.take(source, begin + "\"source\"".len());
            }
            rest = next;
        }
        cells
    }

    /// Takes the strings of a list, or one string, up to the list's end.
    fn take(&mut self, source: &str, from: usize) {
        let bytes = source.as_bytes();
        let mut at = from;
        let mut is_list = false;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'[' => is_list = true,
                b'"' => {
                    at = self.string(source, at + 1);
                    if !is_list {
                        break;
                    }
                }
                b':' | b',' | b' ' | b'\n' | b'\r' | b'\t' => {}
                _ => break,
            }
            at += 1;
        }
        self.push('\n', at);
    }

    /// Takes one string without its escapes; returns where it closes.
    fn string(&mut self, source: &str, from: usize) -> usize {
        let text = source.get(from..).unwrap_or_default();
        let mut letters = text.char_indices();
        while let Some((offset, letter)) = letters.next() {
            let at = from + offset;
            match letter {
                '"' => return at,
                '\\' => match letters.next() {
                    Some((_, 'n')) => self.push('\n', at),
                    Some((_, 't')) => self.push('\t', at),
                    Some((_, 'u')) => {
                        letters.by_ref().take(4).for_each(drop);
                        self.push('?', at);
                    }
                    Some((escaped, letter)) => self.push(letter, from + escaped),
                    None => return source.len(),
                },
                _ => self.push(letter, at),
            }
        }
        source.len()
    }

    fn push(&mut self, letter: char, at: usize) {
        self.code.push(letter);
        let bytes = 0..letter.len_utf8();
        self.at.extend(bytes.map(|byte| at + byte));
    }

    /// Finds the byte of the code that stands at a byte of the file.
    pub(crate) fn of_file(&self, at: usize) -> Option<usize> {
        self.at.binary_search(&at).ok()
    }

    /// Finds where a byte of the code stands in the file.
    pub(crate) fn in_file(&self, at: usize) -> usize {
        let last = self.at.last().map_or(0, |last| last + 1);
        self.at.get(at).copied().unwrap_or(last)
    }

    /// Moves what stands beside a name from the code into the file.
    pub(crate) fn moved(&self, beside: Vec<Beside>, lines: &Lines<'_>) -> Vec<Beside> {
        let span = |span: Span| lines.span(self.in_file(span.start), self.in_file(span.end));
        let moved = beside.into_iter().map(|one| Beside {
            span: span(one.span),
            ..one
        });
        moved.collect()
    }
}

fn find(source: &str, from: usize, word: &str) -> Option<usize> {
    source.get(from..)?.find(word).map(|at| at + from)
}
