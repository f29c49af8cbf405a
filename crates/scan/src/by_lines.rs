//! Says where a name stands by its line alone: in languages without a grammar here, in settings,
//! and where a syntax is broken. It must not know a language.

use crate::lines::Lines;
use crate::place::{Around, Place, Text};
use crate::spot::Spot;

/// How much of a long line is looked at on either side, in bytes.
const LOOKED: usize = 400;

/// What begins a line that is a comment.
const COMMENTS: &[&str] = &[
    "#", "//", "/*", "* ", "*/", "--", "<!--", ";;", "\"\"\"", "'''", "rem ",
];

/// What a comment begins with behind code.
const TRAILING: &[&str] = &[" // ", " # ", " -- ", " /* ", "<!--"];

/// What stands before a value, from the longer; and what it makes of it.
const JOINTS: &[(&str, Joint)] = &[
    ("===", Joint::Comparison),
    ("!==", Joint::Comparison),
    ("==", Joint::Comparison),
    ("!=", Joint::Comparison),
    ("=~", Joint::Comparison),
    (" in", Joint::Comparison),
    ("case", Joint::Comparison),
    ("when", Joint::Comparison),
    ("??=", Joint::Fallback),
    ("??", Joint::Fallback),
    ("||=", Joint::Fallback),
    ("||", Joint::Fallback),
    ("?:", Joint::Fallback),
    (" or", Joint::Fallback),
    (":-", Joint::Fallback),
    ("=>", Joint::Pair),
    ("->", Joint::Pair),
    (":=", Joint::Assignment),
    ("=", Joint::Assignment),
    (":", Joint::Pair),
    ("return", Joint::Return),
];

#[derive(Clone, Copy)]
enum Joint {
    Comparison,
    Fallback,
    Pair,
    Assignment,
    Return,
}

/// Says where the name at a stretch stands.
pub(crate) fn spot(source: &str, lines: &Lines<'_>, start: usize, end: usize) -> Spot {
    let (line_start, line_end) = lines.bounds(start);
    let line_start = (start.saturating_sub(LOOKED)..=start)
        .find(|at| source.is_char_boundary(*at))
        .map_or(line_start, |near| near.max(line_start));
    let line_end = (end..=end + LOOKED)
        .rev()
        .find(|at| source.is_char_boundary(*at))
        .map_or(line_end, |near| near.min(line_end));
    let before = source.get(line_start..start).unwrap_or_default();
    let after = source.get(end..line_end).unwrap_or_default();
    let is_comment = is_comment(before);
    let (literal, head) = match open_quote(before) {
        Some((at, quote)) => {
            let closed = after.find(quote).map_or(line_end, |closed| end + closed);
            let head = before.get(..at).unwrap_or_default();
            ((line_start + at + quote.len_utf8())..closed, head)
        }
        None => {
            let own = before.rfind(|letter: char| letter == '=' || letter.is_whitespace());
            let own = own.map_or(0, |at| at + 1);
            let length = after.find(|letter: char| letter.is_whitespace() || ",;".contains(letter));
            let length = length.unwrap_or(after.len());
            (
                (line_start + own)..(end + length),
                before.get(..own).unwrap_or_default(),
            )
        }
    };
    let is_quoted = literal.start > line_start && head.len() < literal.start - line_start;
    let text = match (is_comment, is_quoted) {
        (true, _) => Text::Comment,
        (_, true) => Text::Value,
        _ if !head.is_empty() && joint(head).is_some() => Text::Value,
        _ => Text::Token,
    };
    let is_key = after
        .trim_start_matches(['"', '\''])
        .trim_start()
        .starts_with([':', '='])
        && is_quoted
        && head.trim().is_empty();
    Spot {
        place: Place {
            text: if is_key { Text::Key } else { text },
            around: if is_comment || is_key {
                Vec::new()
            } else {
                around(head)
            },
            beside: Vec::new(),
        },
        literal: literal.start.min(start)..literal.end.max(end),
        group: None,
        joined: None,
        is_fallback: true,
        is_receiver: false,
    }
}

fn is_comment(before: &str) -> bool {
    let line = before.trim_start().to_ascii_lowercase();
    let begins = COMMENTS.iter().any(|mark| line.starts_with(mark));
    begins && !line.starts_with("#[") || TRAILING.iter().any(|mark| before.contains(mark))
}

/// Finds the quote that is open at the end of a text.
fn open_quote(text: &str) -> Option<(usize, char)> {
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if "\"'`".contains(letter) && before != '\\' {
            let is_apostrophe = letter == '\'' && before.is_alphanumeric();
            open = match open {
                Some((_, quote)) if quote == letter => None,
                Some(open) => Some(open),
                None if is_apostrophe => None,
                None => Some((at, letter)),
            };
        }
        before = letter;
    }
    open
}

fn joint(head: &str) -> Option<(&str, Joint)> {
    let head = head.trim_end();
    let found = JOINTS.iter().find(|(mark, _)| head.ends_with(mark));
    found.map(|(mark, joint)| {
        (
            head.get(..head.len() - mark.len()).unwrap_or_default(),
            *joint,
        )
    })
}

/// Says what stands before a value on its line.
fn around(head: &str) -> Vec<Around> {
    let mut around = Vec::new();
    if let Some((before, joint)) = joint(head) {
        let word = last_word(before);
        let is_query = head.trim_start().to_ascii_uppercase().starts_with("WHERE ");
        let joint = if is_query { Joint::Comparison } else { joint };
        around.push(match joint {
            Joint::Comparison => Around::Comparison { with: word },
            Joint::Fallback => Around::Fallback {
                of: before.trim().to_owned(),
            },
            Joint::Pair => Around::Pair { key: word },
            Joint::Assignment => Around::Assignment { to: word },
            Joint::Return => Around::Return,
        });
    }
    if let Some((callee, position)) = open_call(head) {
        around.push(Around::Argument {
            callee,
            name: None,
            position,
        });
    } else if around.is_empty() && head.trim_end().ends_with(['[', ',']) {
        around.push(Around::Element { of: 2 });
    }
    around
}

/// Finds the call that is open at the end of a text.
fn open_call(head: &str) -> Option<(String, usize)> {
    let mut depth = 0_usize;
    let mut commas = 0;
    for (at, letter) in head.char_indices().rev() {
        match letter {
            ')' | ']' | '}' => depth += 1,
            '(' if depth == 0 => {
                let callee = last_word(head.get(..at).unwrap_or_default());
                return (!callee.is_empty()).then_some((callee, commas));
            }
            '(' | '[' | '{' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    None
}

fn last_word(text: &str) -> String {
    let text = text.trim_end().trim_end_matches(['"', '\'', ']', ')']);
    let is_of_word = |letter: char| letter.is_alphanumeric() || "_.$-".contains(letter);
    let start = text.rfind(|letter: char| !is_of_word(letter));
    let start = start.map_or(0, |at| {
        at + text
            .get(at..)
            .and_then(|t| t.chars().next())
            .map_or(1, char::len_utf8)
    });
    text.get(start..).unwrap_or_default().to_owned()
}
