//! Tests of the scanner: what is code, what is text, what is a comment.

use super::{Kind, scan};

fn check(source: &str, wanted: &[(Kind, &str)]) {
    let (tokens, _) = scan(source);
    let found: Vec<(Kind, &str)> = tokens.iter().map(|t| (t.kind, t.text.as_str())).collect();
    assert_eq!(found, wanted, "source: {source}");
}

#[test]
fn strings_of_every_form_are_text() {
    check(r#""a \" b""#, &[(Kind::Text, r#"a \" b"#)]);
    check(r##"r"a\" b"##, &[(Kind::Text, "a\\"), (Kind::Word, "b")]);
    check(
        "r##\"a \"# b\"## c",
        &[(Kind::Text, "a \"# b"), (Kind::Word, "c")],
    );
    check(r#"b"x" c"y""#, &[(Kind::Text, "x"), (Kind::Text, "y")]);
    check("br#\"x\"#", &[(Kind::Text, "x")]);
    check("\"unfinished", &[(Kind::Text, "unfinished")]);
}

#[test]
fn letters_are_not_lifetimes() {
    check("'a'", &[(Kind::Letter, "a")]);
    check(
        "&'a str",
        &[
            (Kind::Mark, "&"),
            (Kind::Lifetime, "a"),
            (Kind::Word, "str"),
        ],
    );
    check(r"'\'' x", &[(Kind::Letter, r"\'"), (Kind::Word, "x")]);
    check(r"'\\' x", &[(Kind::Letter, r"\\"), (Kind::Word, "x")]);
    check("'\"' x", &[(Kind::Letter, "\""), (Kind::Word, "x")]);
    check(r"'\u{1F600}'", &[(Kind::Letter, r"\u{1F600}")]);
    check("b'{'", &[(Kind::Letter, "{")]);
    check("'{'", &[(Kind::Letter, "{")]);
    check(
        "'outer: x",
        &[
            (Kind::Lifetime, "outer"),
            (Kind::Mark, ":"),
            (Kind::Word, "x"),
        ],
    );
}

#[test]
fn comments_are_apart_and_nest() {
    let (tokens, comments) = scan("a // b \"c\n/* d /* e */ f */ g");
    let words: Vec<&str> = tokens.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(words, ["a", "g"]);
    let texts: Vec<(&str, usize)> = comments.iter().map(|c| (c.text.as_str(), c.line)).collect();
    assert_eq!(texts, [("// b \"c", 1), ("/* d /* e */ f */", 2)]);
    check("/**/ x", &[(Kind::Word, "x")]);
    check(
        "\"// not a comment\" x",
        &[(Kind::Text, "// not a comment"), (Kind::Word, "x")],
    );
}

#[test]
fn lines_are_counted_through_text() {
    let (tokens, _) = scan("\"a\nb\"\nc r\"\n\" d");
    let lines: Vec<usize> = tokens.iter().map(|t| t.line).collect();
    assert_eq!(lines, [1, 3, 3, 4]);
}

#[test]
fn numbers_ranges_and_raw_names_are_told_apart() {
    let range = [
        (Kind::Number, "0"),
        (Kind::Mark, "."),
        (Kind::Mark, "."),
        (Kind::Number, "9"),
    ];
    check("0..9", &range);
    check("1.5_f64", &[(Kind::Number, "1.5_f64")]);
    check("r#type", &[(Kind::Word, "type")]);
    check(
        "a::b",
        &[(Kind::Word, "a"), (Kind::Mark, "::"), (Kind::Word, "b")],
    );
}
