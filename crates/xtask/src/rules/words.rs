//! The words that names must not be made of, each with the word to use instead.
//! It must not judge text, only names that the code gives.

use std::ops::Range;

use crate::finding::Finding;
use crate::scan::{Kind, Token};
use crate::source::Source;
use crate::tree::{File, Tree};

/// Parts of a file or module name that say nothing about what is in it.
const DRAWERS: &[&str] = &[
    "common", "util", "utils", "helper", "helpers", "manager", "managers", "misc",
];
/// Names that say nothing when they stand alone.
const WHOLE_DRAWERS: &[&str] = &["types", "shared", "stuff"];

/// Where in a name a banned word counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the front of a function's name.
    FunctionFront,
    /// As the whole name or its last part.
    Tail,
    /// As any part.
    Part,
}

/// Is one banned word: where it counts, and what to do.
struct Banned(&'static str, Place, &'static str);

const BANNED: &[Banned] = &[
    Banned(
        "get",
        Place::FunctionFront,
        "name what it returns, or the verb: find, read, load",
    ),
    Banned(
        "process",
        Place::FunctionFront,
        "name what it does: decode, decide, relay",
    ),
    Banned(
        "handle",
        Place::FunctionFront,
        "name what it does: answer, refuse, retry",
    ),
    Banned("data", Place::Tail, "name what the bytes are"),
    Banned("info", Place::Tail, "name what it tells"),
    Banned("handler", Place::Tail, "name what it does"),
    Banned("manager", Place::Tail, "name what it owns"),
    Banned("helper", Place::Tail, "name what it does"),
    Banned("utils", Place::Tail, "name what it does"),
    Banned("unified", Place::Part, "canonical"),
    Banned("challenger", Place::Part, "candidate"),
    Banned("precheck", Place::Part, "entry criterion"),
    Banned("revert", Place::FunctionFront, "roll back"),
    Banned("spend", Place::Part, "cost, price or budget"),
    Banned("blockchain", Place::Part, "ledger"),
];

/// Words of a dialect, which stop at the edge: `wire` reads them, adapters pass them.
const DIALECT_FIELDS: &[(&str, &str)] = &[
    ("prompt_tokens", "input tokens"),
    ("completion_tokens", "output tokens"),
];
const MAY_USE_DIALECT_FIELDS: &[&str] = &["wire", "providers", "testkit", "scan"];

/// Finds files and modules named for nothing.
pub fn module_name(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, rust) in tree.rust() {
        let names = file
            .path
            .trim_end_matches(".rs")
            .split('/')
            .map(|name| (name, 1));
        let pairs = rust.tokens.windows(2).filter(|pair| pair[0].is_word("mod"));
        let modules = pairs.map(|pair| (pair[1].text.as_str(), pair[1].line));
        for (name, line) in names.chain(modules).filter(|(name, _)| is_drawer(name)) {
            let what = format!("`{name}` says nothing; name it for the one thing in it");
            found.push(Finding::new(&file.path, line, what));
        }
    }
    found.dedup();
    found
}

fn is_drawer(name: &str) -> bool {
    let mut parts = name.split(['_', '-']);
    WHOLE_DRAWERS.contains(&name) || parts.any(|part| DRAWERS.contains(&part))
}

/// Finds names that use a banned word; names in tests are free.
pub fn identifier(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, rust) in tree.rust().filter(|(file, _)| !file.is_test) {
        for name in given_names(rust)
            .into_iter()
            .filter(|name| !rust.is_test(name.at))
        {
            let token = &rust.tokens[name.at];
            let banned = BANNED
                .iter()
                .find(|row| breaks(row, &token.text, name.is_function));
            found.extend(banned.map(|Banned(word, _, instead)| {
                let what = format!("`{}` uses \"{word}\"; rather: {instead}", token.text);
                Finding::new(&file.path, token.line, what)
            }));
        }
        found.extend(dialect_fields(file, rust));
    }
    found
}

fn dialect_fields(file: &File, rust: &Source) -> Vec<Finding> {
    if file
        .crate_name()
        .is_none_or(|name| MAY_USE_DIALECT_FIELDS.contains(&name))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, token) in rust.tokens.iter().enumerate() {
        let row = DIALECT_FIELDS
            .iter()
            .find(|(field, _)| token.is_word(field));
        let row = row.filter(|_| !rust.is_test(at));
        found.extend(row.map(|(field, instead)| {
            let what = format!("`{field}` is a dialect's word; here it is {instead}");
            Finding::new(&file.path, token.line, what)
        }));
    }
    found
}

fn breaks(row: &Banned, name: &str, is_function: bool) -> bool {
    let Banned(word, place, _) = row;
    let parts = parts(name);
    let is_word = |part: Option<&String>| part.is_some_and(|part| part == word);
    match place {
        Place::FunctionFront => is_function && parts.len() > 1 && is_word(parts.first()),
        Place::Tail => is_word(parts.last()),
        Place::Part => parts.iter().any(|part| part == word),
    }
}

/// Cuts a name of any case into its words, in lower case.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut begins = true;
    let is_upper_case = !name.contains(|letter: char| letter.is_lowercase());
    for letter in name.chars() {
        if letter == '_' {
            begins = true;
            continue;
        }
        if begins || letter.is_uppercase() && !is_upper_case {
            parts.push(String::new());
        }
        begins = false;
        if let Some(part) = parts.last_mut() {
            part.extend(letter.to_lowercase());
        }
    }
    parts
}

/// Is one name that the code gives to something of its own.
struct Given {
    at: usize,
    is_function: bool,
}

/// Lists them. Names after `type` are left out: most are the words of foreign traits.
fn given_names(rust: &Source) -> Vec<Given> {
    const INTRODUCERS: &[&str] = &["struct", "enum", "trait", "const", "static", "let"];
    let mut found = Vec::new();
    for (at, token) in rust
        .tokens
        .iter()
        .enumerate()
        .filter(|(_, t)| t.kind == Kind::Word)
    {
        if !INTRODUCERS.contains(&token.text.as_str()) {
            continue;
        }
        let skips = |at: usize| {
            rust.tokens
                .get(at)
                .is_some_and(|token| token.is_word("mut"))
        };
        let named = if skips(at + 1) { at + 2 } else { at + 1 };
        let is_name = rust
            .tokens
            .get(named)
            .is_some_and(|token| token.kind == Kind::Word);
        // `const fn` and `let Some(x)` introduce no name here.
        let is_pattern = rust.tokens.get(named + 1).is_some_and(|t| t.is_mark("("));
        if is_name && !is_pattern && !rust.tokens[named].is_word("fn") {
            found.push(Given {
                at: named,
                is_function: false,
            });
        }
    }
    for function in &rust.functions {
        found.push(Given {
            at: function.at + 1,
            is_function: true,
        });
        found.extend(parameter_names(&rust.tokens, function.parameters.clone()));
    }
    found
}

fn parameter_names(tokens: &[Token], range: Range<usize>) -> Vec<Given> {
    let is_name = |at: &usize| {
        let is_word = tokens
            .get(*at)
            .is_some_and(|token| token.kind == Kind::Word);
        is_word && tokens.get(at + 1).is_some_and(|token| token.is_mark(":"))
    };
    range
        .filter(is_name)
        .map(|at| Given {
            at,
            is_function: false,
        })
        .collect()
}
