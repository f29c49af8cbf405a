//! Diffs against what `git diff` would write, and against a reader of diffs that is not theirs.

use proptest::prelude::*;

use super::*;
use crate::site::Span;

/// Makes an edit of the text `from` at its only place.
fn edit(text: &str, from: &str, to: &str) -> Edit {
    let start = text.find(from).unwrap();
    at(text, start..start + from.len(), to)
}

fn at(text: &str, range: Range<usize>, to: &str) -> Edit {
    let line = 1 + text[..range.start].matches('\n').count();
    let span = Span {
        line: u32::try_from(line).unwrap(),
        column: 1,
        end_line: 1,
        end_column: 1,
        start: range.start,
        end: range.end,
    };
    Edit {
        span,
        text: to.to_owned(),
    }
}

/// Takes a patch of one file to its text, as strictly as `git apply`: every line must be there.
fn patched(text: &str, patch: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut out, mut at, mut gone) = (String::new(), 0, false);
    let mut put = Vec::new();
    for row in patch.split_inclusive('\n').skip(3) {
        let rest = row.get(1..).unwrap_or_default();
        match row.chars().next() {
            Some('@') => {
                let old = row.split(['-', ',', ' ']).nth(2).unwrap();
                let begin = old.parse::<usize>().unwrap().saturating_sub(1);
                put.extend(
                    lines[at..begin.max(at)]
                        .iter()
                        .map(|line| (*line).to_owned()),
                );
                at = begin.max(at);
            }
            Some('\\') if gone => {}
            Some('\\') => {
                // The row before has no end of line.
                let last = put.last_mut().unwrap();
                last.truncate(last.len() - 1);
            }
            Some(mark) => {
                gone = mark == '-';
                if mark != '+' {
                    assert_eq!(
                        lines[at].trim_end_matches('\n'),
                        rest.trim_end_matches('\n')
                    );
                    at += 1;
                }
                if mark != '-' {
                    put.push(rest.to_owned());
                }
            }
            None => {}
        }
    }
    put.extend(lines[at..].iter().map(|line| (*line).to_owned()));
    out.push_str(&put.concat());
    out
}

#[test]
fn each_change_stands_in_its_lines_with_three_around() {
    let text: String = (1..=20).map(|n| format!("line {n}\n")).collect();
    let edits = [
        edit(&text, "line 2\n", "two\nand a half\n"),
        edit(&text, "line 9", "nine"),
        edit(&text, "line 20\n", ""),
    ];
    let patch = diff("a b/x.py", &text, &edits).unwrap();
    insta::assert_snapshot!(patch);
    let expected = text
        .replace("line 2\n", "two\nand a half\n")
        .replace("line 9", "nine")
        .replace("line 20\n", "");
    assert_eq!(patched(&text, &patch), expected);
}

#[test]
fn ends_of_lines_stay_as_they_are() {
    for (text, from, to) in [
        ("a\r\nmodel = \"x\"\r\nb\r\n", "x", "y"),
        ("model = \"x\"", "x", "y"),
        ("a\nmodel = \"x\"", "x", "y"),
        ("ü = \"ß\"\u{2028}x\rx2\n", "ß", "日本"),
        ("model = \"x\"\n", "model = \"x\"\n", ""),
    ] {
        let edits = [edit(text, from, to)];
        let patch = diff("x", text, &edits).unwrap();
        assert_eq!(patched(text, &patch), text.replacen(from, to, 1), "{patch}");
    }
}

#[test]
fn several_edits_of_a_line_are_one_change() {
    let text = "call(model=\"x\", other=\"z\", t=1)\n";
    let edits = [
        edit(text, ", t=1", ""),
        edit(text, "x", "y"),
        edit(text, "z", "w"),
    ];
    let patch = diff("x", text, &edits).unwrap();
    assert_eq!(patch.matches("\n-").count(), 2, "{patch}");
    assert_eq!(patched(text, &patch), "call(model=\"y\", other=\"w\")\n");
}

#[test]
fn what_changes_nothing_is_no_patch() {
    let text = "a\nb\n";
    assert_eq!(diff("x", text, &[]).unwrap(), "");
    assert_eq!(diff("x", text, &[edit(text, "b", "b")]).unwrap(), "");
}

#[test]
fn edits_that_meet_or_lie_outside_are_refused() {
    let text = "model = \"ünder\"\n";
    let two = [edit(text, "ünder", "x"), edit(text, "nder", "y")];
    let met = diff("x.py", text, &two).unwrap_err();
    assert_eq!(met, EditFault::Overlap { line: 1 });
    for range in [10..40, 10..11] {
        let out = diff("x.py", text, &[edit_at(range)]).unwrap_err();
        assert_eq!(out, EditFault::Elsewhere { line: 1 });
    }
}

fn edit_at(range: Range<usize>) -> Edit {
    at("", 0..0, "").moved(range)
}

impl Edit {
    fn moved(mut self, range: Range<usize>) -> Self {
        (self.span.start, self.span.end) = (range.start, range.end);
        self
    }
}

#[test]
fn a_name_that_would_end_early_is_quoted() {
    for (path, named) in [
        ("a/b.py", "--- a/a/b.py\n"),
        ("a b.py", "--- a/a b.py\t\n"),
        ("ü.py", "--- a/ü.py\n"),
        ("a\"b\\c\n.py", "--- \"a/a\\\"b\\\\c\\n.py\"\n"),
    ] {
        let patch = diff(path, "x\n", &[edit("x\n", "x", "y")]).unwrap();
        assert!(patch.contains(named), "{patch}");
    }
}

proptest! {
    #[test]
    fn a_patch_makes_what_the_edits_make(
        text in "([a-c]{0,2}\r?\n){0,25}[a-c]{0,2}",
        cuts in prop::collection::btree_set(0_usize..90, 0..12),
        with in prop::collection::vec("[x\n]{0,3}", 6),
    ) {
        let cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= text.len()).collect();
        let pairs: Vec<(&[usize], &String)> = cuts.chunks_exact(2).zip(&with).collect();
        let edits: Vec<Edit> = pairs
            .iter()
            .map(|(pair, to)| at(&text, pair[0]..pair[1], to))
            .collect();
        let mut expected = text.clone();
        for (pair, to) in pairs.iter().rev() {
            expected.replace_range(pair[0]..pair[1], to);
        }
        let patch = diff("x", &text, &edits).unwrap();
        prop_assert_eq!(patch.is_empty(), expected == text);
        if !patch.is_empty() {
            prop_assert_eq!(patched(&text, &patch), expected, "{}", patch);
        }
    }
}
