//! Edits that keep the rest, arguments that leave nothing behind, and edits that are refused.

use proptest::prelude::*;

use super::{EditFault, apply, span, without};
use crate::finding::Edit;

fn edit(text: &str, old: &str, new: &str) -> Edit {
    let start = text.find(old).unwrap();
    Edit {
        span: span(text, start, start + old.len()).unwrap(),
        text: new.to_owned(),
    }
}

#[test]
fn edits_are_made_in_the_order_of_the_text() {
    let text = "é = f(a, b)\r\n";
    let edits = [
        edit(text, "b", "dd"),
        edit(text, "a", ""),
        edit(text, "b", "dd"),
    ];
    assert_eq!(apply(text, &edits).unwrap(), "é = f(, dd)\r\n");
    assert_eq!(edits[0].span.column, 10);
}

#[test]
fn edits_that_overlap_or_stand_elsewhere_are_refused() {
    let text = "x\nf(abc)";
    let overlap = [edit(text, "ab", "1"), edit(text, "bc", "2")];
    assert_eq!(apply(text, &overlap), Err(EditFault::Overlap { line: 2 }));
    let far = [edit(text, "abc", "1")];
    assert_eq!(apply("x", &far), Err(EditFault::Elsewhere { line: 2 }));
    let halved = Edit {
        span: crate::site::Span {
            start: 1,
            end: 2,
            ..far[0].span
        },
        text: String::new(),
    };
    assert!(apply("é", [&halved]).is_err());
}

fn check(text: &str, argument: &str, expected: &str) {
    let start = text.find(argument).unwrap();
    let argument = span(text, start, start + argument.len()).unwrap();
    let stretch = without(text, argument).unwrap();
    let cut = Edit {
        span: stretch,
        text: String::new(),
    };
    assert_eq!(apply(text, [&cut]).unwrap(), expected, "{text}");
}

#[test]
fn an_argument_goes_with_one_comma_and_its_own_line() {
    check("f(a=1, b=2, c=3)", "b=2", "f(a=1, c=3)");
    check("f(a=1, b=2)", "b=2", "f(a=1)");
    check("f(b=2)", "b=2", "f()");
    check("f(\n    a=1,\n    b=2,\n)\n", "b=2", "f(\n    a=1,\n)\n");
    check("f(\r\n  b: 2,\r\n  a: 1\r\n)", "b: 2", "f(\r\n  a: 1\r\n)");
    check("f(\n    a=1,\n    b=2\n)", "b=2", "f(\n    a=1\n)");
    check(
        "f(\n    b=2,  # why\n    a=1)",
        "b=2",
        "f(\n      # why\n    a=1)",
    );
    check("{\"a\": 1, \"b\": 2}", "\"b\": 2", "{\"a\": 1}");
    check(
        "x\n    .a(1)\n    .b(2)\n    .c()",
        ".b(2)",
        "x\n    .a(1)\n    .c()",
    );
    check("x.a(1).b(2).c()", ".b(2)", "x.a(1).c()");
    check(
        "llm:\n  a: 1\n  b: 2\n  c: 3\n",
        "b: 2",
        "llm:\n  a: 1\n  c: 3\n",
    );
    check("a = 1\nb = 2", "b = 2", "a = 1\n");
}

#[test]
fn what_is_no_argument_of_its_own_stays() {
    let text = "f(a or b)";
    assert_eq!(without(text, span(text, 2, 3).unwrap()), None);
    let text = "let t = b;";
    assert_eq!(without(text, span(text, 8, 9).unwrap()), None);
}

proptest! {
    #[test]
    fn what_no_edit_touches_stays(
        text in "[a-zé\n]{0,40}",
        cuts in proptest::collection::vec((0_usize..60, 0_usize..10), 0..4),
    ) {
        let edits: Vec<Edit> = cuts
            .into_iter()
            .filter_map(|(start, length)| {
                let span = span(&text, start, start + length)?;
                Some(Edit { span, text: "#".to_owned() })
            })
            .collect();
        if let Ok(made) = apply(&text, &edits) {
            let mut unlike: Vec<&Edit> = edits.iter().collect();
            unlike.sort_by_key(|edit| (edit.span.start, edit.span.end));
            unlike.dedup();
            let cut: usize = unlike.iter().map(|edit| edit.span.end - edit.span.start).sum();
            prop_assert_eq!(made.len(), text.len() - cut + unlike.len());
        }
    }
}
