//! What one file says of the order of steps: the edges of a graph that it builds, else the calls of
//! steps within one function. It must not take a mention for a call.

use std::collections::{BTreeMap, BTreeSet};

use crate::pipeline::code::tokens::{Spotted, Token, tokens};

const IN_GRAPH: &str = "the file joins them in a graph";
const CALLS: &str = "one calls the other";
const IN_TURN: &str = "one function calls them in turn";

/// Words behind which a function's name stands.
const DEFINING: [&str; 4] = ["def", "function", "func", "fn"];
/// Words that are followed by a bracket and call nothing.
const NO_CALLS: [&str; 9] = [
    "if", "for", "while", "switch", "catch", "return", "match", "elif", "with",
];
/// How far the bracket that closes another is looked for, in pieces.
const FARTHEST: usize = 2_000;
/// Places of a graph where it begins and ends.
const ENDS: [&str; 4] = ["START", "END", "__start__", "__end__"];

/// Says that one step follows another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) because: &'static str,
}

/// Lists what a file says of the order of these steps.
pub(super) fn order(source: &str, steps: &[String]) -> Vec<Next> {
    let tokens = tokens(source);
    let short = short_names(steps);
    let drawn = graph(&tokens, &short);
    if !drawn.is_empty() {
        return drawn;
    }
    calls(&tokens, &short)
}

/// Names steps as calls do: by what stands behind the last dot. A name that two steps share says
/// nothing.
fn short_names(steps: &[String]) -> BTreeMap<&str, &str> {
    let mut short = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for step in steps {
        let name = step.rsplit('.').next().unwrap_or(step);
        if short.insert(name, step.as_str()).is_some() {
            shared.insert(name);
        }
    }
    short.retain(|name, _| !shared.contains(name));
    short
}

fn next(from: &str, to: &str, because: &'static str) -> Option<Next> {
    (from != to).then(|| Next {
        from: from.to_owned(),
        to: to.to_owned(),
        because,
    })
}

/// Reads the edges of a graph: `add_node("plan", plan)`, `add_edge("plan", "act")`.
fn graph(tokens: &[Spotted<'_>], short: &BTreeMap<&str, &str>) -> Vec<Next> {
    let mut nodes: BTreeMap<&str, String> = BTreeMap::new();
    let mut edges = Vec::new();
    for (at, spotted) in tokens.iter().enumerate() {
        let Token::Word(word) = spotted.token else {
            continue;
        };
        let arguments = || arguments(tokens, at + 1);
        match word {
            "add_node" | "addNode" => {
                let arguments = arguments();
                let text = arguments.iter().find_map(text_of);
                let function = arguments.iter().rev().find_map(word_of);
                if let Some(name) = text.or(function) {
                    let step = function.and_then(|function| short.get(function));
                    nodes.insert(name, step.map_or(name, |step| step).to_owned());
                }
            }
            "add_edge" | "addEdge" | "add_conditional_edges" | "addConditionalEdges" => {
                let named: Vec<_> = arguments().iter().filter_map(text_of).collect();
                if let Some((from, to)) = named.split_first() {
                    edges.extend(to.iter().map(|to| (*from, *to)));
                }
            }
            _ => {}
        }
    }
    let step = |name: &str| nodes.get(name).map_or(name, String::as_str).to_owned();
    let is_end = |name: &str| ENDS.contains(&name);
    let real = edges.into_iter().filter(|(from, to)| {
        // The keys of a choice are words of its own, its values are nodes.
        let is_node = |name: &str| nodes.is_empty() || nodes.contains_key(name);
        !is_end(from) && !is_end(to) && is_node(from) && is_node(to)
    });
    real.filter_map(|(from, to)| next(&step(from), &step(to), IN_GRAPH))
        .collect()
}

fn text_of<'s>(spotted: &Spotted<'s>) -> Option<&'s str> {
    match spotted.token {
        Token::Text(text) => Some(text),
        _ => None,
    }
}

fn word_of<'s>(spotted: &Spotted<'s>) -> Option<&'s str> {
    match spotted.token {
        Token::Word(word) => Some(word),
        _ => None,
    }
}

/// Shows what stands in the brackets that open at a place; nothing where none do.
fn arguments<'t, 's>(tokens: &'t [Spotted<'s>], open: usize) -> &'t [Spotted<'s>] {
    let Some(close) = closing(tokens, open) else {
        return &[];
    };
    tokens.get(open + 1..close).unwrap_or_default()
}

