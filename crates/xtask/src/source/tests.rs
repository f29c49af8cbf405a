//! Tests of what is read from one file.

use super::Source;

fn shape(text: &str) -> Vec<(String, usize, usize, bool)> {
    let source = Source::read(text);
    let shape = |f: &super::Function| {
        (
            f.name.clone(),
            f.last_line + 1 - f.line,
            f.arguments,
            f.is_public,
        )
    };
    source.functions.iter().map(shape).collect()
}

fn paths(text: &str) -> Vec<String> {
    Source::read(text)
        .paths()
        .iter()
        .map(|path| path.segments.join("::"))
        .collect()
}

#[test]
fn functions_are_measured_past_their_generics() {
    let found = shape("pub fn a<F: Fn(u8, u8) -> u8>(f: F, m: Map<K, V>,) -> [u8; 2] {\n x\n}");
    assert_eq!(found, [("a".to_owned(), 3, 2, true)]);
    assert_eq!(
        shape("trait T { fn b(&self, x: (u8, u8)); }"),
        [("b".to_owned(), 1, 2, false)]
    );
    assert_eq!(
        shape("pub(crate) async fn c() {}"),
        [("c".to_owned(), 1, 0, true)]
    );
    assert_eq!(shape("struct S { run: fn(u8, u8) -> u8 }"), []);
}

#[test]
fn use_trees_are_flattened_and_paths_read_in_code() {
    let found =
        paths("use crate::{a::{self, B as C}, d};\nfn f() -> super::e::F { g::h::<u8>(x.y) }");
    assert_eq!(
        found,
        [
            "crate::a::self",
            "crate::a::B",
            "crate::d",
            "super::e::F",
            "g::h"
        ]
    );
    assert_eq!(
        paths("pub(in crate::a) fn f() {} fn g() -> impl Fn() + use<'a> {}"),
        [""; 0]
    );
    assert_eq!(
        paths("use ::http::Uri; macro_rules! m { () => { $crate::x::y } }"),
        ["::http::Uri"]
    );
}

#[test]
fn test_code_is_what_stands_under_a_test_attribute() {
    let source = Source::read(
        "fn a() {}\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod inner {\n fn b() {}\n}\nfn c() {}\n\
         #[cfg(not(test))]\nfn d() {}\n#[test]\nfn e() {}\n",
    );
    let tested: Vec<(&str, bool)> = source
        .functions
        .iter()
        .map(|f| (f.name.as_str(), source.is_test(f.at)))
        .collect();
    assert_eq!(
        tested,
        [
            ("a", false),
            ("b", true),
            ("c", false),
            ("d", false),
            ("e", true)
        ]
    );
    assert_eq!(source.test_modules, ["tests"]);
    assert_eq!(source.test_lines(), 8);
}

#[test]
fn inline_modules_are_counted_around_a_token() {
    let source = Source::read("mod a { mod b { use super::x; } }\nuse super::y;");
    let depths: Vec<usize> = source
        .paths()
        .iter()
        .map(|path| source.inline_depth(path.at))
        .collect();
    assert_eq!(depths, [2, 0]);
}
