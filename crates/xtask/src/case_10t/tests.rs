//! The template holds no number, each place is filled, and a page that differs is found.

use super::{TEMPLATE, filled, first_difference};

#[test]
fn no_number_stands_in_the_template() {
    let mut is_place = false;
    let mut is_code = false;
    for letter in TEMPLATE.chars() {
        match letter {
            '{' => is_place = true,
            '}' => is_place = false,
            '`' => is_code = !is_code,
            digit if digit.is_ascii_digit() => assert!(is_place || is_code, "{TEMPLATE}"),
            _ => (),
        }
    }
}

#[test]
fn each_place_is_filled_and_each_part_placed() {
    let part = |name: &'static str| (name, "7".to_owned());
    assert_eq!(filled("a {b}, {b}", &[part("b")]).unwrap(), "a 7, 7");
    let said = |template: &str, parts: &[(&str, String)]| {
        filled(template, parts).expect_err(template).to_string()
    };
    assert!(said("a {b} {c}", &[part("b")]).contains("`{c}`"));
    assert!(said("a", &[part("b")]).contains("no place for `b`"));
}

#[test]
fn a_page_that_differs_is_found_by_its_line() {
    assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
    assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
    assert_eq!(first_difference("a\nb", "a\nb\n"), Some(3));
}
