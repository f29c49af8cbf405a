//! Reads the shape of one Rust file from its tokens: functions, test code, paths, inline modules.
//! It must not know about other files or about any limit.

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::scan::{Comment, Kind, Token, scan};

/// Is one Rust file, cut and measured.
pub struct Source {
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// Its comments.
    pub comments: Vec<Comment>,
    /// Its functions with a body or without.
    pub functions: Vec<Function>,
    /// Modules declared for tests that stand in files of their own.
    pub test_modules: Vec<String>,
    test_spans: Vec<Range<usize>>,
    inline_modules: Vec<Range<usize>>,
}

/// Is one function.
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of `fn`.
    pub line: usize,
    /// The line of its closing brace, or of the semicolon.
    pub last_line: usize,
    /// How many arguments it takes, the receiver included.
    pub arguments: usize,
    /// Whether the whole crate or more may call it.
    pub is_public: bool,
    /// The tokens between its parentheses.
    pub parameters: Range<usize>,
    /// Where `fn` stands among the tokens.
    pub at: usize,
}

/// Is one path as written: `use` trees are flattened, `self` at the end is kept.
pub struct PathUse {
    /// Its segments.
    pub segments: Vec<String>,
    /// Its line.
    pub line: usize,
    /// Where it begins among the tokens.
    pub at: usize,
}

impl Source {
    /// Reads a file.
    pub fn read(text: &str) -> Self {
        let (tokens, comments) = scan(text);
        let mut source = Self {
            functions: functions(&tokens),
            inline_modules: inline_modules(&tokens),
            tokens,
            comments,
            test_modules: Vec::new(),
            test_spans: Vec::new(),
        };
        source.find_tests();
        source
    }

    /// Tells whether a token stands in test code of this file.
    pub fn is_test(&self, at: usize) -> bool {
        self.test_spans.iter().any(|span| span.contains(&at))
    }

    /// Counts the lines that are test code in this file.
    pub fn test_lines(&self) -> usize {
        let lines = |span: &Range<usize>| {
            let first = self.tokens.get(span.start).map_or(0, |token| token.line);
            let last = self
                .tokens
                .get(span.end.saturating_sub(1))
                .map_or(first, |t| t.line);
            last + 1 - first
        };
        self.test_spans.iter().map(lines).sum()
    }

    /// Counts the inline modules around a token.
    pub fn inline_depth(&self, at: usize) -> usize {
        self.inline_modules
            .iter()
            .filter(|span| span.contains(&at))
            .count()
    }

    /// Lists every path of two segments or more, and every import.
    pub fn paths(&self) -> Vec<PathUse> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            let follows = |mark: &str| self.tokens.get(at + 1).is_some_and(|t| t.is_mark(mark));
            let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
            if token.is_word("use") && !follows("<") {
                at = self.use_tree(at + 1, Vec::new(), &mut found);
                continue;
            }
            let goes_on =
                before.is_some_and(|t| t.is_mark("::") || t.is_mark(".") || t.is_mark("$"));
            if token.kind == Kind::Word && follows("::") && !goes_on && !self.is_visibility(at) {
                found.push(self.plain_path(at));
            }
            at += 1;
        }
        found
    }

    fn is_visibility(&self, at: usize) -> bool {
        at >= 3 && self.tokens[at - 1].is_word("in") && self.tokens[at - 3].is_word("pub")
    }

    fn plain_path(&self, start: usize) -> PathUse {
        let mut segments = vec![self.tokens[start].text.clone()];
        let mut at = start + 1;
        while let [mark, word, ..] = &self.tokens[at..] {
            if !mark.is_mark("::") || word.kind != Kind::Word {
                break;
            }
            segments.push(word.text.clone());
            at += 2;
        }
        PathUse {
            segments,
            line: self.tokens[start].line,
            at: start,
        }
    }

    /// Reads one branch of a `use` tree and returns where it ends.
    fn use_tree(&self, start: usize, mut so_far: Vec<String>, found: &mut Vec<PathUse>) -> usize {
        let mut at = start;
        while let Some(token) = self.tokens.get(at) {
            match token.text.as_str() {
                "::" if so_far.is_empty() => so_far.push(String::new()),
                "::" => {}
                "{" => return self.use_group(at + 1, &so_far, found),
                "," | "}" | ";" => break,
                "as" => {
                    at += 2;
                    break;
                }
                _ => so_far.push(token.text.clone()),
            }
            at += 1;
        }
        if !so_far.is_empty() {
            let line = self
                .tokens
                .get(at.saturating_sub(1))
                .map_or(0, |token| token.line);
            found.push(PathUse {
                segments: so_far,
                line,
                at: start,
            });
        }
        at
    }

    fn use_group(&self, start: usize, so_far: &[String], found: &mut Vec<PathUse>) -> usize {
        let mut at = start;
        while let Some(token) = self.tokens.get(at) {
            if token.is_mark("}") {
                return at + 1;
            }
            let is_separator = token.is_mark(",");
            at = if is_separator {
                at + 1
            } else {
                self.use_tree(at, so_far.to_vec(), found)
            };
        }
        at
    }

    fn find_tests(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let Some(end) = attribute_end(&self.tokens, at) else {
                at += 1;
                continue;
            };
            if !is_test_attribute(&self.tokens[at..end]) {
                at = end;
                continue;
            }
            let mut item = end;
            while let Some(next) = attribute_end(&self.tokens, item) {
                item = next;
            }
            let last = item_end(&self.tokens, item);
            self.test_modules
                .extend(declared_module(&self.tokens[item..last]));
            self.test_spans.push(at..last);
            at = last;
        }
    }
}