/// Finds the bracket that closes the one at a place.
fn closing(tokens: &[Spotted<'_>], open: usize) -> Option<usize> {
    if tokens.get(open)?.token != Token::Mark('(') {
        return None;
    }
    let mut depth = 0_usize;
    let mut rest = tokens.iter().enumerate().skip(open).take(FARTHEST);
    let found = rest.find(|(_, spotted)| {
        match spotted.token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    found.map(|(at, _)| at)
}

/// Is a function whose body is being read.
struct Scope<'s> {
    name: &'s str,
    ends: Ends,
    calls: Vec<&'s str>,
}

/// Says where a body ends.
#[derive(Clone, Copy)]
enum Ends {
    /// At a line that is indented no more than this.
    Indent(usize),
    /// Where the braces that opened behind the definition are closed: so many are open before.
    Braces(usize),
}

/// Reads the calls of steps, function by function.
fn calls<'s>(tokens: &[Spotted<'s>], short: &BTreeMap<&'s str, &'s str>) -> Vec<Next> {
    let is_indented = tokens.iter().any(|one| one.token == Token::Word("def"));
    let mut open = vec![Scope {
        name: "",
        ends: Ends::Braces(usize::MAX),
        calls: Vec::new(),
    }];
    let mut found = Vec::new();
    let (mut braces, mut brackets, mut line) = (0_usize, 0_usize, 0_usize);
    for (at, spotted) in tokens.iter().enumerate() {
        if let Some(indent) = spotted.indent.filter(|_| brackets == 0) {
            line = indent;
            let is_over =
                |scope: &Scope<'_>| matches!(scope.ends, Ends::Indent(most) if indent <= most);
            while open.last().is_some_and(is_over) {
                found.extend(open.pop().map(|scope| scope.order(short)));
            }
        }
        match spotted.token {
            Token::Mark('(' | '[') => brackets += 1,
            Token::Mark(')' | ']') => brackets = brackets.saturating_sub(1),
            Token::Mark('{') => braces += 1,
            Token::Mark('}') => {
                braces = braces.saturating_sub(1);
                let is_over = |scope: &Scope<'_>| match scope.ends {
                    Ends::Braces(before) => before != usize::MAX && braces <= before,
                    _ => false,
                };
                while open.last().is_some_and(is_over) {
                    found.extend(open.pop().map(|scope| scope.order(short)));
                }
            }
            Token::Word(word) => match defined(tokens, at, is_indented) {
                Some(name) => open.push(Scope {
                    name,
                    ends: if is_indented {
                        Ends::Indent(line)
                    } else {
                        Ends::Braces(braces)
                    },
                    calls: Vec::new(),
                }),
                None if is_called(tokens, at) => {
                    let step = short.get(word);
                    if let (Some(step), Some(scope)) = (step, open.last_mut()) {
                        scope.calls.push(step);
                    }
                }
                None => {}
            },
            _ => {}
        }
    }
    found.extend(open.into_iter().map(|scope| scope.order(short)));
    found.into_iter().flatten().collect()
}

/// Tells the name of the function whose definition begins at a word.
fn defined<'s>(tokens: &[Spotted<'s>], at: usize, is_indented: bool) -> Option<&'s str> {
    let word = |at: usize| tokens.get(at).and_then(word_of);
    let mark = |at: usize| tokens.get(at).map(|one| one.token);
    let here = word(at)?;
    if DEFINING.contains(&here) {
        // A method of Go names its receiver first.
        let name = closing(tokens, at + 1).map_or(at + 1, |close| close + 1);
        return word(name);
    }
    if is_indented || is_after_definition(tokens, at) {
        return None;
    }
    if mark(at + 1) == Some(Token::Mark('=')) {
        let start = at + 2 + usize::from(word(at + 2) == Some("async"));
        let behind = closing(tokens, start).unwrap_or(start) + 1;
        let few = tokens.get(behind..).unwrap_or_default().iter().take(12);
        let mut few =
            few.take_while(|one| !matches!(one.token, Token::Mark(';' | '{' | '(' | ',')));
        return few.any(|one| one.token == Token::Arrow).then_some(here);
    }
    let close = closing(tokens, at + 1).filter(|_| !NO_CALLS.contains(&here))?;
    let is_new = at > 0 && word(at - 1) == Some("new");
    let is_part = at > 0 && mark(at - 1) == Some(Token::Mark('.'));
    let behind = tokens.get(close + 1..).unwrap_or_default().iter().take(16);
    let mut marks = behind.map(|one| one.token);
    let is_body = match marks.next() {
        Some(Token::Mark('{')) => true,
        // A result's type, or what it throws, stands before the body.
        Some(Token::Mark(':') | Token::Word("throws")) => {
            let mut marks =
                marks.take_while(|one| !matches!(one, Token::Mark(';' | '(' | '=' | '?')));
            marks.any(|one| one == Token::Mark('{'))
        }
        _ => false,
    };
    (is_body && !is_new && !is_part).then_some(here)
}

/// Tells whether a word is the name in a definition that has been read.
fn is_after_definition(tokens: &[Spotted<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let before = before.and_then(word_of);
    before.is_some_and(|word| DEFINING.contains(&word))
}

fn is_called(tokens: &[Spotted<'_>], at: usize) -> bool {
    let opens = tokens.get(at + 1).map(|one| one.token) == Some(Token::Mark('('));
    opens && !is_after_definition(tokens, at)
}

impl Scope<'_> {
    fn order(self, short: &BTreeMap<&str, &str>) -> Vec<Next> {
        if let Some(own) = short.get(self.name) {
            let calls = self.calls.iter();
            return calls.filter_map(|to| next(own, to, CALLS)).collect();
        }
        let pairs = self.calls.windows(2);
        pairs
            .filter_map(|pair| match pair {
                [from, to] => next(from, to, IN_TURN),
                _ => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
