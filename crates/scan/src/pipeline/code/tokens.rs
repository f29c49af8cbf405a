//! The words, strings and marks of a source file, whatever its language: as much as it takes to see
//! calls and definitions. It must not fail on any text.

/// Is one piece of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'s> {
    /// A name or a keyword.
    Word(&'s str),
    /// What a string holds, as it is written.
    Text(&'s str),
    /// An arrow of a function: `=>`.
    Arrow,
    /// Any other mark.
    Mark(char),
}

/// Is a piece with where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spotted<'s> {
    pub(super) token: Token<'s>,
    /// The column of its line's first character, where it is that character.
    pub(super) indent: Option<usize>,
}

/// Cuts a source into pieces, without its comments.
pub(super) fn tokens(source: &str) -> Vec<Spotted<'_>> {
    let mut reader = Reader {
        source,
        at: 0,
        line_start: 0,
        is_first: true,
    };
    let mut found = Vec::new();
    while let Some(spotted) = reader.next() {
        found.push(spotted);
    }
    found
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
    line_start: usize,
    is_first: bool,
}

impl<'s> Reader<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<Spotted<'s>> {
        self.pass_space();
        let first = self.rest().chars().next()?;
        let indent = self.is_first.then_some(self.at - self.line_start);
        self.is_first = false;
        let token = match first {
            '"' | '\'' | '`' => self.text(first),
            c if c.is_alphabetic() || c == '_' || c == '$' => self.word(),
            _ if self.rest().starts_with("=>") => {
                self.at += 2;
                Token::Arrow
            }
            c => {
                self.at += c.len_utf8();
                Token::Mark(c)
            }
        };
        Some(Spotted { token, indent })
    }

    /// Passes space and comments.
    fn pass_space(&mut self) {
        loop {
            let rest = self.rest();
            let line = || rest.find('\n').unwrap_or(rest.len());
            // `#[` begins an attribute and `#name` a private field; a comment has a space, most
            // often, and nothing that is named here stands in one without it.
            let is_hash = rest.starts_with('#') && !rest.starts_with("#[");
            let step = match rest.chars().next() {
                None => return,
                Some('\n') => {
                    self.at += 1;
                    self.line_start = self.at;
                    self.is_first = true;
                    continue;
                }
                Some(c) if c.is_whitespace() => c.len_utf8(),
                Some('/') if rest.starts_with("//") => line(),
                Some('/') if rest.starts_with("/*") => match rest.find("*/") {
                    Some(end) => end + 2,
                    None => rest.len(),
                },
                Some('#') if is_hash => line(),
                Some(_) => return,
            };
            self.at += step;
        }
    }

    fn word(&mut self) -> Token<'s> {
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        Token::Word(rest.get(..end).unwrap_or_default())
    }

    /// Reads a string; one that its line does not end is only its mark, as in a lifetime.
    fn text(&mut self, mark: char) -> Token<'s> {
        let rest = self.rest();
        for triple in ["\"\"\"", "'''"] {
            if let Some(inner) = rest.strip_prefix(triple) {
                let end = inner.find(triple);
                let text = inner.get(..end.unwrap_or(inner.len())).unwrap_or_default();
                self.at += 3 + text.len() + end.map_or(0, |_| 3);
                return Token::Text(text);
            }
        }
        let inner = rest.get(1..).unwrap_or_default();
        let mut is_escaped = false;
        for (place, c) in inner.char_indices() {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '\n' if mark != '`' => break,
                c if c == mark => {
                    self.at += place + 2;
                    return Token::Text(inner.get(..place).unwrap_or_default());
                }
                _ => {}
            }
        }
        self.at += 1;
        Token::Mark(mark)
    }
}
