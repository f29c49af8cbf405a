//! Limits on the size of functions, files, lines and argument lists.
//! It must not know what the code does.

use crate::finding::Finding;
use crate::source::Function;
use crate::tree::{File, Tree};

const MAX_FUNCTION_LINES: usize = 70;
const MAX_FILE_LINES: usize = 600;
const MAX_LINE_CHARS: usize = 100;
const MAX_ARGUMENTS: usize = 6;
/// One unbroken word of this length is an address or raw data, which cannot be wrapped.
const UNBREAKABLE_CHARS: usize = 80;

/// Holds the length of functions, tests included.
pub fn function_length(tree: &Tree) -> Vec<Finding> {
    each_function(tree, |_, function| {
        let lines = function.last_line + 1 - function.line;
        let name = &function.name;
        (lines > MAX_FUNCTION_LINES).then(|| {
            format!("`{name}` has {lines} lines of {MAX_FUNCTION_LINES}; move a step out of it")
        })
    })
}

/// Holds the length of files; test code does not count.
pub fn file_length(tree: &Tree) -> Vec<Finding> {
    let code = tree.rust().filter(|(file, _)| !file.is_test);
    let counted = code.map(|(file, rust)| {
        (
            file,
            file.text.lines().count().saturating_sub(rust.test_lines()),
        )
    });
    let long = counted.filter(|(_, lines)| *lines > MAX_FILE_LINES);
    long.map(|(file, lines)| {
        let what = format!("{lines} lines of {MAX_FILE_LINES}; split it along its nouns");
        Finding::new(&file.path, MAX_FILE_LINES + 1, what)
    })
    .collect()
}

/// Holds the length of lines.
pub fn line_length(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, _) in tree.rust() {
        for (at, line) in file.text.lines().enumerate() {
            let chars = line.chars().count();
            let is_unbreakable = |word: &str| word.chars().count() > UNBREAKABLE_CHARS;
            if chars > MAX_LINE_CHARS && !line.split_whitespace().any(is_unbreakable) {
                let what = format!("{chars} characters of {MAX_LINE_CHARS}; break the line");
                found.push(Finding::new(&file.path, at + 1, what));
            }
        }
    }
    found
}

/// Holds the number of arguments, the receiver included, as clippy counts them.
pub fn arguments(tree: &Tree) -> Vec<Finding> {
    each_function(tree, |_, function| {
        let Function {
            name, arguments, ..
        } = function;
        (*arguments > MAX_ARGUMENTS).then(|| {
            format!("`{name}` takes {arguments} of {MAX_ARGUMENTS}; make a type of some of them")
        })
    })
}

/// Finds booleans among the arguments of public functions; one named `bool` writes the value that
/// it takes, and decides nothing by it.
pub fn boolean_parameter(tree: &Tree) -> Vec<Finding> {
    each_function(tree, |file, function| {
        let rust = file.rust.as_ref()?;
        let is_flag = function.is_public && function.name != "bool";
        let is_code = is_flag && !file.is_test && !rust.is_test(function.at);
        let parameters = rust.tokens.get(function.parameters.clone())?;
        let mut pairs = parameters.windows(2);
        let has_bool = pairs.any(|pair| pair[0].is_mark(":") && pair[1].is_word("bool"));
        (is_code && has_bool).then(|| {
            let name = &function.name;
            format!("public `{name}` takes a boolean; make two functions or an enum of it")
        })
    })
}

fn each_function(tree: &Tree, judge: impl Fn(&File, &Function) -> Option<String>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, rust) in tree.rust() {
        for function in &rust.functions {
            let what = judge(file, function);
            found.extend(what.map(|what| Finding::new(&file.path, function.line, what)));
        }
    }
    found
}
