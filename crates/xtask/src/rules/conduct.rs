//! How code and tests behave: headers, panics, unfinished work, ignored and sleeping tests.
//! It must not know any crate by name.

use crate::finding::Finding;
use crate::scan::{Kind, Token};
use crate::source::{Source, attribute_end};
use crate::tree::{File, Tree};

/// Method calls that end the program.
const PANICKING_METHODS: &[&str] = &["unwrap", "expect", "unwrap_err", "expect_err"];
/// Macros that end the program. Assertions are not among them: they state invariants.
const PANICKING_MACROS: &[&str] = &["panic", "todo", "unimplemented", "unreachable"];
/// Files in which a note about unfinished work is looked for line by line.
const OTHER_SOURCES: &[&str] = &[".toml", ".py", ".js", ".mjs", ".ts", ".css", ".html", ".sh"];
/// Client tests are not Rust; a line of theirs that calls one of these sleeps.
const CLIENT_SLEEPS: &[&str] = &["sleep(", "setTimeout("];

/// Finds Rust files without a header.
pub fn header(tree: &Tree) -> Vec<Finding> {
    let bare = tree
        .rust()
        .filter(|(file, _)| !file.text.starts_with("//!"));
    let what = "opens without `//!`; say what it is for, then what it must not know";
    bare.map(|(file, _)| Finding::new(&file.path, 1, what))
        .collect()
}

/// Finds deliberate panics outside tests.
pub fn panics(tree: &Tree) -> Vec<Finding> {
    let code = tree.rust().filter(|(file, _)| !file.is_test);
    each_token(code, |rust, at| {
        let token = &rust.tokens[at];
        let next = rust.tokens.get(at + 1)?;
        let after_dot = at > 0 && rust.tokens[at - 1].is_mark(".");
        let calls = after_dot && next.is_mark("(") && is_one_of(token, PANICKING_METHODS);
        let calls = calls && !is_own_method(rust, at);
        let expands = next.is_mark("!") && is_one_of(token, PANICKING_MACROS);
        let is_panic = (calls || expands) && !rust.is_test(at);
        let name = &token.text;
        is_panic.then(|| format!("`{name}` outside tests; return an error or take a better type"))
    })
}

/// Tells whether `self.expect(…)` calls a method that this file itself defines.
fn is_own_method(rust: &Source, at: usize) -> bool {
    let on_self = at >= 2 && rust.tokens[at - 2].is_word("self");
    on_self
        && rust
            .functions
            .iter()
            .any(|function| function.name == rust.tokens[at].text)
}

/// Finds notes about unfinished work that name no issue.
pub fn todo(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in &tree.files {
        let is_other = OTHER_SOURCES
            .iter()
            .any(|ending| file.path.ends_with(ending));
        let lines: Vec<(usize, &str)> = match &file.rust {
            Some(rust) => rust
                .comments
                .iter()
                .map(|c| (c.line, c.text.as_str()))
                .collect(),
            None if is_other => file
                .text
                .lines()
                .enumerate()
                .map(|(n, l)| (n + 1, l))
                .collect(),
            None => continue,
        };
        let unnumbered = lines.into_iter().filter(|(_, text)| is_unnumbered(text));
        found.extend(unnumbered.map(|(line, _)| {
            let what = "a note about unfinished work without an issue; write `TODO(#12): …`";
            Finding::new(&file.path, line, what)
        }));
    }
    found
}

fn is_unnumbered(text: &str) -> bool {
    ["TODO", "FIXME", "XXX"].iter().any(|mark| {
        let Some((before, after)) = text.split_once(mark) else {
            return false;
        };
        let is_part = |letter: char| letter.is_alphanumeric() || "_`".contains(letter);
        let is_word = !before.ends_with(is_part) && !after.starts_with(is_part);
        let number = after.trim_start_matches(['(', ' ']).strip_prefix('#');
        is_word && !number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Finds tests that are switched off.
pub fn ignored_test(tree: &Tree) -> Vec<Finding> {
    each_token(tree.rust(), |rust, at| {
        let end = attribute_end(&rust.tokens, at)?;
        let attribute = rust.tokens.get(at..end)?;
        let mut words = attribute.iter().filter(|token| token.kind == Kind::Word);
        let first = words.next()?;
        let is_ignored = first.is_word("ignore")
            || first.is_word("cfg_attr") && words.any(|word| word.is_word("ignore"));
        is_ignored.then(|| "an ignored test holds nothing; mend it or remove it".to_owned())
    })
}

/// Finds sleeps in test code, in Rust and in the client tests.
pub fn sleep_in_test(tree: &Tree) -> Vec<Finding> {
    const MEND: &str = "wait for an event with a deadline, or pass the time in";
    let mut found = each_token(tree.rust(), |rust, at| {
        let token = &rust.tokens[at];
        let is_sleep = is_one_of(token, &["sleep", "sleep_until", "sleep_ms"]);
        is_sleep.then(|| format!("`{}` in a test; {MEND}", token.text))
    });
    found.retain(|finding| is_in_test(tree, finding));
    for file in tree
        .files
        .iter()
        .filter(|file| file.path.starts_with("clients/"))
    {
        let sleeps = |line: &str| CLIENT_SLEEPS.iter().any(|call| line.contains(call));
        let is_code = [".py", ".js", ".mjs", ".ts"]
            .iter()
            .any(|e| file.path.ends_with(e));
        let lines = file
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| is_code && sleeps(line));
        found.extend(lines.map(|(at, _)| {
            Finding::new(
                &file.path,
                at + 1,
                format!("a sleep in a client test; {MEND}"),
            )
        }));
    }
    found
}

fn is_in_test(tree: &Tree, finding: &Finding) -> bool {
    tree.file(&finding.path).is_some_and(|file| {
        let spans = |rust: &Source| {
            let on_line = |(_, token): &(usize, &Token)| token.line == finding.line;
            rust.tokens
                .iter()
                .enumerate()
                .filter(on_line)
                .any(|(at, _)| rust.is_test(at))
        };
        file.is_test || file.rust.as_ref().is_some_and(spans)
    })
}

fn is_one_of(token: &Token, words: &[&str]) -> bool {
    token.kind == Kind::Word && words.contains(&token.text.as_str())
}

fn each_token<'t>(
    files: impl Iterator<Item = (&'t File, &'t Source)>,
    judge: impl Fn(&Source, usize) -> Option<String>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, rust) in files {
        for (at, token) in rust.tokens.iter().enumerate() {
            let what = judge(rust, at);
            found.extend(what.map(|what| Finding::new(&file.path, token.line, what)));
        }
    }
    found
}
