//! Cuts Rust source into tokens and comments, so that rules never mistake a string for code.
//! It must not know what any rule looks for.

#[cfg(test)]
mod tests;

/// Tells what a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    /// A string of any form; the text is what stands between the quotes.
    Text,
    /// A character or a byte in single quotes.
    Letter,
    /// A lifetime or a label.
    Lifetime,
    /// A number.
    Number,
    /// Punctuation: one character, but `::`, `->` and `=>` are one token each.
    Mark,
}

/// Is one token, with the line on which it begins.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
}

impl Token {
    /// Tells whether it is this word.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    /// Tells whether it is this mark.
    pub fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }
}

/// Is one line comment or block comment, documentation included.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Its text with its slashes.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
}

/// Cuts a file into tokens and comments. Unfinished strings end with the file.
pub fn scan(source: &str) -> (Vec<Token>, Vec<Comment>) {
    let mut scanner = Scanner {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        tokens: Vec::new(),
        comments: Vec::new(),
    };
    while scanner.step() {}
    (scanner.tokens, scanner.comments)
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
    comments: Vec<Comment>,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let found = self.peek(0)?;
        self.at += 1;
        if found == '\n' {
            self.line += 1;
        }
        Some(found)
    }

    fn bump_while(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(next) = self.peek(0).filter(|next| belongs(*next)) {
            taken.push(next);
            self.bump();
        }
        taken
    }

    fn push(&mut self, kind: Kind, text: String, line: usize) {
        self.tokens.push(Token { kind, text, line });
    }

    fn step(&mut self) -> bool {
        let Some(first) = self.peek(0) else {
            return false;
        };
        let line = self.line;
        match (first, self.peek(1)) {
            ('/', Some('/')) => self.line_comment(),
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => self.quoted(),
            ('\'', _) => self.letter_or_lifetime(),
            _ if is_word_start(first) => self.word(),
            _ if first.is_ascii_digit() => self.number(),
            _ if first.is_whitespace() => {
                self.bump();
            }
            (':', Some(':')) | ('-' | '=', Some('>')) => {
                let pair: String = self.bump().into_iter().chain(self.bump()).collect();
                self.push(Kind::Mark, pair, line);
            }
            _ => {
                self.bump();
                self.push(Kind::Mark, first.to_string(), line);
            }
        }
        true
    }

    fn line_comment(&mut self) {
        let line = self.line;
        let text = self.bump_while(|next| next != '\n');
        self.comments.push(Comment { text, line });
    }

    fn block_comment(&mut self) {
        let line = self.line;
        let mut depth = 0_usize;
        let mut text = String::new();
        while let Some(next) = self.bump() {
            text.push(next);
            match (next, self.peek(0)) {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => continue,
            }
            text.extend(self.bump());
            if depth == 0 {
                break;
            }
        }
        self.comments.push(Comment { text, line });
    }

    fn quoted(&mut self) {
        let line = self.line;
        self.bump();
        let mut text = String::new();
        while let Some(next) = self.bump() {
            match next {
                '"' => break,
                '\\' => {
                    text.push(next);
                    text.extend(self.bump());
                }
                _ => text.push(next),
            }
        }
        self.push(Kind::Text, text, line);
    }

    fn raw(&mut self) {
        let line = self.line;
        let hashes = self.bump_while(|next| next == '#').len();
        self.bump();
        let mut text = String::new();
        while let Some(next) = self.bump() {
            let closes = next == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#'));
            if closes {
                self.at += hashes;
                break;
            }
            text.push(next);
        }
        self.push(Kind::Text, text, line);
    }

    fn letter_or_lifetime(&mut self) {
        let line = self.line;
        let is_letter = self.peek(1) == Some('\\') || self.peek(2) == Some('\'');
        self.bump();
        if !is_letter {
            let name = self.bump_while(is_word_part);
            self.push(Kind::Lifetime, name, line);
            return;
        }
        let mut text = String::new();
        while let Some(next) = self.bump() {
            match next {
                '\\' => {
                    text.push(next);
                    text.extend(self.bump());
                }
                // The first character is the letter itself, even where it is a quote.
                '\'' if !text.is_empty() => break,
                _ => text.push(next),
            }
        }
        self.push(Kind::Letter, text, line);
    }

    fn word(&mut self) {
        let line = self.line;
        let word = self.bump_while(is_word_part);
        let is_raw = matches!(word.as_str(), "r" | "br" | "cr");
        match self.peek(0) {
            Some('"') if is_raw => self.raw(),
            Some('"') if matches!(word.as_str(), "b" | "c") => self.quoted(),
            Some('\'') if word == "b" => self.letter_or_lifetime(),
            Some('#') if is_raw && self.opens_raw() => self.raw(),
            Some('#') if word == "r" && self.peek(1).is_some_and(is_word_start) => {
                self.bump();
                let name = self.bump_while(is_word_part);
                self.push(Kind::Word, name, line);
            }
            _ => self.push(Kind::Word, word, line),
        }
    }

    fn opens_raw(&self) -> bool {
        let mut ahead = 0;
        while self.peek(ahead) == Some('#') {
            ahead += 1;
        }
        self.peek(ahead) == Some('"')
    }

    fn number(&mut self) {
        let line = self.line;
        let mut text = self.bump_while(is_word_part);
        let has_fraction =
            self.peek(0) == Some('.') && self.peek(1).is_some_and(|next| next.is_ascii_digit());
        if has_fraction {
            text.extend(self.bump());
            text.push_str(&self.bump_while(is_word_part));
        }
        self.push(Kind::Number, text, line);
    }
}

fn is_word_start(letter: char) -> bool {
    letter == '_' || letter.is_alphabetic()
}

fn is_word_part(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}