/// Finds the token after the bracket that closes the one at `open`.
pub fn after_closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.kind != Kind::Mark {
            continue;
        }
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Finds the end of the attribute that begins here, where one does.
pub fn attribute_end(tokens: &[Token], at: usize) -> Option<usize> {
    let opens = |at: usize, mark: &str| tokens.get(at).is_some_and(|token| token.is_mark(mark));
    if !opens(at, "#") {
        return None;
    }
    let bracket = if opens(at + 1, "!") { at + 2 } else { at + 1 };
    opens(bracket, "[").then(|| after_closing(tokens, bracket))
}

fn is_test_attribute(attribute: &[Token]) -> bool {
    let words: Vec<&str> = attribute
        .iter()
        .filter(|t| t.kind == Kind::Word)
        .map(|t| t.text.as_str())
        .collect();
    match words.first() {
        Some(&"cfg") => words.contains(&"test") && !words.contains(&"not"),
        Some(_) => matches!(words.as_slice(), ["test"] | ["tokio", "test", ..]),
        None => false,
    }
}

/// Finds where the item that begins here ends: after its braces or its semicolon.
fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut at = start;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "{" if token.kind == Kind::Mark => return after_closing(tokens, at),
            "(" | "[" if token.kind == Kind::Mark => at = after_closing(tokens, at),
            ";" | "," if token.kind == Kind::Mark => return at + 1,
            _ => at += 1,
        }
    }
    tokens.len()
}

fn declared_module(item: &[Token]) -> Option<String> {
    let at = item.iter().position(|token| token.is_word("mod"))?;
    let is_elsewhere = item.get(at + 2)?.is_mark(";");
    is_elsewhere.then(|| item[at + 1].text.clone())
}

fn inline_modules(tokens: &[Token]) -> Vec<Range<usize>> {
    let opens = |at: usize| tokens.get(at + 2).is_some_and(|token| token.is_mark("{"));
    let modules = tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| token.is_word("mod") && opens(*at));
    modules
        .map(|(at, _)| at..after_closing(tokens, at + 2))
        .collect()
}

fn functions(tokens: &[Token]) -> Vec<Function> {
    (0..tokens.len())
        .filter_map(|at| function(tokens, at))
        .collect()
}

fn function(tokens: &[Token], at: usize) -> Option<Function> {
    let name = tokens.get(at + 1)?;
    if !tokens[at].is_word("fn") || name.kind != Kind::Word {
        return None;
    }
    let open = opening_parenthesis(tokens, at + 2)?;
    let after = after_closing(tokens, open);
    let parameters = open + 1..after.saturating_sub(1);
    let end = item_end(tokens, after);
    Some(Function {
        name: name.text.clone(),
        line: tokens[at].line,
        last_line: tokens.get(end.checked_sub(1)?)?.line,
        arguments: count_arguments(&tokens[parameters.clone()]),
        is_public: is_public(tokens, at),
        parameters,
        at,
    })
}

/// Finds the parenthesis of the arguments, past generics that may hold some of their own.
fn opening_parenthesis(tokens: &[Token], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            "(" if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

fn is_public(tokens: &[Token], at: usize) -> bool {
    let before = tokens[..at].iter().rev();
    let qualifiers = before.take_while(|token| {
        let is_qualifier = ["pub", "const", "async", "unsafe", "extern", "crate"];
        is_qualifier.iter().any(|word| token.is_word(word))
            || token.is_mark("(")
            || token.is_mark(")")
    });
    qualifiers.into_iter().any(|token| token.is_word("pub"))
}

fn count_arguments(parameters: &[Token]) -> usize {
    let mut depth = 0_usize;
    let mut count = 0;
    let mut is_open = false;
    for token in parameters {
        match (token.kind, token.text.as_str()) {
            (Kind::Mark, "(" | "[" | "{" | "<") => depth += 1,
            (Kind::Mark, ")" | "]" | "}" | ">") => depth = depth.saturating_sub(1),
            (Kind::Mark, ",") if depth == 0 => {
                is_open = false;
                continue;
            }
            _ => {}
        }
        if !is_open {
            is_open = true;
            count += 1;
        }
    }
    count
}
